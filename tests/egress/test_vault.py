"""The vault: secrets are opened for one use, which is recorded, by whom they are meant for and nobody else."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import NamedTuple
from uuid import UUID

import asyncpg
import pytest
from tests.rig.connections import KEYS, dump, put_connection, shows
from tests.rig.ownership import denials, give, limit_reach, put_execution, put_workflow

from wingbeat.core.errors import StepError
from wingbeat.core.json_value import JsonObject
from wingbeat.egress.kinds import KINDS, BasicConfig
from wingbeat.egress.vault import Vault
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.keys import Keys, MasterKey
from wingbeat.storage.pool import Database

PASSWORD = "s3cr3t/pass+word?zz"  # noqa: S105
BASIC = {"username": "me"}


class AStep(NamedTuple):
    """A step that uses a connection."""

    execution_id: str = str(new_id())
    node_id: str = "call"


STEP = AStep()


@pytest.fixture
async def workflow(database: Database) -> UUID:
    """The workflow of the step's execution."""
    workflow_id = await put_workflow(database)
    await put_execution(database, workflow_id, UUID(STEP.execution_id))
    return workflow_id


@pytest.fixture
def vault(database: Database, workflow: UUID) -> Vault:  # noqa: ARG001 - for its execution to be there
    """A vault on the test's database, in which the step's execution is."""
    return Vault(database, KEYS)


@pytest.fixture
async def basic(database: Database) -> str:
    """A connection with a password, whose breaker opens after two failures."""
    config: JsonObject = {**BASIC, "breaker": {"failures": 2, "cool_down_seconds": 1000}}
    return str(
        await put_connection(database, "basic", config, {"password": PASSWORD}, allowed_hosts=["api.example.com"])
    )


@pytest.fixture
async def sql(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A way to look at the rows."""
    async with database.pool.acquire() as connection:
        yield connection


async def refused(vault: Vault, connection_id: str, *kinds: str, host: str | None = None) -> StepError:
    """The error of a use that must not be."""
    with pytest.raises(StepError) as caught:
        await vault.open(connection_id, STEP, kinds or ("basic",), host=host)
    return caught.value


async def test_a_connection_opens_with_its_secrets(vault: Vault, basic: str) -> None:
    """With the settings as the model of its kind, and secrets that do not show."""
    opened = await vault.open(basic, STEP, ("bearer", "basic"))
    assert opened.reveal("password") == PASSWORD
    assert opened.config_as(BasicConfig).username == "me"
    assert opened.allowed_hosts == ("api.example.com",)
    assert not shows(PASSWORD, repr(opened))


async def test_every_use_is_recorded(vault: Vault, basic: str, sql: asyncpg.Connection) -> None:
    """With execution, node and host; what was refused too, with the reason."""
    await vault.open(basic, STEP, ("basic",), host="API.example.com.")
    await refused(vault, basic, host="evil.example.com")
    entries = await sql.fetch("SELECT * FROM audit_log ORDER BY at, audit_id")
    assert [(entry["action"], entry["result"]) for entry in entries] == [
        ("connection.use", "success"),
        ("connection.use", "CONNECTION_HOST_REFUSED"),
    ]
    assert {(str(entry["execution_id"]), entry["node_id"]) for entry in entries} == {tuple(STEP)}
    assert entries[0]["object_id"] == basic
    assert [entry["detail"]["host"] for entry in entries] == ["API.example.com.", "evil.example.com"]
    assert await sql.fetchval("SELECT last_used_at IS NOT NULL FROM connector_instances")


async def test_what_does_not_fit_is_refused(vault: Vault, basic: str, sql: asyncpg.Connection) -> None:
    """A missing connection, one of another kind, and one that is switched off."""
    assert (await refused(vault, str(new_id()))).code == "CONNECTION_UNKNOWN"
    assert (await refused(vault, "no id")).code == "CONNECTION_UNKNOWN"
    assert (await refused(vault, basic, "smtp", "bearer")).code == "CONNECTION_WRONG_KIND"
    await sql.execute("UPDATE connector_instances SET enabled = false")
    assert (await refused(vault, basic)).code == "CONNECTION_DISABLED"


@pytest.mark.parametrize(
    "host", ["example.com", "xapi.example.com", "api.example.com.evil.com", "a.api.example.com", "", "127.0.0.1"]
)
async def test_other_hosts_are_refused(vault: Vault, basic: str, host: str) -> None:
    """A name that merely looks like an allowed one is another host."""
    assert (await refused(vault, basic, host=host)).code == "CONNECTION_HOST_REFUSED"


async def test_a_ciphertext_of_another_row_does_not_open(
    vault: Vault, basic: str, database: Database, sql: asyncpg.Connection
) -> None:
    """Whoever can write to the database but has no key cannot lend one connection the secrets of another."""
    mine = await put_connection(database, "basic", {**BASIC}, {"password": "known"}, allowed_hosts=["evil.example.com"])
    await sql.execute(
        "UPDATE connector_secrets SET (key_name, wrapped_key, payload) = "
        "(SELECT key_name, wrapped_key, payload FROM connector_secrets WHERE connection_id = $1) "
        "WHERE connection_id = $2",
        UUID(basic),
        mine,
    )
    error = await refused(vault, str(mine))
    assert error.code == "CONNECTION_UNDECRYPTABLE"
    assert "not the ones" in error.message


@pytest.mark.usefixtures("workflow")
async def test_without_the_key_it_says_which_is_missing(database: Database, basic: str) -> None:
    """And what to do about it."""
    error = await refused(Vault(database, Keys(MasterKey(b"another"))), basic)
    assert error.code == "CONNECTION_UNDECRYPTABLE"
    assert KEYS.current.name in error.message
    assert "SECRET_KEY" in error.remedy


async def test_nothing_that_fails_inside_shows_a_secret(
    vault: Vault, basic: str, caplog: pytest.LogCaptureFixture, database: Database
) -> None:
    """Neither an error of ours, in whatever spelling, nor one that a client library makes up."""
    for raised in (
        StepError(f"bad {PASSWORD}", remedy=PASSWORD, details={"url": f"x{PASSWORD}", "list": [PASSWORD, 1]}),
        ValueError(f"cannot use {PASSWORD}"),
    ):
        with caplog.at_level(logging.DEBUG), pytest.raises(StepError) as caught:
            async with vault.use(basic, STEP, ("basic",)):
                raise raised from ValueError(PASSWORD)
        error = caught.value
        assert not shows(PASSWORD, f"{error} {error.to_json()} {error.__cause__!r}")
        assert error.__suppress_context__
    assert not shows(PASSWORD, caplog.text)
    assert not shows(PASSWORD, await dump(database))


async def test_failures_in_a_row_open_the_breaker(vault: Vault, basic: str, sql: asyncpg.Connection) -> None:
    """For every worker; a step then fails at once and hears since when, until when, and that it may try again."""
    other = Vault(vault.database, KEYS)
    await fail(vault, basic)
    await fail(other, basic)
    error = await refused(vault, basic)
    assert (error.code, error.retryable, error.uncertain) == ("CONNECTION_CIRCUIT_OPEN", True, False)
    assert error.details["failures"] == 2
    assert error.details["open_since"] < error.details["open_until"]  # type: ignore[operator] # both are texts
    assert 0 < error.details["retry_after_seconds"] <= 1000  # type: ignore[operator] # a number
    assert await sql.fetchval("SELECT result FROM audit_log ORDER BY at DESC LIMIT 1") == "CONNECTION_CIRCUIT_OPEN"


async def test_a_success_between_failures_keeps_it_closed(vault: Vault, basic: str) -> None:
    """Only failures in a row count, and an answer that says no is none."""
    await fail(vault, basic)
    async with vault.use(basic, STEP, ("basic",)):
        pass
    await fail(vault, basic)
    with pytest.raises(StepError, match="no such thing"):
        async with vault.use(basic, STEP, ("basic",)):
            raise StepError("no such thing")
    await fail(vault, basic)
    await vault.open(basic, STEP, ("basic",))


async def test_after_the_cool_down_one_is_let_through(vault: Vault, basic: str, sql: asyncpg.Connection) -> None:
    """The others wait for how it goes: a failure opens the breaker again, a success closes it."""
    await fail(vault, basic)
    await fail(vault, basic)
    await cool_down(sql)
    async with vault.use(basic, STEP, ("basic",)) as opened:
        assert "trying it again" in (await refused(vault, basic)).message
        opened.note_failure()
    assert (await refused(vault, basic)).details["failures"] == 3
    await cool_down(sql)
    async with vault.use(basic, STEP, ("basic",)):
        pass
    await vault.open(basic, STEP, ("basic",))
    assert await sql.fetchval("SELECT breaker_failures FROM connector_instances") == 0


async def test_a_trial_that_never_ends_does_not_hold_it_open(vault: Vault, basic: str, sql: asyncpg.Connection) -> None:
    """When the worker that tried it again dies, another may."""
    await fail(vault, basic)
    await fail(vault, basic)
    await cool_down(sql)
    await vault.open(basic, STEP, ("basic",))
    await refused(vault, basic)
    await sql.execute("UPDATE connector_instances SET breaker_trial_until = now() - interval '1 second'")
    await vault.open(basic, STEP, ("basic",))


async def test_the_host_of_the_settings_is_recorded(vault: Vault, sql: asyncpg.Connection) -> None:
    """Where nobody says another."""
    mail = await put_connection(vault.database, "smtp", {"host": "mail.example.com"}, {"password": PASSWORD})
    await vault.open(str(mail), STEP, ("smtp",))
    assert (await sql.fetchval("SELECT detail FROM audit_log"))["host"] == "mail.example.com"


async def test_settings_that_fit_no_more_are_told(vault: Vault, basic: str, sql: asyncpg.Connection) -> None:
    """As after an upgrade that asks for more."""
    await sql.execute("UPDATE connector_instances SET config = $1", b'{"username": ":", "x": 1}')
    error = await refused(vault, basic)
    assert error.code == "CONNECTION_INVALID"
    assert "username, x" in error.message


@pytest.mark.usefixtures("workflow")
async def test_a_use_stays_what_it_was_when_the_database_goes(database_dsn: str, basic: str) -> None:
    """What was sent was sent, though nobody can be told that the circuit may close."""
    own = await Database.open(database_dsn, max_size=1)
    async with Vault(own, KEYS).use(basic, STEP, ("basic",)) as opened:
        opened.note_failure()
        own.pool.terminate()


ALICE, BOB, GARDENERS, COOKS = 11, 12, 7, 8


@pytest.mark.parametrize(
    ("owners", "admitted"),
    [
        (((ALICE, 0), (ALICE, 0)), True),
        (((ALICE, 0), (BOB, 0)), False),
        (((ALICE, GARDENERS), (BOB, GARDENERS)), True),
        (((ALICE, GARDENERS), (ALICE, 0)), True),
        (((ALICE, GARDENERS), (ALICE, COOKS)), True),
        (((ALICE, GARDENERS), (BOB, COOKS)), False),
        (((ALICE, GARDENERS), (BOB, 0)), False),
        (((0, GARDENERS), (ALICE, GARDENERS)), True),
        (((ALICE, 0), (0, 0)), False),
        (((0, 0), (ALICE, 0)), False),
        (((0, 0), (0, 0)), True),
    ],
)
async def test_a_workflow_uses_what_is_its_owners(
    vault: Vault,
    basic: str,
    workflow: UUID,
    owners: tuple[tuple[int, int], tuple[int, int]],
    admitted: bool,
) -> None:
    """A connection of its community or of its author; any other one is like one that there is not."""
    workflow_of, connection_of = owners
    await give(vault.database, "workflows", workflow, author=workflow_of[0], community=workflow_of[1])
    await give(vault.database, "connector_instances", basic, author=connection_of[0], community=connection_of[1])
    if admitted:
        await vault.open(basic, STEP, ("basic",))
        assert await denials(vault.database) == []
        return
    error, missing = await refused(vault, basic), str(new_id())
    like_this = await refused(vault, missing)
    assert (error.code, error.message, error.remedy) == (
        like_this.code,
        like_this.message.replace(missing, basic),
        like_this.remedy,
    )
    assert await denials(vault.database) == [("connection.use", "CONNECTION_UNKNOWN", connection_of[1])]


async def test_taking_a_connection_away_works_at_once(vault: Vault, basic: str, workflow: UUID) -> None:
    """What was there at the save and the use before does not count, and coming back does."""
    await give(vault.database, "workflows", workflow, author=ALICE, community=GARDENERS)
    await give(vault.database, "connector_instances", basic, author=BOB, community=GARDENERS)
    await vault.open(basic, STEP, ("basic",))
    await give(vault.database, "connector_instances", basic, community=COOKS)
    assert "CONNECTION_UNKNOWN" == (await refused(vault, basic)).code
    await give(vault.database, "workflows", workflow, community=COOKS)
    await vault.open(basic, STEP, ("basic",))


async def test_a_revision_reaches_no_further_than_who_saved_it(vault: Vault, basic: str, workflow: UUID) -> None:
    """An editor of somebody's workflow cannot have it compute the id of that one's own connection."""
    await give(vault.database, "workflows", workflow, author=ALICE, community=GARDENERS)
    await give(vault.database, "connector_instances", basic, author=ALICE)
    await limit_reach(vault.database, workflow, community=True)
    assert "CONNECTION_UNKNOWN" == (await refused(vault, basic)).code
    await give(vault.database, "connector_instances", basic, author=BOB, community=GARDENERS)
    await vault.open(basic, STEP, ("basic",))
    await limit_reach(vault.database, workflow, author=True)
    assert "CONNECTION_UNKNOWN" == (await refused(vault, basic)).code


@pytest.mark.parametrize("node_type", ["api.shop.order", "mcp.shop.order", "api.shopping.order", "http.request"])
async def test_a_connector_brings_its_connection_along(
    vault: Vault, basic: str, sql: asyncpg.Connection, node_type: str
) -> None:
    """Its operations are there for everybody; other nodes cannot use the connection for all that."""
    workflow = await put_workflow(vault.database, author=ALICE, nodes=[{"id": "call", "type": node_type}])
    step = AStep(str(await put_execution(vault.database, workflow)))
    await sql.execute(
        "INSERT INTO connectors (connector_id, slug, kind, name, document, connection_id)"
        " VALUES ($1, 'shop', 'openapi', 'Shop', 'null', $2::text::uuid)",
        new_id(),
        basic,
    )
    if node_type == "api.shop.order":
        await vault.open(basic, step, ("basic",))
        await sql.execute("UPDATE connectors SET enabled = false")
    with pytest.raises(StepError, match="no connection"):
        await vault.open(basic, step, ("basic",))


def test_every_kind_describes_itself_without_example_secrets() -> None:
    """A form can be drawn: both schemas are there, and every secret is write-only."""
    for kind in KINDS.values():
        described = kind.describe()
        assert described["config"]["type"] == "object"  # type: ignore[index, call-overload] # a JSON Schema
        properties = described["secrets"].get("properties", {})  # type: ignore[union-attr]
        assert properties
        assert all(field["writeOnly"] is True for field in properties.values())  # type: ignore[index, call-overload, union-attr]


async def fail(vault: Vault, connection_id: str) -> None:
    """A use in which the other side does not answer."""
    with pytest.raises(StepError, match="nobody answers"):
        async with vault.use(connection_id, STEP, ("basic",)):
            raise StepError("nobody answers", code="EGRESS_TIMEOUT", retryable=True)


async def cool_down(sql: asyncpg.Connection) -> None:
    """Let the time pass."""
    await sql.execute("UPDATE connector_instances SET breaker_until = now() - interval '1 second'")
