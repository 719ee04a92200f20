"""Where a running execution is to stop, and what is shown of the steps before which it has stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from wingbeat.core.errors import Fault, WingbeatError
from wingbeat.core.expression import compile_expression
from wingbeat.core.scope import describe_loop
from wingbeat.storage.control import BREAKPOINT
from wingbeat.storage.encoding import encode_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wingbeat.core.commands import Run
    from wingbeat.core.events import StepKey
    from wingbeat.core.expression import Expression
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.scope import Scope, StepNames

# A value that is longer as JSON is cut where it is shown.
LONGEST_SHOWN = 4_000
SHOWN_OF_LONGER = 500
MOST_VARIABLES = 50
# As many stopped steps are shown with all that they see; of further ones, only where they are.
MOST_DETAILED = 20


class Stop(NamedTuple):
    """A step that has been stopped. `why` is the error of a condition that could not be evaluated."""

    command: Run
    value: Json
    why: JsonObject | None


class Breakpoints:
    """The breakpoints of one execution; with `stepping` it stops before every step."""

    __slots__ = ("_conditions", "_stepping")

    def __init__(self, breakpoints: Sequence[JsonObject], *, stepping: bool) -> None:
        self._stepping = stepping
        self._conditions: dict[str, Expression | None] = {}
        for one in breakpoints:
            condition = one.get("condition")
            self._conditions[cast("str", one["node"])] = (
                compile_expression(condition) if isinstance(condition, str) else None
            )

    @classmethod
    def of(cls, breakpoints: Sequence[JsonObject] | None, *, stepping: bool) -> Breakpoints | None:
        """None where nothing stops the execution."""
        return cls(breakpoints or (), stepping=stepping) if breakpoints or stepping else None

    def stop(self, command: Run, value: Json, names: StepNames) -> Stop | None:
        """The stop before a step, or None if it may run. A condition that cannot be evaluated stops, and says why."""
        if self._stepping:
            return Stop(command, value, None)
        if command.key.node_id not in self._conditions:
            return None
        condition = self._conditions[command.key.node_id]
        if condition is None:
            return Stop(command, value, None)
        try:
            answer = condition.evaluate(names)
        except WingbeatError as error:
            return Stop(command, value, error.to_json())
        return Stop(command, value, None) if answer is not False and answer is not None else None


Stops: TypeAlias = "Mapping[StepKey, Stop]"


def question_at(stops: Stops) -> JsonObject:
    """What a person sees of an execution that has stopped at breakpoints; kept as the error of the paused execution."""
    named = ", ".join(dict.fromkeys(repr(key.node_id) for key in stops))
    return {
        "code": BREAKPOINT,
        "message": f"The execution has stopped before {named}."[:2_000],
        "fault": Fault.CALLER.value,
        "remedy": "Resume it with the mode 'continue' or 'step'; an edit may give another input or other variables.",
        "steps": [
            _show(stop) if place < MOST_DETAILED else _place(key) for place, (key, stop) in enumerate(stops.items())
        ],
    }


def _place(key: StepKey) -> JsonObject:
    return {"node": key.node_id, "scope": key.scope, "attempt": key.attempt}


def _show(stop: Stop) -> JsonObject:
    scope = stop.command.scope
    shown: JsonObject = {
        **_place(stop.command.key),
        "input": shown_value(stop.value),
        "variables": {name: shown_value(value) for name, value in _visible(scope).items()},
    }
    if scope.loop is not None:
        shown |= {
            "item": shown_value(scope.item),
            "index": scope.index,
            "loop": shown_value(describe_loop(scope)),
        }
    if stop.why is not None:
        shown["condition_error"] = stop.why
    return shown


def _visible(scope: Scope) -> dict[str, Json]:
    """The variables that a step in the scope sees, the inner ones first; at most `MOST_VARIABLES`."""
    found: dict[str, Json] = {}
    inner: Scope | None = scope
    while inner is not None:
        for name, value in inner.variables.items():
            if len(found) == MOST_VARIABLES:
                return found
            found.setdefault(name, value)
        inner = inner.parent
    return found


def shown_value(value: Json) -> Json:
    """The value, or where it is long its beginning as text and its length."""
    data = encode_json(value)
    if len(data) <= LONGEST_SHOWN:
        return value
    return {"$cut": data[:SHOWN_OF_LONGER].decode("utf-8", "ignore"), "bytes": len(data)}
