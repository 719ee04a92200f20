"""How JSON that people wrote is read: every fault is reported, and defaults stand in its place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from wingbeat.core.names import Suggestions
from wingbeat.core.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from enum import StrEnum

    from wingbeat.core.json_value import Json, JsonObject

E = TypeVar("E", bound="StrEnum")
ROOT = "the workflow"
MOST_PROBLEMS = 1_000
MAX_ID = 100
# A whole number of at most so many bits has a floating point number next to it.
MOST_BITS = 1023


class Reader:
    """Collects faults and puts defaults in their place, so that one pass finds them all. `node` is where it is."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.node: str | None = None
        self._suggestions = Suggestions()

    def read_position(self, value: Json, where: str) -> tuple[float, float]:
        """Two numbers: across and down."""
        if value is None:
            return (0.0, 0.0)
        if isinstance(value, dict) and set(value) == {"x", "y"}:
            x, y = value["x"], value["y"]
            if _is_number(x) and _is_number(y):
                return (x, y)  # type: ignore[return-value] # both were just found to be numbers
        self.report(f"{where}.position", "A position is an object of two numbers.", 'Write {"x": 0, "y": 0}.')
        return (0.0, 0.0)

    def read_object(self, value: Json, where: str, allowed: Iterable[str]) -> JsonObject:
        """An object that has no other fields than these."""
        if not isinstance(value, dict):
            fix = "See docs/workflows.md for what it looks like." if where == ROOT else "Write it in braces."
            self.report(where, f"{where} must be an object, not {name_kind(value)}.", fix)
            return {}
        names = tuple(allowed)
        for key in value:
            if key not in names:
                near = self._suggestions.closest(key, names)
                fix = f"Did you mean {near!r}?" if near else f"Known are: {', '.join(names)}."
                shown = key[:MAX_ID]
                path = shown if where == ROOT else f"{where}.{shown}"
                self.report(path, f"{where} has an unknown field {shown!r}.", fix, code="unknown_field")
        return value

    def read_list(self, value: Json, where: str, maximum: int, *, given: bool = True) -> list[Json]:
        """A list of at most so many entries; empty if it is not."""
        if not given:
            self.report(where, f"{where} is missing.", f'Add "{where}": a list.')
            return []
        if not isinstance(value, list):
            self.report(where, f"{where} must be a list, not {name_kind(value)}.", "Write it in square brackets.")
            return []
        if len(value) > maximum:
            self.report(
                where,
                f"{where} has {len(value)} entries; at most {maximum} are allowed.",
                "Split the workflow.",
                code="too_large",
            )
            return []
        return value

    def read_text(self, found: JsonObject, key: str, default: str, *, where: str = "", maximum: int = 1000) -> str:
        """A field that is text of at most so many characters."""
        value = found.get(key, default)
        if isinstance(value, str) and len(value) <= maximum:
            return value
        path = f"{where}.{key}" if where else key
        if not isinstance(value, str):
            self.report(path, f"{path} must be text, not {name_kind(value)}.", "Put it in quotes.")
            return default
        if len(value) > maximum:
            self.report(path, f"{path} has {len(value)} characters; at most {maximum} are allowed.", "Shorten it.")
            return default
        return value

    def read_flag(self, found: JsonObject, key: str, where: str) -> bool:
        """A field that is true or false; false if it is left out."""
        value = found.get(key, False)
        if not isinstance(value, bool):
            self.report(
                f"{where}.{key}", f"{key} must be true or false, not {name_kind(value)}.", "Write true or false."
            )
            return False
        return value

    def read_choice(self, found: JsonObject, key: str, options: Callable[[str], E], default: E, where: str) -> E:
        """A field that is one of the values of an enumeration."""
        if key not in found:
            return default
        value = found[key]
        names = [option.value for option in type(default)]
        if isinstance(value, str) and value in names:
            return options(value)
        shown = f"{value[:MAX_ID]!r}" if isinstance(value, str) else name_kind(value)
        self.report(f"{where}.{key}", f"{key} cannot be {shown}.", f"Use one of: {', '.join(names)}.")
        return default

    def read_number(  # noqa: PLR0913 - bounds are named by the caller
        self,
        found: JsonObject,
        key: str,
        default: float | None,
        where: str,
        *,
        above: float | None = None,
        highest: float = 1e9,
    ) -> float | None:
        """A field that is a finite number within bounds; null is the default."""
        value = found.get(key)
        if value is None:
            return default
        if not _is_number(value):
            self.report(f"{where}.{key}", f"{key} must be a finite number, not {name_kind(value)}.", "Write a number.")
            return default
        number = float(value)  # type: ignore[arg-type] # just found to be a number
        if number < 0 or number > highest or (above is not None and number <= above):
            lowest = f"more than {above:g}" if above is not None else "at least 0"
            self.report(f"{where}.{key}", f"{key} is {number:g}.", f"Use {lowest} and at most {highest:g}.")
            return default
        return number

    def read_whole(
        self, found: JsonObject, key: str, where: str, *, lowest: int, highest: int = 1_000_000_000
    ) -> int | None:
        """A field that is a whole number within bounds; None if it is left out or null."""
        value = found.get(key)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():  # JSON has one kind of number: 3.0 is 3.
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            self.report(f"{where}.{key}", f"{key} must be a whole number, not {name_kind(value)}.", "Write a number.")
            return None
        if not lowest <= value <= highest:
            self.report(f"{where}.{key}", f"{key} is out of range.", f"Use a number from {lowest} to {highest}.")
            return None
        return value

    def report(self, path: str, message: str, fix: str, *, code: str = "malformed") -> None:
        """Note a fault, unless there are too many already."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(code=code, message=message, fix=fix, node=self.node, parameter=path))


def _is_number(value: Json) -> bool:
    if type(value) is float:
        return math.isfinite(value)
    return type(value) is int and value.bit_length() <= MOST_BITS


def name_kind(value: Json) -> str:
    """What a value is, in words."""
    names = {type(None): "null", bool: "a truth value", int: "a number", float: "a number", str: "text", list: "a list"}
    return names.get(type(value), "an object")
