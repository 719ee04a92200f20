"""Calling a function of the table: which overload, whether the arguments fit, and what the call costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wingbeat.core.errors import ExpressionError
from wingbeat.core.expression.function import Overload, Parameter
from wingbeat.core.expression.lookups import Closure
from wingbeat.core.expression.names import Absent, State
from wingbeat.core.expression.table import OVERLOADS, Overloads
from wingbeat.core.expression.values import NUMBERS, check_number, closest, kind
from wingbeat.core.json_value import Json

SIZED = frozenset((str, list, dict))
SIZE_BITS = 8  # One step for every 2**8 characters or elements, as in Meter.walk.


def call(
    name: str, receiver: Closure, arguments: Sequence[Closure], named: Mapping[str, Closure], position: int, *, guarded: bool
) -> Closure:
    """`receiver.name(arguments)`; the number of arguments must suit at least one overload. Raises ExpressionError."""
    overloads = OVERLOADS[name]
    _check_count(name, overloads, len(arguments), named, position)
    given = tuple(arguments)

    def run(state: State) -> Json:
        value = receiver(state)
        value_type = type(value)
        overload = overloads.get(value_type)
        if overload is None:
            if guarded and value is None:
                raise Absent
            raise _no_receiver(name, overloads, value, position)
        state.steps -= 1
        if value_type in SIZED:
            state.steps -= len(value) >> SIZE_BITS  # type: ignore[arg-type]
        if state.steps < 0:
            state.exhausted()
        values = [argument(state) for argument in given]
        if not _fit(overload, values, state):
            raise _misfit(overload, values, position)
        try:
            if named:
                extra = _named(overload, len(values), named, state, position)
                result = overload.run(state, value, *values, **extra) if overload.metered else overload.run(value, *values, **extra)
            else:
                result = overload.run(state, value, *values) if overload.metered else overload.run(value, *values)
            return _counted(result, state)
        except ExpressionError as error:
            if error.position is None:
                error.position = position
            raise
        except (OverflowError, UnicodeError) as error:
            raise ExpressionError(
                f"Cannot carry out `{name}`: {error}.", code="EXPRESSION_VALUE", position=position
            ) from None

    return run


def _counted(result: Json, state: State) -> Json:
    result_type = type(result)
    if result_type in SIZED:
        state.make(len(result))  # type: ignore[arg-type]
    elif result_type in NUMBERS:
        check_number(result, state)  # type: ignore[arg-type]
    return result


def _fit(overload: Overload, values: list[Json], state: State) -> bool:
    """Whether the arguments have the right number and kinds; long ones are counted."""
    if len(values) > len(overload.parameters) and overload.rest is None:
        return False
    for place, value in enumerate(values):
        parameter = overload.parameters[place] if place < len(overload.parameters) else overload.rest
        value_type = type(value)
        if parameter is None or value_type not in parameter.types:
            return False
        if value_type in SIZED:
            state.steps -= len(value) >> SIZE_BITS  # type: ignore[arg-type]
    return True


def _named(overload: Overload, given: int, named: Mapping[str, Closure], state: State, position: int) -> dict[str, Json]:
    """The arguments that are given by name, checked as the others."""
    known = {parameter.name: parameter for parameter in overload.parameters[given:]}
    values: dict[str, Json] = {}
    for name, closure in named.items():
        value = closure(state)
        parameter: Parameter | None = known.get(name)
        if parameter is None or type(value) not in parameter.types:
            raise _misfit(overload, [value], position)
        values[parameter_name(name)] = value
    return values


def parameter_name(name: str) -> str:
    """How the implementation calls a parameter: `format` and `pattern` differ, since `format` is a function of the host language."""
    return "pattern" if name == "format" else name


def _check_count(name: str, overloads: Overloads, count: int, named: Mapping[str, Closure], position: int) -> None:
    total = count + len(named)
    for overload in overloads.values():
        names = {parameter.name for parameter in overload.parameters[count:]}
        missing = any(parameter.required and parameter.name not in named for parameter in overload.parameters[count:])
        if not missing and names.issuperset(named) and (overload.most is None or total <= overload.most):
            return
    signatures = sorted({overload.function.signature for overload in overloads.values()})
    raise ExpressionError(
        f"The arguments of `{name}` do not fit.",
        code="EXPRESSION_ARGUMENTS",
        remedy=f"It is written {' or '.join(f'`value.{signature}`' for signature in signatures)}.",
        position=position,
    )


def _misfit(overload: Overload, values: list[Json], position: int) -> ExpressionError:
    given = ", ".join(kind(value) for value in values) or "nothing"
    return ExpressionError(
        f"The arguments of `{overload.function.name}` do not fit: it was given {given}.",
        code="EXPRESSION_TYPE",
        remedy=f"For a receiver of kind {overload.function.receiver} it is written `value.{overload.function.signature}`.",
        position=position,
    )


def _no_receiver(name: str, overloads: Overloads, value: Json, position: int) -> ExpressionError:
    receivers = " | ".join(sorted({overload.function.receiver for overload in overloads.values()}))
    return ExpressionError(
        f"`{name}` cannot be called on a {kind(value)}.",
        code="EXPRESSION_NULL_VALUE" if value is None else "EXPRESSION_TYPE",
        remedy=f"It is there for: {receivers}.{' Give a default for null with `??`.' if value is None else ''}",
        position=position,
    )


def unknown(name: str, position: int) -> ExpressionError:
    """The refusal of a function that the table does not have."""
    return ExpressionError(
        f"There is no function {name[:100]!r}.", code="EXPRESSION_FUNCTION_UNKNOWN", remedy=closest(name, OVERLOADS), position=position
    )
