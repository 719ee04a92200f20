"""Workflows that listen to what comes from outside, and those who publish it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from tests.rig.node_types import NODE_TYPES

from wingbeat.core.access import ALL, Permission, Principal, PrincipalKind
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.services.events.events import Events
from wingbeat.services.executions.firing import Firings
from wingbeat.services.registration import register
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import Database
from wingbeat.worker.plans import Plans

CATALOG = NODE_TYPES
STARTED = "SELECT workflow_id, trigger_node_id, trigger_data FROM workflow_executions ORDER BY execution_id"


def user(user_id: int, communities: Mapping[int, str] | None = None, *scopes: Permission) -> Principal:
    """Somebody with roles in communities, and a token for these scopes or for all."""
    narrowed = frozenset(scopes) or ALL
    return Principal(PrincipalKind.USER, user_id, f"user{user_id}", communities=communities or {}, scopes=narrowed)


def trigger(kind: str, node_id: str = "on", **parameters: Json) -> JsonObject:
    """A node that begins a workflow."""
    return {"id": node_id, "type": f"trigger.{kind}", "parameters": parameters}


@dataclass(frozen=True)
class Listening:
    """One test's installation without a worker."""

    database: Database

    def events(self, most_at_once: int = 1_000) -> Events:
        """The use cases; each transaction takes on so many triggers."""
        return Events(self.database, Firings(Plans(self.database, CATALOG, DEFAULT_CAPS)), most_at_once)

    async def publish(self, *triggers: JsonObject, author: int = 0, community: int = 0, **fields: Json) -> UUID:
        """A published workflow that these triggers begin, whose author and community it has."""
        workflow_id = new_id()
        nodes: list[Json] = [*triggers, {"id": "end", "type": "flow.end"}]
        connections: list[Json] = [{"from": one["id"], "to": "end"} for one in triggers]
        await register(self.database, workflow_id, {"name": "w", "nodes": nodes, "connections": connections, **fields})
        await self.database.pool.execute(
            "UPDATE workflows SET author_id = $2, community_id = $3 WHERE workflow_id = $1",
            workflow_id,
            author,
            community,
        )
        return workflow_id

    async def started(self) -> list[UUID]:
        """The workflows of which there are executions, once for each."""
        return [row["workflow_id"] for row in await self.database.pool.fetch(STARTED)]

    async def decisions(self) -> list[tuple[UUID, str, str]]:
        """Workflow, outcome and reason of each decision, in their order."""
        rows = await self.database.pool.fetch(
            "SELECT workflow_id, outcome, reason FROM trigger_decisions ORDER BY at, decision_id"
        )
        return [tuple(row) for row in rows]
