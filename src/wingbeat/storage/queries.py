"""Finds the named statements in the `.sql` files beside this module. Where they are used is decided elsewhere."""

from __future__ import annotations

import inspect
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiosql

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    import asyncpg

FOLDER = Path(__file__).parent / "sql"


class Statements:
    """The statements of one noun, as methods that take the connection and the parameters by name.

    One with rows gives a list of records, one marked `$` a value, one marked `!` nothing of interest.
    """

    def __init__(self, noun: str) -> None:
        self._statements = aiosql.from_path(FOLDER / f"{noun}.sql", "asyncpg")

    def __getattr__(self, name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        """The statement of that name; kept, so that it is looked up once."""
        statement = getattr(self._statements, name)

        async def run(connection: asyncpg.Connection, **parameters: object) -> Any:  # noqa: ANN401 -- rows or a value
            result = statement(connection, **parameters)
            if inspect.isasyncgen(result):
                return [row async for row in result]
            return await result

        setattr(self, name, run)
        return run


@cache
def load(noun: str) -> Statements:
    """The statements of `sql/<noun>.sql`, read once."""
    return Statements(noun)
