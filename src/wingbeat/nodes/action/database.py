"""Run SQL on a database, or change a table by values."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wingbeat.sdk import (
    ConnectionMarker,
    Context,
    Effect,
    Example,
    Json,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    StepError,
    Template,
    drawn_as,
    matters,
    needed,
)
from wingbeat.sdk.sql import MOST_ROWS, SQL, SqlLimits, SqlResult, SqlStep, Statement, TableChange

CONNECTION = "7d9e2b1a-3c4d-4e5f-8a6b-1c2d3e4f5a6b"
Operation = Literal["query", "execute", "insert", "upsert", "update", "delete", "transaction"]
SqlText = Annotated[str, Field(min_length=1, max_length=1_000_000)]
# Which parameters belong to which operation, besides those that belong to all; the first ones are required.
NEEDS: dict[str, tuple[str, ...]] = {
    "query": ("sql",),
    "execute": ("sql",),
    "insert": ("table", "rows"),
    "upsert": ("table", "rows", "keys"),
    "update": ("table", "values", "where"),
    "delete": ("table", "where"),
    "transaction": ("statements",),
}
ALLOWS: dict[str, frozenset[str]] = {
    operation: frozenset({*needed, *extra})
    for operation, needed, extra in (
        ("query", NEEDS["query"], ("parameters",)),
        ("execute", NEEDS["execute"], ("parameters",)),
        ("insert", NEEDS["insert"], ("returning",)),
        ("upsert", NEEDS["upsert"], ("returning",)),
        ("update", NEEDS["update"], ("returning",)),
        ("delete", NEEDS["delete"], ("returning",)),
        ("transaction", NEEDS["transaction"], ()),
    )
}
OWN = frozenset({"sql", "parameters", "table", "rows", "keys", "values", "where", "returning", "statements"})


def _plain_sql(text: str) -> None:
    if "{{" in text:
        raise ValueError("SQL is no template: write :name for a value, and give it in 'parameters'")


class SqlStatement(Parameters):
    """One statement of a transaction."""

    sql: SqlText = Field(
        json_schema_extra=drawn_as("sql"),
        description="One statement; values as :name.",
        examples=["UPDATE stock SET left = left - :n WHERE sku = :sku"],
    )
    parameters: Template[dict[str, Json]] = Field(
        default={}, description="The values, by name.", examples=[{"n": 1, "sku": "{{ input.sku }}"}]
    )

    @model_validator(mode="after")
    def _no_template(self) -> Self:
        _plain_sql(self.sql)
        return self


class Database(Parameters):
    """What to do in the database."""

    connection: Annotated[str, ConnectionMarker("sql")] = Field(
        description="The database: a connection of the kind `sql`.", examples=[CONNECTION]
    )
    operation: Operation = Field(
        default="query",
        description=(
            "`query`: SQL that reads. `execute`: SQL that changes. `insert`, `upsert`, `update`, `delete`: a change of "
            "one table, given as values. `transaction`: several statements, all or none."
        ),
        examples=["insert"],
    )
    sql: SqlText | None = Field(
        json_schema_extra=drawn_as("sql") | needed(operation=("query", "execute")),
        default=None,
        description="For `query` and `execute`: one statement, never a template; values as :name.",
        examples=["SELECT id, total FROM orders WHERE customer = :customer"],
    )
    parameters: Template[dict[str, Json]] = Field(
        json_schema_extra=matters(operation=("query", "execute")),
        default={},
        description="For `query` and `execute`: the values, by name.",
        examples=[{"customer": "{{ input.id }}"}],
    )
    table: str | None = Field(
        json_schema_extra=needed(operation=("insert", "upsert", "update", "delete")),
        default=None,
        description="The table, if needed with its schema, as `shop.orders`.",
        examples=["orders"],
    )
    rows: Template[Json] = Field(
        json_schema_extra=needed(operation=("insert", "upsert")),
        default=None,
        description="For `insert` and `upsert`: a row, or a list of rows that all have the same columns.",
        examples=["{{ input.lines }}", {"sku": "a-1", "price": 5}],
    )
    keys: list[str] = Field(
        json_schema_extra=needed(operation="upsert"),
        default=[],
        max_length=100,
        description="For `upsert`: the columns of a unique key; a row that is there with these values is changed.",
        examples=[["sku"]],
    )
    values: Template[dict[str, Json]] = Field(
        json_schema_extra=needed(operation="update"),
        default={},
        description="For `update`: the columns to set.",
        examples=[{"state": "sent"}],
    )
    where: Template[dict[str, Json]] = Field(
        json_schema_extra=needed(operation=("update", "delete")),
        default={},
        description=(
            "For `update` and `delete`: which rows, by the values of columns; a list means any of them, null that "
            "there is no value. It must not be empty."
        ),
        examples=[{"id": "{{ input.id }}"}],
    )
    returning: list[str] = Field(
        json_schema_extra=matters(operation=("insert", "upsert", "update", "delete")),
        default=[],
        max_length=100,
        description="For changes by values: columns of the changed rows to give back. Not for MySQL.",
        examples=[["id"]],
    )
    statements: list[SqlStatement] = Field(
        json_schema_extra=needed(operation="transaction"),
        default=[],
        max_length=100,
        description="For `transaction`: the statements, in order.",
        examples=[[{"sql": "DELETE FROM cart WHERE customer = :id", "parameters": {"id": "{{ input.id }}"}}]],
    )
    most_rows: int = Field(
        default=1000, ge=1, le=MOST_ROWS, description="So many rows may come out of a statement.", examples=[100]
    )
    when_more: Literal["fail", "cut"] = Field(
        default="fail",
        description="When there are more rows: fail, or give the first ones and set `truncated`.",
        examples=["cut"],
    )
    timeout_seconds: float = Field(
        default=30, gt=0, le=3600, description="The database must be done by then.", examples=[10]
    )

    @model_validator(mode="after")
    def _fits_operation(self) -> Self:
        given = self.model_fields_set & OWN
        for name in NEEDS[self.operation]:
            if name not in given:
                raise ValueError(f"the operation '{self.operation}' needs '{name}'")
        if odd := sorted(given - ALLOWS[self.operation]):
            raise ValueError(f"'{odd[0]}' does not belong to the operation '{self.operation}'")
        _plain_sql(self.sql or "")
        return self


async def run(parameters: Database, context: Context) -> Outcome:
    """Do it; raises `StepError` (what the SQL tool raises)."""
    results = await context.use(SQL).run(
        parameters.connection,
        _steps(parameters),
        read_only=parameters.operation == "query",
        limits=SqlLimits(parameters.most_rows, parameters.when_more == "cut", parameters.timeout_seconds),
    )
    if parameters.operation == "transaction":
        return Outcome.of({"results": [_described(result) for result in results]})
    return Outcome.of(_described(results[0]))


def rehearse(parameters: Database, context: Context) -> Outcome:
    """Tell what would be run."""
    del context
    steps: list[Json] = [
        {name: _plain(value) for name, value in step._asdict().items() if value} for step in _steps(parameters)
    ]
    empty = _described(SqlResult([], [], 0))
    shown: JsonObject = {"rehearsed": True, "operation": parameters.operation, "steps": steps}
    if parameters.operation == "transaction":
        return Outcome.of({**shown, "results": [empty for _ in steps]})
    return Outcome.of({**shown, **empty})


def _plain(value: object) -> Json:
    if isinstance(value, dict):
        return dict(value)
    return list(value) if isinstance(value, list | tuple) else str(value)


def _steps(parameters: Database) -> list[SqlStep]:
    match parameters.operation:
        case "query" | "execute":
            return [Statement(parameters.sql or "", parameters.parameters)]
        case "transaction":
            return [Statement(one.sql, one.parameters) for one in parameters.statements]
        case kind:
            return [
                TableChange(
                    kind,
                    parameters.table or "",
                    _rows(parameters.rows),
                    parameters.keys,
                    parameters.values,
                    parameters.where,
                    parameters.returning,
                )
            ]


def _rows(given: Json) -> list[JsonObject]:
    """One row or a list of rows."""
    rows = [] if given is None else given if isinstance(given, list) else [given]
    objects = [row for row in rows if isinstance(row, dict)]
    if len(objects) < len(rows):
        raise StepError(
            "The parameter 'rows' does not fit: each row is an object with values by column.",
            code="PARAMETER_INVALID",
            remedy="Look at what the template gives for this run, and convert it.",
            details={"parameter": "rows"},
        )
    return objects


def _described(result: SqlResult) -> JsonObject:
    return {
        "rows": list(result.rows),
        "columns": list(result.columns),
        "affected": result.affected,
        "truncated": result.truncated,
    }


def effect_of(parameters: JsonObject) -> Effect:
    """A query is free to repeat: the database itself keeps it from changing anything."""
    return Effect.IDEMPOTENT if parameters.get("operation", "query") == "query" else Effect.UNSAFE


RESULT: JsonObject = {
    "type": "object",
    "properties": {
        "rows": {"type": "array", "items": {"type": "object"}},
        "columns": {"type": "array", "items": {"type": "string"}},
        "affected": {"type": "integer"},
        "truncated": {"type": "boolean"},
    },
}

NODE = NodeType(
    type="action.database",
    title="Database",
    help=(
        "Runs SQL on PostgreSQL, MySQL, MariaDB or SQLite through a connection of the kind `sql`. Values never become "
        "part of a text: `:name` in the SQL stands for a parameter, which the database gets apart from it. Names of "
        "tables and columns in `insert`, `upsert`, `update` and `delete` are looked up in the database first. "
        "A `query` runs in a transaction that cannot change anything, and may be repeated at any time. Everything else "
        "runs in a transaction, all or nothing, and is never repeated silently: when the connection breaks while the "
        "changes are being made permanent, the node's `on_unknown` decides. `rows` are objects by column; a second "
        "column of one name becomes `id_2`. Numbers stay numbers where all their digits fit, and become text where "
        "they do not (numerics of many digits, NaN, integers above 64 bits); times come as ISO 8601, in UTC where the "
        "column knows time zones; bytes as base64; uuids as text; JSON and arrays as they are. To PostgreSQL a "
        "parameter is converted to the type that the statement needs; cast it (`:ids::int[]`) where that is not clear. "
        'Bytes are given as `{"$base64": "..."}`, or for PostgreSQL as base64. SQLite files are found in the folders '
        "of FILE_ROOTS. Rows come in with at most `most_rows` and 10 MB."
    ),
    parameters=Database,
    run=run,
    rehearse=rehearse,
    effect=Effect.UNSAFE,
    effect_of=effect_of,
    uses=(SQL,),
    outputs=(
        Port(
            help="The rows and how many were changed; for `transaction` a list `results` of these.",
            schema={
                "anyOf": [RESULT, {"type": "object", "properties": {"results": {"type": "array", "items": RESULT}}}]
            },
        ),
    ),
    examples=(
        Example(
            "read rows",
            {
                "connection": CONNECTION,
                "sql": "SELECT id, total FROM orders WHERE customer = :customer ORDER BY id",
                "parameters": {"customer": "{{ input.customer }}"},
            },
            input={"customer": "ada"},
            world={"sql": [{"rows": [{"id": 1, "total": 9.5}]}]},
            expect={
                "out": {
                    "rows": [{"id": 1, "total": 9.5}],
                    "columns": ["id", "total"],
                    "affected": 1,
                    "truncated": False,
                }
            },
        ),
        Example(
            "write rows, or change those that are there",
            {
                "connection": CONNECTION,
                "operation": "upsert",
                "table": "products",
                "rows": "{{ input }}",
                "keys": ["sku"],
            },
            input=[{"sku": "a-1", "price": 5}, {"sku": "b-2", "price": 7}],
            world={"sql": [{"affected": 2}]},
            expect={"out": {"rows": [], "columns": [], "affected": 2, "truncated": False}},
        ),
        Example(
            "several statements, all or none",
            {
                "connection": CONNECTION,
                "operation": "transaction",
                "statements": [
                    {
                        "sql": "UPDATE stock SET pieces = pieces - 1 WHERE sku = :sku",
                        "parameters": {"sku": "{{ input }}"},
                    },
                    {"sql": "INSERT INTO sales (sku) VALUES (:sku)", "parameters": {"sku": "{{ input }}"}},
                ],
            },
            input="a-1",
            world={"sql": [{"affected": 1}, {"affected": 1}]},
            expect={
                "out": {
                    "results": [
                        {"rows": [], "columns": [], "affected": 1, "truncated": False},
                        {"rows": [], "columns": [], "affected": 1, "truncated": False},
                    ]
                }
            },
        ),
        Example(
            "a row that is there already",
            {"connection": CONNECTION, "operation": "insert", "table": "products", "rows": {"sku": "a-1"}},
            world={"sql": [{"error": "SQL_CONSTRAINT"}]},
            expect_error="SQL_CONSTRAINT",
        ),
    ),
)
