"""Writes the SQL of changes that are given as values. Names come out quoted, and only after the catalogue knew them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.errors import StepError
from wingbeat.egress.sql.text import Dialect
from wingbeat.sdk.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wingbeat.core.json_value import Json
    from wingbeat.sdk.sql import TableChange

MOST_PARAMETERS = 30_000  # PostgreSQL takes 32,767, SQLite 32,766, MySQL 65,535
MOST_ROWS_AT_ONCE = 1_000
MOST_CHANGED_ROWS = 100_000
LONGEST_NAME = 128
MOST_PARTS = 2
SHOWN = 60


class TableName(NamedTuple):
    """A table, and the schema that it is in, if that is said."""

    schema: str | None
    name: str


def read_table(text: str) -> TableName:
    """`orders` or `shop.orders`, as it is spelled in the database.

    Raises:
        StepError: `SQL_NAME_INVALID`.
    """
    parts = text.split(".")
    if len(parts) > MOST_PARTS or any(not part or len(part) > LONGEST_NAME or "\0" in part for part in parts):
        raise StepError(
            f"'{text[:SHOWN]}' is no name of a table.",
            code="SQL_NAME_INVALID",
            remedy="Write it as orders, or shop.orders with its schema, without quotes.",
            details={"parameter": "table"},
        )
    return TableName(None if len(parts) == 1 else parts[0], parts[-1])


def quote(name: str, dialect: Dialect) -> str:
    """A name as the database reads it back, whatever is in it."""
    mark = "`" if dialect is Dialect.MYSQL else '"'
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"


def quote_table(table: TableName, dialect: Dialect) -> str:
    """The table, with its schema."""
    return ".".join(quote(part, dialect) for part in table if part is not None)


def check_columns(change: TableChange, known: Sequence[str]) -> None:
    """Refuse a table that is not there, and columns that it does not have.

    Raises:
        StepError: `SQL_TABLE_UNKNOWN` or `SQL_COLUMN_UNKNOWN`, with the closest name.
    """
    if not known:
        raise StepError(
            f"There is no table '{change.table[:SHOWN]}', or the connection's user may not see it.",
            code="SQL_TABLE_UNKNOWN",
            remedy="Spell it exactly as in the database, with its schema if it is not in the usual one.",
            details={"table": change.table[:SHOWN]},
        )
    there = set(known)
    for column in _columns_of(change):
        if column not in there:
            near = get_close_matches(column, known, n=1)
            hint = f"Did you mean '{near[0]}'? " if near else ""
            raise StepError(
                f"The table '{change.table}' has no column '{column[:SHOWN]}'.",
                code="SQL_COLUMN_UNKNOWN",
                remedy=f"{hint}Known are: {', '.join(known[:50])}.",
                details={"table": change.table, "column": column[:SHOWN]},
            )


def _columns_of(change: TableChange) -> Iterator[str]:
    for row in change.rows:
        yield from row
    yield from change.keys
    yield from change.values
    yield from change.where
    yield from change.returning


def statements_for(change: TableChange, dialect: Dialect) -> Iterator[Statement]:
    """The statements of a change whose names were checked; many rows make several."""
    if change.returning and dialect is Dialect.MYSQL:
        raise _misfit("MySQL gives no rows back", "Leave 'returning' empty, and query the rows.")
    writer = _Writer(change, dialect)
    match change.kind:
        case "insert" | "upsert":
            yield from writer.inserts()
        case "update":
            yield writer.update()
        case "delete":
            yield writer.delete()


class _Writer:
    """Writes the statements of one change."""

    def __init__(self, change: TableChange, dialect: Dialect) -> None:
        self.change = change
        self.dialect = dialect
        self.table = quote_table(read_table(change.table), dialect)
        self.bound: dict[str, Json] = {}

    def inserts(self) -> Iterator[Statement]:
        rows = self.change.rows
        if not rows:
            return
        if len(rows) > MOST_CHANGED_ROWS:
            raise _misfit(f"{len(rows)} rows are more than {MOST_CHANGED_ROWS}", "Write them in several steps.")
        columns = list(rows[0])
        if not columns or any(row.keys() != rows[0].keys() for row in rows):
            raise _misfit("the rows do not all have the same columns", "Give each row every column; null is possible.")
        at_once = max(1, min(MOST_ROWS_AT_ONCE, MOST_PARAMETERS // len(columns)))
        for first in range(0, len(rows), at_once):
            yield self._insert(columns, rows[first : first + at_once])

    def _insert(self, columns: list[str], rows: Sequence[Mapping[str, Json]]) -> Statement:
        self.bound = {}
        values = ", ".join(f"({', '.join(self._bind(row[column]) for column in columns)})" for row in rows)
        names = ", ".join(self._quoted(columns))
        text = f"INSERT INTO {self.table} ({names}) VALUES {values}"  # noqa: S608 - quoted names that were looked up
        if self.change.kind == "upsert":
            text += self._on_conflict(columns)
        return Statement(text + self._returning(), self.bound)

    def _on_conflict(self, columns: list[str]) -> str:
        keys = self.change.keys
        if not keys or not set(keys) <= set(columns):
            raise _misfit("an upsert needs 'keys', which every row has", "Name the columns of the table's unique key.")
        rest = [column for column in columns if column not in keys]
        if self.dialect is Dialect.MYSQL:
            changed = rest or list(keys[:1])
            return " ON DUPLICATE KEY UPDATE " + ", ".join(f"{one} = VALUES({one})" for one in self._quoted(changed))
        target = ", ".join(self._quoted(keys))
        if not rest:
            return f" ON CONFLICT ({target}) DO NOTHING"
        changes = ", ".join(f"{one} = excluded.{one}" for one in self._quoted(rest))
        return f" ON CONFLICT ({target}) DO UPDATE SET {changes}"

    def update(self) -> Statement:
        if not self.change.values:
            raise _misfit("an update needs 'values'", "Say which columns to set.")
        changes = ", ".join(
            f"{quote(column, self.dialect)} = {self._bind(value)}" for column, value in self.change.values.items()
        )
        text = f"UPDATE {self.table} SET {changes}{self._where()}"  # noqa: S608 - quoted names that were looked up
        return Statement(text + self._returning(), self.bound)

    def delete(self) -> Statement:
        text = f"DELETE FROM {self.table}{self._where()}"  # noqa: S608 - quoted names that were looked up
        return Statement(text + self._returning(), self.bound)

    def _where(self) -> str:
        if not self.change.where:
            raise _misfit(f"'{self.change.kind}' needs 'where'", "Say which rows; write SQL to change all of them.")
        conditions = (self._condition(quote(name, self.dialect), value) for name, value in self.change.where.items())
        return " WHERE " + " AND ".join(conditions)

    def _condition(self, column: str, value: Json) -> str:
        if value is None:
            return f"{column} IS NULL"
        if not isinstance(value, list):
            return f"{column} = {self._bind(value)}"
        if not value:
            return "1 = 0"
        if len(value) > MOST_PARAMETERS:
            raise _misfit(f"a list of {len(value)} values is too long", "Change the rows in several steps.")
        inside = ", ".join(self._bind(item) for item in value if item is not None)
        found = f"{column} IN ({inside})" if inside else "1 = 0"
        return f"({found} OR {column} IS NULL)" if None in value else found

    def _returning(self) -> str:
        columns = self._quoted(self.change.returning)
        return f" RETURNING {', '.join(columns)}" if columns else ""

    def _bind(self, value: Json) -> str:
        name = f"p{len(self.bound)}"
        self.bound[name] = value
        return f":{name}"

    def _quoted(self, names: Iterable[str]) -> list[str]:
        return [quote(name, self.dialect) for name in names]


def _misfit(why: str, remedy: str) -> StepError:
    return StepError(f"The change cannot be made: {why}.", code="SQL_CHANGE_INVALID", remedy=remedy)
