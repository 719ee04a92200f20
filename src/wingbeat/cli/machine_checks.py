"""What the doctor can see without a database: Python, settings, data directory, node types, port, embedded server."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

from wingbeat.cli.finding import Finding, attempt, ok, problem, warning
from wingbeat.cli.listening import listen
from wingbeat.cli.wording import count, size
from wingbeat.core.errors import BadSettings, PlatformError, StepError
from wingbeat.discovery import discover_node_types
from wingbeat.sandbox.artifacts import describe_wanted
from wingbeat.sandbox.probing import probe_walls
from wingbeat.storage import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wingbeat.settings import Settings

OLDEST_PYTHON = (3, 11)
LITTLE_SPACE = 1_000_000_000
NO_SPACE = 100_000_000
NOTHING = 1_000_000
ANSWER_SECONDS = 2.0


def check_python() -> Finding:
    """Whether this Python is new enough."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return problem("python", f"Python {version} is too old.", "Install Python 3.11 or later.")
    return ok("python", f"Python {version}")


def describe_bad_settings(error: BadSettings) -> Iterator[Finding]:
    """Every setting that cannot be used."""
    problems = error.details.get("problems")
    for found in problems if isinstance(problems, list) else []:
        if isinstance(found, dict):
            yield problem("settings", f"{found['name']}: {found['why']}.", str(found["fix"]))


def check_machine(settings: Settings) -> list[Finding]:
    """Look at all of it."""
    checks = [
        ("data directory", _check_data_directory(settings.data_dir)),
        ("log directory", _check_log_directory(settings)),
        ("node types", _check_node_types()),
        ("port", _check_port(settings)),
        ("code", _check_code()),
        ("embedded server", _check_embedded(settings)),
    ]
    return [
        ok("settings", "all can be used"),
        *(finding for about, findings in checks for finding in attempt(about, findings)),
    ]


def _check_data_directory(directory: Path) -> Iterator[Finding]:
    existing = next(parent for parent in (directory, *directory.parents) if parent.exists())
    if not existing.is_dir():
        yield problem("data directory", f"{existing} is not a directory.", "Set WINGBEAT_DATA_DIR to another place.")
        return
    if not os.access(existing, os.W_OK | os.X_OK):
        yield problem(
            "data directory",
            f"This user may not write to {existing}.",
            "Set WINGBEAT_DATA_DIR to a directory of this user's, or change the owner.",
        )
        return
    free = shutil.disk_usage(existing).free
    described = f"{directory} ({size(free)} free{'' if directory.exists() else '; made with the first start'})"
    if free < NO_SPACE:
        what = "the disk is full" if free < NOTHING else "too little to work with"
        yield problem("data directory", f"{described}: {what}.", "Free some space.")
    elif free < LITTLE_SPACE:
        yield warning("data directory", described, "Free some space, or lower RETENTION_DAYS.")
    else:
        yield ok("data directory", described)


def _check_log_directory(settings: Settings) -> Iterator[Finding]:
    directory = settings.log_dir
    existing = next(parent for parent in (directory, *directory.parents) if parent.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        yield problem(
            "log directory",
            f"This user cannot write to {directory}.",
            "Set LOG_DIR to a directory of this user's, or change the owner.",
        )
    elif directory.is_relative_to(settings.data_dir) or shutil.disk_usage(existing).free > LITTLE_SPACE:
        yield ok("log directory", str(directory))
    else:
        free = size(shutil.disk_usage(existing).free)
        yield warning("log directory", f"{directory} ({free} free)", "Free some space, or lower LOG_KEEP.")


def _check_node_types() -> Iterator[Finding]:
    discovery = discover_node_types()
    yield ok("node types", f"{len(discovery.types)} can be used")
    for found in discovery.problems:
        yield warning("node types", found, "Workflows that use its types cannot run here.")


def _check_port(settings: Settings) -> Iterator[Finding]:
    host, port = settings.bind_host, settings.module_port
    try:
        listen(host, port).close()
    except PlatformError as error:
        if error.code != "PORT_IN_USE" or not _is_wingbeat(host, port):
            raise
        yield ok("port", f"Wingbeat answers on {host}:{port}")
    else:
        yield ok("port", f"{port} on {host} is free")


def _check_code() -> Iterator[Finding]:
    try:
        describe_wanted()
    except StepError as error:
        yield problem("code", error.message, error.remedy)
        return
    walls = probe_walls()
    standing = ", ".join(name for name, stands in walls.items() if stands) or "none"
    described = f"runs in WebAssembly, in processes of their own; further walls around them: {standing}"
    if walls.get("landlock") or walls.get("seccomp"):
        yield ok("code", described)
    else:
        yield warning(
            "code", described, "A Linux kernel with Landlock or seccomp adds a second wall; see docs/code.md."
        )


def _is_wingbeat(host: str, port: int) -> bool:
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/health"
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=ANSWER_SECONDS) as answer:
            return answer.headers.get("X-Request-Id") is not None
    except HTTPError as error:
        return error.headers.get("X-Request-Id") is not None
    except (URLError, OSError, ValueError):
        return False


def _check_embedded(settings: Settings) -> Iterator[Finding]:
    if settings.database_uri is not None:
        return
    found = embedded.status(settings.data_dir)
    if not found.initialised:
        yield ok("embedded server", "not made yet; it is made with the first start")
        return
    users = f", used by {count(found.users, 'process', 'processes')}" if found.users else ""
    running = f"runs as process {found.pid}{users}" if found.running else "does not run; it starts when it is needed"
    yield ok("embedded server", f"PostgreSQL {found.version}, {size(found.size_bytes)}, {running}")
