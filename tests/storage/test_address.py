"""How the address of a database is told."""

from __future__ import annotations

import pytest

from wingbeat.storage.address import describe_address


@pytest.mark.parametrize(
    ("dsn", "shown"),
    [
        ("postgresql://me:secret@db.example:6543/books?sslmode=require", "db.example:6543/books"),
        ("postgresql://me:secret@db.example/a%20b", "db.example:5432/a b"),
        ("postgresql://me:secret@[::1]/books", "[::1]:5432/books"),
        ("postgresql://me@/books?host=%2Frun%2Fpg&port=7&password=secret", "/run/pg:7/books"),
        ("postgresql://me:sec/ret@host:a@b/books", "an address that cannot be read"),
    ],
)
def test_it_says_where_the_database_is_and_not_who_may_use_it(dsn: str, shown: str) -> None:
    """Neither user nor password, wherever they are written."""
    assert shown == describe_address(dsn)
