"""What became of each time that something was to start an execution: the answer to "why did it (not) run?"."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import JsonObject


class TriggerKind(StrEnum):
    """What was to start an execution."""

    MANUAL = "manual"
    API = "api"
    WEBHOOK = "webhook"
    SCHEDULE = "schedule"
    EVENT = "event"
    COMMAND = "command"
    FORM = "form"


class Outcome(StrEnum):
    """What came of it."""

    FIRED = "fired"
    COALESCED = "coalesced"
    MISSED = "missed"
    LIMITED = "limited"
    DUPLICATE = "duplicate"
    SIGNATURE_WRONG = "signature_wrong"
    ADDRESS_REFUSED = "address_refused"
    DISABLED = "disabled"
    NO_PERMISSION = "no_permission"
    INVALID = "invalid"
    OVERFLOW = "overflow"


@dataclass(frozen=True, slots=True)
class Decision:
    """One evaluation of a trigger. `reason` is a stable code; `detail` holds nothing secret.

    What fired needs none: putting in its execution writes it, under the execution's id.
    """

    workflow_id: UUID
    kind: TriggerKind
    outcome: Outcome
    trigger_id: UUID | None = None
    node_id: str | None = None
    execution_id: UUID | None = None
    planned_for: datetime | None = None
    reason: str = ""
    detail: JsonObject = field(default_factory=dict)
    actor: int = 0


async def write(connection: asyncpg.Connection, decisions: Sequence[Decision]) -> None:
    """Add them, in the caller's transaction."""
    if not decisions:
        return
    rows = [
        (
            new_id(),
            one.workflow_id,
            one.kind.value,
            one.trigger_id,
            one.node_id,
            one.outcome.value,
            one.execution_id,
            one.planned_for,
            one.reason,
            encode_json(one.detail),
            one.actor,
        )
        for one in decisions
    ]
    names = (
        "ids", "workflow_ids", "kinds", "trigger_ids", "node_ids", "outcomes", "execution_ids", "planned", "reasons",
        "details", "actors",
    )  # fmt: skip
    columns = {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
    await load("decisions").insert_decisions(connection, **columns)


async def forget(connection: asyncpg.Connection, before: UUID) -> None:
    """Forget the decisions from before an id was made."""
    await load("decisions").forget(connection, before=before)
