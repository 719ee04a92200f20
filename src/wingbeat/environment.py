"""Where the values of settings come from: the environment, an `.env` file, and files with one secret each.

What a value means is not known here. Nothing here is ever put into a message but names, paths and reasons.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ENV_FILE = "WINGBEAT_ENV_FILE"
USUAL_ENV_FILE = ".env"
FILE_SUFFIX = "_FILE"
MOST_BYTES = 65_536
FROM_ENVIRONMENT = "environment"
# What libraries read by themselves, and so is handed on from an `.env` file to the environment.
HANDED_ON = "AWS_"


class Trouble(NamedTuple):
    """What is wrong with where a value was to come from, and the fix."""

    name: str
    why: str
    fix: str


@dataclass(frozen=True)
class Environment:
    """Values by the names of their variables, and where each is from. What is in nobody's way is in `doubts`."""

    values: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    problems: list[Trouble] = field(default_factory=list)
    doubts: list[Trouble] = field(default_factory=list)

    def put(self, name: str, value: str, source: str) -> None:
        """Take a value; an empty one counts as unset."""
        if value.strip():
            self.values[name] = value.strip()
            self.sources[name] = source


def read_environment(
    environ: Mapping[str, str], *, secrets: Collection[str] = (), directory: Path | None = None
) -> Environment:
    """All values: the environment's first, then those of the `.env` file, and secrets from the files that they name.

    The file is the one that WINGBEAT_ENV_FILE names, or `.env` in `directory` if that is there.
    """
    found = Environment()
    path = _env_file(environ, directory)
    if path is not None:
        for name, value in _read_env_file(path, found).items():
            found.put(name, value, str(path))
    for name, value in environ.items():
        found.put(name, value, FROM_ENVIRONMENT)
    for name in secrets:
        _read_secret(name, found)
    return found


def hand_on(found: Environment) -> None:
    """Let libraries find what an `.env` file has for them, where the environment itself has nothing."""
    for name, value in found.values.items():
        if name.startswith(HANDED_ON) and found.sources[name] != FROM_ENVIRONMENT:
            os.environ.setdefault(name, value)


def _env_file(environ: Mapping[str, str], directory: Path | None) -> Path | None:
    named = environ.get(ENV_FILE, "").strip()
    if named:
        return Path(named).expanduser().absolute()
    usual = None if directory is None else directory / USUAL_ENV_FILE
    return usual if usual is not None and usual.exists() else None


def _read_env_file(path: Path, found: Environment) -> dict[str, str]:
    named = f"the file {path}"
    fix = f"Mend the file, or let {ENV_FILE} name another one."
    try:
        trouble = _not_ours(path)
        text = "" if trouble else path.read_text(encoding="utf-8")
    except OSError as error:
        trouble, text = f"it cannot be read: {error.strerror}", ""
    except UnicodeDecodeError:
        trouble, text = "it is not UTF-8", ""
    if trouble:
        found.problems.append(Trouble(named, trouble, fix))
        return {}
    if _others_may_read(path):
        found.doubts.append(Trouble(named, "other users of this machine may read it", f"Run `chmod 600 {path}`."))
    return _parse(text, named, found)


def _parse(text: str, named: str, found: Environment) -> dict[str, str]:
    from io import StringIO  # noqa: PLC0415 - most processes have no such file

    from dotenv import dotenv_values  # noqa: PLC0415
    from dotenv.parser import parse_stream  # noqa: PLC0415

    wrong = [binding.original.line for binding in parse_stream(StringIO(text)) if binding.error]
    if wrong:
        lines = ", ".join(map(str, wrong[:10]))
        found.problems.append(Trouble(named, f"it cannot be understood in line {lines}", "Write NAME=value there."))
    values = dotenv_values(stream=StringIO(text), interpolate=True)
    return {name: value for name, value in values.items() if value is not None}


def _read_secret(name: str, found: Environment) -> None:
    variable = name + FILE_SUFFIX
    if variable not in found.values:
        return
    if name in found.values:
        fix = f"Remove one of them: {name} is from {found.sources[name]}."
        found.problems.append(Trouble(variable, f"{name} is given as well, and only one of them can be meant", fix))
        return
    path = Path(found.values[variable]).expanduser()
    value, trouble = _read_text(path)
    if trouble:
        fix = f"Let it name a file that holds {name} and that this user may read."
        found.problems.append(Trouble(variable, f"{path}: {trouble}", fix))
        return
    if _others_may_read(path) and not path.is_relative_to("/run/secrets"):
        found.doubts.append(
            Trouble(variable, f"other users of this machine may read {path}", f"Run `chmod 600 {path}`.")
        )
    found.put(name, value, f"{variable}={path}")


def _read_text(path: Path) -> tuple[str, str]:
    """The text of a file, and what is wrong with it; one of the two is empty."""
    try:
        if trouble := _not_ours(path):
            return "", trouble
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        text = data.decode().strip()
    except OSError as error:
        return "", f"it cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        return "", "it is not UTF-8"
    if len(data) > MOST_BYTES:
        return "", f"it has more than {MOST_BYTES} bytes"
    if not text:
        return "", "it is empty"
    return text, "it holds U+0000" if "\0" in text else ""


def _not_ours(path: Path) -> str:
    """Why nobody should believe what is in a file: others can write it; empty if they cannot."""
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        return "it is no file"
    if about.st_uid not in {0, os.geteuid()}:
        return "it belongs to another user"
    return "every user of this machine may write to it" if about.st_mode & stat.S_IWOTH else ""


def _others_may_read(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IROTH)
