"""Between what happened and rows of the journal: every event has one row, and every row gives its event back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from wingbeat.core.commands import Run, Sleep
from wingbeat.core.events import (
    ChunkLoaded,
    ChunkSpilled,
    Event,
    LoopOpened,
    RoundDecided,
    StepCleared,
    StepCompleted,
    StepFailed,
    StepKey,
    StepReleased,
    StepStarted,
    StepWaiting,
)
from wingbeat.core.outcome import (
    AfterBreak,
    Await,
    OnItemError,
    OpenLoop,
    Operation,
    Outcome,
    Round,
    VariableChange,
    Wait,
)
from wingbeat.core.status import StepStatus
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.journal import JournalRow
from wingbeat.worker.outcomes import ending_as_outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from uuid import UUID

    from wingbeat.core.commands import OpenCommand
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.outcome import Result
    from wingbeat.storage.journal import RecordedRow
    from wingbeat.worker.step_context import StepContext

# Not a character of port names, so that a list of them needs no encoding of its own.
_SPLIT_MARK = "*"
# A tuple: a union would be made anew for each row.
_WITH_ARRIVALS = (Run, Sleep)


class Attempt(NamedTuple):
    """One run of a step as the worker sees it. `started` is in seconds since the epoch."""

    command: OpenCommand
    started: float
    context: StepContext | None = None


class Said(NamedTuple):
    """What a result says: the event, and the columns of its row."""

    event: Event
    status: StepStatus
    output: bytes
    ports: str | None = None
    changes: bytes | None = None


class RowMaker:
    """Makes the rows of one execution under one lease. `now` gives seconds since the epoch."""

    __slots__ = ("_epoch", "_execution_id", "_now")

    def __init__(self, execution_id: UUID, epoch: int, now: Callable[[], float]) -> None:
        self._execution_id = execution_id
        self._epoch = epoch
        self._now = now

    def bare(self, sequence: int, key: StepKey, status: StepStatus, error: JsonObject | None = None) -> JournalRow:
        """A row without a result: that a step begins, or that the execution ends."""
        now = datetime.fromtimestamp(self._now(), UTC)
        return JournalRow(
            execution_id=self._execution_id,
            sequence=sequence,
            node_id=key.node_id,
            scope=key.scope,
            attempt=key.attempt,
            status=status.value,
            error=None if error is None else encode_json(error),
            started_at=now,
            ended_at=now,
            epoch=self._epoch,
        )

    def result(self, sequence: int, attempt: Attempt, said: Said, blob: str | None) -> JournalRow:
        """The row of a result; its output is in the row, or in the blob of that path."""
        key = attempt.command.key
        return JournalRow(
            self._execution_id,
            sequence,
            key.node_id,
            key.scope,
            key.attempt,
            said.status.value,
            datetime.fromtimestamp(attempt.started, UTC),
            datetime.fromtimestamp(self._now(), UTC),
            self._epoch,
            said.ports,
            _sources(attempt.command),
            said.output if blob is None else None,
            blob,
            None,
            said.changes,
            _log_of(attempt),
        )

    def failure(
        self, sequence: int, attempt: Attempt, error: JsonObject, *, retryable: bool, retry_at: float | None
    ) -> JournalRow:
        """The row of a failure; whether and when it is tried again is kept with the error."""
        decided: JsonObject = {**error, "retryable": retryable, "retry_at": retry_at}
        row = self.bare(sequence, attempt.command.key, StepStatus.FAILED, decided)
        return row._replace(
            started_at=datetime.fromtimestamp(attempt.started, UTC),
            inputs=_sources(attempt.command),
            log=_log_of(attempt),
        )


def say(key: StepKey, result: Result, sequence: int, deadline: float | None = None) -> Said:
    """What a result says; its output is encoded. A step that waits does so until its `deadline` at most.

    Raises:
        InvalidInput: it holds a value that cannot be stored.
        StepError: it is no result at all.
    """
    match result:
        case Outcome():
            outcome = result
        case Wait(until=until, output=output):
            return _say_waiting(StepWaiting(key, until, output, None, deadline))
        case Await(wait=wait, until=until):
            return _say_waiting(StepWaiting(key, until, None, wait, deadline))
        case OpenLoop():
            return Said(LoopOpened(key, result), StepStatus.OPENED, encode_json(_opening_to_json(result)))
        case Round(again=again):
            return Said(RoundDecided(key, again), StepStatus.ROUND, encode_json(again))
        case _:
            outcome = ending_as_outcome(result)
    return say_stored(key, outcome, sequence, encode_json(outcome.output))


def _say_waiting(event: StepWaiting) -> Said:
    written: JsonObject = {"until": event.until, "output": event.output}
    if event.wait is not None:
        written["wait"] = event.wait
    if event.deadline is not None:
        written["deadline"] = event.deadline
    return Said(event, StepStatus.WAITING, encode_json(written))


def say_stored(key: StepKey, outcome: Outcome, sequence: int, output: bytes = b"") -> Said:
    """What an outcome says whose output is stored already, or encoded.

    Raises:
        InvalidInput: it changes variables to values that cannot be stored.
    """
    changes = encode_json(_changes_to_json(outcome.changes)) if outcome.changes else None
    event = StepCompleted(key, outcome, sequence)
    return Said(event, StepStatus.COMPLETED, output, _ports_to_text(outcome), changes)


def renumbered(said: Said, sequence: int) -> Said:
    """The same for another row, without its output, which has been stored meanwhile."""
    event = said.event._replace(sequence=sequence) if isinstance(said.event, StepCompleted) else said.event
    return said._replace(event=event, output=b"")


def is_whole(row: RecordedRow) -> bool:
    """Whether what left the node, over each of its ports, is the row's output as a whole."""
    return row.status == StepStatus.COMPLETED and not (row.ports or "").startswith(_SPLIT_MARK)


def _sources(command: OpenCommand) -> list[int] | None:
    if isinstance(command, _WITH_ARRIVALS):
        # What a loop hands to the first nodes of its body comes from no row.
        return [one.sequence for one in command.arrivals if one.sequence] or None
    return None


def _log_of(attempt: Attempt) -> bytes | None:
    context = attempt.context
    return encode_json(cast("Json", context.lines)) if context is not None and context.lines else None


def _ports_to_text(outcome: Outcome) -> str:
    """The taken ports as one text; a mark says that each carries its own part of the output."""
    text = ",".join(outcome.ports)
    return _SPLIT_MARK + text if outcome.split else text


def _changes_to_json(changes: Sequence[VariableChange]) -> Json:
    return [
        {"name": one.name, "operation": one.operation.value, "value": one.value, "iteration": one.iteration}
        for one in changes
    ]


def _opening_to_json(opening: OpenLoop) -> JsonObject:
    return {
        "items": cast("Json", opening.items),
        "concurrency": opening.concurrency,
        "collect": opening.collect,
        "after_break": opening.after_break.value,
        "on_item_error": opening.on_item_error.value,
        "batch_size": opening.batch_size,
        "in_order": opening.in_order,
        "ask_first": opening.ask_first,
        "stream": opening.stream,
        "spill": opening.spill,
    }


def events_of(rows: Iterable[RecordedRow]) -> Iterator[Event]:
    """The events that the rows tell of, in order. The row that ends an execution is no event: the end follows."""
    for row in rows:
        event = _event_of(row)
        if event is not None:
            yield event


def _event_of(row: RecordedRow) -> Event | None:
    read = _READERS.get(StepStatus(row.status))
    return None if read is None else read(StepKey(row.node_id, row.scope, row.attempt), row)


def _read_failure(key: StepKey, row: RecordedRow) -> Event:
    error = dict(row.error or {})
    error.pop("retryable", None)
    retry_at = cast("float | None", error.pop("retry_at", None))
    return StepFailed(key, error, retry_at, row.sequence)


def _read_wait(key: StepKey, row: RecordedRow) -> Event:
    waiting = cast("dict[str, Any]", row.output)
    return StepWaiting(key, waiting["until"], waiting["output"], waiting.get("wait"), waiting.get("deadline"))


def _outcome_of(row: RecordedRow) -> Outcome:
    text = row.ports or ""
    split = text.startswith(_SPLIT_MARK)
    names = text[1:] if split else text
    changes = tuple(
        VariableChange(one["name"], Operation(one["operation"]), one["value"], one["iteration"])
        for one in cast("list[dict[str, Any]]", row.changes or [])
    )
    return Outcome(row.output, tuple(names.split(",")) if names else (), split, changes)


def _read_release(key: StepKey, row: RecordedRow) -> Event:
    written = cast("dict[str, Any]", row.output)
    value = written.get("input")
    return StepReleased(key, written.get("variables", {}), "input" in written, value, row.sequence)


def _opening_of(written: dict[str, Any]) -> OpenLoop:
    return OpenLoop(
        items=written["items"],
        concurrency=written["concurrency"],
        collect=written["collect"],
        after_break=AfterBreak(written["after_break"]),
        # Journals of earlier releases do not have these.
        on_item_error=OnItemError(written.get("on_item_error", OnItemError.STOP)),
        batch_size=written.get("batch_size"),
        in_order=written.get("in_order", True),
        ask_first=written.get("ask_first", True),
        stream=written.get("stream"),
        spill=written.get("spill", False),
    )


_READERS: dict[StepStatus, Callable[[StepKey, RecordedRow], Event]] = {
    StepStatus.STARTED: lambda key, _row: StepStarted(key),
    StepStatus.CLEARED: lambda key, _row: StepCleared(key),
    StepStatus.COMPLETED: lambda key, row: StepCompleted(key, _outcome_of(row), row.sequence),
    StepStatus.FAILED: _read_failure,
    StepStatus.WAITING: _read_wait,
    StepStatus.OPENED: lambda key, row: LoopOpened(key, _opening_of(cast("dict[str, Any]", row.output))),
    StepStatus.RELEASED: _read_release,
    StepStatus.SPILLED: lambda key, _row: ChunkSpilled(key),
    StepStatus.LOADED: lambda key, row: ChunkLoaded(key, cast("list[Json]", row.output)),
    StepStatus.ROUND: lambda key, row: RoundDecided(key, bool(row.output)),
}
