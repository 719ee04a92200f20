"""A part of a JSON value that is small enough to be shown at once, and where something was left out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.core.errors import NotFound

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject

MOST_ITEMS = 100
LONGEST_TEXT = 5_000
MOST_DEEP = 20
# Roughly how many characters an excerpt has as text.
ROOM = 60_000
_KINDS: dict[type, str] = {
    dict: "object",
    list: "list",
    str: "text",
    bool: "boolean",
    int: "number",
    float: "number",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class Cut:
    """A list, object or text that is shown up to `shown` of its `length` items or characters."""

    path: str
    kind: str
    length: int
    shown: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is shown of a value, of which kind and how long the whole is, and what was left out of it."""

    kind: str
    length: int | None
    value: Json
    cuts: list[Cut]


def kind_of(value: Json) -> str:
    """What a value is, as the expression language calls it."""
    return _KINDS.get(type(value), "null")


def excerpt(value: Json, *, path: str = "", offset: int = 0, room: int = ROOM, items: int = MOST_ITEMS) -> Excerpt:
    """The beginning of a value, or of what a JSON pointer leads to; of a list, object or text from `offset` on.

    Raises:
        NotFound: `VALUE_HAS_NO_SUCH_PART`.
    """
    found = _follow(value, path)
    length = len(found) if isinstance(found, dict | list | str) else None
    if (offset and isinstance(found, list)) or (offset and isinstance(found, str)):
        found = found[offset:]
    elif offset and isinstance(found, dict):
        found = dict(list(found.items())[offset:])
    cutter = _Cutter(room, items, offset)
    return Excerpt(kind_of(found), length, cutter.take(found, path, 0), cutter.cuts)


class _Cutter:
    def __init__(self, room: int, items: int, offset: int) -> None:
        self.cuts: list[Cut] = []
        # What was left out before the value at the top.
        self._offset = offset
        self._room = room
        self._items = items

    def take(self, value: Json, path: str, depth: int) -> Json:
        if isinstance(value, str):
            return self._text(value, path, depth)
        if isinstance(value, list):
            return self._list(value, path, depth)
        if isinstance(value, dict):
            return self._object(value, path, depth)
        self._room -= 8
        return value

    def _list(self, value: list[Json], path: str, depth: int) -> list[Json]:
        shown: list[Json] = []
        first = 0 if depth else self._offset
        for number, item in enumerate(value):
            if self._full(number, depth):
                break
            shown.append(self.take(item, f"{path}/{first + number}", depth + 1))
        self._note(path, "list", len(value), len(shown), depth)
        return shown

    def _object(self, value: JsonObject, path: str, depth: int) -> JsonObject:
        shown: JsonObject = {}
        for name, item in value.items():
            if self._full(len(shown), depth):
                break
            self._room -= len(name) + 4
            shown[name] = self.take(item, f"{path}/{escaped(name)}", depth + 1)
        self._note(path, "object", len(value), len(shown), depth)
        return shown

    def _text(self, value: str, path: str, depth: int) -> str:
        shown = value[: max(min(LONGEST_TEXT, self._room), 100)]
        self._room -= len(shown) + 4
        self._note(path, "text", len(value), len(shown), depth)
        return shown

    def _full(self, number: int, depth: int) -> bool:
        return number >= self._items or depth >= MOST_DEEP or self._room <= 0

    def _note(self, path: str, kind: str, length: int, shown: int, depth: int) -> None:
        if shown < length:
            before = 0 if depth else self._offset
            self.cuts.append(Cut(path, kind, before + length, before + shown))


def escaped(name: str) -> str:
    """A key as a part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _follow(value: Json, path: str) -> Json:
    found = value
    for part in path.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isascii() and name.isdecimal() and int(name[:10]) < len(found):
            found = found[int(name[:10])]
        else:
            raise _no_such_part(path)
    if path and not path.startswith("/"):
        raise _no_such_part(path)
    return found


def _no_such_part(path: str) -> NotFound:
    return NotFound(
        f"The value has nothing at {path!r:.200}.",
        code="VALUE_HAS_NO_SUCH_PART",
        remedy="Give a JSON pointer, such as /items/0/name.",
    )
