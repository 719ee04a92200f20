"""Starts of workflows that guard themselves: refused, put off, or in the place of older ones, as their settings say.

Every start that people and triggers bring about goes through here. Each refusal is a decision that whoever starts
writes down.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.errors import Conflict, RateLimited, WingbeatError
from wingbeat.core.expression import compile_expression
from wingbeat.core.overflow import Ruling, rule
from wingbeat.core.status import ExecutionStatus
from wingbeat.storage import control, dispatch
from wingbeat.storage import overflow as rows
from wingbeat.storage.decisions import Outcome
from wingbeat.storage.encoding import encode_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.overflow import Guard
    from wingbeat.storage.dispatch import NewExecution, StartTimes

DEBOUNCED = "DEBOUNCED"
# What the data of the trigger is called in the key of a debounce.
KEY_NAMES = ("data", "trigger", "input")
REPLACED: JsonObject = {
    "code": "EXECUTION_REPLACED",
    "message": "A later start took its place, as the workflow's setting 'overflow' says.",
}
# A slot becomes free when something ends, and nobody knows when that is.
RETRY_SECONDS = 5.0


class GuardedStart(NamedTuple):
    """A start of a workflow that guards itself; `data` is what its trigger gives."""

    new: NewExecution
    guard: Guard
    data: Json


class Refused(NamedTuple):
    """A start that leads to no execution of its own; to that of another one if it was put off."""

    outcome: Outcome
    reason: str
    execution_id: UUID | None = None
    start_time: datetime | None = None
    retry_after_seconds: float = RETRY_SECONDS

    def as_error(self) -> RateLimited:
        """What a caller hears whose start came to nothing."""
        return RateLimited(
            "A limit of the workflow stands against another execution now; nothing was started.",
            code=self.reason,
            remedy="Try again later, or raise the limit in the workflow's settings.",
            details={"retry_after_seconds": self.retry_after_seconds},
        )


class _KeyNames:
    """What the key of a debounce sees: the data of the trigger."""

    def __init__(self, data: Json) -> None:
        self._data = data

    def name(self, name: str) -> Json:
        if name in KEY_NAMES:
            return self._data
        raise KeyError(name)

    def node(self, node_id: str) -> Json:
        raise KeyError(node_id)

    def known(self) -> Iterable[str]:
        return KEY_NAMES


async def insert(
    connection: asyncpg.Connection, starts: Sequence[GuardedStart]
) -> tuple[StartTimes, dict[UUID, Refused]]:
    """Put in what may start, in the caller's transaction; gives what was put in, and what became of the others."""
    inserted: StartTimes = {}
    refused: dict[UUID, Refused] = {}
    by_workflow: defaultdict[UUID, list[GuardedStart]] = defaultdict(list)
    for start in starts:
        by_workflow[start.new.workflow_id].append(start)
    # In one order for all who come with several.
    for workflow_id in sorted(by_workflow):
        await rows.lock_guard(connection, workflow_id)
        for start in by_workflow[workflow_id]:
            came = await _insert_one(connection, start)
            if isinstance(came, Refused):
                refused[start.new.execution_id] = came
            else:
                inserted[start.new.execution_id] = came
    return inserted, refused


async def _insert_one(connection: asyncpg.Connection, start: GuardedStart) -> datetime | Refused:
    new, guard = start.new, start.guard
    key = "" if guard.debounce_seconds is None else _key(guard.debounce_key, start.data)
    if guard.debounce_seconds is not None:
        put_off = await rows.put_off(connection, new, key, guard.debounce_seconds, guard.debounce_max_seconds)
        if put_off is not None:
            return Refused(Outcome.COALESCED, DEBOUNCED, *put_off)
    refused = await _make_room(connection, new.workflow_id, guard)
    if refused is not None:
        return refused
    if guard.debounce_seconds is not None:
        return await rows.insert_asleep(connection, new, key, guard.debounce_seconds)
    times = await dispatch.insert_executions(connection, [new])
    await rows.guard(connection, [new.execution_id])
    return times[new.execution_id]


async def _make_room(connection: asyncpg.Connection, workflow_id: UUID, guard: Guard) -> Refused | None:
    """Have room for one more, or say why there is none."""
    ruling = rule(guard, await rows.read_standing(connection, workflow_id))
    match ruling:
        case Ruling.TOO_FAST:
            seconds = await rows.seconds_to_room(connection, workflow_id)
            return Refused(Outcome.LIMITED, ruling.value, retry_after_seconds=max(1.0, seconds or RETRY_SECONDS))
        case Ruling.TOO_MANY:
            return Refused(Outcome.LIMITED, ruling.value)
        case Ruling.QUEUE_FULL:
            return Refused(Outcome.OVERFLOW, ruling.value)
        case Ruling.REPLACE_OLDEST | Ruling.REPLACE_QUEUED:
            await _replace(connection, workflow_id, guard, ruling)
        case Ruling.ADMIT:
            pass
    return None


async def _replace(connection: asyncpg.Connection, workflow_id: UUID, guard: Guard, ruling: Ruling) -> None:
    """Cancel what is in the way: of all that go on, as many as are too many, or the oldest that has not begun."""
    queued = ruling is Ruling.REPLACE_QUEUED
    standing = await rows.read_standing(connection, workflow_id)
    number = 1 if queued else standing.going_on - (guard.max_concurrent or 0) + 1
    for execution_id in await rows.find_oldest(connection, workflow_id, number, queued=queued):
        try:
            await control.end(connection, execution_id, ExecutionStatus.CANCELLED, REPLACED)
        except Conflict:
            # It has ended by itself meanwhile.
            continue


def _key(expression: str | None, data: Json) -> str:
    """Which starts belong together; those for which the key cannot be worked out do, too."""
    if expression is None:
        return "*"
    try:
        value = compile_expression(expression).evaluate(_KeyNames(data))
    except WingbeatError:
        return "?"
    return hashlib.sha256(encode_json(value)).hexdigest()
