"""Arithmetic, comparison and logic on JSON values. Each maker takes closures and returns one closure.

Booleans are not numbers here: they can be tested for equality but neither added nor ordered. `and` and `or` give one
of their operands, as in Python. Only numbers, or only texts, can be ordered.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from wingbeat.core.errors import ExpressionError
from wingbeat.core.expression.budget import SMALL_INTEGER
from wingbeat.core.expression.lookups import Closure
from wingbeat.core.expression.names import State
from wingbeat.core.expression.values import CONTAINERS, NUMBERS, check_number, described, equal, index_of, kind
from wingbeat.core.json_value import Json

Arithmetic: TypeAlias = Callable[[Any, Any], Any]
Special: TypeAlias = Callable[[State, Any, Any], Json]
LARGE = SMALL_INTEGER
MAX_POWER = 100_000


def arithmetic(symbol: str, left: Closure, right: Closure, position: int) -> Closure:
    """`left symbol right` for one of + - * / // % **."""
    compute = _ARITHMETIC[symbol]
    special = _SPECIAL.get(symbol, _no_special)

    def run(state: State) -> Json:
        one, other = left(state), right(state)
        if type(one) not in NUMBERS or type(other) not in NUMBERS:
            made = special(state, one, other)
            if made is None:
                raise _refused(symbol, one, other, position)
            return made
        try:
            result = compute(one, other)
        except (ArithmeticError, ValueError) as error:
            raise _failed(error, symbol, position) from None
        if not -LARGE <= result <= LARGE:
            _check(result, state, position)
        return result  # type: ignore[no-any-return]

    return run


def arithmetic_with(symbol: str, left: Closure, number: float, position: int) -> Closure:
    """`left symbol number`, without working out what is known."""
    compute = _ARITHMETIC[symbol]

    def run(state: State) -> Json:
        one = left(state)
        if type(one) in NUMBERS:
            try:
                result = compute(one, number)
            except (ArithmeticError, ValueError) as error:
                raise _failed(error, symbol, position) from None
            if not -LARGE <= result <= LARGE:
                _check(result, state, position)
            return result  # type: ignore[no-any-return]
        return arithmetic(symbol, left, lambda _: number, position)(state)

    return run


def power(left: Closure, right: Closure, position: int) -> Closure:
    """`left ** right`, refused before it is worked out when the result would be too long."""

    def run(state: State) -> Json:
        one, other = left(state), right(state)
        if type(one) not in NUMBERS or type(other) not in NUMBERS:
            raise _refused("**", one, other, position)
        if type(one) is int and type(other) is int and other > 0 and one not in {-1, 0, 1}:
            state.integer(min(other, MAX_POWER) * (one.bit_length() - 1))
            state.integer(0 if other < MAX_POWER else state.budget.integer_bits + 1)
        try:
            result: Any = operator.pow(one, other)
        except (ArithmeticError, ValueError) as error:
            raise _failed(error, "**", position) from None
        if type(result) is complex:
            raise ExpressionError(
                "A negative number has no real power with decimals.",
                code="EXPRESSION_NUMBER_OUT_OF_RANGE",
                remedy="Use a whole exponent, or test for negative numbers first.",
                position=position,
            )
        _check(result, state, position)
        return result  # type: ignore[no-any-return]

    return run


def negative(symbol: str, value: Closure, position: int) -> Closure:
    """`-value` and `+value` of a number."""

    def run(state: State) -> Json:
        number = value(state)
        if type(number) not in NUMBERS:
            raise ExpressionError(
                f"Cannot put `{symbol}` before a value of kind {kind(number)}.",
                code="EXPRESSION_TYPE",
                remedy="Only numbers have a sign; convert a text with `.number()`.",
                position=position,
            )
        return -number if symbol == "-" else number  # type: ignore[operator]

    return run


def compare(symbol: str, left: Closure, right: Closure, position: int) -> Closure:
    """`left symbol right` for == != in, not in, < <= > >=."""
    if symbol in ORDER:
        return _order(symbol, left, right, position)
    if symbol in {"in", "not in"}:
        return _membership(left, right, position, found=symbol == "in")
    return _equality(left, right, same=symbol == "==")


def _equality(left: Closure, right: Closure, *, same: bool) -> Closure:
    def run(state: State) -> Json:
        one, other = left(state), right(state)
        if type(one) in CONTAINERS:
            return equal(one, other, state) is same
        return (one == other) is same

    return run


def _order(symbol: str, left: Closure, right: Closure, position: int) -> Closure:
    holds = ORDER[symbol]

    def run(state: State) -> Json:
        one, other = left(state), right(state)
        one_type, other_type = type(one), type(other)
        if (one_type is str and other_type is str) or (one_type in NUMBERS and other_type in NUMBERS):
            return holds(one, other)
        raise ExpressionError(
            f"Cannot order {described(one)} and {described(other)} with `{symbol}`.",
            code="EXPRESSION_TYPE",
            remedy="Order numbers with numbers and texts with texts; `float(x)` reads a number from a text.",
            position=position,
        )

    return run


def order_with(symbol: str, left: Closure, number: float, position: int) -> Closure:
    """`left symbol number`, without working out what is known."""
    holds = ORDER[symbol]

    def run(state: State) -> Json:
        one = left(state)
        if type(one) in NUMBERS:
            return holds(one, number)
        return _order(symbol, left, lambda _: number, position)(state)

    return run


def _membership(left: Closure, right: Closure, position: int, *, found: bool) -> Closure:
    def run(state: State) -> Json:
        one, other = left(state), right(state)
        if type(other) is list:
            return (index_of(other, one, state) >= 0) is found
        if type(one) is str and type(other) is str:
            state.walk(len(other))
            return (one in other) is found
        if type(one) is str and type(other) is dict:
            return (one in other) is found
        raise ExpressionError(
            f"Cannot look for {described(one)} in {described(other)}.",
            code="EXPRESSION_TYPE",
            remedy="Lists hold any value, objects and texts hold texts.",
            position=position,
        )

    return run


def chain(links: list[Closure]) -> Closure:
    """`a < b < c`: whether every comparison holds, stopping at the first that does not."""
    return lambda state: all(link(state) for link in links)


def remembered(value: Closure, place: int) -> Closure:
    """A value that a chain needs twice: worked out once and kept in a slot."""

    def run(state: State) -> Json:
        state.slots[place] = found = value(state)
        return found

    return run


def every(values: list[Closure]) -> Closure:
    """`a and b`: the first that is not true, or the last."""
    *heads, last = values

    def run(state: State) -> Json:
        for value in heads:
            found = value(state)
            if not found:
                return found
        return last(state)

    return run


def either(values: list[Closure]) -> Closure:
    """`a or b`: the first that is true, or the last."""
    *heads, last = values

    def run(state: State) -> Json:
        for value in heads:
            found = value(state)
            if found:
                return found
        return last(state)

    return run


def negation(value: Closure) -> Closure:
    """`not value`."""
    return lambda state: not value(state)


def choice(condition: Closure, yes: Closure, no: Closure) -> Closure:
    """`yes if condition else no`."""
    return lambda state: yes(state) if condition(state) else no(state)


def _add_special(state: State, one: Json, other: Json) -> Json:
    if (type(one) is str and type(other) is str) or (type(one) is list and type(other) is list):
        state.make(len(one) + len(other))
        return one + other  # type: ignore[operator]
    return None


def _repeat_special(state: State, one: Json, other: Json) -> Json:
    if type(one) is int:
        one, other = other, one
    if type(other) is int and (type(one) is str or type(one) is list):
        state.make(max(0, len(one) * other))
        return one * other
    return None


def _no_special(_state: State, _one: Json, _other: Json) -> Json:
    return None


_ARITHMETIC: dict[str, Arithmetic] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
_SPECIAL: dict[str, Special] = {"+": _add_special, "*": _repeat_special}
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _check(result: float, state: State, position: int) -> None:
    try:
        check_number(result, state)
    except ExpressionError as error:
        error.position = position
        raise


def _failed(error: Exception, symbol: str, position: int) -> ExpressionError:
    if isinstance(error, ZeroDivisionError):
        return ExpressionError(
            f"Cannot work out `{symbol}` with 0.",
            code="EXPRESSION_DIVISION_BY_ZERO",
            remedy="Test for 0 first: `a / b if b else null`.",
            position=position,
        )
    return ExpressionError(
        f"The result of `{symbol}` is too large for a decimal number.",
        code="EXPRESSION_NUMBER_OUT_OF_RANGE",
        remedy="Use smaller numbers.",
        position=position,
    )


def _refused(symbol: str, one: Json, other: Json, position: int) -> ExpressionError:
    kinds = {kind(one), kind(other)}
    remedy = ""
    if symbol == "+" and "text" in kinds:
        remedy = "Turn the other one into text with `text(x)`, or the text into a number with `float(x)`."
    elif symbol == "%" and "text" in kinds:
        remedy = "Put texts together with `+`."
    elif "null" in kinds:
        remedy = "Give a default for null: `(a ?? 0)`."
    elif "boolean" in kinds:
        remedy = "Turn true and false into 1 and 0 with `int(x)`."
    elif symbol in {"+", "-"} and "object" in kinds:
        remedy = "Use `merge`, `pick` or `omit` for objects."
    return ExpressionError(
        f"Cannot work out `{symbol}` with {described(one)} and {described(other)}.",
        code="EXPRESSION_TYPE",
        remedy=remedy,
        position=position,
    )
