"""Where entries go besides the transaction that writes them: rows that outlive a rollback, and lines that are true."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wingbeat.core.status import ExecutionStatus
from wingbeat.services.audit_trail import AuditTrail
from wingbeat.storage import audit
from wingbeat.storage.audit import AuditEvent, Caller, Category
from wingbeat.storage.audit_file import AuditFile
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import Database


@pytest.fixture
def file(tmp_path: Path) -> AuditFile:
    """A log file of this test's own."""
    return AuditFile(tmp_path, max_bytes=1_000_000, keep=2)


@pytest.fixture
async def trail(database: Database, file: AuditFile) -> AsyncIterator[AuditTrail]:
    """A trail whose rounds are the test's."""
    trail = AuditTrail(database, file)
    before = audit.TRAIL.set(trail)
    yield trail
    audit.TRAIL.reset(before)


def event(action: str, **about: object) -> AuditEvent:
    """An event."""
    return AuditEvent(Category.AUTHZ, action, "workflow", "x", **about)  # type: ignore[arg-type]


def lines(file: AuditFile) -> list[str]:
    """The actions in the file."""
    file.flush()
    return [json.loads(line)["action"] for line in file.path.read_text().splitlines()]


async def test_what_is_noted_outlives_the_transaction_that_it_was_noted_in(
    database: Database, trail: AuditTrail, file: AuditFile
) -> None:
    """A denial rolls back whatever was begun, but not itself."""
    with audit.acting(Caller("request-1", "192.0.2.7", "ada", 7)):
        async with database.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            audit.note(event("workflow.update", result="PERMISSION_DENIED", detail={"what": "\0"}))
            await transaction.rollback()
    await trail.run_once()
    row = await database.pool.fetchrow("SELECT action, actor, request_id, now() - at AS age FROM audit_log")
    assert ("workflow.update", "ada", "request-1") == (row["action"], row["actor"], row["request_id"])
    assert 0 <= row["age"].total_seconds()
    assert ["workflow.update"] == lines(file)


async def test_a_change_that_was_rolled_back_has_no_line(
    database: Database, trail: AuditTrail, file: AuditFile
) -> None:
    """The file tells of what is committed, and only once it is."""
    async with database.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await audit.write(connection, event("never"))
        await transaction.rollback()
        async with connection.transaction():
            await audit.write(connection, event("done"))
            await trail.run_once()
            assert [] == lines(file)
    await trail.run_once()
    await trail.run_once()
    assert ["done"] == lines(file)


async def test_a_trace_has_a_line_and_no_row(database: Database, trail: AuditTrail, file: AuditFile) -> None:
    """What happens thousands of times a second has its row elsewhere."""
    execution, workflow = new_id(), new_id()
    audit.trace_start(execution, workflow, user_id=7, kind="api", by=Caller("request-1", "192.0.2.7", "ada"))
    audit.trace_end(execution, workflow, ExecutionStatus.FAILED, {"code": "BROKEN"})
    await trail.run_once()
    assert (0, ["execution.start", "execution.end"]) == (
        await database.pool.fetchval("SELECT count(*) FROM audit_log"),
        lines(file),
    )


async def test_a_lost_log_file_is_told_and_recorded(database: Database, tmp_path: Path) -> None:
    """The problem is a sentence for the status, and an entry of the table."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    file = AuditFile(blocked / "logs", max_bytes=1_000_000, keep=2)
    trail = AuditTrail(database, file)
    file.start()
    file.stop()
    trail._say_how_the_file_is()
    assert [True] == [str(blocked) in problem for problem in trail.problems()]
    await trail.run_once()
    assert "audit.file_lost" == await database.pool.fetchval("SELECT action FROM audit_log")


async def test_who_fails_to_sign_in_again_and_again_fills_no_table(
    database: Database, trail: AuditTrail, file: AuditFile
) -> None:
    """The first of each address have rows; the file has all."""
    for number in range(30):
        with audit.acting(Caller(f"request-{number}", "192.0.2.7")):
            audit.note(AuditEvent(Category.AUTH, "auth.password", "user", "ada", result="PASSWORD_WRONG"))
    with audit.acting(Caller("request", "192.0.2.8")):
        audit.note(AuditEvent(Category.AUTH, "auth.password", "user", "eve", result="PASSWORD_WRONG"))
    await trail.run_once()
    rows = await database.pool.fetch("SELECT address, count(*) AS rows FROM audit_log GROUP BY 1 ORDER BY 1")
    assert [("192.0.2.7", 20), ("192.0.2.8", 1)] == [tuple(row) for row in rows]
    assert 31 == len(lines(file))


async def test_what_a_trigger_starts_has_a_line_once_it_is_committed(
    database: Database, trail: AuditTrail, file: AuditFile
) -> None:
    """Its row is the decision of the trigger, which has the execution's id."""
    execution, workflow = new_id(), new_id()
    async with database.pool.acquire() as connection:
        audit.trace_start_once_committed(new_id(), workflow, user_id=0, kind="event")
        audit.trace_start_once_committed(execution, workflow, user_id=0, kind="event")
        await connection.execute(
            "INSERT INTO trigger_decisions (decision_id, workflow_id, kind, outcome) VALUES ($1, $2, 'event', 'fired')",
            execution,
            workflow,
        )
    await trail.run_once()
    file.flush()
    assert [str(execution)] == [json.loads(line)["execution_id"] for line in file.path.read_text().splitlines()]


async def test_an_entry_that_the_database_refuses_takes_no_other_along(
    database: Database, trail: AuditTrail, file: AuditFile
) -> None:
    """It is lost, and that is told; its line is in the file."""
    for community in (1, 2**40, 3):
        audit.note(event(f"thing.{community}", community_id=community))
    await trail.run_once()
    rows = await database.pool.fetch("SELECT community_id FROM audit_log ORDER BY 1")
    assert [1, 3] == [row["community_id"] for row in rows]
    assert ["1 entries of the audit log were lost since the start of this process."] == trail.problems()
    assert 3 == len(lines(file))
