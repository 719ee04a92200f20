"""Functions on objects."""

from __future__ import annotations

from wingbeat.core.expression.budget import Meter
from wingbeat.core.expression.function import Function, bad_type
from wingbeat.core.expression.values import kind
from wingbeat.core.json_value import Json, JsonObject

PAIR = ("key", "value")


def _merge(meter: Meter, value: JsonObject, *others: JsonObject) -> JsonObject:
    meter.make(len(value) + sum(map(len, others)))
    merged = dict(value)
    for other in others:
        merged.update(other)
    return merged


def _merge_deep(meter: Meter, value: JsonObject, other: JsonObject, depth: int = 1) -> JsonObject:
    meter.deeper(depth)
    meter.make(len(value) + len(other))
    merged = dict(value)
    for key, new in other.items():
        old = merged.get(key)
        merged[key] = _merge_deep(meter, old, new, depth + 1) if type(old) is dict and type(new) is dict else new
    return merged


def _merge_two(meter: Meter, value: JsonObject, other: JsonObject) -> JsonObject:
    return _merge_deep(meter, value, other)


def _get(value: JsonObject, key: str, default: Json = None) -> Json:
    return value.get(key, default)


def _get_path(value: Json, path: str, default: Json = None) -> Json:
    """Follow `a.b.0.c` through objects and lists."""
    for part in path.split("."):
        if type(value) is dict and part in value:
            value = value[part]
        elif type(value) is list and part.isascii() and part.isdecimal() and int(part[:18]) < len(value):
            value = value[int(part[:18])]
        else:
            return default
    return value


def _pick(value: JsonObject, *keys: str) -> JsonObject:
    return {key: value[key] for key in keys if key in value}


def _omit(value: JsonObject, *keys: str) -> JsonObject:
    return {key: part for key, part in value.items() if key not in keys}


def _rename(value: JsonObject, old: str, new: str) -> JsonObject:
    return {new if key == old else key: part for key, part in value.items()}


def _items(meter: Meter, value: JsonObject) -> list[list[Json]]:
    meter.make(10 * len(value))
    return [list(item) for item in value.items()]


def _from_items(pairs: list[Json]) -> JsonObject:
    made: JsonObject = {}
    for pair in pairs:
        if type(pair) is not list or len(pair) != len(PAIR) or type(pair[0]) is not str:
            raise bad_type(
                f"Cannot make an object from an element of kind {kind(pair)}.",
                "Every element must be a list of a text and a value: ['key', value].",
            )
        made[pair[0]] = pair[1]
    return made


# fmt: off
FUNCTIONS = (
    Function(
        "keys", "object", "", "A list of the keys, in their order.",
        example='{"a": 1, "b": 2}.keys()', result=["a", "b"], run=list,
    ),
    Function(
        "values", "object", "", "A list of the values, in their order.",
        example='{"a": 1, "b": 2}.values()', result=[1, 2], run=lambda value: list(value.values()),
    ),
    Function(
        "items", "object", "", "A list of pairs of key and value.",
        example='{"a": 1}.items()', result=[["a", 1]], run=_items, metered=True,
        aliases=("entries",),
    ),
    Function(
        "from_items", "list", "", "An object made of pairs of key and value.",
        example='[["a", 1]] | from_items', result={"a": 1}, run=_from_items,
    ),
    Function(
        "get", "object", "key: text, default?: any", "The value of a key, or the default (null).",
        example='{"a": 1}.get("b", 0)', result=0, run=_get,
    ),
    Function(
        "get_path", "object | list", "path: text, default?: any",
        "The value at a path of keys and places, or the default (null).",
        example='{"a": [{"b": 1}]}.get_path("a.0.b")', result=1, run=_get_path,
    ),
    Function(
        "has", "object", "key: text", "Whether the key is there, even with the value null.",
        example='{"a": null}.has("a")', result=True, run=dict.__contains__,
    ),
    Function(
        "merge", "object", "*others: object", "With the keys of others added; later ones win.",
        example='{"a": 1}.merge({"b": 2})', result={"a": 1, "b": 2}, run=_merge, metered=True,
    ),
    Function(
        "merge_deep", "object", "other: object", "Merged with another, and so are the objects within them.",
        example='{"a": {"b": 1}}.merge_deep({"a": {"c": 2}})', result={"a": {"b": 1, "c": 2}},
        run=_merge_two, metered=True,
    ),
    Function(
        "pick", "object", "*keys: text", "With these keys only; missing ones are left out.",
        example='{"a": 1, "b": 2}.pick("a")', result={"a": 1}, run=_pick,
    ),
    Function(
        "omit", "object", "*keys: text", "Without these keys.",
        example='{"a": 1, "b": 2}.omit("a")', result={"b": 2}, run=_omit,
    ),
    Function(
        "rename", "object", "old: text, new: text", "With a key renamed, at the same place.",
        example='{"a": 1}.rename("a", "b")', result={"b": 1}, run=_rename,
    ),
)
# fmt: on
