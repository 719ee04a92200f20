"""What follows the end of an execution for others: a parent goes on, children are cancelled, an error workflow begins.

The database notes such an end with the end itself, whoever brought it about. Every worker deals with the notes; dealing
with one twice is harmless.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from wingbeat.core.errors import Conflict, DatabaseUnavailable, NotFound, WingbeatError
from wingbeat.services.executions.startable import judge
from wingbeat.storage import audit, children, control
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.children import ParentStep
from wingbeat.storage.dispatch import enqueue
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load
from wingbeat.worker.service import Loop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import JsonObject
    from wingbeat.storage.pool import Database
    from wingbeat.worker.plans import Plans

ENDINGS_CHANNEL = "wingbeat_endings"
# Without a notice, the notes are looked at this often.
LOOK_SECONDS = 2.0
# Notes gather for so long: most of their parents run in the process of their children and know by then.
GATHER_SECONDS = 0.01
AT_ONCE = 500
ERROR_TRIGGER = "trigger.error"

log = structlog.get_logger()


class Endings:
    """Deals with what the ends of executions mean to others."""

    def __init__(self, database: Database, plans: Plans) -> None:
        self._database = database
        self._plans = plans
        self._loop = Loop("endings", self._round)

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    async def stop(self) -> None:
        """Stop."""
        await self._loop.stop()

    def wake(self) -> None:
        """There is a note."""
        self._loop.wake()

    async def run_once(self) -> int:
        """Deal with what there is; returns how many notes it was."""
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                if not await load("children").any_endings(connection):
                    return 0
                async with connection.transaction():
                    notes = await load("children").take_endings(connection, most=AT_ONCE)
                    if not notes:
                        return 0
                    busy = await self._deal_with(connection, notes)
                    done = [
                        note["ending_id"] for note in notes if not (note["parent_waits"] and _step_of(note) in busy)
                    ]
                    await load("children").forget_endings(connection, ids=done)
        if len(done) < len(notes):
            self._loop.wake()
        return len(done)

    async def _round(self) -> float:
        await asyncio.sleep(GATHER_SECONDS)
        dealt_with = await self.run_once()
        return LOOK_SECONDS if dealt_with < AT_ONCE else 0.0

    async def _deal_with(self, connection: asyncpg.Connection, notes: Sequence[asyncpg.Record]) -> set[ParentStep]:
        """Returns the steps that could not be told, since somebody else holds their executions at the moment."""
        parents = [note["execution_id"] for note in notes if note["has_children"]]
        if parents:
            # Before this transaction holds any execution, since each of these takes its own.
            await self._cancel(await children.unwanted_children(connection, parents))
        steps = {_step_of(note) for note in notes if note["parent_waits"]}
        busy = await children.tell_parents(connection, steps) if steps else set()
        for note in notes:
            # What an error workflow calls is a part of it: its failures start no other, or there would be no end.
            if note["status"] == "failed" and note["error_workflow"] is not None and not note["of_error_workflow"]:
                await self._start_error_workflow(connection, note)
        return busy

    async def _cancel(self, ids: list[UUID]) -> None:
        """Each in a transaction of its own, before the note is gone: if this process dies, another one goes on."""
        if not ids:
            return
        async with self._database.pool.acquire() as connection:
            for execution_id in ids:
                with suppress(Conflict, NotFound):
                    await control.cancel(connection, execution_id)

    async def _start_error_workflow(self, connection: asyncpg.Connection, note: asyncpg.Record) -> None:
        """Start the error workflow of a failed execution; where it cannot be started, that is logged."""
        workflow_id = note["error_workflow"]
        found = await load("starts").find_startable(connection, ids=[workflow_id])
        if found and not note["may_tell"]:
            # Somebody else's, be it since the workflow was saved: as if it were not there.
            await audit.write(connection, foreign_error_workflow(note))
            found = []
        try:
            revision = judge(workflow_id, found[0] if found else None).revision
            plan = await self._plans.get(workflow_id, revision)
        except DatabaseUnavailable:
            raise
        except WingbeatError as error:
            log.warning("error_workflow_not_startable", workflow_id=str(workflow_id), error=str(error))
            return
        except Exception:
            # Whatever it is: the parents among the other notes must not wait for it.
            log.exception("error_workflow_not_startable", workflow_id=str(workflow_id))
            return
        trigger = next((one for one in plan.triggers if one.node.type == ERROR_TRIGGER and not one.node.disabled), None)
        if trigger is None:
            log.warning("error_workflow_without_trigger", workflow_id=str(workflow_id))
            return
        execution_id, priority = new_id(), plan.workflow.settings.priority
        inserted = await load("children").insert_error_execution(
            connection,
            id=execution_id,
            workflow_id=workflow_id,
            revision=revision,
            trigger=trigger.id,
            data=encode_json(_describe(note)),
            priority=priority,
            error_of=note["execution_id"],
        )
        if inserted is not None:
            await enqueue(connection, [(execution_id, priority)])


def foreign_error_workflow(note: asyncpg.Record) -> AuditEvent:
    """What is written down when the owner of a failed workflow may not start the one that it names."""
    return AuditEvent(
        Category.AUTHZ,
        "workflow.start",
        "workflow",
        str(note["error_workflow"]),
        actor=f"workflow {note['workflow_id']}",
        execution_id=note["execution_id"],
        result="ERROR_WORKFLOW_NOT_FOUND",
    )


def _step_of(note: asyncpg.Record) -> ParentStep:
    return ParentStep(note["parent_execution_id"], note["parent_node_id"], note["parent_scope"])


def _describe(note: asyncpg.Record) -> JsonObject:
    """What an error workflow is told."""
    return {
        "error": note["error"],
        "execution": {
            "id": str(note["execution_id"]),
            "start_time": note["start_time"].isoformat(),
            "end_time": note["end_time"].isoformat(),
        },
        "workflow": {
            "id": str(note["workflow_id"]),
            "name": note["workflow_name"],
            "revision": note["revision"],
        },
        "trigger": {"node": note["trigger_node_id"], "data": note["trigger_data"]},
    }
