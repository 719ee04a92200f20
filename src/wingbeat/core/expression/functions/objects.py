"""Functions on objects."""

from __future__ import annotations

from wingbeat.core.expression.budget import Meter
from wingbeat.core.expression.function import Function, bad_type
from wingbeat.core.expression.values import kind
from wingbeat.core.json_value import Json, JsonObject


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


def _from_items(pairs: list[Json]) -> JsonObject:
    made: JsonObject = {}
    for pair in pairs:
        if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str:  # noqa: PLR2004
            raise bad_type(f"Cannot make an object from an element of kind {kind(pair)}.", "Every element must be a list of a text and a value: ['key', value].")
        made[pair[0]] = pair[1]
    return made


FUNCTIONS = (
    Function("keys", "object", "", "A list of the keys, in their order.", '{"a": 1, "b": 2}.keys()', ["a", "b"], list),
    Function("values", "object", "", "A list of the values, in their order.", '{"a": 1, "b": 2}.values()', [1, 2], lambda value: list(value.values())),
    Function("items", "object", "", "A list of pairs of key and value.", '{"a": 1}.items()', [["a", 1]], lambda value: [list(item) for item in value.items()], ("entries",)),
    Function("from_items", "list", "", "An object made of pairs of key and value.", '[["a", 1]] | from_items', {"a": 1}, _from_items),
    Function("get", "object", "key: text, default?: any", "The value of a key, or the default (null).", '{"a": 1}.get("b", 0)', 0, _get),
    Function("get_path", "object | list", "path: text, default?: any", "The value at a path of keys and places, or the default (null).", '{"a": [{"b": 1}]}.get_path("a.0.b")', 1, _get_path),
    Function("has", "object", "key: text", "Whether the key is there, even with the value null.", '{"a": null}.has("a")', True, dict.__contains__),  # noqa: FBT003
    Function("merge", "object", "*others: object", "With the keys of others added; later ones win.", '{"a": 1}.merge({"b": 2})', {"a": 1, "b": 2}, _merge, metered=True),
    Function("merge_deep", "object", "other: object", "Merged with another, and so are the objects within them.", '{"a": {"b": 1}}.merge_deep({"a": {"c": 2}})', {"a": {"b": 1, "c": 2}}, lambda meter, value, other: _merge_deep(meter, value, other), metered=True),
    Function("pick", "object", "*keys: text", "With these keys only; missing ones are left out.", '{"a": 1, "b": 2}.pick("a")', {"a": 1}, _pick),
    Function("omit", "object", "*keys: text", "Without these keys.", '{"a": 1, "b": 2}.omit("a")', {"b": 2}, _omit),
    Function("rename", "object", "old: text, new: text", "With a key renamed, at the same place.", '{"a": 1}.rename("a", "b")', {"b": 1}, _rename),
)
