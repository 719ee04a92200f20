"""Poison: executions that want too much of everything, while the steady load of another workflow goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from itertools import pairwise
from uuid import UUID

import psutil
from tests.campaigns.installation import Installation, install
from tests.campaigns.verdicts import Report
from tests.rig.checker import check
from tests.rig.engine import until

from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.problems import InvalidWorkflow
from wingbeat.services.executions.start_requests import StartRequest

# What must fail may run for its own 20 seconds, and what must end well for longer: the machine may be a busy one.
END_SECONDS = 150
HEAVY_SECONDS = 120
SLOWEST = """
    SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM end_time - start_time))::float8
    FROM workflow_executions WHERE workflow_id = $1 AND status = 'completed'
"""
MOST_MEMORY = 700_000_000


def _step(value: Json, **settings: Json) -> JsonObject:
    return _chain([{"id": "step", "type": "data.transform", "parameters": {"value": value}}], **settings)


def _chain(nodes: list[JsonObject], **settings: Json) -> JsonObject:
    names = ["start", *(node["id"] for node in nodes)]
    return {
        "name": "Poison",
        "nodes": [{"id": "start", "type": "trigger.manual"}, *nodes],
        "connections": [{"from": one, "to": two} for one, two in pairwise(names)],
        "settings": {"timeout_seconds": 20, **settings},
    }


def _while(**settings: Json) -> JsonObject:
    document = _chain(
        [
            {"id": "loop", "type": "loop.while", "parameters": {"condition": "True"}},
            {"id": "body", "type": "data.transform", "parameters": {"value": 1}},
        ],
        **settings,
    )
    document["connections"] = [{"from": "start", "to": "loop"}, {"from": "loop", "from_port": "body", "to": "body"}]
    return document


def _foreach(items: Json, **settings: Json) -> JsonObject:
    document = _chain(
        [
            {"id": "loop", "type": "loop.foreach", "parameters": {"items": items, "concurrency": 100}},
            {"id": "body", "type": "data.transform", "parameters": {"value": "{{ item }}"}},
        ],
        **settings,
    )
    document["connections"] = [{"from": "start", "to": "loop"}, {"from": "loop", "from_port": "body", "to": "body"}]
    return document


def _request(url: str) -> JsonObject:
    step: JsonObject = {"id": "ask", "type": "action.http_request", "parameters": {"url": url}}
    step["retry"] = {"max_attempts": 1}
    return _chain([step])


def _fan_out(width: int) -> JsonObject:
    nodes: list[JsonObject] = [
        {"id": f"n{n}", "type": "data.transform", "parameters": {"value": "{{ trigger }}"}} for n in range(width)
    ]
    document = _chain(nodes, total_operations=100_000, timeout_seconds=HEAVY_SECONDS)
    document["connections"] = [{"from": "start", "to": node["id"]} for node in nodes]
    return document


# Each must end as failed. What it says is the business of the part that refuses it.
POISONS: dict[str, JsonObject] = {
    "a text of 10^9 characters": _step("{{ 'a' * 10**9 }}"),
    "a text that doubles": _step("{{ ('a' * 10**6) * 10**6 }}"),
    "a tower of powers": _step("{{ 10**10**8 }}"),
    "a number of 10^8 digits": _step("{{ 7 ** (10**8) }}"),
    "a shift without end": _step("{{ 1 << 10**10 }}"),
    "a list of 10^9 items": _step("{{ [0] * 10**9 }}"),
    "a range of 10^12": _step("{{ (10**12) | range }}"),
    "four loops in one expression": _step(
        "{{ [1 for a in 1000 | range for b in 1000 | range for c in 1000 | range for d in 1000 | range] }}"
    ),
    "text that grows by joining": _step("{{ ['x' * 10**5 for a in 10000 | range] | join('') }}"),
    "half a surrogate pair": _step("{{ '\\ud800' }}"),
    "U+0000": _step("{{ '\\x00' }}"),
    "infinity": _step("{{ 1e308 * 10 }}"),
    "a division by zero": _step("{{ 1 / 0 }}"),
    "a name that is not there": _step("{{ trigger.nothing.at.all }}"),
    "a pattern that blows up elsewhere": _step("{{ ('a' * 50000).matches('(a+)+$') / 0 }}"),
    "JSON 10^5 deep": _step("{{ ('[' * 100000) | from_json }}"),
    "a while that never ends": _while(loop_iterations=2000),
    "a while without limit but its time": _while(
        loop_iterations=10_000_000, total_operations=100_000_000, timeout_seconds=3
    ),
    "a loop over more than its limit": _foreach("{{ 100000 | range }}", loop_iterations=1000),
    "a loop that is out of operations": _foreach("{{ 5000 | range }}", loop_iterations=100_000, total_operations=1000),
    "a loop over what is no list": _foreach("{{ trigger }}"),
    "a private address": _request("http://169.254.169.254/latest/meta-data"),
    "a port that nobody listens on": _request("http://127.0.0.1:1/"),
    "no address at all": _request("gopher://x"),
    "a delay of a million years": _chain([{"id": "d", "type": "flow.delay", "parameters": {"seconds": "{{ 1e300 }}"}}]),
}
# Much, but allowed: it must end well.
HEAVY: dict[str, JsonObject] = {
    "a thousand branches": _fan_out(1000),
    "a loop of 5,000": _foreach(
        "{{ 5000 | range }}", loop_iterations=100_000, total_operations=100_000, timeout_seconds=HEAVY_SECONDS
    ),
    "an output of 2 MB": _step("{{ 'x' * 2000000 }}", timeout_seconds=HEAVY_SECONDS),
}


async def poison(*, rounds: int) -> Report:
    """All poisons at once, several times; no worker may die, and the steady load must end well."""
    report = Report("poison")
    async with install() as installation:
        for _ in range(2):
            await installation.add(HTTP_ALLOW_PRIVATE_ADDRESSES="false")
        steady = await installation.publish(_chain([{"id": "end", "type": "flow.end"}]))
        pids = [process.pid for process in installation.processes]
        stop = asyncio.Event()
        load = asyncio.create_task(_steadily(installation, steady.workflow_id, stop))
        failed, heavy = [], []
        for _ in range(rounds):
            failed += await _start_all(installation, POISONS)
            heavy += await _start_all(installation, HEAVY)
        await _await_end(installation, [*failed, *heavy])
        stop.set()
        report.figures = {
            "poisons": len(POISONS) * rounds,
            "of them run": len(failed),
            "heavy": len(heavy),
            **await load,
        }
        await _judge(installation, report, failed, "failed")
        await _judge(installation, report, heavy, "completed")
        report.expect("workers", pids, [process.pid for process in installation.processes if process.alive])
        memory = max(psutil.Process(pid).memory_info().rss for pid in pids)
        report.figures["MB in the biggest worker"] = memory // 1_000_000
        report.expect("workers within their memory", True, memory < MOST_MEMORY)
        await installation.drained(END_SECONDS)
        report.wrong.update((await check(installation.database.dsn)).wrong)
    return report


async def _start_all(installation: Installation, documents: Mapping[str, JsonObject]) -> list[tuple[str, UUID]]:
    started = []
    for what, document in documents.items():
        try:
            workflow = await installation.publish(document)
        except InvalidWorkflow:
            continue  # Seen through before it could run.
        started.append((what, await installation.start(StartRequest(workflow.workflow_id, {"n": 1}))))
    return started


async def _await_end(installation: Installation, started: list[tuple[str, UUID]]) -> None:
    ids = [execution_id for _, execution_id in started]
    statement = "SELECT every(end_time IS NOT NULL) FROM workflow_executions WHERE execution_id = ANY($1::uuid[])"
    with suppress(AssertionError):  # Those that have not ended are named one by one afterwards.
        await until(partial(installation.ask, statement, ids), "all have ended", END_SECONDS)


async def _judge(installation: Installation, report: Report, started: list[tuple[str, UUID]], status: str) -> None:
    for what, execution_id in started:
        row = await installation.database.pool.fetchrow(
            "SELECT status, error FROM workflow_executions WHERE execution_id = $1", execution_id
        )
        report.expect(what, status, row["status"])
        if status == "failed" and row["status"] == "failed":
            code = row["error"]["code"]
            report.expect(f"code of {what}", False, code in {"NODE_TYPE_BROKEN", "INTERNAL_ERROR", "JOURNAL_REFUSED"})


async def _steadily(installation: Installation, workflow_id: UUID, stop: asyncio.Event) -> dict[str, float | int | str]:
    """Start small executions all the while; returns how many, and how long the slowest took."""
    count = 0
    while not stop.is_set():
        await asyncio.gather(*(installation.start(StartRequest(workflow_id)) for _ in range(5)))
        count += 5
        await asyncio.sleep(0.05)
    await installation.drained(30)
    slowest = await installation.ask(SLOWEST, workflow_id)
    return {"steady executions": count, "s for the 99th of 100 of them": round(float(str(slowest)), 2)}
