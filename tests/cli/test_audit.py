"""`wingbeat audit`: the record as JSON lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import asyncpg
import pytest

if TYPE_CHECKING:
    from tests.rig.program import Program


@pytest.fixture
async def entries(database_dsn: str) -> None:
    """Three entries, the first of them long ago."""
    connection = await asyncpg.connect(database_dsn)
    for number, when in ((1, "2026-01-01"), (2, "2026-02-01"), (3, "2026-03-01")):
        await connection.execute(
            "INSERT INTO audit_log (audit_id, at, category, action, actor, community_id) "
            "VALUES ($1::text::uuid, $2::text::timestamptz, 'AUDIT', 'thing.made', $3, $4)",
            f"00000000-0000-7000-8000-00000000000{number}",
            when,
            f"user-{number}",
            number,
        )
    await connection.close()


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("export",), ["user-1", "user-2", "user-3"]),
        (("export", "--since", "2026-01-15", "--until", "2026-03-01"), ["user-2"]),
        (("export", "--community", "3", "--action", "thing"), ["user-3"]),
        (("tail", "-n", "2"), ["user-2", "user-3"]),
        (("tail", "--user", "user-1"), ["user-1"]),
    ],
)
async def test_entries_are_printed_from_the_oldest_to_the_newest(
    wingbeat: Program, arguments: tuple[str, ...], expected: list[str]
) -> None:
    """One JSON object on each line, as in the log file."""
    finished = await wingbeat("audit", *arguments)
    lines = [json.loads(line) for line in finished.output.splitlines()]
    assert (0, expected) == (finished.status, [line["user"] for line in lines])
    assert {"timestamp", "level", "module", "event_type", "action", "result"} <= set(lines[0])


async def test_a_category_that_there_is_not_is_refused(wingbeat: Program) -> None:
    """Nothing found would be taken for nothing done."""
    finished = await wingbeat("audit", "tail", "--category", "NO")
    assert (2, "") == (finished.status, finished.output)
    assert "AUTHZ" in finished.errors
