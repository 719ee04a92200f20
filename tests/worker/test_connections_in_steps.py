"""Executions that use stored connections: the secret reaches the server, and nothing of it stays behind."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from tests.rig.connections import dump, put_connection, shows
from tests.rig.engine import Engine
from tests.rig.web import Asked, Reply, web

from wingbeat.core.json_value import JsonObject
from wingbeat.storage import audit

SECRET = "st0red/secret+of=steps-42"  # noqa: S105
START: JsonObject = {"id": "start", "type": "trigger.manual"}
PLAIN: JsonObject = {"allow_plain_http": True}


def call(url: str, connection: str, **more: object) -> JsonObject:
    """A request that names a connection."""
    parameters = {"url": url, "connection": connection}
    return {"id": "call", "type": "action.http_request", "parameters": parameters, **more}  # type: ignore[dict-item] # JSON


async def test_a_secret_is_used_and_nowhere_to_be_found(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in the journal, nor in the result, nor in a log or the record of uses, even if the server echoes it."""

    def echo(asked: Asked) -> Reply:
        return Reply(200, repr(asked.headers).encode(), (f"X-Echo: {asked.headers['x-api-key']}",))

    async with web(echo) as served:
        found = await put_connection(
            engine.database, "api_key", PLAIN, {"api_key": SECRET}, allowed_hosts=["127.0.0.1"]
        )
        workflow = await engine.publish(START, call(f"{served.url}/{{{{ trigger.path }}}}", str(found)))
        await engine.worker()
        execution = await engine.start(workflow, {"path": "x"})
        ended = await engine.ended(execution)
    assert ended["status"] == "completed"
    assert served.asked[0].headers["x-api-key"] == SECRET
    rows = await dump(engine.database)
    assert b"***" in rows
    assert not shows(SECRET, rows)
    assert not shows(SECRET, caplog.text)
    async with engine.database.pool.acquire() as connection:
        use = await connection.fetchrow("SELECT * FROM audit_log WHERE action = 'connection.use'")
    assert (use["execution_id"], use["node_id"], use["detail"]["host"]) == (execution, "call", "127.0.0.1")


async def test_a_template_cannot_lead_the_secret_elsewhere(engine: Engine) -> None:
    """An address that comes from outside meets the connection's hosts at run time."""
    async with web(lambda _: Reply()) as served:
        found = await put_connection(
            engine.database, "bearer", PLAIN, {"token": SECRET}, allowed_hosts=["api.example.com"]
        )
        workflow = await engine.publish(START, call("{{ trigger.url }}", str(found)))
        await engine.worker()
        ended = await engine.ended(await engine.start(workflow, {"url": served.url}))
    assert (ended["status"], ended["error"]["code"], served.asked) == ("failed", "CONNECTION_HOST_REFUSED", [])
    assert not shows(SECRET, await dump(engine.database))


async def test_a_connection_that_went_is_told_when_it_is_used(engine: Engine) -> None:
    """It was there when the workflow was published."""
    found = await put_connection(engine.database, "bearer", PLAIN, {"token": SECRET}, allowed_hosts=["127.0.0.1"])
    workflow = await engine.publish(START, call("http://127.0.0.1:1/", str(found)))
    await engine.database.pool.execute("DELETE FROM connector_instances")
    await engine.worker()
    ended = await engine.ended(await engine.start(workflow))
    assert ended["error"]["code"] == "CONNECTION_UNKNOWN"


async def test_an_open_circuit_fails_steps_at_once(engine: Engine) -> None:
    """On every worker; nothing more is sent, and the error says so."""
    async with web(lambda _: Reply(500)) as served:
        config: JsonObject = {**PLAIN, "breaker": {"failures": 2, "cool_down_seconds": 1000}}
        found = await put_connection(engine.database, "bearer", config, {"token": SECRET}, allowed_hosts=["127.0.0.1"])
        workflow = await engine.publish(START, call(served.url, str(found), retry={"max_attempts": 1}))
        await asyncio.gather(engine.worker(), engine.worker())
        codes = [(await engine.ended(await engine.start(workflow)))["error"]["code"] for _ in range(4)]
    assert codes == ["HTTP_STATUS", "HTTP_STATUS", "CONNECTION_CIRCUIT_OPEN", "CONNECTION_CIRCUIT_OPEN"]
    assert len(served.asked) == 2


async def test_a_step_does_not_fail_because_the_database_is_away_when_it_opens_a_connection(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It opens it once the database answers, and the request is sent once."""
    write, broken = audit.write, [asyncpg.ConnectionDoesNotExistError("gone")] * 2

    async def write_at_last(connection: asyncpg.Connection, event: audit.AuditEvent) -> None:
        if broken:
            raise broken.pop()
        await write(connection, event)

    async with web(lambda _: Reply()) as served:
        found = await put_connection(engine.database, "bearer", PLAIN, {"token": SECRET}, allowed_hosts=["127.0.0.1"])
        workflow = await engine.publish(START, call(served.url, str(found)))
        monkeypatch.setattr(audit, "write", write_at_last)
        await engine.worker()
        ended = await engine.ended(await engine.start(workflow))
    assert ("completed", 1, []) == (ended["status"], len(served.asked), broken)
