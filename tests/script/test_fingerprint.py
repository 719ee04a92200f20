"""When `script/environment` installs again: what it takes for the same installation, and what for another."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
MADE_OF = ("requirements.lock", "pyproject.toml", "hatch_build.py", "src/wingbeat/sandbox/build.py", "ui/build.py")


def fingerprint(top: Path) -> str:
    """What the script would note of an installation of the checkout `top`."""
    script = (ROOT / "script" / "environment").read_text().rsplit("\nmain\n", 1)[0]
    command = ["bash", "-c", f"{script}\nfingerprint requirements.lock", str(top / "script" / "environment")]
    # As a file that is run would have it.
    command[2] = command[2].replace("${BASH_SOURCE[0]}", "$0")
    return subprocess.run(  # noqa: S603 - our own script
        command, capture_output=True, text=True, check=True
    ).stdout


def test_what_a_build_leaves_behind_makes_no_other_installation(tmp_path: Path) -> None:
    """A second call finds done what the first did, though the build has left files beside its sources."""
    for name in (*MADE_OF, "src/wingbeat/sandbox/guest/python/guest.py", "script/environment"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    before = fingerprint(tmp_path)
    for left in ("ui/__pycache__/build.pyc", "ui/node_modules/react/index.js"):
        (tmp_path / left).parent.mkdir(parents=True)
        (tmp_path / left).write_text("made")
    assert before == fingerprint(tmp_path)
    (tmp_path / "ui" / "build.py").write_text("changed")
    assert before != fingerprint(tmp_path)
