"""What must hold for the files of the repository: its commands run anywhere, and its locks name no registry."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock")

# In two pieces, so that this file does not name them either.
REGISTRY_HOSTS = (b"pypi" + b".org", b"python" + b"hosted.org", b"npm" + b"js.org")


@pytest.mark.parametrize("command", ["script/server", "script/test", "script/lock", "script/environment", ".ci/run"])
def test_commands_are_executable(command: str) -> None:
    """A command runs by its name alone."""
    assert os.access(TOP / command, os.X_OK)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_version_and_hashes(lock: str) -> None:
    """Each entry of a lock file names one version and at least one hash, so nothing else can be installed."""
    entries = re.split(r"\n(?! )", (TOP / lock).read_text().strip())

    assert [entry for entry in entries if not re.match(r"\S+==\S+ .*--hash=sha256:", entry, re.DOTALL)] == []


def test_runtime_lock_is_part_of_the_development_lock() -> None:
    """Tests run with the very versions that users get."""
    runtime, development = (set(re.findall(r"^\S+==\S+", (TOP / lock).read_text(), re.MULTILINE)) for lock in LOCKS[:2])

    assert runtime - development == set()


def _our_files() -> list[Path]:
    """Return every file of the repository, without the folders that tools make for themselves."""
    made = {".git", ".venv", ".venv-uv", "__pycache__", "node_modules"}
    folders = [folder for folder in TOP.iterdir() if folder.is_dir() and not folder.name.endswith("_cache")]
    inside = [file for folder in folders if folder.name not in made for file in folder.rglob("*") if file.is_file()]
    return [file for file in [*TOP.glob("*.*"), *inside] if file.is_file() and made.isdisjoint(file.parts)]


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is the machine's business: no file names a registry's host."""
    assert [file for file in _our_files() if any(host in file.read_bytes() for host in REGISTRY_HOSTS)] == []


def test_version_is_stated_once() -> None:
    """The package's version in pyproject.toml has its section in the change log."""
    version = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["version"]

    assert f"## [{version}]" in (TOP / "CHANGELOG.md").read_text()


# What happens in these is told to people in the web app.
TOLD_IN_THE_APP = ("api", "connectors", "core", "egress", "nodes", "sandbox", "sdk", "services", "worker")
# Nobody who is kept out of the app can be helped in it.
KEPT_OUT = {"services/identity/sign_in.py", "api/identity/auth_routes.py"}


def test_no_remedy_sends_people_from_the_app_to_a_command_line() -> None:
    """Whoever reads an error in the app may have no shell on the machine that it runs on."""
    package = TOP / "src" / "wingbeat"
    remedy = re.compile(r"(?:remedy|fix)\"?\s*[=:]\s*[(\s]*(?:f?\"[^\"\n]*\"\s*)*?f?\"[^\"\n]*`wingbeat ")
    told = {
        path.relative_to(package).as_posix()
        for part in TOLD_IN_THE_APP
        for path in (package / part).rglob("*.py")
        if remedy.search(path.read_text())
    }
    assert told == KEPT_OUT
