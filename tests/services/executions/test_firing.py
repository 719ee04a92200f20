"""The one door for what starts executions."""

from __future__ import annotations

from uuid import uuid4

import pytest
from tests.rig.node_types import NODE_TYPES

from wingbeat.core.json_value import JsonObject
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.services.catalog import LiveCatalog
from wingbeat.services.executions.firing import Firing, Firings
from wingbeat.services.registration import id_for, register
from wingbeat.storage.decisions import Outcome, TriggerKind
from wingbeat.storage.pool import Database
from wingbeat.worker.plans import Plans

DEFINITION: JsonObject = {
    "name": "fired",
    "nodes": [
        {"id": "off", "type": "trigger.manual", "disabled": True},
        {"id": "one", "type": "trigger.manual"},
        {"id": "two", "type": "trigger.webhook"},
        {"id": "end", "type": "flow.end"},
    ],
    "connections": [{"from": node, "to": "end"} for node in ("off", "one", "two")],
    "settings": {"priority": 3},
}
WORKFLOW = id_for("test", "fired")


@pytest.fixture
def firings(database: Database) -> Firings:
    """The door to this test's database."""
    return Firings(Plans(database, LiveCatalog(database, NODE_TYPES), DEFAULT_CAPS))


async def test_what_can_be_started_is_there_with_its_decision(database: Database, firings: Firings) -> None:
    """An execution, its job and the row that says why it is there come together."""
    await register(database, WORKFLOW, DEFINITION)
    async with database.pool.acquire() as connection, connection.transaction():
        fired = await firings.fire(
            connection,
            [
                Firing(WORKFLOW, TriggerKind.EVENT, {"a": 1}, actor=5),
                Firing(WORKFLOW, TriggerKind.WEBHOOK, {"a": 2}, node_id="two"),
            ],
        )
        rows = await connection.fetch(
            "SELECT trigger_node_id, trigger_kind, started_by, priority, d.outcome FROM workflow_executions e"
            " JOIN trigger_decisions d USING (execution_id) ORDER BY trigger_node_id"
        )
        jobs = await connection.fetchval("SELECT count(*) FROM pgqueuer")
    assert [Outcome.FIRED, Outcome.FIRED] == [one.outcome for one in fired]
    assert [("one", "event", 5, 3, "fired"), ("two", "webhook", 0, 3, "fired")] == [tuple(row) for row in rows]
    assert jobs == 2


async def test_what_cannot_be_started_is_a_decision_and_no_error(database: Database, firings: Firings) -> None:
    """Others in the same round are started all the same."""
    await register(database, WORKFLOW, DEFINITION)
    async with database.pool.acquire() as connection, connection.transaction():
        fired = await firings.fire(
            connection,
            [
                Firing(uuid4(), TriggerKind.EVENT),
                Firing(WORKFLOW, TriggerKind.EVENT, node_id="off"),
                Firing(WORKFLOW, TriggerKind.EVENT, node_id="missing"),
                Firing(WORKFLOW, TriggerKind.EVENT),
            ],
        )
        await connection.execute("UPDATE workflows SET enabled = false")
        fired += await firings.fire(connection, [Firing(WORKFLOW, TriggerKind.EVENT)])
        outcomes = await connection.fetch("SELECT outcome, reason FROM trigger_decisions ORDER BY outcome, reason")
    expected = [
        ("disabled", "WORKFLOW_DISABLED"),
        ("fired", ""),
        ("invalid", "TRIGGER_UNKNOWN"),
        ("invalid", "TRIGGER_UNKNOWN"),
        ("invalid", "WORKFLOW_NOT_FOUND"),
    ]
    assert expected == sorted((one.outcome.value, one.reason) for one in fired)
    assert expected == [tuple(row) for row in outcomes]
