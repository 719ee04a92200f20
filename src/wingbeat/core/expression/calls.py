"""Calling a function of the table: which overload, whether the arguments fit, and what the call costs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from wingbeat.core.errors import ExpressionError
from wingbeat.core.expression.function import Overload, Run
from wingbeat.core.expression.lookups import Closure
from wingbeat.core.expression.names import Absent, State
from wingbeat.core.expression.table import OVERLOADS, Overloads
from wingbeat.core.expression.values import NUMBERS, check_number, closest, described, kind
from wingbeat.core.json_value import Json

SIZED = frozenset((str, list, dict))
SIZE_BITS = 8  # One step for every 2**8 characters or elements, as in Meter.walk.


class Call(NamedTuple):
    """One call in the source: what is called, with which arguments by place and by name, and where it stands."""

    name: str
    arguments: tuple[Closure, ...]
    named: Mapping[str, Closure]
    position: int
    guarded: bool


def _plain(overloads: Overloads) -> dict[type, tuple[Run, frozenset[type]]]:
    """What may be called with one text and without more ado, by the type of its receiver."""
    return {
        receiver_type: (overload.run, overload.parameters[0].types)
        for receiver_type, overload in overloads.items()
        if overload.parameters and not overload.metered and overload.least <= 1 and receiver_type is str
    }


_PLAIN = MappingProxyType({name: _plain(overloads) for name, overloads in OVERLOADS.items()})


def call(receiver: Closure, site: Call) -> Closure:
    """`receiver.name(arguments)`; the number of arguments must suit at least one overload. Raises ExpressionError."""
    overloads = OVERLOADS[site.name]
    _check_count(overloads, site)
    if len(site.arguments) == 1 and not site.named:
        return _call_with_one(receiver, site.arguments[0], overloads, site)

    def run(state: State) -> Json:
        value = receiver(state)
        return _apply(site, overloads, value, [argument(state) for argument in site.arguments], state)

    return run


def _call_with_one(receiver: Closure, argument: Closure, overloads: Overloads, site: Call) -> Closure:
    """The most frequent call, without lists of arguments where nothing else needs them."""
    plain = _PLAIN[site.name]

    def run(state: State) -> Json:
        value = receiver(state)
        given = argument(state)
        found = plain.get(type(value))
        if found is None or type(given) is not str or str not in found[1] or len(given) >> SIZE_BITS:
            return _apply(site, overloads, value, [given], state)
        state.steps -= 1 + (len(value) >> SIZE_BITS)  # type: ignore[arg-type]
        if state.steps < 0:
            state.exhausted()
        try:
            result = found[0](value, given)
        except ExpressionError as error:
            raise _placed(error, site) from None
        return result if type(result) is bool else _counted(result, state)

    return run


def _apply(site: Call, overloads: Overloads, value: Json, values: list[Json], state: State) -> Json:
    """Carry a call out, with everything checked and counted."""
    overload = overloads.get(type(value))
    if overload is None:
        if site.guarded and value is None:
            raise Absent
        raise _no_receiver(overloads, value, site)
    state.charge(1 + _weight(value))
    if not _fit(overload, values, state):
        raise _misfit(overload, values, site)
    extra = _named(overload, values, state, site) if site.named else {}
    if len(values) + len(extra) < overload.least:
        raise _misfit(overload, values, site)
    try:
        result = (
            overload.run(state, value, *values, **extra) if overload.metered else overload.run(value, *values, **extra)
        )
        return _counted(result, state)
    except ExpressionError as error:
        raise _placed(error, site) from None
    except (ArithmeticError, UnicodeError) as error:
        message = f"Cannot carry out `{site.name}`: {error}."
        remedy = "See what it is given, and give it a value that it can use."
        raise ExpressionError(message, code="EXPRESSION_VALUE", remedy=remedy, position=site.position) from None


def _weight(value: Json) -> int:
    return len(value) >> SIZE_BITS if type(value) in SIZED else 0  # type: ignore[arg-type]


def _placed(error: ExpressionError, site: Call) -> ExpressionError:
    if error.position is None:
        error.position = site.position
    return error


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
        if parameter is None or type(value) not in parameter.types:
            return False
        state.charge(_weight(value))
    return True


def _named(overload: Overload, values: list[Json], state: State, site: Call) -> dict[str, Json]:
    """The arguments that are given by name: those that follow the others are added to `values`, the rest returned."""
    open_parameters = overload.parameters[len(values) :]
    if {parameter.name for parameter in open_parameters}.issuperset(site.named):
        given = {name: closure(state) for name, closure in site.named.items()}
    else:
        raise _misfit(overload, values, site)
    extra: dict[str, Json] = {}
    for parameter in open_parameters:
        if parameter.name not in given:
            continue
        value = given[parameter.name]
        if type(value) not in parameter.types:
            raise _misfit(overload, [*values, value], site)
        state.charge(_weight(value))
        if not extra and overload.parameters[len(values)] is parameter:
            values.append(value)
        else:
            extra[parameter_name(parameter.name)] = value
    return extra


def parameter_name(name: str) -> str:
    """How the implementation calls a parameter: not `format`, which would hide a function of the host language."""
    return "pattern" if name == "format" else name


def _check_count(overloads: Overloads, site: Call) -> None:
    count, named = len(site.arguments), site.named
    total = count + len(named)
    for overload in overloads.values():
        names = {parameter.name for parameter in overload.parameters[count:]}
        missing = any(parameter.required and parameter.name not in named for parameter in overload.parameters[count:])
        if not missing and names.issuperset(named) and (overload.most is None or total <= overload.most):
            return
    signatures = sorted({overload.function.signature for overload in overloads.values()})
    raise ExpressionError(
        f"The arguments of `{site.name}` do not fit.",
        code="EXPRESSION_ARGUMENTS",
        remedy=f"It is written {' or '.join(f'`value.{signature}`' for signature in signatures)}.",
        position=site.position,
    )


def _misfit(overload: Overload, values: list[Json], site: Call) -> ExpressionError:
    given = ", ".join(kind(value) for value in values) or "nothing"
    return ExpressionError(
        f"The arguments of `{overload.function.name}` do not fit: it was given {given}.",
        code="EXPRESSION_TYPE",
        remedy=f"On a value of kind {overload.function.receiver} it is written `value.{overload.function.signature}`.",
        position=site.position,
    )


def _no_receiver(overloads: Overloads, value: Json, site: Call) -> ExpressionError:
    receivers = " | ".join(sorted({overload.function.receiver for overload in overloads.values()}))
    return ExpressionError(
        f"`{site.name}` cannot be called on {described(value)}.",
        code="EXPRESSION_NULL_VALUE" if value is None else "EXPRESSION_TYPE",
        remedy=f"It is there for: {receivers}.{' Give a default for null with `??`.' if value is None else ''}",
        position=site.position,
    )


def unknown(name: str, position: int) -> ExpressionError:
    """The refusal of a function that the table does not have."""
    return ExpressionError(
        f"There is no function {name[:100]!r}.",
        code="EXPRESSION_FUNCTION_UNKNOWN",
        remedy=f"{closest(name, OVERLOADS)} The reference of expressions lists all of them.".strip(),
        position=position,
    )
