"""`wingbeat keys rotate`: a new key protects what is stored, all of it or nothing; and what the doctor says of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest
from tests.rig.connections import put_connection

from wingbeat.egress.vault import Trial, Vault
from wingbeat.storage.keys import Keys, MasterKey

if TYPE_CHECKING:
    from tests.rig.program import Finished, Program

    from wingbeat.storage.pool import Database

OLD = "the-old-key-of-this-installation-0123456789"
NEW = "the-new-key-of-this-installation-0123456789"
PASSWORD = "pass-of-the-basic-connection"  # noqa: S105


def keys(text: str) -> Keys:
    """A key as SECRET_KEY gives it."""
    return Keys(MasterKey(text.encode()))


@pytest.fixture
async def stored(database: Database) -> list[str]:
    """Connections under the old key."""
    config = {"username": "me"}
    return [
        str(
            await put_connection(
                database, "basic", dict(config), {"password": PASSWORD}, allowed_hosts=["h"], keys=keys(OLD)
            )
        )
        for _ in range(3)
    ]


async def opens(database: Database, connection_id: str, key: str) -> bool:
    """Whether a process with that key can use the connection."""
    opened = await Vault(database, keys(key)).open(connection_id, Trial(), ("basic",))
    return opened.reveal("password") == PASSWORD


def about_keys(finished: Finished) -> tuple[str, str]:
    """What the doctor says of keys."""
    found = next(finding for finding in finished.json()["findings"] if finding["about"] == "keys")
    return found["state"], found["message"]


async def test_all_secrets_change_over(wingbeat: Program, database: Database, stored: list[str]) -> None:
    """After that the new key is enough; a second time there is nothing to do."""
    program = wingbeat.with_settings(SECRET_KEY=NEW, SECRET_KEY_PREVIOUS=OLD)
    assert about_keys(await program("doctor", "--json")) == ("warning", "3 stored secrets are under an earlier key")
    first, second = await program("keys", "rotate"), await program("keys", "rotate")
    assert (first.status, second.status) == (0, 0)
    assert "3 of 3" in first.output
    assert "0 of 3" in second.output
    assert [await opens(database, one, NEW) for one in stored] == [True] * 3
    assert about_keys(await wingbeat.with_settings(SECRET_KEY=NEW)("doctor", "--json"))[0] == "ok"
    assert OLD not in first.output + first.errors


async def test_without_the_old_key_nothing_changes(wingbeat: Program, database: Database, stored: list[str]) -> None:
    """Not even what could: one of three is under the new key already, and one under a key that nobody has."""
    program = wingbeat.with_settings(SECRET_KEY=NEW, SECRET_KEY_PREVIOUS=OLD)
    await put_connection(database, "basic", {"username": "me"}, {"password": "x"}, keys=keys("a lost one"))
    before = await wrapped(database)
    refused = await program("keys", "rotate")
    assert refused.status != 0
    assert keys("a lost one").current.name in refused.errors
    assert await wrapped(database) == before
    assert about_keys(await program("doctor", "--json"))[0] == "problem"
    assert await opens(database, stored[0], OLD)


async def test_the_key_of_the_data_directory_may_be_left(wingbeat: Program, database: Database) -> None:
    """Whoever begins to set SECRET_KEY needs no SECRET_KEY_PREVIOUS for the key in the file."""
    assert (await wingbeat("keys", "rotate")).status == 0
    path = f"{wingbeat.environment['WINGBEAT_DATA_DIR']}/secret.key"
    with open(path, encoding="utf-8") as file:  # noqa: ASYNC230, PTH123 - a small file
        made = file.read().strip()
    one = await put_connection(
        database, "basic", {"username": "me"}, {"password": PASSWORD}, allowed_hosts=["h"], keys=keys(made)
    )
    assert (await wingbeat.with_settings(SECRET_KEY=NEW)("keys", "rotate")).status == 0
    assert await opens(database, str(one), NEW)


async def wrapped(database: Database) -> list[asyncpg.Record]:
    """Every wrapped key."""
    found: list[asyncpg.Record] = await database.pool.fetch("SELECT * FROM connector_secrets ORDER BY connection_id")
    return found
