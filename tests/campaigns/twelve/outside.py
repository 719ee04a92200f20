"""The world around the twelve workflows: a server that counts what it was asked, and people who answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

from tests.campaigns.twelve.case import Case
from tests.rig.connections import KEYS
from tests.rig.engine import Engine

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import Conflict, NotFound
from wingbeat.services.events.events import Occurrence
from wingbeat.services.executions.signals import Signals
from wingbeat.services.people.approval_links import PURPOSE, ApprovalLinks
from wingbeat.services.people.approvals import Approvals, Decision
from wingbeat.services.people.tasks import Closing, Tasks
from wingbeat.storage import control
from wingbeat.storage.control import Answer, Going, Place
from wingbeat.storage.control import Decision as Choice

LOOK_SECONDS = 0.02
NEVER = "never.comes"
OPEN_WAITS = """
    SELECT w.wait_id, w.scope, w.kind, w.opening
    FROM workflow_waits w JOIN workflow_executions e USING (execution_id)
    WHERE w.resolved_at IS NULL AND w.kind IN ('event', 'webhook')
      AND e.status NOT IN ('completed', 'failed', 'cancelled')
"""
# While an execution sleeps, it knows of every wait of its own that somebody could answer, and of every child: once all
# notes of ends and withdrawals are dealt with, however long a busy machine takes for that.
STALE = """
    SELECT * FROM (
        SELECT w.execution_id, w.node_id FROM workflow_waits w JOIN workflow_executions e USING (execution_id)
        WHERE e.status = 'waiting' AND w.resolved_at IS NULL AND w.wait_id <> ALL (e.awaits)
        UNION ALL
        SELECT c.execution_id, 'child ' || c.parent_node_id
        FROM workflow_executions c JOIN workflow_executions e ON e.execution_id = c.parent_execution_id
        WHERE e.status = 'waiting' AND c.parent_waits AND c.status NOT IN ('completed', 'failed', 'cancelled')
          AND NOT EXISTS (
            SELECT FROM workflow_waits w WHERE w.execution_id = e.execution_id AND w.node_id = c.parent_node_id
              AND w.scope = c.parent_scope AND w.wait_id = ANY (e.awaits)
        )
    ) AS stale
    WHERE NOT EXISTS (SELECT FROM workflow_endings)
"""
# Longer than an execution sleeps that could not read what it needs.
STALE_SECONDS = 15.0
PATIENT = "signed"
ASKED = """
    SELECT a.approval_id, a.title, a.approvers FROM approvals a JOIN workflow_executions e USING (execution_id)
    WHERE a.status = 'pending' AND a.title <> 'late' AND e.status NOT IN ('completed', 'failed', 'cancelled')
"""
TO_DO = "SELECT task_id FROM tasks WHERE status = 'open' AND title <> 'late'"
RESTING = "SELECT execution_id, error FROM workflow_executions WHERE status = 'paused'"
UNPAUSED = """
    SELECT execution_id FROM workflow_executions WHERE status = 'running' AND NOT execution_id = ANY($1) LIMIT 1
"""


class Bank:
    """`pay` has an effect for each new key; `ask` fails as often as it is told to; `never` always does."""

    def __init__(self) -> None:
        self.port = 0
        # By the number of the run: what was paid, by its key and how often.
        self.paid: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        self._asked: Counter[str] = Counter()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while request := await reader.readuntil(b"\r\n\r\n"):
                fields = _fields(request)
                await reader.readexactly(int(fields.get("content-length", "0")))
                status, body = self._answer(request.split(b" ", 2)[1].decode(), fields.get("idempotency-key", ""))
                head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
                await writer.drain()
        writer.close()

    def _answer(self, target: str, key: str) -> tuple[str, bytes]:
        path, _, query = target.partition("?")
        _, kind, run, what = path.split("/")
        if kind == "pay":
            self.paid[run][what, key] += 1
            return "200 OK", b'{"paid": "paid"}'
        if kind == "never":
            return "422 No", b"{}"
        self._asked[path] += 1
        if self._asked[path] <= int(query.removeprefix("fail=") or 0):
            return "503 Busy", b"{}"
        return "200 OK", b'{"value": %d}' % len(what)

    def has(self, run: str, key: str) -> bool:
        """Whether something was paid under the key."""
        return any(known == key for _, known in self.paid[run])


def _fields(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").lower().split("\r\n")[1:]
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


@asynccontextmanager
async def bank() -> AsyncIterator[Bank]:
    """The server, running."""
    opened = Bank()
    server = await asyncio.start_server(opened.serve, "127.0.0.1", 0)
    opened.port = server.sockets[0].getsockname()[1]
    yield opened
    server.close()


class People:
    """Resolve what is waited for, answer what is asked, pause and resume, until they are stopped."""

    def __init__(self, engine: Engine, case: Case, other: Bank) -> None:
        self._engine = engine
        self._case = case
        self._bank = other
        self._paused: list[UUID] = []
        self._stale: dict[tuple[UUID, str], float] = {}
        self.run_number = "0"
        self.wrong: set[str] = set()

    async def run(self) -> None:
        """Look and act, again and again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._resolve_waits(patient=await self._look_for_stale())
            await self._answer_questions()
            await self._decide_and_do()
            if self._case.pauses:
                await self._pause_one()

    async def _look_for_stale(self) -> bool:
        """Note what is stale for long; whether something is, and may still be dealt with."""
        now = asyncio.get_running_loop().time()
        rows = await self._engine.database.pool.fetch(STALE)
        self._stale = {tuple(row): self._stale.get(tuple(row), now) for row in rows}
        for (_, node_id), since in self._stale.items():
            if now > since + STALE_SECONDS:
                self.wrong.add(f"'{node_id}' could still be answered, in run {self.run_number}")
        return any(now <= since + STALE_SECONDS for since in self._stale.values())

    async def _resolve_waits(self, *, patient: bool) -> None:
        signals = Signals(self._engine.database)
        for wait in await self._engine.database.pool.fetch(OPEN_WAITS):
            with contextlib.suppress(Conflict, NotFound):
                if wait["kind"] == "webhook":
                    await signals.resolve(wait["wait_id"], {"method": "POST", "query": {}, "body": {"ok": "called"}})
                elif patient and wait["opening"]["name"] == PATIENT:
                    continue
                elif wait["opening"]["name"] != NEVER and "requests:2" not in wait["scope"]:
                    await self._publish(wait)

    async def _publish(self, wait: Any) -> None:  # noqa: ANN401 - a record
        """The event that a wait is for. Iterations with a 0 are told yes, those with a 1 no, and others nothing."""
        number = 1 if "requests:1" in wait["scope"] else 0
        decision = "no" if number else "yes"
        name = wait["opening"]["name"].replace("*", decision)
        told = Occurrence(name, {"decision": decision, "who": number}, "people")
        await self._engine.events().publish(SYSTEM, told)

    async def _decide_and_do(self) -> None:
        """Everybody who is asked chooses what the title says; whatever is to be done is done."""
        database = self._engine.database
        approvals = Approvals(database, ApprovalLinks(KEYS.derive(PURPOSE), "http://127.0.0.1:8070"))
        for approval_id, option, approvers in await database.pool.fetch(ASKED):
            for approver in approvers:
                with contextlib.suppress(Conflict, NotFound):
                    await approvals.decide(SYSTEM, approval_id, Decision(approver, option))
        for row in await database.pool.fetch(TO_DO):
            with contextlib.suppress(Conflict, NotFound):
                await Tasks(database).close(SYSTEM, row["task_id"], Closing("done", "well", "people"))

    async def _answer_questions(self) -> None:
        for execution_id, question in await self._engine.database.pool.fetch(RESTING):
            code = None if question is None else question["code"]
            if code is None:
                await self._resume(execution_id, None)
                continue
            for step in question["steps"]:
                place = Place(step["node"], step["scope"])
                if code == control.OUTCOME_UNKNOWN:
                    await self._resume(execution_id, self._decide(execution_id, place))
                else:
                    edit = self._case.edits.get(step["node"])
                    await self._resume(execution_id, Going(False, place, None if edit is None else {"input": edit}))
                    break

    def _decide(self, execution_id: UUID, place: Place) -> Answer:
        """Looks at the other side, as a person would."""
        key = f"{execution_id}:{place.node_id}:{place.scope}"
        if self._bank.has(self.run_number, key):
            return Answer(Choice.COMPLETE, {"status": 200, "body": {"paid": "paid"}}, place=place)
        return Answer(Choice.RETRY, place=place)

    async def _resume(self, execution_id: UUID, answer: Answer | Going | None) -> None:
        with contextlib.suppress(Conflict, NotFound):
            await self._engine.control(partial(control.resume, answer=answer), execution_id)

    async def _pause_one(self) -> None:
        """Each execution once, wherever it is."""
        execution_id = await self._engine.database.pool.fetchval(UNPAUSED, self._paused)
        if execution_id is not None:
            self._paused.append(execution_id)
            with contextlib.suppress(Conflict, NotFound):
                await self._engine.control(control.pause, execution_id)
