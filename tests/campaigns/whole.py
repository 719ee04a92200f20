"""Whole: twelve workflows, each killed at every write of its journal and around every statement, then recovered."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from tests.campaigns.installation import new_data_dir
from tests.campaigns.twelve.case import Case
from tests.campaigns.twelve.families import FAMILIES
from tests.campaigns.twelve.flows import FLOWS
from tests.campaigns.twelve.loops import LOOPS
from tests.campaigns.twelve.outside import Bank, People, bank
from tests.campaigns.twelve.points import NOWHERE, Around, Deadly, Point, Statements
from tests.campaigns.verdicts import Report
from tests.conftest import execute, fresh_database, hurry, in_database
from tests.rig.checker import check
from tests.rig.engine import Engine, running_engine, until

from wingbeat.core.access import SYSTEM
from wingbeat.core.json_value import JsonObject
from wingbeat.services.executions.forks import ForkRequest, Given
from wingbeat.services.workflows import Workflows
from wingbeat.storage.embedded import EmbeddedPostgres
from wingbeat.storage.migrate import migrate
from wingbeat.storage.pool import Database
from wingbeat.storage.workflows import WorkflowFields
from wingbeat.worker import recovery, runner, settling

TWELVE = (*LOOPS, *FLOWS, *FAMILIES)
LONGEST_SECONDS = 80.0
UNKNOWN = "STEP_OUTCOME_UNKNOWN"
FAMILY = """
    WITH RECURSIVE family AS (
        SELECT execution_id FROM workflow_executions WHERE execution_id = $1
        UNION
        SELECT e.execution_id FROM workflow_executions e JOIN family f
            ON e.parent_execution_id = f.execution_id OR e.error_of = f.execution_id
    )
    SELECT e.*, w.name AS workflow_name FROM workflow_executions e JOIN family USING (execution_id)
    JOIN workflows w USING (workflow_id) ORDER BY e.depth, w.name, parent_node_id, parent_scope, child_index
"""
BUSY = """
    SELECT (SELECT count(*) FROM workflow_executions WHERE status NOT IN ('completed', 'failed', 'cancelled'))
         + (SELECT count(*) FROM workflow_endings)
"""
# What is left of executions that have ended, and should not be.
LEFT_OVER = {
    "jobs of ended executions": """
        SELECT count(*) FROM pgqueuer
    """,
    "children that are not their parents' at all": """
        SELECT count(*) FROM workflow_executions c LEFT JOIN workflow_executions p
            ON p.execution_id = c.parent_execution_id
        WHERE c.parent_execution_id IS NOT NULL AND (
            p.execution_id IS NULL OR c.depth <> p.depth + 1 OR NOT p.has_children
            OR c.root_execution_id <> coalesce(p.root_execution_id, p.execution_id)
        )
    """,
    "children that go on after the end of a parent that waits for them": """
        SELECT count(*) FROM workflow_executions c JOIN workflow_executions p ON p.execution_id = c.parent_execution_id
        WHERE c.parent_waits AND c.status = 'completed' AND c.end_time > p.end_time + interval '5 seconds'
    """,
    "errors that were told twice, or never": """
        SELECT count(*) FROM workflow_executions e JOIN workflows w USING (workflow_id)
        WHERE e.status = 'failed' AND e.error_of IS NULL AND w.error_workflow IS NOT NULL
          AND (SELECT count(*) FROM workflow_executions t WHERE t.error_of = e.execution_id) <> 1
    """,
}


class Told(NamedTuple):
    """What a run came to, in a form in which two runs of a workflow are the same."""

    members: list[JsonObject]
    # By what was paid: under how many keys, and how often at most under one of them.
    payments: dict[str, tuple[int, int]]


class Trial:
    """One workflow on one database of its own, run again and again."""

    def __init__(self, case: Case, engine: Engine, other: Bank, statements: Statements) -> None:
        self._case = case
        self._engine = engine
        self._bank = other
        self._statements = statements
        self._people = People(engine, case, other)
        self._deadly: Deadly | None = None
        self._workflow_id = UUID(int=0)
        self._runs = 0
        self.crashes = 0
        self.wrong: list[str] = []

    async def try_points(self, report: Report, chosen: int | None, chance: random.Random) -> None:
        """Learn what is right, then die at every point, or at so many of them."""
        self._workflow_id = await self._publish()
        people = asyncio.create_task(self._people.run())
        people.add_done_callback(self._gone)
        try:
            right, rows, statements = await self._learn()
            points = [Point(Around.ROW, n) for n in range(1, rows + 1)]
            for kind in (Around.BEFORE, Around.AFTER):
                points += [
                    Point(kind, n, again=chance.randint(1, 9) if n % 3 == 1 else 0, company=n % 3 == 2)
                    for n in range(1, statements + 1)
                ]
            if chosen is not None:
                points = chance.sample(points, min(chosen, len(points)))
            for point in points:
                await self._try(point, right)
                if len(self.wrong) > 5:
                    break
        finally:
            people.cancel()
            await asyncio.gather(people, return_exceptions=True)
        verdict = await check(self._engine.database.dsn)
        self.wrong += [f"{count} {what}" for what, count in verdict.wrong.items()]
        for what, statement in LEFT_OVER.items():
            if count := await self._engine.count(statement):
                self.wrong.append(f"{count} {what}")
        report.figures[self._case.name] = f"{self.crashes}/{len(points)}"
        if self.wrong:
            report.wrong[self._case.name] = "\n  ".join(["", *self.wrong])

    def _gone(self, people: asyncio.Task[None]) -> None:
        if not people.cancelled():
            self.wrong.append(f"the people are gone: {people.exception()!r}")

    async def _learn(self) -> tuple[Told, int, int]:
        first, _ = await self._run(NOWHERE)
        second, (rows, statements) = await self._run(NOWHERE)
        if _forgiven(first) != _forgiven(second):
            self.wrong.append(f"it is not always the same: {_difference(_forgiven(first), _forgiven(second))}")
        return second, rows, statements

    async def _try(self, point: Point, right: Told) -> None:
        try:
            told, _ = await self._run(point)
        except AssertionError as error:
            self.wrong.append(f"{point}: {error} {await self._stuck()}")
            await self._engine.database.pool.execute("DELETE FROM workflow_endings")
            await self._clear_up()
            return
        allowed = _forgiven(told)
        if allowed != _forgiven(right):
            self.wrong.append(f"{point}: {_difference(_forgiven(right), allowed)}")
        elif UNKNOWN not in json.dumps(told.members) and _keys(told) != _keys(right):
            self.wrong.append(f"{point}: paid {_keys(told)}, not {_keys(right)}")
        self.wrong += [f"{point}: {what}" for what in self._people.wrong]
        self._people.wrong.clear()
        repeated = {what: most for what, (_, most) in told.payments.items() if most > 1 and not self._may_repeat(what)}
        if repeated:
            self.wrong.append(f"{point}: paid again: {repeated}")

    def _may_repeat(self, what: str) -> bool:
        return what.split("-", maxsplit=1)[0] in self._case.repeats

    async def _run(self, point: Point) -> tuple[Told, tuple[int, int]]:
        """One run, with a death at the point if it comes to that; what it came to, and how many points there were."""
        self._runs += 1
        number = self._runs
        self._people.run_number = str(number)
        deadly = await self._armed(point)
        if point.company:
            await self._engine.worker(blob_threshold_bytes=1024)
        execution_id = await self._engine.start(
            self._workflow_id, {**self._case.data, "n": number}, breakpoints=self._case.breakpoints
        )
        deadly = await self._through(deadly)
        ids = [execution_id]
        if self._case.fork is not None:
            fork = self._case.fork
            edit = None if fork.new_input is None else Given(fork.new_input)
            request = ForkRequest(execution_id, fork.node_id, fork.scope or None, new_input=edit)
            ids.append((await self._engine.forks().fork(SYSTEM, request)).execution_id)
            deadly = await self._through(deadly)
        counted = (deadly.rows, deadly.statements)
        # What it asks of the database between two runs is part of neither: it would hang there, alive and of no use.
        deadly.disarm()
        for worker in self._engine.workers.copy():
            if worker is not deadly.worker:
                await self._engine.kill(worker)
        return await self._told(ids, number), counted

    async def _armed(self, point: Point) -> Deadly:
        """A worker that dies at the point; the one that lived to see the end of the last run, if there is one."""
        if self._deadly is None or self._deadly.worker not in self._engine.workers:
            self._deadly = Deadly(await self._engine.worker(blob_threshold_bytes=1024))
        self._deadly.arm(point)
        self._statements.deadly = self._deadly
        return self._deadly

    async def _through(self, deadly: Deadly) -> Deadly:
        """Until nothing is left to do; who dies is followed by another. Returns who lived."""
        while True:
            await until(partial(self._over, deadly), "all has ended", LONGEST_SECONDS)
            if not deadly.reached.is_set():
                return deadly
            self.crashes += 1
            await self._engine.kill(deadly.worker)
            again = deadly.point.again
            self._deadly = None
            deadly = await self._armed(Point(Around.ROW, again))

    async def _over(self, deadly: Deadly) -> bool:
        return deadly.reached.is_set() or await self._engine.count(BUSY) == 0

    async def _told(self, ids: Sequence[UUID], number: int) -> Told:
        members = [
            _member(row) for execution_id in ids for row in await self._engine.database.pool.fetch(FAMILY, execution_id)
        ]
        payments: dict[str, tuple[int, int]] = {}
        for (what, _key), times in self._bank.paid[str(number)].items():
            keys, most = payments.get(what, (0, 0))
            payments[what] = keys + 1, max(most, times)
        return Told(members, payments)

    async def _stuck(self) -> str:
        rows = await self._engine.database.pool.fetch(
            "SELECT execution_id, status, awaits, wake_at, worker_id, error FROM workflow_executions "
            "WHERE status NOT IN ('completed', 'failed', 'cancelled') LIMIT 3"
        )
        return "; ".join(str(dict(row)) for row in rows)

    async def _clear_up(self) -> None:
        rows = await self._engine.database.pool.fetch(
            "SELECT execution_id FROM workflow_executions WHERE status NOT IN ('completed', 'failed', 'cancelled')"
        )
        for row in rows:
            await self._engine.cancel(row["execution_id"])

    async def _publish(self) -> UUID:
        ids: dict[str, str] = {}
        for name, document in self._case.make(self._bank.url).items():
            text = json.dumps(document)
            for known, workflow_id in ids.items():
                text = text.replace(f'"@{known}"', f'"{workflow_id}"')
            workflows = Workflows(self._engine.database, self._engine.catalog, self._engine.limits)
            created = await workflows.create(SYSTEM, WorkflowFields(json.loads(text)))
            ids[name] = str(created.workflow.header.workflow_id)
            await workflows.publish(SYSTEM, created.workflow.header.workflow_id)
        return UUID(ids[name])


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _keys(told: Told) -> dict[str, int]:
    return {what: keys for what, (keys, _) in told.payments.items()}


def _member(row: asyncpg.Record) -> JsonObject:
    return {
        "workflow": row["workflow_name"],
        "parent": f"{row['parent_node_id']} {row['parent_scope']} {row['child_index']}",
        "status": row["status"],
        "output": row["final_output"],
        "error": _essence(row["error"]),
        "response": row["response"],
        "variables": _in_order(row["final_variables"]),
    }


def _essence(error: Any) -> JsonObject | None:  # noqa: ANN401 - JSON
    return None if error is None else {name: error.get(name) for name in ("code", "node", "scope")}


def _in_order(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Lists of variables hold what parallel branches appended, in whatever order."""
    if isinstance(value, list):
        return sorted((_in_order(part) for part in value), key=_text)
    return {name: _in_order(part) for name, part in value.items()} if isinstance(value, dict) else value


def _forgiven(told: Told) -> Told:
    """A crash may leave it unknown whether something was paid, where the workflow wants to hear of it."""
    text = json.dumps(told.members).replace(f'"{UNKNOWN}"', '"paid"')
    # Whether a child had been started when its parent no longer wanted it is left to chance.
    living = [one for one in json.loads(text) if one["status"] != "cancelled"]
    return Told(sorted(living, key=_text), {})


def _difference(right: Told, found: Told) -> str:
    missing = [one for one in right.members if one not in found.members]
    added = [one for one in found.members if one not in right.members]
    return f"{len(found.members)} executions, not {len(right.members)}: {added}, not {missing}"


async def whole(*, sample: int | None, names: Sequence[str] = (), seed: int = 0) -> Report:
    """Try the twelve, or those with these names; each at every point, or at so many."""
    report = Report("whole")
    chance = random.Random(seed)  # noqa: S311 - no secret
    statements = Statements()
    with statements.watched(), _hurried():
        async with _server() as dsn:
            for case in TWELVE:
                if not names or case.name in names:
                    async with bank() as other, _installed(dsn) as engine:
                        await Trial(case, engine, other, statements).try_points(report, sample, chance)
    return report


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    """A server with a migrated database called `template`."""
    server = EmbeddedPostgres()
    data_dir = new_data_dir()
    dsn = await server.start(data_dir)
    try:
        await hurry(dsn)
        await execute(dsn, "CREATE DATABASE template")
        await migrate(in_database(dsn, "template"))
        yield dsn
    finally:
        await server.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


@asynccontextmanager
async def _installed(server_dsn: str) -> AsyncIterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        async for dsn in fresh_database(server_dsn, "template"):
            database = await Database.open(dsn, max_size=8)
            async with running_engine(database, Path(folder)) as engine:
                yield engine
            await database.close()


@contextmanager
def _hurried() -> Iterator[None]:
    """What is short is slept through all the same, and the dead are looked for all the time."""
    before = runner.SUSPEND_SECONDS, settling.HOLD_SECONDS, recovery.LOOK_SECONDS
    runner.SUSPEND_SECONDS, settling.HOLD_SECONDS, recovery.LOOK_SECONDS = 0.01, 0.01, 0.05
    try:
        yield
    finally:
        runner.SUSPEND_SECONDS, settling.HOLD_SECONDS, recovery.LOOK_SECONDS = before
