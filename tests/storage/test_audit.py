"""The record of who did what: what it takes, that nobody changes it, and how long it is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from wingbeat.storage import audit
from wingbeat.storage.audit import AuditEvent, Caller, Category, acting
from wingbeat.storage.audit_file import encode
from wingbeat.storage.pool import Database
from wingbeat.storage.secret import Secret


def event(**about: object) -> AuditEvent:
    """An event about a webhook."""
    return AuditEvent(**{"category": Category.AUDIT, "action": "webhook.create", **KIND, **about})  # type: ignore[arg-type]


KIND = {"object_type": "webhook", "object_id": "one"}


async def test_a_row_says_who_asked_from_where_and_by_which_request(database: Database) -> None:
    """Taken from the context of the request, so that whoever writes it need not know."""
    caller = Caller("request-1", "192.0.2.7")
    with acting(caller):
        caller.identify("ada", 7, "token-1")
        async with database.pool.acquire() as connection:
            await audit.write(connection, event(community_id=3))
            row = await connection.fetchrow("SELECT * FROM audit_log")
    found = [row[name] for name in ("actor", "user_id", "token_id", "address", "request_id", "community_id", "result")]
    assert ["ada", 7, "token-1", "192.0.2.7", "request-1", 3, "success"] == found
    assert audit.caller() == Caller()


@pytest.mark.parametrize(
    "about",
    [
        {"detail": {"key": SecretStr("hunter2")}},
        {"detail": {"inside": [{"key": Secret("hunter2")}]}},
        {"detail": {"raw": b"hunter2"}},
        {"object_id": Secret("hunter2")},
        {"message": SecretStr("hunter2")},
    ],
    ids=["detail", "nested", "bytes", "id", "message"],
)
def test_what_holds_a_secret_is_refused_by_its_type(about: dict[str, object]) -> None:
    """The error names the type, and not what is in it."""
    with pytest.raises(TypeError) as caught:
        event(**about)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET actor = 'nobody'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "SET wingbeat.audit_upkeep = 'on'; DELETE FROM audit_log",
    ],
)
async def test_nobody_changes_what_is_written(database: Database, statement: str) -> None:
    """Not even who claims to be the upkeep, as long as the entry is young."""
    async with database.pool.acquire() as connection:
        await audit.write(connection, event())
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
        assert 1 == await connection.fetchval("SELECT count(*) FROM audit_log")


async def test_the_upkeep_forgets_what_is_older_than_its_retention(database: Database) -> None:
    """And nothing else."""
    async with database.pool.acquire() as connection:
        for days in (1.5, 9, 11):
            await connection.execute(
                "INSERT INTO audit_log (audit_id, at, category, action) "
                "VALUES ($1, now() - $2::interval, 'AUDIT', 'x')",
                uuid4(),
                timedelta(days=days),
            )
        assert 1 == await audit.forget(connection, timedelta(days=10))
        assert 2 == await connection.fetchval("SELECT count(*) FROM audit_log")


def test_a_line_has_the_names_that_readers_of_such_logs_know() -> None:
    """Those of the documented format, with what else is known behind them."""
    workflow, execution = uuid4(), uuid4()
    about = event(execution_id=execution, object_type="workflow", object_id=str(workflow), result="LIMIT", actor="ada")
    entry = audit.Entry(uuid4(), about, Caller("request-1", "::1"))
    line = entry.line(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert {
        "timestamp": "2026-01-02T03:04:05Z",
        "level": "WARNING",
        "module": "wingbeat",
        "event_type": "AUDIT",
        "action": "webhook.create",
        "user": "ada",
        "community": 0,
        "workflow_id": str(workflow),
        "execution_id": str(execution),
        "result": "LIMIT",
        "message": f"webhook.create of workflow {workflow} refused or failed: LIMIT",
        "request_id": "request-1",
        "address": "::1",
        "object_type": "workflow",
        "object_id": str(workflow),
    } == json.loads(encode(line))


def test_texts_from_outside_cannot_break_a_line() -> None:
    """Line ends, zero characters and lone surrogates become blanks or question marks."""
    entry = audit.Entry(uuid4(), event(object_id="a\nb\0c\ud800d", actor="x" * 5_000), Caller())
    columns = entry.columns()
    assert ("a b c?d", 1_000) == (columns["object_id"], len(str(columns["actor"])))
