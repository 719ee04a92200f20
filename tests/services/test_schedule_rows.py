"""Triggers of published workflows are schedules, for as long as they are published."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from wingbeat.core.access import SYSTEM
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.discovery import discover_node_types
from wingbeat.services.catalog import LiveCatalog
from wingbeat.services.registration import id_for, register
from wingbeat.services.workflows import Workflows
from wingbeat.storage.pool import Database

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
    catalog = LiveCatalog(database, discover_node_types().types)
    await Workflows(database, catalog, DEFAULT_CAPS).archive(SYSTEM, WORKFLOW)
    row = (await read(database))["one"]
    assert (False, None) == (row["enabled"], row["next_run_at"])
