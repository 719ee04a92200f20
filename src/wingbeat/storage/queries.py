"""Finds the named statements in the `.sql` files beside this module. Which statement is used where is decided elsewhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import aiosql

FOLDER = Path(__file__).parent / "sql"


@cache
def load(noun: str) -> aiosql.queries.Queries:
    """The statements of one noun, each a coroutine function that takes the connection first."""
    return aiosql.from_path(FOLDER / f"{noun}.sql", "asyncpg", mandatory_parameters=False)
