"""Whether an event or a command is one that somebody listens to, or waits for. No rows, no clock."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from wingbeat.core.errors import ExpressionError, LimitReached
from wingbeat.core.expression import Expression, compile_expression
from wingbeat.sdk.command_text import command_key, is_command, split_text
from wingbeat.sdk.event_names import matches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.storage.events import Listener

NOT_BOOLEAN = "CONDITION_NOT_BOOLEAN"


class Verdict(NamedTuple):
    """Whether a trigger is meant. With a `fault`, its filter could not say; `told` explains."""

    meant: bool
    fault: str = ""
    told: str = ""


MEANT = Verdict(meant=True)
NOT_MEANT = Verdict(meant=False)


def judge_event(listener: Listener, event: JsonObject) -> Verdict:
    """Whether a trigger listens to this event."""
    if not matches(listener.pattern, str(event["name"])):
        return NOT_MEANT
    if listener.filter is None:
        return MEANT
    names = {**listener.names, "event": event, "trigger": event, "input": event}
    try:
        value: object = compiled(listener.filter).evaluate(GivenNames(names, {}))
    except (ExpressionError, LimitReached) as error:
        return Verdict(meant=False, fault=error.code, told=str(error))
    if value is True or value is False:
        return MEANT if value else NOT_MEANT
    return Verdict(meant=False, fault=NOT_BOOLEAN, told=f"The filter '{listener.filter}' gave neither true nor false.")


def judge_command(listener: Listener, message: JsonObject) -> Verdict:
    """Whether a trigger listens to this command: its names, its prefix, and where it is heard."""
    platform = message.get("platform")
    if listener.platforms and platform is not None and platform not in listener.platforms:
        return NOT_MEANT
    word = message.get("command")
    if isinstance(word, str):
        return MEANT if command_key(word) in listener.keys else NOT_MEANT
    typed = split_text(str(message["text"])).word
    return MEANT if any(is_command(typed, listener.pattern, key) for key in listener.keys) else NOT_MEANT


def fits(opening: Json, event: JsonObject) -> bool:
    """Whether an event is one that a wait is for. A filter that fails is not fulfilled."""
    wanted = cast("dict[str, Any]", opening)
    if not matches(wanted["name"], str(event["name"])):
        return False
    frozen = wanted.get("filter")
    if frozen is None:
        return True
    names = GivenNames({**frozen["names"], "event": event}, frozen["nodes"])
    try:
        return compiled(frozen["source"]).evaluate(names) is True
    except (ExpressionError, LimitReached):
        return False


@lru_cache(1_000)
def compiled(source: str) -> Expression:
    """An expression ready to evaluate."""
    return compile_expression(source)


class GivenNames:
    """The names that an expression sees away from any execution: values that were kept for it, and the event."""

    def __init__(self, names: dict[str, Json], nodes: dict[str, Json]) -> None:
        self._names = names
        self._nodes = nodes

    def name(self, name: str) -> Json:
        """Raise `KeyError` when it was not there."""
        return self._names[name]

    def node(self, node_id: str) -> Json:
        """Raise `KeyError` when it had no output."""
        return self._nodes[node_id]

    def known(self) -> Iterable[str]:
        """Every name that there is."""
        return self._names
