"""Reads what a machine answered. Nothing in it is trusted: it is bytes from code that may be hostile."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from wingbeat.core.errors import InvalidInput, StepError
from wingbeat.sandbox.failures import out_of_memory, too_deep, too_large
from wingbeat.storage.encoding import decode_json, encode_json

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.sdk.code import CodeLimits

LONGEST_MESSAGE = 2_000
LONGEST_STACK = 10_000


def read_value(data: bytes) -> Json:
    """The value; raises `StepError` with the code `CODE_OUTPUT_NOT_JSON`."""
    try:
        value = decode_json(data)
        if b"\\u0000" in data:
            encode_json(value)
    except InvalidInput as error:
        _refuse(error.message)
    except (ValueError, RecursionError) as error:
        _refuse(str(error))
    return value


def describe_error(data: bytes, limits: CodeLimits) -> StepError:
    """What the machine says went wrong, as an error of the step."""
    try:
        # Not orjson: what a message holds of a character is no reason to lose the message.
        said: Any = json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        said = {}
    message = _text(said, "message", LONGEST_MESSAGE)
    details = _details(said)
    match said.get("kind"):
        case "MemoryError":
            return out_of_memory(limits, details)
        case "RecursionError":
            return too_deep(limits, details)
        case "TooLarge":
            return too_large(int(message) if message.isdigit() and message.isascii() else None, limits)
        case "NotJson":
            return _not_json(message)
        case "SyntaxError":
            return StepError(
                f"The code cannot be read: {message} (line {details.get('line')}, column {details.get('column')}).",
                code="CODE_SYNTAX_ERROR",
                remedy="Mend the line that is named.",
                details=details,
            )
    line = f" (line {details['line']})" if "line" in details else ""
    return StepError(
        f"The code raised {_text(said, 'type', 200)}{': ' if message else ''}{message}{line}.",
        code="CODE_ERROR",
        remedy="See `details.stack` for the way through the code.",
        details=details,
    )


def _details(said: dict[str, Any]) -> JsonObject:
    details: JsonObject = {}
    for name, most in (("type", 200), ("message", LONGEST_MESSAGE), ("stack", LONGEST_STACK), ("text", 200)):
        text = _text(said, name, most)
        if text:
            details[name] = text
    for name in ("line", "column"):
        number = said.get(name)
        if type(number) is int and 0 < number < 1 << 31:
            details[name] = number
    return details


def _text(said: dict[str, Any], name: str, most: int) -> str:
    value = said.get(name)
    if not isinstance(value, str):
        return ""
    return value[:most].replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _refuse(reason: str) -> NoReturn:
    raise _not_json(reason)


def _not_json(reason: str) -> StepError:
    return StepError(
        f"The value of the code cannot become JSON: {reason[:LONGEST_MESSAGE].rstrip('.')}.",
        code="CODE_OUTPUT_NOT_JSON",
        remedy="Return null, true, false, numbers, text, lists and objects with text keys.",
    )
