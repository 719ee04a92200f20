"""How one entry of the function table is written down: its name, what it takes, its help, and what carries it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from wingbeat.core.errors import ExpressionError
from wingbeat.core.json_value import Json

Run: TypeAlias = Callable[..., Any]

TYPES_OF_KIND: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "text": (str,),
    "date": (str,),
    "list": (list,),
    "object": (dict,),
    "any": (type(None), bool, int, float, str, list, dict),
}


@dataclass(frozen=True, slots=True)
class Function:
    """One entry: `value.name(...)`, `value | name(...)` and `name(value, ...)` all mean the same.

    `receiver` and each parameter name kinds of TYPES_OF_KIND, joined with `|`. `parameters` reads
    `old: text, count?: integer, *more: text`: `?` may be left away, `*` takes any number. `run` gets the receiver and
    the arguments, after the meter when `metered`. The caller counts the lengths of receiver, arguments and result;
    `run` counts what may grow beyond them.
    """

    name: str
    receiver: str
    parameters: str
    help: str
    example: str
    result: Json
    run: Run
    aliases: tuple[str, ...] = ()
    metered: bool = False

    @property
    def signature(self) -> str:
        """How a call is written."""
        return f"{self.name}({self.parameters})"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a function, read from the table."""

    name: str
    kinds: str
    types: frozenset[type]
    required: bool


@dataclass(frozen=True, slots=True)
class Overload:
    """A function as calls use it: how many arguments it takes, and of which types. `most` is None for any number."""

    function: Function
    run: Run
    metered: bool
    parameters: tuple[Parameter, ...]
    rest: Parameter | None
    least: int
    most: int | None


def types_of(kinds: str) -> frozenset[type]:
    """The exact types that `text | list` stands for."""
    return frozenset(one for kind in kinds.split("|") for one in TYPES_OF_KIND[kind.strip()])


def overload(function: Function) -> Overload:
    """Read what the entry says about its parameters."""
    parameters: list[Parameter] = []
    rest: Parameter | None = None
    for written in filter(None, (part.strip() for part in function.parameters.split(","))):
        name, kinds = (part.strip() for part in written.split(":"))
        parameter = Parameter(name.strip("*?"), kinds, types_of(kinds), required=name[-1] != "?" and name[0] != "*")
        if name.startswith("*"):
            rest = parameter
        else:
            parameters.append(parameter)
    least = sum(parameter.required for parameter in parameters)
    most = None if rest else len(parameters)
    return Overload(function, function.run, function.metered, tuple(parameters), rest, least, most)


def bad_value(message: str, remedy: str) -> ExpressionError:
    """What a function raises when an argument says nothing that it can use; the caller adds the position."""
    return ExpressionError(message, code="EXPRESSION_VALUE", remedy=remedy)


def bad_type(message: str, remedy: str) -> ExpressionError:
    """What a function raises when something within an argument has the wrong kind; the caller adds the position."""
    return ExpressionError(message, code="EXPRESSION_TYPE", remedy=remedy)
