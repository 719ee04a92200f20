"""The one door for everything that starts executions without a caller who waits: schedules, events, webhooks, forms.

Whoever has something to start does it here, many at once and within a transaction of its own, so that the executions
are there exactly if what caused them is. Starts whose caller waits for the end are in start.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from wingbeat.core.errors import Conflict, Forbidden, NotFound, Unlicensed, WingbeatError
from wingbeat.core.licence import Feature
from wingbeat.core.overflow import Guard
from wingbeat.services.executions import overflow
from wingbeat.services.executions.overflow import GuardedStart
from wingbeat.services.executions.startable import judge
from wingbeat.services.licence import Unlimited
from wingbeat.storage import audit, decisions, dispatch
from wingbeat.storage.decisions import Decision, Outcome, TriggerKind
from wingbeat.storage.dispatch import NewExecution
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.plan import Plan
    from wingbeat.services.executions.overflow import Refused
    from wingbeat.services.executions.startable import Startable
    from wingbeat.services.licence import Gate

WORKFLOW_MISSING = "WORKFLOW_NOT_FOUND"
SWITCHED_OFF = "WORKFLOWS_DISABLED"
TRIGGER_UNKNOWN = "TRIGGER_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Firing:
    """Something that is to start an execution. Without `node_id` it begins at the workflow's first trigger.

    `trigger_id` is the webhook, the schedule or the form, `planned_for` the time that a schedule meant, `actor` the
    user who did it, if anybody. `detail` is kept with the decision if nothing is started. With `execution_id` the
    execution has that id, as when files of it are kept already.
    """

    workflow_id: UUID
    kind: TriggerKind
    data: Json = None
    node_id: str | None = None
    trigger_id: UUID | None = None
    planned_for: datetime | None = None
    variables: JsonObject = field(default_factory=dict)
    priority: int | None = None
    actor: int = 0
    detail: JsonObject = field(default_factory=dict)
    execution_id: UUID | None = None


class Fired(NamedTuple):
    """What came of a firing; `reason` is a code where it came to nothing."""

    outcome: Outcome
    execution_id: UUID | None = None
    reason: str = ""


class PlanSource(Protocol):
    """Where plans come from."""

    async def get(self, workflow_id: UUID, revision: int) -> Plan:
        """The plan of a revision."""
        ...


class Firings:
    """Starts executions of published workflows; what cannot be started is a decision, and no error."""

    def __init__(self, plans: PlanSource, *, enabled: bool = True, gate: Gate | None = None) -> None:
        self._plans = plans
        self._enabled = enabled
        self._gate = gate or Unlimited()

    async def fire(self, connection: asyncpg.Connection, firings: Sequence[Firing]) -> list[Fired]:
        """Start what can be started, in the caller's transaction; what came of each, in their order.

        Raises:
            InvalidInput: data that cannot be stored.
        """
        wanted = {firing.workflow_id for firing in firings}
        rows = {row["workflow_id"]: row for row in await load("starts").find_startable(connection, ids=list(wanted))}
        made = [await self._make(firing, rows.get(firing.workflow_id)) for firing in firings]
        new = [one for one in made if isinstance(one, NewExecution)]
        guards = {workflow_id: row["guard"] for workflow_id, row in rows.items() if row["guard"] is not None}
        free = [one for one in new if one.workflow_id not in guards]
        if free:
            await dispatch.insert_executions(connection, free)
        guarded = [
            GuardedStart(one, Guard.read(guards[one.workflow_id]), firing.data)
            for firing, one in zip(firings, made, strict=True)
            if isinstance(one, NewExecution) and one.workflow_id in guards
        ]
        refused = (await overflow.insert(connection, guarded))[1] if guarded else {}
        for one in new:
            if one.execution_id in refused:
                continue
            audit.trace_start_once_committed(one.execution_id, one.workflow_id, user_id=one.started_by, kind=one.kind)
        fired = [_came(one, refused) if isinstance(one, NewExecution) else one for one in made]
        await decisions.write(
            connection,
            [
                as_decision(firing, one)
                for firing, one in zip(firings, fired, strict=True)
                if one.outcome is not Outcome.FIRED
            ],
        )
        return fired

    async def _make(  # noqa: PLR0911 - one for each thing that may stand against it
        self, firing: Firing, row: asyncpg.Record | None
    ) -> NewExecution | Fired:
        """The execution to be, or why there is none."""
        if not self._enabled:
            return Fired(Outcome.DISABLED, reason=SWITCHED_OFF)
        try:
            startable = judge(firing.workflow_id, row)
        except NotFound:
            return Fired(Outcome.INVALID, reason=WORKFLOW_MISSING)
        except Conflict as error:
            return Fired(Outcome.DISABLED, reason=error.code)
        revision = startable.revision
        if (refused := await self._unlicensed(firing, startable)) is not None:
            return refused
        try:
            node_id = await self._node(firing, revision, row["trigger_nodes"] if row is not None else [])
        except WingbeatError as error:
            return Fired(Outcome.INVALID, reason=error.code)
        if node_id is None:
            return Fired(Outcome.INVALID, reason=TRIGGER_UNKNOWN)
        return NewExecution(
            firing.execution_id or new_id(),
            firing.workflow_id,
            revision,
            node_id,
            encode_json(firing.data),
            encode_json(firing.variables),
            _priority(firing, row, node_id),
            firing.actor,
            firing.kind.value,
            firing.trigger_id,
            firing.planned_for,
        )

    async def _unlicensed(self, firing: Firing, startable: Startable) -> Fired | None:
        """What comes of a firing that the community has no licence for."""
        scheduled = (Feature.WORKFLOW_SCHEDULES.value,) if firing.kind is TriggerKind.SCHEDULE else ()
        try:
            await self._gate.admit(startable.community_id, (*startable.features, *scheduled))
        except Unlicensed as error:
            return Fired(Outcome.NO_PERMISSION, reason=error.code)
        except Forbidden as error:
            return Fired(Outcome.LIMITED, reason=error.code)
        return None

    async def _node(self, firing: Firing, revision: int, triggers: Sequence[str]) -> str | None:
        """The trigger to begin at; only triggers of other makers need the plan to be found."""
        if firing.node_id in triggers:
            return firing.node_id
        if firing.node_id is None and triggers:
            return triggers[0]
        plan = await self._plans.get(firing.workflow_id, revision)
        trigger = plan.trigger(firing.node_id)
        return trigger.id if trigger is not None and not trigger.node.disabled else None


def _came(new: NewExecution, refused: Mapping[UUID, Refused]) -> Fired:
    if (why := refused.get(new.execution_id)) is not None:
        return Fired(why.outcome, why.execution_id, why.reason)
    return Fired(Outcome.FIRED, new.execution_id)


def _priority(firing: Firing, row: asyncpg.Record | None, node_id: str) -> int:
    if firing.priority is not None:
        return firing.priority
    return 0 if row is None else int(row["trigger_priorities"].get(node_id, row["priority"]))


def as_decision(firing: Firing, fired: Fired) -> Decision:
    """The row that says what came of it."""
    return Decision(
        firing.workflow_id,
        firing.kind,
        fired.outcome,
        firing.trigger_id,
        firing.node_id,
        fired.execution_id,
        firing.planned_for,
        fired.reason,
        firing.detail,
        firing.actor,
    )
