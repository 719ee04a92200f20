"""Signing with a connection's key, which nobody sees and whose use is recorded."""

from __future__ import annotations

import hmac
from typing import NamedTuple

import pytest
from tests.rig.connections import KEYS, put_connection
from tests.rig.ownership import put_execution, put_workflow

from wingbeat.core.errors import StepError
from wingbeat.egress.signing import StepSigning
from wingbeat.egress.vault import Vault
from wingbeat.storage.pool import Database


class AStep(NamedTuple):
    """A step that uses a connection."""

    execution_id: str
    node_id: str = "sign"


async def a_step(database: Database) -> AStep:
    """One of an execution that is there."""
    return AStep(str(await put_execution(database, await put_workflow(database))))


async def test_the_connection_says_how_it_signs(database: Database) -> None:
    """Its hash, unless the node names one, its encoding and its prefix."""
    config = {"algorithm": "sha512", "encoding": "base64", "prefix": "v1="}
    connection = str(await put_connection(database, "hmac", {**config}, {"key": "k"}))
    signing = StepSigning(Vault(database, KEYS), await a_step(database))
    assert (hmac.new(b"k", b"data", "sha512").digest(), "base64", "v1=") == await signing.sign(connection, b"data")
    named = await signing.sign(connection, b"data", algorithm="sha384")
    assert hmac.new(b"k", b"data", "sha384").digest() == named.digest
    assert 2 == await database.pool.fetchval("SELECT count(*) FROM audit_log WHERE action = 'connection.use'")


async def test_a_connection_of_another_kind_does_not_sign(database: Database) -> None:
    """A password is no key."""
    connection = str(await put_connection(database, "basic", {"username": "me"}, {"password": "secret password"}))
    with pytest.raises(StepError) as caught:
        await StepSigning(Vault(database, KEYS), await a_step(database)).sign(connection, b"data")
    assert "CONNECTION_WRONG_KIND" == caught.value.code
