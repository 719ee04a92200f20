"""Values into a request, by the styles of OpenAPI: https://spec.openapis.org/oas/v3.1.1.html#style-values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import orjson

from wingbeat.sdk import Json, StepError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wingbeat.connectors.operations import ApiOperation, ApiParameter

SEPARATORS = {"form": ",", "simple": ",", "label": ",", "matrix": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
DOT_SEGMENTS = frozenset({"", ".", ".."})


class Addressed(NamedTuple):
    """Where a request goes, with what is not its body."""

    url: str
    query: list[tuple[str, str]]
    headers: dict[str, str]


def address(operation: ApiOperation, values: Sequence[tuple[ApiParameter, Json]]) -> Addressed:
    """The values in their places; a value that is null is left out.

    Raises:
        StepError: `API_PARAMETER_UNFIT`, for a value that cannot stand where it belongs.
    """
    path, query, headers, cookies = operation.path, [], {}, []
    for parameter, value in values:
        if value is None and parameter.place != "path":
            continue
        match parameter.place:
            case "path":
                path = path.replace(f"{{{parameter.name}}}", _in_path(parameter, value))
            case "query":
                query += in_query(parameter, value)
            case "header":
                headers[parameter.name] = _header_safe(parameter, _flat(parameter, value, "simple"))
            case _:
                cookies += [f"{name}={quote(text, safe='')}" for name, text in in_query(parameter, value)]
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    return Addressed(operation.server + path, query, headers)


def in_query(parameter: ApiParameter, value: Json) -> list[tuple[str, str]]:
    """The pairs of names and texts that a value becomes."""
    name = parameter.name
    if parameter.as_json:
        return [(name, orjson.dumps(value).decode())]
    if isinstance(value, dict):
        if parameter.style == "deepObject":
            return [(f"{name}[{key}]", text_of(inner)) for key, inner in value.items()]
        if parameter.explode:
            return [(key, text_of(inner)) for key, inner in value.items() if inner is not None]
    elif isinstance(value, list) and parameter.explode:
        return [(name, text_of(item)) for item in value]
    return [(name, _flat(parameter, value, parameter.style))]


def _in_path(parameter: ApiParameter, value: Json) -> str:
    prefix = {"label": ".", "matrix": f";{parameter.name}="}.get(parameter.style, "")
    if parameter.explode and isinstance(value, list) and prefix:
        return "".join(prefix + _quoted(item) for item in value)
    if parameter.explode and isinstance(value, dict) and prefix:
        start = "." if parameter.style == "label" else ";"
        return "".join(f"{start}{_quoted(key)}={_quoted(inner)}" for key, inner in value.items())
    text = _flat(parameter, value, parameter.style, _quoted)
    if prefix == "" and text in DOT_SEGMENTS:
        raise _unfit(parameter, "it is empty or leads to another address")
    return prefix + text


def _quoted(value: Json) -> str:
    return quote(text_of(value), safe="")


def _flat(parameter: ApiParameter, value: Json, style: str, write: Callable[[Json], str] | None = None) -> str:
    """A value as one text; `write` makes one of each part."""
    write = write or text_of
    if parameter.as_json:
        return write(orjson.dumps(value).decode())
    separator = SEPARATORS.get(style, ",")
    if isinstance(value, list):
        return separator.join(write(item) for item in value)
    if isinstance(value, dict):
        pairs = value.items()
        if parameter.explode and parameter.place != "query":
            return separator.join(f"{write(key)}={write(inner)}" for key, inner in pairs)
        return separator.join(part for key, inner in pairs for part in (write(key), write(inner)))
    return write(value)


def _header_safe(parameter: ApiParameter, text: str) -> str:
    if any(ord(character) < ord(" ") or ord(character) > ord("~") for character in text):
        raise _unfit(parameter, "a header takes printable ASCII characters only")
    return text


def text_of(value: Json) -> str:
    """One value as text: objects and lists inside of others as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return orjson.dumps(value).decode()


def _unfit(parameter: ApiParameter, why: str) -> StepError:
    return StepError(
        f"The value of '{parameter.name}' cannot stand in the {parameter.place}: {why}.",
        code="API_PARAMETER_UNFIT",
        remedy="Look at what the template gives for this run.",
        details={"parameter": parameter.name},
    )
