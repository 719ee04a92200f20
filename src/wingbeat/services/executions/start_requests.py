"""What is asked for when something is started, what comes of it, and what starting needs of others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol
from uuid import UUID

from wingbeat.core.part import Part
from wingbeat.core.status import ExecutionStatus
from wingbeat.services.executions.responses import Given
from wingbeat.services.executions.startable import Startable
from wingbeat.storage import audit
from wingbeat.storage.decisions import TriggerKind
from wingbeat.storage.dispatch import Claimed, NewExecution, StartTimes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.overflow import Guard
    from wingbeat.core.plan import Plan
    from wingbeat.services.executions.overflow import Refused


@dataclass(frozen=True, slots=True)
class Cause:
    """What starts an execution: the kind of trigger, the webhook or form, and the user, if it is one."""

    kind: TriggerKind = TriggerKind.API
    trigger_id: UUID | None = None
    actor: int = 0


class Draft(NamedTuple):
    """A try of a saved revision: which, how much of it, and what a node that runs alone finds."""

    startable: Startable
    part: Part
    seed: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What a caller wants to start. Without `trigger_node_id` it is the workflow's first trigger.

    `breakpoints` name nodes (`node`) before which it is to stop, always or when an expression (`condition`) holds.
    """

    workflow_id: UUID
    trigger_data: Json = None
    variables: JsonObject = field(default_factory=dict)
    trigger_node_id: str | None = None
    priority: int | None = None
    idempotency_key: str | None = None
    breakpoints: Sequence[JsonObject] = ()
    cause: Cause = Cause()
    # Given where something of the execution is there already, as its files.
    execution_id: UUID | None = None
    # Somebody tries what is not published, and may.
    draft: Draft | None = None


class Started(NamedTuple):
    """An execution that is in the database. `replayed`: an earlier request with the same key had started it."""

    execution_id: UUID
    workflow_id: UUID
    status: ExecutionStatus
    start_time: datetime
    replayed: bool = False


class Summary(NamedTuple):
    """Where an execution stands, with what it came to if it has ended."""

    execution_id: UUID
    workflow_id: UUID
    status: ExecutionStatus
    start_time: datetime
    output: Json = None
    error: JsonObject | None = None
    nodes_executed: int = 0
    end_time: datetime | None = None
    replayed: bool = False
    response: Given | None = None


class Ended(NamedTuple):
    """The end of an execution, as the process that ran it knows it."""

    status: ExecutionStatus
    output: Json
    error: JsonObject | None
    executed: int
    end_time: datetime


class Held(Protocol):
    """An execution that runs in this process; `ended` gives None when it left the process before its end."""

    @property
    def ended(self) -> asyncio.Future[Ended | None]:
        """Done when the execution has left this process."""
        ...


class InlineWorker(Protocol):
    """The worker in this process, as far as starting goes."""

    def room(self) -> int:
        """How many executions it would take on now."""
        ...

    @property
    def worker_id(self) -> UUID:
        """Who holds the executions that it is given."""
        ...

    def begin(self, claimed: Claimed, plan: Plan) -> Held:
        """Run an execution that is inserted under this worker's lease."""
        ...


class PlanSource(Protocol):
    """Where plans come from."""

    async def get(self, workflow_id: UUID, revision: int, part: Part | None = None) -> Plan:
        """The plan of a revision, or of a part of it."""
        ...


class Prepared(NamedTuple):
    """One start on its way through the next transaction, ours or another's."""

    request: StartRequest
    new: NewExecution
    plan: Plan
    inline: bool
    caller: audit.Caller
    answer: asyncio.Future[tuple[Started, Held | None]]
    guard: Guard | None = None


class Inserted(NamedTuple):
    """What became of starts in a transaction: run here, left to whichever worker, or refused by their workflow."""

    ours: StartTimes
    queued: StartTimes
    refused: dict[UUID, Refused]


NOTHING_INSERTED = Inserted({}, {}, {})
