"""How a process of the sandbox is started: this Python, without its environment, its site and the current folder."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

# Only what is imported: the folders that hold the packages `wingbeat` and `wasmtime`.
SCRIPT = "import sys; sys.path[:0] = sys.argv.pop(1).split('\\n'); from {module} import main; main()"


def command_for(module: str, argument: str) -> tuple[str, ...]:
    """What starts `main` of a module of ours, which finds `argument` in `sys.argv[1]`."""
    folders = dict.fromkeys(str(_home_of(package)) for package in ("wingbeat", "wasmtime"))
    return (sys.executable, "-I", "-S", "-c", SCRIPT.format(module=module), "\n".join(folders), argument)


def _home_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"The package {package} is not installed.", name=package)
    return Path(spec.origin).resolve().parent.parent
