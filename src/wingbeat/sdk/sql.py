"""The tool that runs SQL through a stored connection: texts with bound parameters, and changes given as values."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

from wingbeat.core.errors import StepError
from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wingbeat.core.json_value import Json, JsonObject

MOST_ROWS = 100_000


class Statement(NamedTuple):
    """One statement. `:name` in the text stands for a parameter, which is bound and never becomes part of the text."""

    text: str
    parameters: Mapping[str, Json] = MappingProxyType({})


class TableChange(NamedTuple):
    """A change of one table, given as values; names of tables and columns are looked up before they are used.

    `rows` are for `insert` and `upsert`, which compares by `keys`; `values` for `update`. `where` says which rows to
    update or delete: columns with the value that they must have, or a list of values; null means that there is none.
    """

    kind: Literal["insert", "upsert", "update", "delete"]
    table: str
    rows: Sequence[Mapping[str, Json]] = ()
    keys: Sequence[str] = ()
    values: Mapping[str, Json] = MappingProxyType({})
    where: Mapping[str, Json] = MappingProxyType({})
    returning: Sequence[str] = ()


SqlStep: TypeAlias = "Statement | TableChange"


class SqlLimits(NamedTuple):
    """What one use may take. With `cut`, rows above the limit are left out; without, they are an error."""

    most_rows: int = 1000
    cut: bool = False
    seconds: float = 30.0


class SqlResult(NamedTuple):
    """What one statement came to; `affected` counts the rows that it changed, or gave."""

    rows: list[JsonObject]
    columns: list[str]
    affected: int
    truncated: bool = False


class Sql(Protocol):
    """Runs statements in one transaction."""

    async def run(
        self, connection: str, steps: Sequence[SqlStep], *, read_only: bool = False, limits: SqlLimits | None = None
    ) -> list[SqlResult]:
        """Run the steps, all or none of them; with `read_only` the database refuses to change anything.

        Raises `StepError`: `uncertain` where the changes may have been made although nobody said so.
        """
        ...


class ExampleSql:
    """Gives the answers that an example's world holds, in order.

    The world: `[{"rows": [{"id": 1}], "affected": 1}, {"error": "SQL_CONSTRAINT"}]`.
    """

    def __init__(self, world: Json) -> None:
        self._answers = list(world) if isinstance(world, list) else []
        self.ran: list[SqlStep] = []

    async def run(
        self, connection: str, steps: Sequence[SqlStep], *, read_only: bool = False, limits: SqlLimits | None = None
    ) -> list[SqlResult]:
        """Give the next answers, one for each step."""
        del connection, read_only, limits
        self.ran.extend(steps)
        return [self._answer() for _ in steps]

    def _answer(self) -> SqlResult:
        answer = self._answers.pop(0) if self._answers else {}
        held = answer if isinstance(answer, dict) else {}
        if "error" in held:
            raise StepError("The example's database refuses it.", code=str(held["error"]), remedy="Change the example.")
        rows = held.get("rows")
        found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        affected = held.get("affected", len(found))
        return SqlResult(found, list(found[0]) if found else [], affected if isinstance(affected, int) else 0)


SQL: Tool[Sql] = Tool("sql", ExampleSql)
