"""SQL on real databases: what comes back, what is refused, and what is certain when something breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from tests.egress.test_mail import speaking
from tests.rig.certificate import Certificate, make_certificate
from tests.rig.databases import NAME, PASSWORD, mariadb, mariadb_program, postgres_over_tcp, sql_connection

from wingbeat.core.errors import StepError
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.sockets import Sockets
from wingbeat.egress.sql.client import Databases, server_of
from wingbeat.egress.sql.mysql import MysqlSession
from wingbeat.egress.sql.postgres import PostgresSession
from wingbeat.egress.sql.session import Sessions
from wingbeat.egress.sql.text import Dialect, bind
from wingbeat.egress.vault import Opened
from wingbeat.sdk.sql import SqlLimits, SqlResult, SqlStep, Statement, TableChange


async def _here(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


class Target(NamedTuple):
    """A database and the client that reaches it."""

    databases: Databases
    opened: Opened
    dialect: str

    async def run(self, *steps: SqlStep | str, read_only: bool = False, **limits: Any) -> list[SqlResult]:  # noqa: ANN401 - fields of SqlLimits
        """Run steps; a text is a statement without parameters."""
        as_steps = [Statement(step) if isinstance(step, str) else step for step in steps]
        return await self.databases.run(self.opened, as_steps, read_only=read_only, limits=SqlLimits(**limits))

    async def rows(self, text: str, /, **parameters: Json) -> list[dict[str, Any]]:
        """The rows of a query."""
        (result,) = await self.run(Statement(text, parameters), read_only=True)
        return result.rows

    async def failure(self, *steps: SqlStep | str, read_only: bool = False, **limits: Any) -> StepError:  # noqa: ANN401 - fields of SqlLimits
        """The error that steps end in."""
        with pytest.raises(StepError) as caught:
            await self.run(*steps, read_only=read_only, **limits)
        assert caught.value.remedy
        return caught.value


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """For db.example.com."""
    return make_certificate(tmp_path_factory.mktemp("certificate"), NAME)


@pytest.fixture(scope="session")
def mariadb_port(certificate: Certificate) -> Iterator[int]:
    """A MariaDB for all tests of this file."""
    if mariadb_program() is None:
        pytest.skip("mariadbd is not on this machine")
    with mariadb(certificate) as port:
        yield port


@pytest.fixture
async def databases(tmp_path: Path, certificate: Certificate) -> AsyncIterator[Databases]:
    """A client that finds every name on this machine."""
    sockets = Sockets(Addresses(allow_private=True, resolve=_here), str(certificate.certificate))
    made = Databases(sockets, {"files": tmp_path})
    yield made
    await made.close()


@pytest.fixture
async def postgres(databases: Databases, database_dsn: str) -> AsyncIterator[Target]:
    """A PostgreSQL database of this test's own."""
    async with postgres_over_tcp(database_dsn) as forwarder:
        yield Target(databases, _postgres(database_dsn, forwarder.port, tls="disable"), "postgresql")
        await databases.close()


@pytest.fixture
def sqlite(databases: Databases, tmp_path: Path) -> Target:
    """A file of this test's own."""
    (tmp_path / "shop.db").touch()
    return Target(databases, sql_connection({"dialect": "sqlite", "database": "files/shop.db"}), "sqlite")


@pytest.fixture
async def mysql(databases: Databases, mariadb_port: int) -> Target:
    """The MariaDB, with TLS."""
    config = {"dialect": "mysql", "host": NAME, "port": mariadb_port, "database": "shop", "username": "me"}
    target = Target(databases, sql_connection(config, PASSWORD), "mysql")
    await target.run("DROP TABLE IF EXISTS products, texts")
    return target


@pytest.fixture(params=["postgres", "sqlite", "mysql"])
def target(request: pytest.FixtureRequest) -> Target:
    """Each of the three."""
    found: Target = request.getfixturevalue(request.param)
    return found


def _postgres(dsn: str, port: int, **more: Any) -> Opened:  # noqa: ANN401 - fields of SqlConfig
    url = urlsplit(dsn)
    config = {"host": NAME, "port": port, "database": url.path[1:], "username": url.username, **more}
    return sql_connection(config, "not asked for")


CREATE = "CREATE TABLE products (sku VARCHAR(50) PRIMARY KEY, price INTEGER NOT NULL, note VARCHAR(200))"


async def test_rows_go_in_and_come_out(target: Target) -> None:
    """Values are bound, whatever is in them, and rows are objects by column."""
    hostile = "x'; DROP TABLE products; --"
    await target.run(
        CREATE,
        Statement(
            "INSERT INTO products (sku, price, note) VALUES (:sku, :price, :note)",
            {"sku": hostile, "price": 5, "note": None},
        ),
        Statement("INSERT INTO products VALUES (:sku, :price, :sku);", {"sku": "b", "price": 7}),
    )
    rows = await target.rows("SELECT sku, price, note FROM products WHERE price >= :least ORDER BY price", least=5)
    assert rows == [{"sku": hostile, "price": 5, "note": None}, {"sku": "b", "price": 7, "note": "b"}]
    (changed,) = await target.run(Statement("UPDATE products SET price = price + 1 WHERE sku = :sku", {"sku": "b"}))
    assert (changed.rows, changed.affected) == ([], 1)


async def test_all_statements_or_none(target: Target) -> None:
    """When one fails, those before it are undone, and that is certain."""
    await target.run(CREATE)
    insert = "INSERT INTO products (sku, price) VALUES ('a', 1)"
    error = await target.failure(insert, insert)
    assert (error.code, error.retryable, error.uncertain) == ("SQL_CONSTRAINT", False, False)
    assert await target.rows("SELECT * FROM products") == []


async def test_changes_by_values(target: Target) -> None:
    """Insert, upsert, update and delete, with names and values of any letters."""
    await target.run(CREATE)
    many: list[JsonObject] = [{"sku": f"s{place}", "price": place} for place in range(2500)]
    (inserted,) = await target.run(TableChange("insert", "products", many))
    (upserted,) = await target.run(
        TableChange("upsert", "products", [{"sku": "s1", "price": 100}, {"sku": "new'\"`", "price": 5}], ["sku"])
    )
    (updated,) = await target.run(
        TableChange("update", "products", values={"note": "ü"}, where={"sku": ["s1", "s2", "nobody"], "note": None})
    )
    (deleted,) = await target.run(TableChange("delete", "products", where={"price": [0, None]}))
    (nothing,) = await target.run(TableChange("delete", "products", where={"price": []}))
    assert (inserted.affected, updated.affected, deleted.affected, nothing.affected) == (2500, 2, 1, 0)
    assert upserted.affected in {2, 3}  # MySQL counts a changed row twice
    rows = await target.rows("SELECT sku, price, note FROM products WHERE sku IN ('s1', 's2') ORDER BY sku")
    assert rows == [{"sku": "s1", "price": 100, "note": "ü"}, {"sku": "s2", "price": 2, "note": "ü"}]
    assert await target.rows("SELECT count(*) AS n FROM products WHERE sku LIKE 'new%'") == [{"n": 1}]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (TableChange("insert", 'products" (sku) SELECT 1; --', [{"sku": "x"}]), "SQL_TABLE_UNKNOWN"),
        (TableChange("insert", "products`; DROP TABLE products", [{"sku": "x"}]), "SQL_TABLE_UNKNOWN"),
        (TableChange("insert", "nowhere.products", [{"sku": "x"}]), "SQL_TABLE_UNKNOWN"),
        (TableChange("insert", "a.b.c", [{"sku": "x"}]), "SQL_NAME_INVALID"),
        (TableChange("insert", "", [{"sku": "x"}]), "SQL_NAME_INVALID"),
        (TableChange("insert", "products", [{"price) VALUES (1); --": 1}]), "SQL_COLUMN_UNKNOWN"),
        (TableChange("insert", "products", [{"sku": "x", "prize": 1}]), "SQL_COLUMN_UNKNOWN"),
        (TableChange("insert", "products", [{"sku": "x"}, {"price": 1}]), "SQL_CHANGE_INVALID"),
        (TableChange("insert", "products", [{}]), "SQL_CHANGE_INVALID"),
        (TableChange("upsert", "products", [{"sku": "x"}], ["price"]), "SQL_CHANGE_INVALID"),
        (TableChange("upsert", "products", [{"sku": "x"}]), "SQL_CHANGE_INVALID"),
        (TableChange("update", "products", values={"price": 1}), "SQL_CHANGE_INVALID"),
        (TableChange("update", "products", values={"sku = sku; --": 1}, where={"sku": 1}), "SQL_COLUMN_UNKNOWN"),
        (TableChange("delete", "products"), "SQL_CHANGE_INVALID"),
        (TableChange("delete", "products", where={"1=1 OR sku": 1}), "SQL_COLUMN_UNKNOWN"),
        (TableChange("delete", "products", where={"sku": "x"}, returning=["*"]), "SQL_COLUMN_UNKNOWN"),
    ],
)
async def test_no_name_becomes_sql(target: Target, change: TableChange, code: str) -> None:
    """What the catalogue does not know is refused, and the table is as it was."""
    await target.run(CREATE, "INSERT INTO products VALUES ('a', 1, NULL)")
    assert (await target.failure(change)).code == code
    assert await target.rows("SELECT * FROM products") == [{"sku": "a", "price": 1, "note": None}]


async def test_a_query_changes_nothing(target: Target) -> None:
    """The database itself refuses it."""
    await target.run(CREATE)
    for text in ("INSERT INTO products VALUES ('a', 1, NULL)", "DROP TABLE products", "DELETE FROM products"):
        error = await target.failure(text, read_only=True)
        assert (error.retryable, error.uncertain) == (False, False)
    assert await target.rows("SELECT * FROM products") == []


async def test_too_many_rows(target: Target) -> None:
    """They are an error, or cut off, as it is wanted; a result that is too large is one too."""
    await target.run(CREATE, TableChange("insert", "products", [{"sku": f"{n}", "price": n} for n in range(20)]))
    text = "SELECT price FROM products ORDER BY price"
    assert (await target.failure(text, read_only=True, most_rows=19)).code == "SQL_TOO_MANY_ROWS"
    (exact,) = await target.run(text, read_only=True, most_rows=20)
    (cut,) = await target.run(text, read_only=True, most_rows=3, cut=True)
    assert (exact.affected, exact.truncated) == (20, False)
    assert ([row["price"] for row in cut.rows], cut.truncated) == ([0, 1, 2], True)
    large = "SELECT p.note, " + ("hex(zeroblob(600000))" if target.dialect == "sqlite" else "repeat('x', 1200000)")
    error = await target.failure(f"{large} AS big FROM products p", read_only=True)
    assert error.code == "SQL_RESULT_TOO_LARGE"


SLOW = {
    "postgresql": "SELECT pg_sleep(60)",
    "mysql": "SELECT sleep(60) FROM mysql.user a, mysql.user b",
    "sqlite": "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
}


async def test_what_takes_too_long_is_stopped(target: Target) -> None:
    """Certain, since nothing was to be kept yet, and the connection is not used again."""
    error = await target.failure(SLOW[target.dialect], seconds=1)
    assert (error.code, error.retryable, error.uncertain) == ("SQL_TIMEOUT", True, False)
    assert await target.rows("SELECT 1 AS one") == [{"one": 1}]


async def test_nothing_is_left_of_a_statement_that_was_interrupted(postgres: Target) -> None:
    """The server is told to stop it, and neither that nor the connection goes on afterwards."""
    _, server = server_of(postgres.opened)
    session = await PostgresSession.open(server, Sockets(Addresses(allow_private=True, resolve=_here), None))
    await session.begin(read_only=True, limits=SqlLimits(seconds=60))
    before = _tasks_of_clients()
    slow = asyncio.create_task(session.run(bind(SLOW["postgresql"], Dialect.POSTGRESQL), [], SqlLimits()))
    await asyncio.sleep(0.2)
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)
    assert _tasks_of_clients() - before, "asyncpg cancels it on a connection of its own"
    await session.close()
    assert _tasks_of_clients() <= before


def _tasks_of_clients() -> set[asyncio.Task[Any]]:
    """All but what the tests' own server does for its connections, which ends when it hears that they have."""
    return {task for task in asyncio.all_tasks() if "Forwarder" not in repr(task.get_coro())}


async def test_no_server_keeps_an_interrupted_connection_open(mysql: Target, certificate: Certificate) -> None:
    """Not even in TLS, where hanging up politely waits for the other side, which is busy."""
    _, server = server_of(mysql.opened)
    sockets = Sockets(Addresses(allow_private=True, resolve=_here), str(certificate.certificate))
    session = await MysqlSession.open(server, sockets)
    await session.begin(read_only=True, limits=SqlLimits(seconds=60))
    socket = session._connection._transport.get_extra_info("socket")
    slow = asyncio.create_task(session.run(bind(SLOW["mysql"], Dialect.MYSQL), [], SqlLimits()))
    await asyncio.sleep(0.2)
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)
    await session.close()
    assert socket.fileno() == -1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "SQL_TEXT_INVALID"),
        ("SELECT 1; SELECT 2", "SQL_SEVERAL_STATEMENTS"),
        ("COMMIT", "SQL_STATEMENT_REFUSED"),
        ("/* x */ rollback", "SQL_STATEMENT_REFUSED"),
        ("SELEC 1", "SQL_INVALID"),
        ("SELECT * FROM nowhere", "SQL_INVALID"),
        ("SELECT :x", "SQL_PARAMETER_MISSING"),
    ],
)
async def test_texts_that_cannot_be_run(target: Target, text: str, code: str) -> None:
    """Each ends in an error that says why."""
    error = await target.failure(text)
    assert (error.code, error.retryable) == (code, False)


async def test_columns_of_one_name_all_come_out(target: Target) -> None:
    """The second has a number."""
    assert await target.rows("SELECT 1 AS a, 2 AS a, 'x' AS b") == [{"a": 1, "a_2": 2, "b": "x"}]


async def test_values_of_postgresql(postgres: Target) -> None:
    """Each kind of value has its JSON, and goes in as it comes out."""
    rows = await postgres.rows(
        """
        SELECT 9223372036854775807 AS int8, 1.5::numeric AS numeric, 123456789012345678901234567890.5::numeric AS exact,
          'NaN'::float8 AS nan, '-Infinity'::float8 AS inf, 'NaN'::numeric AS nan2, true AS yes, NULL::int AS nothing,
          timestamptz '2026-01-02 03:04:05+01' AS tz, timestamp '2026-01-02 03:04:05' AS ts, date '2026-01-02' AS day,
          time '03:04' AS clock, interval '1 month 2 days' AS span, '\\x00ff'::bytea AS bytes,
          uuid '00000000-0000-0000-0000-000000000001' AS id, '{"a": [1, null]}'::jsonb AS doc, 'null'::json AS jnull,
          ARRAY[1, NULL, 3] AS list, ARRAY[ARRAY['a'],ARRAY['b']] AS nested, '10.0.0.1'::inet AS ip,
          int4range(1, 5) AS range
        """
    )
    assert rows == [
        {
            "int8": 9223372036854775807,
            "numeric": 1.5,
            "exact": "123456789012345678901234567890.5",
            "nan": "NaN",
            "inf": "-Infinity",
            "nan2": "NaN",
            "yes": True,
            "nothing": None,
            "tz": "2026-01-02T02:04:05+00:00",
            "ts": "2026-01-02T03:04:05",
            "day": "2026-01-02",
            "clock": "03:04:00",
            "span": "P1M2D",
            "bytes": "AP8=",
            "id": "00000000-0000-0000-0000-000000000001",
            "doc": {"a": [1, None]},
            "jnull": None,
            "list": [1, None, 3],
            "nested": [["a"], ["b"]],
            "ip": "10.0.0.1",
            "range": {"lower": 1, "upper": 5, "lower_included": True, "upper_included": False},
        }
    ]


async def test_parameters_of_postgresql(postgres: Target) -> None:
    """JSON becomes what the statement needs."""
    rows = await postgres.rows(
        """
        SELECT :n::int8 + 1 AS n, :d::numeric AS d, :when::timestamptz AS at, :local::timestamp AS local,
          :day::date AS day, :ids::int[] AS ids, :doc::jsonb -> 'a' AS doc, :data::bytea AS data, :text AS text,
          :flag::bool AS flag, :id::uuid AS id, :span::interval AS span, :f::float8 AS f, ':no' AS literal,
          :tags::text[] AS tags
        """,
        n="41", d="0.10", when="2026-01-02T03:04:05Z", local="2026-01-02T03:04:05+01:00", day="2026-01-02",
        ids=[1, None], doc={"a": [1]}, data={"$base64": "AP8="}, text="ä", flag=False,
        id="00000000-0000-0000-0000-000000000001", span="P1D", f=1, tags=["x"],
    )  # fmt: skip
    assert rows == [
        {
            "n": 42, "d": 0.1, "at": "2026-01-02T03:04:05+00:00", "local": "2026-01-02T02:04:05", "day": "2026-01-02",
            "ids": [1, None], "doc": [1], "data": "AP8=", "text": "ä", "flag": False,
            "id": "00000000-0000-0000-0000-000000000001", "span": "P1D", "f": 1.0, "literal": ":no", "tags": ["x"],
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cast", "value"),
    [
        ("int4", "x"), ("int4", True), ("int4", 2**40), ("int4", 1.5), ("int4", {}), ("bool", 1), ("inet", "x"),
        ("date", 7), ("uuid", "x"), ("bytea", "?"), ("numeric", []), ("int4[]", "x"), ("text", "a\0b"), ("float8", "x"),
        ("timestamptz", "tomorrow"), ("int8", 10**30),
    ],
)  # fmt: skip
async def test_parameters_that_do_not_fit(postgres: Target, cast: str, value: Json) -> None:
    """They end in an error of that step, and the connection lives."""
    error = await postgres.failure(Statement(f"SELECT :x::{cast}", {"x": value}), read_only=True)
    assert (error.code, error.retryable) in {("SQL_PARAMETER_UNFIT", False), ("SQL_VALUE_INVALID", False)}


async def test_values_of_mysql(mysql: Target) -> None:
    """Each kind of value has its JSON."""
    rows = await mysql.rows(
        """
        SELECT 18446744073709551615 AS large, CAST('1.50' AS DECIMAL(10, 2)) AS exact, 1e0 AS f, x'00ff' AS bytes,
          CAST('2026-01-02 03:04:05' AS DATETIME) AS ts, DATE '2026-01-02' AS day, TIME '-26:00:01' AS clock,
          b'101' AS bits, "quoted \\" :no" AS text, :doc AS doc, :yes AS yes, :data AS data
        """,
        doc={"a": 1}, yes=True, data={"$base64": "aGk="},
    )  # fmt: skip
    row = rows[0]
    assert row.pop("bits") in (5, "BQ==")
    assert row.pop("data") in ("hi", "aGk=")
    assert row == {
        "large": 18446744073709551615, "exact": 1.5, "f": 1.0, "bytes": "AP8=", "ts": "2026-01-02T03:04:05",
        "day": "2026-01-02", "clock": "-26:00:01", "text": 'quoted " :no', "doc": '{"a":1}', "yes": 1,
    }  # fmt: skip


async def test_values_of_sqlite(sqlite: Target) -> None:
    """Each kind of value has its JSON."""
    rows = await sqlite.rows(
        "SELECT 9223372036854775807 AS n, 1.5 AS f, 9e999 AS inf, x'00ff' AS b, :doc AS doc, :big AS big, :data AS d",
        doc=[1], big=10**30, data={"$base64": "AP8="},
    )  # fmt: skip
    assert rows == [
        {
            "n": 9223372036854775807,
            "f": 1.5,
            "inf": "Infinity",
            "b": "AP8=",
            "doc": "[1]",
            "big": str(10**30),
            "d": "AP8=",
        }
    ]


async def test_returning_gives_columns_of_changed_rows(postgres: Target, sqlite: Target) -> None:
    """As objects; MySQL has no such thing."""
    for target in (postgres, sqlite):
        await target.run(CREATE)
        (result,) = await target.run(TableChange("insert", "products", [{"sku": "a", "price": 1}], returning=["sku"]))
        assert (result.rows, result.columns, result.affected) == ([{"sku": "a"}], ["sku"], 1)


@pytest.mark.parametrize(
    "text",
    [
        "ATTACH DATABASE '/etc/passwd' AS x", "DETACH DATABASE main", "PRAGMA journal_mode = OFF",
        "PRAGMA writable_schema = 1", "SELECT load_extension('x')",
        "VACUUM INTO '/tmp/x'", "SELECT writefile('/tmp/x', 'x')",
    ],
)  # fmt: skip
async def test_sqlite_reaches_nothing_else(sqlite: Target, text: str) -> None:
    """No other file, no extension, no change of how it works."""
    assert (await sqlite.failure(text)).code in {"SQL_FORBIDDEN", "SQL_INVALID"}


@pytest.mark.parametrize(
    "path",
    [
        ":memory:",
        " ",
        "x.db",
        "files",
        "files/",
        "files/../x.db",
        "/etc/passwd",
        "file:x.db?mode=memory",
        "files//etc/passwd",
        "files/link.db",
        "files/no/such/x.db",
        "files/a\0b",
        "files/.",
        "other/x.db",
    ],
)
async def test_sqlite_files_are_below_the_roots(databases: Databases, tmp_path: Path, path: str) -> None:
    """Whatever way the file is written."""
    (tmp_path / "link.db").symlink_to("/etc/hosts")
    opened = sql_connection({"dialect": "sqlite", "database": path})
    assert (await Target(databases, opened, "sqlite").failure("SELECT 1")).code == "SQL_FILE_REFUSED"


async def test_sqlite_survives_a_value_of_a_gigabyte(sqlite: Target) -> None:
    """The limit is the database's, so nothing is ever held."""
    assert (await sqlite.failure("SELECT zeroblob(1000000000)")).code == "SQL_VALUE_INVALID"


async def test_connections_are_kept_and_given_up(postgres: Target) -> None:
    """One connection serves uses that follow each other; a use that leaves traces closes it."""
    pids = [(await postgres.rows("SELECT pg_backend_pid() AS pid"))[0]["pid"] for _ in range(2)]
    await postgres.run("SET search_path = nowhere")
    after = (await postgres.rows("SELECT pg_backend_pid() AS pid, current_setting('search_path') AS path"))[0]
    assert pids[0] == pids[1] != after["pid"]
    assert "nowhere" not in after["path"]


async def test_idle_connections_are_closed() -> None:
    """When nobody wanted them for a while."""

    class Waiting:
        """A connection that does nothing."""

        usable = True
        closed = False

        async def close(self) -> None:
            """Note it."""
            self.closed = True

    sessions, session = Sessions(idle_seconds=100), Waiting()
    closed = []

    async def connect() -> Any:  # noqa: ANN401 - it stands in for a session
        return session

    async with sessions.lease("key", connect):
        pass
    for now in (0.0, float("inf")):
        await sessions.sweep(now)
        closed.append(session.closed)
    await sessions.close()
    assert closed == [False, True]


async def test_a_wire_that_breaks(databases: Databases, database_dsn: str) -> None:
    """Before the commit nothing has happened; at the commit nobody knows."""
    async with postgres_over_tcp(database_dsn) as forwarder:
        target = Target(databases, _postgres(database_dsn, forwarder.port, tls="disable"), "postgresql")
        await target.run("CREATE TABLE t (x int)")
        errors = []
        for cut in (b"INSERT", b"COMMIT"):
            forwarder.cut_after = cut
            errors.append(await target.failure("INSERT INTO t VALUES (1)"))
        forwarder.cut_after = b"SELECT count"
        errors.append(await target.failure("SELECT count(*) FROM t", read_only=True))
        forwarder.cut_after = None
        await databases.close()
    assert [error.code for error in errors] == ["EGRESS_CONNECTION_FAILED"] * 3
    assert [(error.retryable, error.uncertain) for error in errors] == [(True, False), (True, True), (True, False)]


async def test_tls_goes_by_the_name(databases: Databases, database_dsn: str, certificate: Certificate) -> None:
    """The certificate is checked against the name, though the driver is told an address."""
    async with (
        postgres_over_tcp(database_dsn, certificate.server()) as forwarder,
        postgres_over_tcp(database_dsn) as plain,
    ):

        def target(port: int, **more: Any) -> Target:  # noqa: ANN401 - fields of SqlConfig
            return Target(databases, _postgres(database_dsn, port, **more), "postgresql")

        assert await target(forwarder.port).rows("SELECT 1 AS x") == [{"x": 1}]
        assert await target(forwarder.port, host="other.example.com", tls="require").rows("SELECT 1 AS x") == [{"x": 1}]
        wrong = await target(forwarder.port, host="other.example.com").failure("SELECT 1")
        without = await target(plain.port).failure("SELECT 1")
        await databases.close()
    assert [wrong.code, without.code] == ["EGRESS_TLS_FAILED", "EGRESS_CONNECTION_FAILED"]


async def test_tls_of_mysql_goes_by_the_name(databases: Databases, mysql: Target) -> None:
    """A certificate for another name, and a wrong password, are errors."""
    config = {**mysql.opened.config.model_dump(), "host": "other.example.com"}
    wrong = await Target(databases, sql_connection(config, PASSWORD), "mysql").failure("SELECT 1")
    denied = await mysql._replace(opened=sql_connection({**config, "host": NAME}, "x")).failure("SELECT 1")
    assert [wrong.code, denied.code] == ["EGRESS_TLS_FAILED", "SQL_AUTHENTICATION_FAILED"]
    assert not denied.retryable


async def test_the_own_network_is_refused(database_dsn: str) -> None:
    """Unless the operator permits it."""
    databases = Databases(Sockets(Addresses(resolve=_here)))
    error = await Target(databases, _postgres(database_dsn, 5432), "postgresql").failure("SELECT 1")
    assert error.code == "EGRESS_ADDRESS_REFUSED"


@pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 100])
async def test_servers_that_are_none(databases: Databases, dialect: str, says: bytes) -> None:
    """Silence and rubbish end in an error of the step, in time."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(says)
        await reader.read(1 if says else -1)

    async with speaking(script) as port:
        config = {"dialect": dialect, "host": NAME, "port": port, "database": "x", "username": "me", "tls": "disable"}
        error = await Target(databases, sql_connection(config), dialect).failure("SELECT 1", seconds=1)
    assert error.code in {"SQL_TIMEOUT", "EGRESS_CONNECTION_FAILED"}
    assert (error.retryable, error.uncertain) == (True, False)


async def test_the_test_of_a_connection(postgres: Target, sqlite: Target) -> None:
    """It asks the database for nothing but an answer."""
    for target in (postgres, sqlite):
        await target.databases.try_out(target.opened, 10)
    with pytest.raises(StepError) as caught:
        await sqlite.databases.try_out(sql_connection({"dialect": "sqlite", "database": "elsewhere/x.db"}), 10)
    assert caught.value.code == "SQL_FILE_REFUSED"
