"""`wingbeat doctor`: what it finds, and what it says to do."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import asyncpg

if TYPE_CHECKING:
    from tests.rig.program import Finished, Program


def states(finished: Finished) -> dict[str, str]:
    """The state of each thing that was looked at."""
    return {finding["about"]: finding["state"] for finding in finished.json()["findings"]}


async def test_a_good_installation_is_healthy(wingbeat: Program) -> None:
    """Every finding is ok, and the exit status 0."""
    finished = await wingbeat.with_settings(MODULE_PORT="18071")("doctor", "--json")

    assert (0, True) == (finished.status, finished.json()["healthy"])
    assert {"ok"} == set(states(finished).values())
    assert {"database", "tables", "workers", "queue", "executions", "port"} <= set(states(finished))


async def test_a_missing_database_is_a_problem_with_a_remedy(offline: Program) -> None:
    """The table names it, and the exit status is 1."""
    finished = await offline.with_settings(DATABASE_URI="postgresql://a@127.0.0.1:1/b")("doctor")

    assert finished.status == 1
    assert "problem" in finished.output
    assert "DATABASE_URI" in finished.output


async def test_missing_tables_are_a_problem(offline: Program, empty_dsn: str) -> None:
    """The remedy is to migrate."""
    finished = await offline.with_settings(DATABASE_URI=empty_dsn)("doctor", "--json")

    assert (1, "problem") == (finished.status, states(finished)["tables"])


async def test_dead_workers_are_told(wingbeat: Program, database_dsn: str) -> None:
    """A worker whose heartbeat is old is a warning: another one would take over."""
    connection = await asyncpg.connect(database_dsn)
    await connection.execute(
        "INSERT INTO workers (worker_id, host, pid, lock_key, heartbeat_at) "
        "VALUES ($1, 'gone', 1, 1, now() - interval '1 hour')",
        uuid4(),
    )
    await connection.close()

    finished = await wingbeat("doctor", "--json")

    assert (0, "warning") == (finished.status, states(finished)["workers"])


async def test_bad_settings_are_problems(offline: Program) -> None:
    """Each of them, with its fix."""
    finished = await offline.with_settings(MODULE_PORT="0x", LEASE_SECONDS="1")("doctor", "--json")

    problems = [finding for finding in finished.json()["findings"] if finding["state"] == "problem"]
    assert (1, 2) == (finished.status, len(problems))
    assert all(finding["remedy"] for finding in problems)


async def test_it_starts_nothing_on_an_empty_data_directory(offline: Program) -> None:
    """Looking at an installation that was never started leaves no trace."""
    finished = await offline.with_settings(MODULE_PORT="18072")("doctor", "--json")

    assert (0, "ok") == (finished.status, states(finished)["embedded server"])
    assert "database" not in states(finished)
