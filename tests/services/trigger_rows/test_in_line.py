"""Rows of triggers are those of what is published: after every publishing, and for what was published long ago."""

from __future__ import annotations

import asyncio

import pytest
from tests.rig.node_types import NODE_TYPES

from wingbeat.core.access import SYSTEM
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.services.registration import id_for, register
from wingbeat.services.trigger_rows.in_line import catch_up
from wingbeat.services.workflows import Workflows
from wingbeat.storage.pool import Database
from wingbeat.storage.workflows import WorkflowFields

SUBSCRIPTIONS = "SELECT node_id, kind, key, pattern, platforms, filter, names FROM trigger_subscriptions ORDER BY 1, 3"
FORMS = "SELECT node_id, published, definition FROM workflow_forms ORDER BY node_id"
FORGET = "UPDATE workflows SET triggers_format = NULL"
FIELDS: list[Json] = [{"name": "email", "type": "email"}]


def workflow(*triggers: JsonObject, variables: JsonObject | None = None) -> JsonObject:
    """A workflow that these triggers begin."""
    nodes: list[Json] = [*triggers, {"id": "end", "type": "flow.end"}]
    connections: list[Json] = [{"from": trigger["id"], "to": "end"} for trigger in triggers]
    return {"name": "w", "nodes": nodes, "connections": connections, "global_variables": variables or {}}


def event(node_id: str = "on", **parameters: Json) -> JsonObject:
    """A trigger for events."""
    return {"id": node_id, "type": "trigger.event", "parameters": parameters}


@pytest.fixture
def workflows(database: Database) -> Workflows:
    """The use cases on this test's database."""
    return Workflows(database, NODE_TYPES)


async def publish(workflows: Workflows, definition: JsonObject) -> None:
    """Save a workflow and publish it."""
    created = await workflows.create(SYSTEM, WorkflowFields(definition))
    await workflows.publish(SYSTEM, created.workflow.header.workflow_id)


async def read(database: Database, statement: str) -> list[tuple[object, ...]]:
    """The rows as tuples."""
    return [tuple(row) for row in await database.pool.fetch(statement)]


async def test_an_event_is_looked_up_by_what_its_pattern_begins_with(workflows: Workflows, database: Database) -> None:
    """The whole pattern and the filter stand beside, with the variables that the filter mentions."""
    trigger = event(name="order.*.paid", filter="event.data.total > least")
    await publish(workflows, workflow(trigger, variables={"least": 5, "other": 1}))
    expected: tuple[object, ...] = (
        "on",
        "event",
        "order.*",
        "order.*.paid",
        [],
        "event.data.total > least",
        {"least": 5},
    )
    assert [expected] == await read(database, SUBSCRIPTIONS)


async def test_a_filter_that_needs_an_execution_is_left_to_it(workflows: Workflows, database: Database) -> None:
    """Before it starts, nobody knows its id."""
    await publish(workflows, workflow(event(name="a", filter="execution.id != event.id")))
    assert [("on", "event", "a", "a", [], None, {})] == await read(database, SUBSCRIPTIONS)


async def test_a_command_is_looked_up_by_each_of_its_names(workflows: Workflows, database: Database) -> None:
    """Whatever the case, and once for names that are the same then."""
    parameters: JsonObject = {"name": "So", "aliases": ["SO", "shout"], "platforms": ["twitch"]}
    await publish(workflows, workflow({"id": "on", "type": "trigger.command", "parameters": parameters}))
    rows: list[tuple[object, ...]] = [("on", "command", key, "!", ["twitch"], None, {}) for key in ("shout", "so")]
    assert rows == await read(database, SUBSCRIPTIONS)


async def test_a_disabled_trigger_listens_to_nothing(workflows: Workflows, database: Database) -> None:
    """It has no row."""
    await publish(workflows, workflow({**event("off", name="a"), "disabled": True}, event(name="b")))
    assert ["on"] == [row[0] for row in await read(database, SUBSCRIPTIONS)]


async def test_only_what_is_published_listens(workflows: Workflows, database: Database) -> None:
    """A draft does not; the next revision does in place of the one before; an archived workflow does not."""
    created = await workflows.create(SYSTEM, WorkflowFields(workflow(event(name="a"))))
    workflow_id = created.workflow.header.workflow_id
    assert [] == await read(database, SUBSCRIPTIONS)
    await workflows.publish(SYSTEM, workflow_id)
    await workflows.update(SYSTEM, workflow_id, WorkflowFields(workflow(event(name="b"))), expected_revision=1)
    assert ["a"] == [row[2] for row in await read(database, SUBSCRIPTIONS)]
    await workflows.publish(SYSTEM, workflow_id)
    assert ["b"] == [row[2] for row in await read(database, SUBSCRIPTIONS)]
    await workflows.archive(SYSTEM, workflow_id)
    assert [] == await read(database, SUBSCRIPTIONS)


async def test_a_form_keeps_its_address(workflows: Workflows, database: Database) -> None:
    """Through revisions that change it, leave it out and bring it back."""
    tokens = "SELECT token FROM workflow_forms"
    form: JsonObject = {"id": "form", "type": "trigger.form", "parameters": {"fields": FIELDS}}
    created = await workflows.create(SYSTEM, WorkflowFields(workflow(form)))
    workflow_id = created.workflow.header.workflow_id
    await workflows.publish(SYSTEM, workflow_id)
    before = await read(database, tokens)
    assert [("form", True, {"fields": FIELDS})] == await read(database, FORMS)
    for revision, definition, shown in ((1, workflow(event(name="a")), False), (2, workflow(form), True)):
        await workflows.update(SYSTEM, workflow_id, WorkflowFields(definition), expected_revision=revision)
        await workflows.publish(SYSTEM, workflow_id)
        assert [("form", shown, {"fields": FIELDS})] == await read(database, FORMS)
    await workflows.archive(SYSTEM, workflow_id)
    assert [("form", False, {"fields": FIELDS})] == await read(database, FORMS)
    assert before == await read(database, tokens)


async def test_a_workflow_from_a_file_listens_too(database: Database) -> None:
    """As it is registered, and as it is changed."""
    for name in ("a", "b"):
        await register(database, id_for("file"), workflow(event(name=name)))
        assert [name] == [row[2] for row in await read(database, SUBSCRIPTIONS)]


async def test_what_another_release_published_is_brought_in_line(workflows: Workflows, database: Database) -> None:
    """Once, however many processes start at the same time; and what is in line is left alone."""
    for name in "abc":
        await publish(workflows, workflow(event(name=name)))
    await database.pool.execute("DELETE FROM trigger_subscriptions")
    assert 0 == await catch_up(database)
    await database.pool.execute(FORGET)
    assert 3 == sum(await asyncio.gather(*(catch_up(database) for _ in range(4))))
    assert ["a", "b", "c"] == sorted(str(row[2]) for row in await read(database, SUBSCRIPTIONS))


async def test_what_nobody_can_read_any_more_keeps_nobody_from_starting(
    workflows: Workflows, database: Database
) -> None:
    """It is passed over, and the others are brought in line."""
    for name in "ab":
        await publish(workflows, workflow(event(name=name)))
    await database.pool.execute("DELETE FROM trigger_subscriptions")
    await database.pool.execute(FORGET)
    await database.pool.execute(
        "UPDATE workflow_revisions SET definition = '{}' "
        "WHERE workflow_id = (SELECT workflow_id FROM workflows ORDER BY 1 LIMIT 1)"
    )
    assert 1 == await catch_up(database)
    assert 1 == len(await read(database, SUBSCRIPTIONS))
