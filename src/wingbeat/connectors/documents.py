"""An OpenAPI document as it was given: read from JSON or YAML, checked for its version, its references followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import yaml

from wingbeat.core.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wingbeat.core.json_value import Json, JsonObject

MOST_BYTES = 20_000_000
# A reference that leads to a reference, and so on, further than this goes in a circle.
LONGEST_CHAIN = 32
DEEPEST = 200
FAMILY = "3."


def invalid(code: str, message: str, remedy: str, *, path: str = "") -> InvalidInput:
    """What is wrong with a document, and where in it."""
    return InvalidInput(message, code=code, remedy=remedy, details={"path": path} if path else None)


def parse_document(text: bytes) -> JsonObject:
    """The document as JSON, from JSON or YAML.

    Raises:
        InvalidInput: `OPENAPI_TOO_LARGE` or `OPENAPI_UNREADABLE`.
    """
    if len(text) > MOST_BYTES:
        raise invalid(
            "OPENAPI_TOO_LARGE",
            f"The document has {len(text)} bytes, more than the {MOST_BYTES} that are taken.",
            "Give a document with the part of the API that you need.",
        )
    try:
        value: Json = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = _parse_yaml(text)
    if not isinstance(value, dict):
        raise invalid("OPENAPI_UNREADABLE", "The document is not an object.", "Give a whole OpenAPI 3 document.")
    return value


def _parse_yaml(text: bytes) -> Json:
    try:
        return _as_json(yaml.load(text, Loader=_Loader), "", 0)  # noqa: S506 - a subclass of the safe loader
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        raise invalid(
            "OPENAPI_UNREADABLE",
            f"The document is neither JSON nor YAML: {reason}.",
            "Give a whole OpenAPI 3 document, as JSON or YAML.",
        ) from error


class _Loader(yaml.SafeLoader):  # type: ignore[misc] # it ships no types
    """YAML without what JSON does not have: no aliases (a short text could become a huge value), dates stay text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - what yaml's own class has there
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401 - yaml's own types
        """Refuse aliases."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("it uses an alias (*name), which is not taken; write the value out")
        return super().compose_node(parent, index)


def _as_json(value: object, path: str, depth: int) -> Json:
    """YAML's values as JSON's: keys become text."""
    if depth > DEEPEST:
        raise ValueError(f"it is nested more than {DEEPEST} deep")
    if isinstance(value, dict):
        return {_key(key): _as_json(inner, f"{path}/{key}", depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_json(inner, f"{path}/{place}", depth + 1) for place, inner in enumerate(value)]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise ValueError(f"the value at {path} is of a kind that JSON does not have")


def _key(key: object) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return str(key)


class Document:
    """A document with its references; only references into itself are followed, nothing is ever fetched."""

    def __init__(self, root: JsonObject) -> None:
        """Check the version.

        Raises:
            InvalidInput: `OPENAPI_VERSION`.
        """
        self.root = root
        self.version = str(root.get("openapi", ""))
        if not self.version.startswith(FAMILY):
            found = f"OpenAPI {self.version[:20]}" if self.version else f"Swagger {str(root.get('swagger', '?'))[:20]}"
            raise invalid(
                "OPENAPI_VERSION",
                f"The document is {found}; versions 3.0 and 3.1 are taken.",
                "Convert it to OpenAPI 3, or give the document of a newer version of the API.",
                path="/openapi",
            )

    def object_at(self, value: Json, path: str) -> JsonObject:
        """The object itself, or what its reference leads to; fields beside a reference win over those behind it."""
        beside: JsonObject = {}
        for _ in range(LONGEST_CHAIN):
            if not isinstance(value, dict):
                raise invalid("OPENAPI_INVALID", f"There is no object at {path}.", "Mend the document.", path=path)
            reference = value.get("$ref")
            if not isinstance(reference, str):
                return {**value, **beside} if beside else value
            beside = {**{name: inner for name, inner in value.items() if name != "$ref"}, **beside}
            value, path = self.follow(reference, path), reference
        raise invalid("OPENAPI_REFERENCE", f"The reference at {path} goes in a circle.", "Mend it.", path=path)

    def follow(self, reference: str, path: str) -> Json:
        """What a reference into this document leads to."""
        if not reference.startswith("#"):
            raise invalid(
                "OPENAPI_EXTERNAL_REFERENCE",
                f"The reference {reference[:200]!r} leads out of the document; other documents are not fetched.",
                "Bundle the document into one file first.",
                path=path,
            )
        value: Json = self.root
        for part in _parts(reference):
            if isinstance(value, dict) and part in value:
                value = value[part]
            elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
                value = value[int(part)]
            else:
                raise invalid(
                    "OPENAPI_REFERENCE", f"The reference {reference[:200]!r} leads nowhere.", "Mend it.", path=path
                )
        return value

    def objects(self, value: Json, path: str) -> Iterator[tuple[str, JsonObject]]:
        """The fields of a map of objects, each with its references followed."""
        if isinstance(value, dict):
            for name, inner in value.items():
                yield name, self.object_at(inner, f"{path}/{name}")


def _parts(reference: str) -> list[str]:
    from urllib.parse import unquote  # noqa: PLC0415 - only documents need it

    pointer = unquote(reference[1:])
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def text_of(value: Json) -> str:
    """A text, or nothing where something else stands."""
    return value if isinstance(value, str) else ""


def list_of(value: Json) -> list[Json]:
    """A list, or an empty one where something else stands."""
    return value if isinstance(value, list) else []


def fields_of(value: Json) -> JsonObject:
    """An object, or an empty one where something else stands."""
    return value if isinstance(value, dict) else {}
