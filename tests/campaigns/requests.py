"""Very many requests of every kind to the webhooks of one server: what came of each, and the memory of the server."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import TYPE_CHECKING, cast

import psutil
from tests.campaigns.crowd import Crowd
from tests.campaigns.installation import Installation, Process, install
from tests.campaigns.mixture import Hook, Mixture
from tests.campaigns.verdicts import Report

from wingbeat.bench.installation import free_port
from wingbeat.core.access import SYSTEM
from wingbeat.services.webhooks.floods import BOUNDED, MINUTE_SECONDS, ROWS_A_MINUTE
from wingbeat.services.webhooks.secrets import keys_of
from wingbeat.services.webhooks.webhooks import WebhookRequest, Webhooks
from wingbeat.settings import load_settings
from wingbeat.storage.decisions import Outcome
from wingbeat.storage.keys import Keys
from wingbeat.storage.webhooks import WebhookFields

if TYPE_CHECKING:
    from wingbeat.core.json_value import JsonObject
    from wingbeat.services.webhooks.intake import WebhookIntake

LIMIT, WINDOW = 50, 5
MEGABYTE = 1_000_000
# With so many requests the server has what it needs after a quarter of them; it may hold so much more at the end.
MANY, ROOM = 200_000, 1.15
SAMPLE_SECONDS = 2.0
LONGEST_SECONDS = 3_600.0
KINDS: dict[str, dict[str, object]] = {
    "open": {"methods": ("POST", "PUT")},
    "stamped": {"signature_scheme": "timestamped"},
    "free": {"methods": ("PUT",), "require_signature": False},
    "elsewhere": {"ip_allowlist": ("10.0.0.0/8", "2001:db8::/32")},
    "tight": {"rate_limit_max": LIMIT},
    "off": {"enabled": False},
    "patient": {"answer": "finished"},
    "answering": {"answer": "respond"},
}
ANSWER: JsonObject = {"status": 201, "body": {"taken": True}}
DOCUMENT: JsonObject = {
    "name": "delivered",
    "nodes": [
        {"id": "start", "type": "trigger.webhook"},
        {"id": "answer", "type": "action.respond", "parameters": ANSWER},
    ],
    "connections": [{"from": "start", "to": "answer"}],
}
LEFT_OUT = """
SELECT trigger_id, outcome, count(*) + coalesce(sum((detail ->> 'left_out')::int), 0) AS told
FROM trigger_decisions GROUP BY trigger_id, outcome
"""
UNEXPLAINED = """
SELECT count(*) FROM trigger_decisions d FULL JOIN workflow_executions e
    ON e.execution_id = d.execution_id AND e.trigger_id = d.trigger_id AND d.outcome = 'fired'
WHERE (d.outcome = 'fired' OR d.outcome IS NULL) AND (e.execution_id IS NULL OR d.decision_id IS NULL)
"""
UNNAMED = "SELECT count(*) FROM trigger_decisions WHERE outcome NOT IN ('fired', 'duplicate') AND reason = ''"


async def requests(*, number: int, minutes: int | None) -> Report:
    """So many requests, or what the minutes are enough for: each is answered as it must be, and is accounted for."""
    report = Report("requests")
    async with install() as installation:
        hooks = await _webhooks(installation)
        port = free_port()
        server = await installation.add("-m", "wingbeat", "serve", "--port", str(port))
        crowd = Crowd(Mixture(hooks), port, number, minutes)
        await crowd.begin()
        watching = asyncio.create_task(_watch(server, crowd))
        await crowd.send_all()
        watching.cancel()
        await installation.drained(LONGEST_SECONDS)
        if max(n for (_, outcome), n in crowd.outcomes.items() if outcome in BOUNDED) > ROWS_A_MINUTE:
            # The first refusal of a later minute tells how many before it have no row of their own.
            await asyncio.sleep(MINUTE_SECONDS + 1)
            await crowd.send_once_more(2 * LIMIT)
            await installation.drained(LONGEST_SECONDS)
        await _judge(report, installation, hooks, crowd)
        quarter, end = crowd.memory_after(0.25), crowd.memory_after(1)
        report.figures |= {"MB at a quarter": round(quarter), "MB at the end": round(end)}
        report.expect("memory that grew", False, number >= MANY and end > ROOM * quarter)
    return report


async def _webhooks(installation: Installation) -> dict[str, Hook]:
    workflow = await installation.publish(DOCUMENT)
    keys = Keys.open(load_settings({"WINGBEAT_DATA_DIR": str(installation.data_dir)}))
    webhooks = Webhooks(installation.database, keys, cast("WebhookIntake", None), "http://127.0.0.1")
    hooks = {}
    for name, own in KINDS.items():
        fields = {"name": name, "description": "", "enabled": True, "trigger_node_id": None, "methods": ("POST",)}
        fields |= {"answer": "immediately", "timeout_seconds": 60, "require_signature": True, "signature_scheme": "any"}
        fields |= {"ip_allowlist": ("127.0.0.0/8",), "rate_limit_max": None, "rate_limit_window": WINDOW}
        given = WebhookFields(**{**fields, "replay_window_seconds": 86_400, **own})  # type: ignore[arg-type] # as above
        created = await webhooks.create(SYSTEM, workflow.workflow_id, WebhookRequest(given, given.methods))
        assert created.secret is not None
        hooks[name] = Hook(created.stored.webhook_id, created.stored.token, keys_of(created.secret))
    return hooks


async def _watch(server: Process, crowd: Crowd) -> None:
    """Look at the memory of the server again and again."""
    while True:
        crowd.note_memory(psutil.Process(server.pid).memory_info().rss / MEGABYTE)
        await asyncio.sleep(SAMPLE_SECONDS)


async def _judge(report: Report, installation: Installation, hooks: dict[str, Hook], crowd: Crowd) -> None:
    pool = installation.database.pool
    fired = {hook.webhook_id: crowd.outcomes[hook.webhook_id, Outcome.FIRED] for hook in hooks.values()}
    rows = await pool.fetch("SELECT execution_id, trigger_id, status FROM workflow_executions")
    ids = {row["execution_id"].bytes for row in rows}
    # A workflow that answers itself tells no id.
    untold = fired[hooks["answering"].webhook_id]
    report.wrong |= dict(crowd.wrong.most_common(5))
    report.expect("executions of each webhook", +Counter(fired), Counter(row["trigger_id"] for row in rows))
    report.expect("told and not there", 0, len(crowd.accepted - ids))
    report.expect("there and not told", untold, len(ids - crowd.accepted))
    report.expect("statuses", {"completed"}, {row["status"] for row in rows})
    counted = await pool.fetch("SELECT webhook_id, trigger_count FROM workflow_webhooks")
    report.expect("counted", fired, {row["webhook_id"]: row["trigger_count"] for row in counted})
    told = {(row["trigger_id"], Outcome(row["outcome"])): row["told"] for row in await pool.fetch(LEFT_OUT)}
    names = {hook.webhook_id: name for name, hook in hooks.items()}
    for key in {*told, *crowd.outcomes}:
        report.expect(f"{key[1]} of {names[key[0]]}", crowd.outcomes[key], told.get(key, 0))
    report.expect("fired without an execution, or the other way round", 0, await pool.fetchval(UNEXPLAINED))
    report.expect("without a reason", 0, await pool.fetchval(UNNAMED))
    report.expect("with another content", [], await _changed(installation, crowd))
    sums: Counter[str] = Counter()
    for (_, outcome), number in crowd.outcomes.items():
        sums[outcome.value] += number
    report.figures |= {"requests": crowd.answered, "executions": len(ids), **sums}


async def _changed(installation: Installation, crowd: Crowd) -> list[str]:
    """Some of the executions whose data are not what was delivered."""
    query = "SELECT execution_id, trigger_data::text AS data FROM workflow_executions WHERE execution_id = ANY($1)"
    found = []
    for row in await installation.database.pool.fetch(query, list(crowd.looked_at)):
        data, wanted = json.loads(row["data"]), crowd.looked_at[row["execution_id"]].wanted
        if (wanted.body, {*wanted.files}) != (data["body"], {*data["files"]}):
            found.append(f"{data['body']!r}, not {wanted.body!r}")
    return found[:3]
