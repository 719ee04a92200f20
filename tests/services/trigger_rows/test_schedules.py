"""Triggers of published workflows are schedules, for as long as they are published."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from tests.rig.engine import until
from tests.rig.node_types import NODE_TYPES

from wingbeat.core.access import SYSTEM
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.services.catalog import LiveCatalog
from wingbeat.services.executions.firing import Firing, Firings
from wingbeat.services.registration import id_for, register
from wingbeat.services.workflows import Workflows
from wingbeat.storage import schedules
from wingbeat.storage.decisions import Outcome, TriggerKind
from wingbeat.storage.pool import Database
from wingbeat.worker.plans import Plans

WORKFLOW = id_for("test", "with schedules")


def definition(**nodes: Json) -> JsonObject:
    """A workflow with a schedule trigger for each of these."""
    triggers: list[Json] = [
        {"id": name, "type": "trigger.schedule", "parameters": parameters} for name, parameters in nodes.items()
    ]
    return {
        "name": "with schedules",
        "nodes": [{"id": "hand", "type": "trigger.manual"}, *triggers, {"id": "end", "type": "flow.end"}],
        "connections": [{"from": name, "to": "end"} for name in ("hand", *nodes)],
    }


async def read(database: Database) -> dict[str, asyncpg.Record]:
    """The schedules by their nodes."""
    rows = await database.pool.fetch("SELECT * FROM workflow_schedules WHERE source = 'node'")
    return {row["trigger_node_id"]: row for row in rows}


async def plan(database: Database, schedule_id: UUID) -> None:
    """As a worker that has looked at it."""
    await database.pool.execute(
        "UPDATE workflow_schedules SET next_planned_for = '2050-01-01Z', next_run_at = '2050-01-01Z'"
        " WHERE schedule_id = $1",
        schedule_id,
    )


async def test_what_a_trigger_says_is_what_its_schedule_says(database: Database) -> None:
    """What it leaves open is left to the installation."""
    hourly: JsonObject = {"cron": "@hourly", "zone": "Europe/Zurich", "missed": "all", "max_instances": 2}
    await register(database, WORKFLOW, definition(one=hourly, two={"every_seconds": 30}))
    rows = await read(database)
    one, two = rows["one"], rows["two"]
    assert ("@hourly", None, "Europe/Zurich", "all", 2, None) == (
        one["cron_expression"], one["interval_seconds"], one["timezone"], one["misfire_policy"], one["max_instances"],
        one["coalesce_runs"],
    )  # fmt: skip
    assert (None, 30.0, None, None) == (
        two["cron_expression"], two["interval_seconds"], two["timezone"], two["max_instances"],
    )  # fmt: skip
    assert one["next_run_at"] is not None
    assert one["next_planned_for"] is None


async def test_publishing_again_adds_changes_and_removes_and_leaves_the_rest_alone(database: Database) -> None:
    """What has not changed keeps its next time, so that nothing is missed by publishing."""
    await register(
        database, WORKFLOW, definition(same={"cron": "@daily"}, changed={"cron": "@daily"}, gone={"cron": "@daily"})
    )
    before = await read(database)
    for row in before.values():
        await plan(database, row["schedule_id"])
    await register(
        database, WORKFLOW, definition(same={"cron": "@daily"}, changed={"cron": "@hourly"}, new={"cron": "@daily"})
    )
    after = await read(database)
    assert {"same", "changed", "new"} == set(after)
    assert 2050 == after["same"]["next_run_at"].year
    assert ("@hourly", before["changed"]["schedule_id"]) == (
        after["changed"]["cron_expression"], after["changed"]["schedule_id"],
    )  # fmt: skip
    assert after["changed"]["next_planned_for"] is None


async def test_a_disabled_trigger_is_no_schedule(database: Database) -> None:
    """Its row is gone."""
    await register(database, WORKFLOW, definition(one={"cron": "@daily"}))
    document = definition(one={"cron": "@daily"})
    document["nodes"][1]["disabled"] = True  # type: ignore[index,call-overload] # it is an object
    await register(database, WORKFLOW, document)
    assert {} == await read(database)


async def test_of_an_archived_workflow_no_schedule_runs(database: Database) -> None:
    """Whoever made it."""
    await register(database, WORKFLOW, definition(one={"cron": "@daily"}))
    catalog = LiveCatalog(database, NODE_TYPES)
    await Workflows(database, catalog, DEFAULT_CAPS).archive(SYSTEM, WORKFLOW)
    row = (await read(database))["one"]
    assert (False, None) == (row["enabled"], row["next_run_at"])


async def test_what_does_not_say_when_it_runs_leaves_a_time_that_is_due(database: Database) -> None:
    """Whoever publishes a moment before a worker comes takes no time away."""
    await register(database, WORKFLOW, definition(one={"every_seconds": 30}))
    schedule_id = (await read(database))["one"]["schedule_id"]
    await plan(database, schedule_id)
    await register(database, WORKFLOW, definition(one={"every_seconds": 30, "max_instances": 7, "missed": "all"}))
    row = (await read(database))["one"]
    assert (schedule_id, 7, "all", 2050) == (
        row["schedule_id"], row["max_instances"], row["misfire_policy"], row["next_run_at"].year,
    )  # fmt: skip


@pytest.mark.parametrize("taken_out", [False, True])
async def test_who_publishes_or_archives_does_not_wait_in_a_circle_with_who_fires(
    database: Database, taken_out: bool
) -> None:
    """Who fires holds the schedule and needs the workflow to stay; who publishes holds that and needs the schedule."""
    await register(database, WORKFLOW, definition(one={"every_seconds": 30}))
    catalog = LiveCatalog(database, NODE_TYPES)
    workflows = Workflows(database, catalog)
    firings = Firings(Plans(database, catalog, DEFAULT_CAPS))
    change = workflows.archive if taken_out else workflows.publish
    async with database.pool.acquire() as connection, connection.transaction():
        now = await schedules.read_now(connection, timedelta(days=1))
        assert 1 == len(await schedules.lock_due(connection, now, most=1))
        changing = asyncio.create_task(change(SYSTEM, WORKFLOW))
        await until(lambda: waits_for_a_lock(database), "the other one waits for the schedule")
        [fired] = await firings.fire(connection, [Firing(WORKFLOW, TriggerKind.SCHEDULE, node_id="one")])
    assert Outcome.FIRED is fired.outcome
    assert ("archived" if taken_out else "published") == (await changing).header.status


async def waits_for_a_lock(database: Database) -> bool:
    """Whether somebody does, in this test's database."""
    found: bool = await database.pool.fetchval(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
    )
    return found
