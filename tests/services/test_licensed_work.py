"""Where licences are asked for: creation, publication, schedules, and whatever starts an execution."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
import pytest
from tests.rig.engine import Engine

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import Forbidden, Unlicensed
from wingbeat.core.json_value import JsonObject
from wingbeat.core.licence import Feature
from wingbeat.services.executions.firing import Firing, Firings
from wingbeat.services.executions.start import Starter
from wingbeat.services.executions.start_requests import StartRequest
from wingbeat.services.workflow_lists import WorkflowLists
from wingbeat.services.workflows import Workflows
from wingbeat.storage.decisions import Outcome, TriggerKind
from wingbeat.storage.workflow_lists import WorkflowFilter
from wingbeat.storage.workflows import WorkflowFields
from wingbeat.worker.plans import Plans

ADVANCED: JsonObject = {
    "name": "advanced",
    "nodes": [
        {"id": "start", "type": "trigger.manual"},
        {"id": "code", "type": "code.python", "parameters": {"code": "return 1"}},
    ],
    "connections": [{"from": "start", "to": "code"}],
}
REFUSED = (Outcome.NO_PERMISSION, "LICENSE_REQUIRED")
BASIC: JsonObject = {"name": "basic", "nodes": [{"id": "start", "type": "trigger.manual"}], "connections": []}


@dataclass
class Licence:
    """A licence of one community, as it is told to be."""

    community_id: int = 3
    features: set[str] = field(default_factory=lambda: {feature.value for feature in Feature})
    room: bool = True

    async def require(self, community_id: int, wanted: Collection[str]) -> None:
        """See `Gate`."""
        if community_id != self.community_id or set(wanted) - self.features:
            raise Unlicensed("no")

    async def require_room(self, connection: asyncpg.Connection, community_id: int) -> None:
        """See `Gate`."""
        del connection
        await self._count(community_id)

    async def admit(self, community_id: int, wanted: Collection[str], count: int = 1) -> None:
        """See `Gate`."""
        del count
        await self.require(community_id, wanted)
        await self._count(community_id)

    async def _count(self, community_id: int) -> None:
        if community_id != self.community_id or not self.room:
            raise Forbidden("no", code="LICENSE_LIMIT_REACHED")

    def problems(self) -> list[str]:
        """None."""
        return []


@pytest.fixture
def licence() -> Licence:
    """Everything, for community 3 alone."""
    return Licence()


@pytest.fixture
def workflows(engine: Engine, licence: Licence) -> Workflows:
    """The use cases, under that licence."""
    return Workflows(engine.database, engine.catalog, engine.limits, engine.limits, licence)


async def make(workflows: Workflows, definition: JsonObject) -> UUID:
    """A published workflow of community 3."""
    created = await workflows.create(SYSTEM, WorkflowFields(definition, community_id=3))
    identifier = created.workflow.header.workflow_id
    await workflows.publish(SYSTEM, identifier)
    return identifier


async def test_creating_needs_the_licence_and_room(workflows: Workflows, licence: Licence) -> None:
    """Of the community that the workflow is made in; what is refused is not there."""
    for community_id, features, room in ((4, {"workflows"}, True), (3, set[str](), True), (3, {"workflows"}, False)):
        licence.features, licence.room = features, room
        with pytest.raises((Unlicensed, Forbidden)):
            await workflows.create(SYSTEM, WorkflowFields(BASIC, community_id=community_id))
    assert 0 == await WorkflowLists(workflows.database).count(SYSTEM, WorkflowFilter(["draft"]))


async def test_publishing_needs_what_its_nodes_need(workflows: Workflows, licence: Licence) -> None:
    """A draft may have them; and what is disabled needs nothing."""
    licence.features = {"workflows"}
    await make(workflows, BASIC)
    with pytest.raises(Unlicensed):
        await make(workflows, ADVANCED)
    nodes = ADVANCED["nodes"]
    assert isinstance(nodes, list)
    await make(workflows, {**ADVANCED, "nodes": [nodes[0], {**nodes[1], "disabled": True}]})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (({"workflows", "advanced_workflows"}, True, TriggerKind.EVENT), (Outcome.FIRED, "")),
        (({"workflows"}, True, TriggerKind.EVENT), REFUSED),
        (({"workflows", "advanced_workflows"}, True, TriggerKind.SCHEDULE), REFUSED),
        (
            ({"workflows", "advanced_workflows"}, False, TriggerKind.EVENT),
            (Outcome.LIMITED, "LICENSE_LIMIT_REACHED"),
        ),
    ],
)
async def test_what_a_trigger_starts_is_decided_by_the_licence(
    engine: Engine,
    workflows: Workflows,
    licence: Licence,
    given: tuple[set[str], bool, TriggerKind],
    expected: tuple[Outcome, str],
) -> None:
    """A licence that ends after the publication ends the starts; each of them is a decision that says so."""
    identifier = await make(workflows, ADVANCED)
    licence.features, licence.room, kind = given
    firings = Firings(Plans(engine.database, engine.catalog, engine.limits), gate=licence)
    async with engine.database.pool.acquire() as connection, connection.transaction():
        [fired] = await firings.fire(connection, [Firing(identifier, kind)])
        said = await connection.fetchrow("SELECT outcome, reason FROM trigger_decisions")
    assert expected == (fired.outcome, fired.reason)
    assert (expected[0].value, expected[1]) == tuple(said)


async def test_a_caller_is_told_what_the_licence_lacks(engine: Engine, workflows: Workflows, licence: Licence) -> None:
    """And nothing is started."""
    identifier = await make(workflows, ADVANCED)
    plans = Plans(engine.database, engine.catalog, engine.limits)
    starter = Starter(engine.database, plans, slots=5, worker=None, gate=licence)
    await starter.start(SYSTEM, StartRequest(identifier))
    licence.features = {"workflows"}
    with pytest.raises(Unlicensed):
        await starter.start(SYSTEM, StartRequest(identifier))
    assert 1 == await engine.database.pool.fetchval("SELECT count(*) FROM workflow_executions")
