"""Which schedules the triggers of a workflow stand for: kept in line with what is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from wingbeat.nodes.trigger import schedule
from wingbeat.storage import schedules as rows
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.schedules import ScheduleFields
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    import asyncpg

    from wingbeat.core.graph import Node, Workflow

NODE = "node"
LONGEST_NAME = 255


async def bring_in_line(connection: asyncpg.Connection, workflow_id: UUID, workflow: Workflow | None) -> None:
    """Let the workflow have the schedules of its triggers; one that has not changed keeps its next time.

    Of a workflow that was taken out of use (None), no schedule runs any more, whoever made it.
    """
    # Whoever may take a workflow out of use need not be allowed to change it.
    async with as_engine(connection):
        if workflow is None:
            await rows.stop_all(connection, workflow_id)
            return
        there = await rows.lock_of_nodes(connection, workflow_id)
        for fields in schedules_of(workflow):
            stored = there.pop(str(fields.trigger_node_id), None)
            if stored is None:
                schedule_id = new_id()
                await rows.insert(connection, schedule_id, workflow_id, NODE, fields)
                await rows.begin_anew(connection, schedule_id)
            elif stored.fields != fields:
                await rows.update(connection, stored.schedule_id, fields)
                if not stored.fields.runs_as(fields):
                    anchored = stored.fields.interval_seconds == fields.interval_seconds
                    await rows.begin_anew(connection, stored.schedule_id, anchored=anchored)
        for stored in there.values():
            await rows.delete(connection, stored.schedule_id)


def schedules_of(workflow: Workflow) -> Iterator[ScheduleFields]:
    """What the enabled triggers of a workflow say."""
    for node in workflow.nodes:
        if node.type != schedule.NODE.type or node.disabled:
            continue
        try:
            parameters = schedule.Schedule.model_validate(node.parameters)
        except ValidationError:
            # From a release that took what this one does not: it does not run.
            continue
        yield _fields(node, parameters)


def _fields(node: Node, parameters: schedule.Schedule) -> ScheduleFields:
    return ScheduleFields(
        name=(node.name or node.id)[:LONGEST_NAME],
        cron_expression=parameters.cron,
        interval_seconds=parameters.every_seconds,
        timezone=parameters.zone,
        trigger_node_id=node.id,
        max_instances=parameters.max_instances,
        coalesce_runs=parameters.coalesce,
        misfire_policy=parameters.missed,
        misfire_grace_seconds=parameters.grace_seconds,
        misfire_window_seconds=parameters.missed_within_seconds,
        misfire_max=parameters.most_missed,
        jitter_seconds=parameters.jitter_seconds,
        start_at=parameters.start_at,
        end_at=parameters.end_at,
    )
