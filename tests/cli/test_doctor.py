"""`wingbeat doctor`: what it finds, and what it says to do."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import asyncpg
import pytest

from wingbeat.settings import NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rig.program import Finished, Program


def states(finished: Finished) -> dict[str, str]:
    """The state of each thing that was looked at."""
    return {finding["about"]: finding["state"] for finding in finished.json()["findings"]}


async def test_a_good_installation_is_healthy(wingbeat: Program) -> None:
    """Every finding is ok, and the exit status 0."""
    finished = await wingbeat.with_settings(MODULE_PORT="18071")("doctor", "--json")

    assert (0, True) == (finished.status, finished.json()["healthy"])
    assert {"ok"} == set(states(finished).values())
    assert {"database", "tables", "workers", "queue", "executions", "port", "code"} <= set(states(finished))


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


async def test_a_check_that_fails_leaves_the_others_their_say(wingbeat: Program, database_dsn: str) -> None:
    """Whatever one of them runs into is what it found, and the table has the rest."""
    connection = await asyncpg.connect(database_dsn)
    await connection.execute("ALTER TABLE workers RENAME COLUMN heartbeat_at TO heard_at")
    await connection.close()

    finished = await wingbeat.with_settings(MODULE_PORT="18073")("doctor", "--json")

    found = [finding for finding in finished.json()["findings"] if finding["state"] == "problem"]
    assert [("database", True)] == [(finding["about"], "heartbeat_at" in finding["message"]) for finding in found]
    assert {"python", "settings", "data directory", "node types", "port", "tables"} <= set(states(finished))


async def test_settings_that_differ_are_shown_and_secrets_are_not(offline: Program) -> None:
    """Whoever looks for the cause of something sees what was changed, but no key or password."""
    program = offline.with_settings(MODULE_PORT="18072", MAX_LOOP_ITERATIONS="500", API_KEY="k" * 32)
    finished = await program("doctor", "--json")

    about = [finding["message"] for finding in finished.json()["findings"] if finding["about"] == "settings"]
    assert "MODULE_PORT=18072, API_KEY, MAX_LOOP_ITERATIONS=500" in about[0]
    assert "kkk" not in finished.output


async def test_every_setting_is_listed_with_where_it_is_from(offline: Program, tmp_path: Path) -> None:
    """Of what may be secret only that it is set; on request in the table too, and a file may be named by an option."""
    file, secret = tmp_path / "settings", tmp_path / "key"
    file.write_text("LEASE_SECONDS=11\nMODULE_PORT=18074\n")
    secret.write_text("k" * 32)
    program = offline.with_settings(MODULE_PORT="18072", API_KEY_FILE=str(secret))
    finished = await program("--env-file", str(file), "doctor", "--json")

    found = {setting["name"]: (setting["value"], setting["source"]) for setting in finished.json()["settings"]}
    assert set(NAMES) == set(found)
    assert ("18072", "environment") == found["MODULE_PORT"]
    assert ("11", str(file)) == found["LEASE_SECONDS"]
    assert ("(not shown)", f"API_KEY_FILE={secret}") == found["API_KEY"]
    assert ("30", "default") == found["RETENTION_DAYS"]
    assert "kkk" not in finished.output
    assert "RETENTION_DAYS" in (await program("doctor", "--settings")).output


async def test_settings_that_are_worth_a_thought_are_warnings(offline: Program) -> None:
    """They can be used, so nothing is wrong yet."""
    finished = await offline.with_settings(MODULE_PORT="18072", API_KEY="change-me-in-production")("doctor", "--json")

    warnings = [finding["message"] for finding in finished.json()["findings"] if finding["state"] == "warning"]
    assert ["API_KEY: it is the well-known default, which everybody knows."] == warnings


async def test_a_log_directory_that_cannot_be_written_is_a_problem(offline: Program, tmp_path: Path) -> None:
    """Work would go on, without its log file."""
    (tmp_path / "file").write_text("")
    finished = await offline.with_settings(MODULE_PORT="18072", LOG_DIR=str(tmp_path / "file"))("doctor", "--json")

    assert (1, "problem") == (finished.status, states(finished)["log directory"])


@pytest.mark.parametrize(
    ("variable", "meant"),
    [("MODULE_PROT", "MODULE_PORT"), ("module_port", "MODULE_PORT"), ("WINGBEAT_LOG_LEVEL", "LOG_LEVEL")],
)
async def test_a_variable_that_looks_like_a_setting_is_a_warning(offline: Program, variable: str, meant: str) -> None:
    """It is named together with the setting that was probably meant."""
    finished = await offline.with_settings(MODULE_PORT="18072", **{variable: "x"})("doctor", "--json")

    warnings = [finding for finding in finished.json()["findings"] if finding["state"] == "warning"]
    assert [(True, True)] == [(variable in found["message"], meant in found["remedy"]) for found in warnings]


async def test_variables_of_other_programs_are_nobodys_business(offline: Program) -> None:
    """Names that merely contain a setting's, or that share a word with one, are left alone."""
    program = offline.with_settings(MODULE_PORT="18072", OPENAI_API_KEY="x", MY_API_KEY="x", HOSTNAME="x")
    finished = await program("doctor", "--json")

    assert ["ok"] * len(finished.json()["findings"]) == [found["state"] for found in finished.json()["findings"]]


async def test_it_starts_nothing_on_an_empty_data_directory(offline: Program) -> None:
    """Looking at an installation that was never started leaves no trace."""
    finished = await offline.with_settings(MODULE_PORT="18072")("doctor", "--json")

    assert (0, "ok") == (finished.status, states(finished)["embedded server"])
    assert "database" not in states(finished)
