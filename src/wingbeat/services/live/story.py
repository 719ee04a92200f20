"""What rows of a journal and changes of a status are as events. Pure; who is told of them is not known here."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.status import ExecutionStatus, StepStatus
from wingbeat.services.executions.hidden_addresses import hide_addresses

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.live.notices import Edited, Here, RunningStep
    from wingbeat.storage.live import ListedExecution, NodeCount, Standing, WatchedRow

LONGEST_MESSAGE = 500
# Of so many who have a workflow open at once it is told who they are.
MOST_PEOPLE = 50
# What outcomes of steps are called; rows of other kinds are the engine's own.
STEP_EVENTS = {
    StepStatus.STARTED: "step_started",
    StepStatus.COMPLETED: "step_completed",
    StepStatus.FAILED: "step_failed",
    StepStatus.WAITING: "step_waiting",
    StepStatus.OPENED: "loop_started",
}
RETRYING, RESUMED = "step_retrying", "resumed"
RESTING = frozenset({ExecutionStatus.WAITING, ExecutionStatus.PAUSED})
_SPLIT_MARK = "*"


class Event(NamedTuple):
    """One thing to be told: its name, and what goes with it."""

    name: str
    body: JsonObject


class Subject(NamedTuple):
    """What events are about."""

    execution_id: UUID
    workflow_id: UUID

    def body(self, at: datetime) -> JsonObject:
        """What every event carries."""
        return {
            "execution_id": str(self.execution_id),
            "workflow_id": str(self.workflow_id),
            "timestamp": at.isoformat(),
        }


def tell_row(subject: Subject, row: WatchedRow) -> Event | None:
    """The event of a row, if it is one for people."""
    name = STEP_EVENTS.get(StepStatus(row.status))
    if name is None:
        return None
    body = subject.body(row.ended_at) | {
        "node": row.node_id,
        "scope": row.scope,
        "attempt": row.attempt,
        "sequence": row.sequence,
        "port": None if row.ports is None else row.ports.removeprefix(_SPLIT_MARK) or None,
        "duration_ms": round((row.ended_at - row.started_at).total_seconds() * 1000, 3),
    }
    if row.status == StepStatus.FAILED:
        body["error"] = error_of(row.code, row.message)
        if row.retry_at is not None:
            name = RETRYING
            body["retry_at"] = datetime.fromtimestamp(row.retry_at, UTC).isoformat()
    if row.status == StepStatus.OPENED:
        body["total"] = row.total
    return Event(name, body)


def tell_beginning(subject: Subject, step: RunningStep) -> Event:
    """The event of a step that is under way, and has no row yet."""
    return Event(
        "step_started",
        subject.body(datetime.fromtimestamp(step.started, UTC))
        | {
            "node": step.node_id,
            "scope": step.scope,
            "attempt": step.attempt,
            "sequence": None,
            "port": None,
            "duration_ms": None,
        },
    )


def tell_running(subject: Subject, counts: Mapping[str, int], at: datetime) -> Event:
    """How many steps of each node are under way now; nodes that are not named have none."""
    running: JsonObject = {**counts}
    return Event("running", subject.body(at) | {"running": running})


def tell_steps(subject: Subject, events: Sequence[Event], sequence: int, counts: Iterable[NodeCount] = ()) -> Event:
    """Many steps in one event; with counts, `events` are only the last of each node, which the counts contain."""
    steps: list[Json] = [{"event": event.name, **event.body} for event in events]
    counted: list[Json] = [
        {
            "node": count.node_id,
            "completed": count.completed,
            "failed": count.failed,
            "retried": count.retried,
            "sequence": count.sequence,
            "duration_ms": round(count.duration_ms, 3),
            "ports": ports_of(count),
        }
        for count in counts
    ]
    body = subject.body(datetime.now(UTC)) | {"sequence": sequence, "steps": steps, "counts": counted}
    return Event("steps", body)


def ports_of(count: NodeCount) -> JsonObject:
    """How often it went on through each port."""
    ports: Counter[str] = Counter()
    for names, times in count.ports.items():
        for name in names.removeprefix(_SPLIT_MARK).split(","):
            ports[name] += times
    return dict(ports)


def tell_standing(standing: Standing, before: ExecutionStatus | None) -> list[Event]:
    """How an execution stands now. Before one that rested rests again, it went on, however short that was."""
    names = [_name_of(standing, before)]
    if before is ExecutionStatus.PAUSED is not standing.status and not standing.status.terminal:
        names.insert(0, RESUMED)
    return [_tell(standing, name) for name in dict.fromkeys(names) if name is not None]


def _tell(standing: Standing, name: str) -> Event:
    body = Subject(standing.execution_id, standing.workflow_id).body(_moment_of(standing))
    body |= {"status": standing.status.value, "sequence": standing.sequence}
    if standing.status.terminal:
        body["duration_ms"] = None if standing.seconds is None else round(standing.seconds * 1000, 3)
    if standing.code is not None:
        body["error"] = error_of(standing.code, standing.message) | {"node": standing.node, "scope": standing.scope}
    if standing.status is ExecutionStatus.WAITING:
        body["wake_at"] = None if standing.wake_at is None else standing.wake_at.isoformat()
    if standing.status is ExecutionStatus.PAUSED:
        body["steps"] = places_of(standing)
    return Event(name, body)


def _name_of(standing: Standing, before: ExecutionStatus | None) -> str | None:
    if standing.status is ExecutionStatus.PENDING:
        return None
    if standing.status is not ExecutionStatus.RUNNING:
        return standing.status.value
    if before in RESTING:
        return RESUMED
    return RESUMED if before is ExecutionStatus.PENDING and standing.epoch > 1 else "started"


def _moment_of(standing: Standing) -> datetime:
    if standing.end_time is not None:
        return standing.end_time
    return (
        standing.start_time if standing.status is ExecutionStatus.RUNNING and standing.epoch <= 1 else datetime.now(UTC)
    )


def places_of(standing: Standing) -> list[Json]:
    """The steps before which a paused execution rests, or about whose outcome it asks."""
    names = ("node", "scope", "attempt")
    return [{name: step.get(name) for name in names} for step in standing.steps or ()]


def error_of(code: str | None, message: str | None) -> JsonObject:
    """An error as it is told to all who may look on."""
    return {"code": code, "message": hide_addresses((message or "")[:LONGEST_MESSAGE])}


def tell_edited(edited: Edited) -> Event:
    """That somebody has changed a workflow: what was done, by whom, and at which revisions it is now."""
    body: JsonObject = {
        "workflow_id": str(edited.workflow_id),
        "action": edited.action,
        "revision": edited.revision,
        "published_revision": edited.published_revision,
        "by": edited.by,
        "timestamp": datetime.now(UTC).isoformat(),
    }
    return Event("edited", body)


def tell_present(workflow_id: UUID, others: Sequence[Here], listener_id: int) -> Event:
    """Who else has a workflow open; `you` are other tabs of whoever is told."""
    people: list[Json] = [
        {
            "user_id": here.user_id,
            "name": here.name,
            "tab": here.tab,
            "you": here.user_id == listener_id,
            "editing": here.editing,
            "node": here.node,
        }
        for here in others[:MOST_PEOPLE]
    ]
    return Event("present", {"workflow_id": str(workflow_id), "people": people, "more": len(others) > MOST_PEOPLE})


def tell_listed(execution: ListedExecution) -> JsonObject:
    """An execution, as an entry of an event about lists."""
    return {
        "execution_id": str(execution.execution_id),
        "workflow_id": str(execution.workflow_id),
        "status": execution.status.value,
        "start_time": execution.start_time.isoformat(),
        "end_time": None if execution.end_time is None else execution.end_time.isoformat(),
        "execution_time_seconds": execution.seconds,
    }
