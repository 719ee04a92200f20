"""All functions of the expression language in one frozen table, and the look-up by name and type that calls use."""

from __future__ import annotations

from types import MappingProxyType
from typing import TypeAlias

from wingbeat.core.expression.function import Function, Overload, overload, types_of
from wingbeat.core.expression.functions import (
    dates,
    encoding,
    hashing,
    json_text,
    kinds,
    lists,
    numbers,
    objects,
    patterns,
    text,
)

FAMILIES: tuple[tuple[str, tuple[Function, ...]], ...] = (
    ("Text", text.FUNCTIONS),
    ("Numbers", numbers.FUNCTIONS),
    ("Lists", lists.FUNCTIONS),
    ("Objects", objects.FUNCTIONS),
    ("Dates", dates.FUNCTIONS),
    ("JSON", json_text.FUNCTIONS),
    ("Regular expressions", patterns.FUNCTIONS),
    ("Base64 and URLs", encoding.FUNCTIONS),
    ("Hashes", hashing.FUNCTIONS),
    ("Kinds of value", kinds.FUNCTIONS),
)
FUNCTIONS: tuple[Function, ...] = tuple(function for _, functions in FAMILIES for function in functions)

Overloads: TypeAlias = MappingProxyType[type, Overload]


def _by_name_and_type() -> MappingProxyType[str, Overloads]:
    table: dict[str, dict[type, Overload]] = {}
    for function in FUNCTIONS:
        entry = overload(function)
        for name in (function.name, *function.aliases):
            overloads = table.setdefault(name, {})
            for receiver in types_of(function.receiver):
                if receiver in overloads:
                    raise AssertionError(f"{name} is there twice for {receiver.__name__}")
                overloads[receiver] = entry
    return MappingProxyType({name: MappingProxyType(overloads) for name, overloads in table.items()})


OVERLOADS = _by_name_and_type()
