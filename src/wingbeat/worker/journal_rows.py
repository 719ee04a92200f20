"""Between what happened and rows of the journal: every event has one row, and every row gives its event back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from wingbeat.core.events import (
    Event,
    LoopOpened,
    RoundDecided,
    StepCompleted,
    StepFailed,
    StepKey,
    StepStarted,
    StepWaiting,
)
from wingbeat.core.outcome import AfterBreak, OpenLoop, Operation, Outcome, VariableChange
from wingbeat.core.status import StepStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.storage.journal import RecordedRow

# Not a character of port names, so that a list of them needs no encoding of its own.
_SPLIT_MARK = "*"


def ports_to_text(outcome: Outcome) -> str:
    """The taken ports as one text; a mark says that each carries its own part of the output."""
    text = ",".join(outcome.ports)
    return _SPLIT_MARK + text if outcome.split else text


def changes_to_json(changes: Sequence[VariableChange]) -> Json:
    """The changes of variables, in the order in which they apply."""
    return [
        {"name": one.name, "operation": one.operation.value, "value": one.value, "iteration": one.iteration}
        for one in changes
    ]


def opening_to_json(opening: OpenLoop) -> JsonObject:
    """What a loop goes through, and how."""
    return {
        "items": cast("Json", opening.items),
        "concurrency": opening.concurrency,
        "collect": opening.collect,
        "after_break": opening.after_break.value,
    }


def events_of(rows: Iterable[RecordedRow]) -> Iterator[Event]:
    """The events that the rows tell of, in order. The row that ends an execution is no event: the end follows."""
    for row in rows:
        event = _event_of(row)
        if event is not None:
            yield event


def _event_of(row: RecordedRow) -> Event | None:
    key = StepKey(row.node_id, row.scope, row.attempt)
    match StepStatus(row.status):
        case StepStatus.STARTED:
            return StepStarted(key)
        case StepStatus.COMPLETED:
            return StepCompleted(key, _outcome_of(row), row.sequence)
        case StepStatus.FAILED:
            error = dict(row.error or {})
            retryable = bool(error.pop("retryable", False))
            return StepFailed(key, error, retryable, row.ended_at.timestamp(), row.sequence)
        case StepStatus.WAITING:
            waiting = cast("dict[str, Any]", row.output)
            return StepWaiting(key, waiting["until"], waiting["output"])
        case StepStatus.OPENED:
            return LoopOpened(key, _opening_of(cast("dict[str, Any]", row.output)))
        case StepStatus.ROUND:
            return RoundDecided(key, bool(row.output))
        case StepStatus.ENDED | StepStatus.CANCELLED:
            return None


def _outcome_of(row: RecordedRow) -> Outcome:
    text = row.ports or ""
    split = text.startswith(_SPLIT_MARK)
    names = text[1:] if split else text
    changes = tuple(
        VariableChange(one["name"], Operation(one["operation"]), one["value"], one["iteration"])
        for one in cast("list[dict[str, Any]]", row.changes or [])
    )
    return Outcome(row.output, tuple(names.split(",")) if names else (), split, changes)


def _opening_of(written: dict[str, Any]) -> OpenLoop:
    return OpenLoop(
        items=written["items"],
        concurrency=written["concurrency"],
        collect=written["collect"],
        after_break=AfterBreak(written["after_break"]),
    )
