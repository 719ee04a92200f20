"""Which walls a runner would have on this machine: tried out in a process of its own, for the doctor."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from wingbeat.sandbox.confinement import seal, shut_in
from wingbeat.sandbox.launch import command_for

PROBE_SECONDS = 20.0


def probe_walls() -> dict[str, bool]:
    """The walls by their names, and whether they stand."""
    done = subprocess.run(  # noqa: S603 - our own program
        command_for("wingbeat.sandbox.probing", json.dumps({"parent": os.getpid()})),
        capture_output=True,
        check=True,
        env={},
        timeout=PROBE_SECONDS,
    )
    walls: dict[str, bool] = json.loads(done.stdout)
    return walls


def main() -> None:
    """Shut this process in, and say what stands."""
    given = json.loads(sys.argv[1])
    walls = {**shut_in(parent=given["parent"]), **seal()}
    os.write(1, json.dumps(walls).encode())
    os._exit(0)
