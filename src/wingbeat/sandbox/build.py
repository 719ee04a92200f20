"""Builds python.wasm: CPython, the modules that code may import, and guest.py, as one WebAssembly component.

Run when the package is built (hatch_build.py), by `python -m wingbeat.sandbox.build`, and by nothing at run time. Needs
`componentize-py` and `tzdata`.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.resources
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "guest" / "python"
TARGET = HERE / "guest" / "python.wasm"
RECORD = HERE / "guest" / "python.wasm.made-of"


def describe_sources() -> str:
    """What python.wasm is made of: as long as this stays the same, it need not be built anew."""
    digest = hashlib.sha256()
    for path in sorted([*SOURCES.glob("*.py"), *SOURCES.glob("*.wit"), Path(__file__)]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{digest.hexdigest()} componentize-py {importlib.metadata.version('componentize-py')}\n"


def is_built() -> bool:
    """Whether python.wasm is there, and made of what is here now."""
    return TARGET.exists() and RECORD.exists() and RECORD.read_text() == describe_sources()


def build() -> Path:
    """Build python.wasm unless it is there; it appears at once and whole."""
    if is_built():
        return TARGET
    with tempfile.TemporaryDirectory(prefix="wingbeat-build-") as name:
        folder = Path(name)
        for path in [*SOURCES.glob("*.py"), *SOURCES.glob("*.wit")]:
            shutil.copy(path, folder)
        (folder / "guest_zones.py").write_text(f"DATA = {_zones()!r}\n")
        made = folder / "python.wasm"
        _componentize(folder, made)
        ready = TARGET.with_name(f"{TARGET.name}.{os.getpid()}")
        shutil.copy(made, ready)
        ready.replace(TARGET)
    RECORD.write_text(describe_sources())
    return TARGET


def _componentize(folder: Path, made: Path) -> None:
    program = shutil.which("componentize-py", path=str(Path(sys.executable).parent)) or shutil.which("componentize-py")
    if program is None:
        raise SystemExit("componentize-py is not installed here; it is in the dependency group `build`.")
    command = [program, "-d", "code.wit", "-w", "machine", "componentize", "guest", "-p", ".", "-o", str(made)]
    done = subprocess.run(  # noqa: S603 - a fixed program with fixed arguments
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"componentize-py could not build the machine for Python code:\n{done.stdout}{done.stderr}")


def _zones() -> dict[str, bytes]:
    """The time zones of the package tzdata, by name."""
    root = importlib.resources.files("tzdata")
    names = root.joinpath("zones").read_text(encoding="utf-8").split()
    return {name: root.joinpath("zoneinfo", *name.split("/")).read_bytes() for name in names}


if __name__ == "__main__":
    print(build())  # noqa: T201 - a command's output is its purpose
