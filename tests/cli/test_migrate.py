"""`wingbeat migrate`: what is missing, and bringing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.rig.program import Program


async def test_it_applies_what_is_missing_and_says_so(offline: Program, empty_dsn: str) -> None:
    """`--check` changes nothing and exits with 1 until then, and with 0 afterwards."""
    program = offline.with_settings(DATABASE_URI=empty_dsn)

    before = await program("migrate", "--check")
    applied = await program("migrate")
    after = await program("migrate", "--check")

    assert (1, 0, 0) == (before.status, applied.status, after.status)
    assert "missing: 0001_engine" in before.output
    assert "applied: 0001_engine" in applied.output
    assert after.output == "The database is up to date.\n"
