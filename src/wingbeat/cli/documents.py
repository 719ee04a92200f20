"""Definitions and inputs as a person names them on the command line: a file, JSON text, or `-` for standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wingbeat.cli.wording import size
from wingbeat.core.errors import InvalidInput, InvalidJson

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json
    from wingbeat.core.problems import Problem
    from wingbeat.settings import Settings

STANDARD_INPUT = "-"
# What the names of node types begin with that connectors give.
CONNECTED = ("api.", "mcp.")
# What the messages of read_json begin with.
SUBJECT = "The JSON text"
UNREADABLE = "FILE_UNREADABLE"
TEXT_BEGINS = ("{", "[", '"')
WORDS = ("null", "true", "false")


def read_file(name: str, settings: Settings) -> Json:
    """The value of the JSON in a file, or in standard input for `-`.

    Raises:
        InvalidInput: it cannot be read, is not acceptable JSON, or is larger than `max_body_bytes`.
    """
    from wingbeat.storage.json_text import read_json

    place = "Standard input" if name == STANDARD_INPUT else f"The file {name}"
    data = _read_bytes(name, settings.max_body_bytes + 1)
    if not data.strip():
        raise InvalidJson(f"{place} is empty.", code="JSON_EMPTY", remedy="Put JSON into it.")
    try:
        return read_json(data, max_bytes=settings.max_body_bytes)
    except InvalidJson as error:
        raise _in_place(error, place) from error


def read_input(text: str, settings: Settings) -> Json:
    """The value of an `--input`: JSON text, or the name of a file.

    Raises:
        InvalidInput: as read_file.
    """
    from wingbeat.storage.json_text import read_json

    stripped = text.strip()
    if not stripped:
        raise InvalidInput(
            "--input is empty.",
            code="INPUT_EMPTY",
            remedy="Give it a JSON file or JSON text, or leave it out to give nothing (null).",
        )
    looks_like_json = stripped.startswith(TEXT_BEGINS) or stripped in WORDS or _is_number(stripped)
    if not looks_like_json or (not stripped.startswith(TEXT_BEGINS) and Path(text).is_file()):
        return _read_named(text, settings)
    try:
        return read_json(text, max_bytes=settings.max_body_bytes)
    except InvalidJson as error:
        raise _in_place(error, "The text of --input") from error


def _read_named(name: str, settings: Settings) -> Json:
    try:
        return read_file(name, settings)
    except InvalidInput as error:
        if error.code == UNREADABLE:
            error.remedy += " To give the JSON itself, begin it with { or [, or put a text into double quotes."
        raise


def check(document: Json, settings: Settings) -> list[Problem]:
    """All that is wrong with a definition; one with node types of connectors is checked against the installation."""
    if _names_connectors(document):
        return _check_here(document, settings)
    from wingbeat.core.checks import validate_document
    from wingbeat.discovery import discover_node_types
    from wingbeat.settings import caps_of, limits_of

    return validate_document(document, discover_node_types().types, caps_of(settings), limits_of(settings))


def _names_connectors(document: Json) -> bool:
    nodes = document.get("nodes") if isinstance(document, dict) else None
    types = [node.get("type") for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []
    return any(isinstance(name, str) and name.startswith(CONNECTED) for name in types)


def _check_here(document: Json, settings: Settings) -> list[Problem]:
    from wingbeat.bootstrap import open_platform
    from wingbeat.cli import loop
    from wingbeat.core.access import SERVICE

    async def command(_stopping: object) -> list[Problem]:
        async with open_platform(settings, run_worker=False) as platform:
            return (await platform.workflows.validate_document(SERVICE, document)).problems

    return loop.run(command)


def _read_bytes(name: str, most: int) -> bytes:
    try:
        if name == STANDARD_INPUT:
            return sys.stdin.buffer.read(most)
        with Path(name).open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        raise _unreadable(name, "there is no such file", "Check the path.") from None
    except IsADirectoryError:
        raise _unreadable(name, "it is a directory", "Name a file in it.") from None
    except PermissionError:
        raise _unreadable(name, "this user may not read it", "Change its permissions, or run as its owner.") from None
    except (OSError, ValueError) as error:
        raise _unreadable(name, str(error), "Check the path.") from error


def _unreadable(name: str, why: str, remedy: str) -> InvalidInput:
    return InvalidInput(f"The file {name!r:.300} cannot be read: {why}.", code=UNREADABLE, remedy=remedy)


def _in_place(error: InvalidJson, place: str) -> InvalidJson:
    """The error with the place for its subject, and with a remedy for whoever is at the machine."""
    message = f"{place}{error.message.removeprefix(SUBJECT)}"
    if error.code == "JSON_TOO_LARGE":
        message = f"{place} has more than the {size(int(str(error.details['max_bytes'])))} that are allowed here."
    elif not error.message.startswith(SUBJECT):
        message = f"{place}: {error.message}"
    remedy = error.remedy.replace("Send less at once, or have the operator raise", "Use a smaller one, or raise")
    return InvalidJson(message, code=error.code, remedy=remedy, details=error.details)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
