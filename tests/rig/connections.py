"""Puts connections into a test's database, as the service does, and looks for secrets where none may be."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING, cast
from urllib.parse import quote
from uuid import UUID

import orjson

from wingbeat.egress.kinds import KINDS
from wingbeat.storage import connections as rows
from wingbeat.storage.connections import SECRETS, ConnectionFields
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.keys import Keys, MasterKey
from wingbeat.storage.sealing import Place, seal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wingbeat.core.json_value import JsonObject
    from wingbeat.storage.pool import Database

KEYS = Keys(MasterKey(b"a key that only tests use, of enough bytes"))


async def put_connection(  # noqa: PLR0913 - what a connection is made of
    database: Database,
    kind: str,
    config: JsonObject | None = None,
    secrets: Mapping[str, str] | None = None,
    *,
    allowed_hosts: Sequence[str] = (),
    keys: Keys = KEYS,
    name: str = "a connection",
    author: int = 0,
    community: int = 0,
) -> UUID:
    """A connection that is ready for use."""
    connection_id = new_id()
    checked = KINDS[kind].config.model_validate(config or {})
    shown = cast("JsonObject", checked.model_dump(mode="json"))
    fields = ConnectionFields(name, "", shown, allowed_hosts, community_id=community)
    async with database.pool.acquire() as connection, connection.transaction():
        await rows.insert(connection, connection_id, kind, fields, author_id=author)
        place = Place(connection_id, SECRETS, 1)
        sealed = seal(keys, place, orjson.dumps(dict(secrets or {})))
        await rows.put_secret(connection, place, sealed, fields=sorted(secrets or {}))
    return connection_id


def spellings(secret: str) -> list[bytes]:
    """A secret as it is, as base64, as hexadecimal digits, and as a URL has it."""
    data = secret.encode()
    found = [data, b64encode(data).rstrip(b"="), urlsafe_b64encode(data).rstrip(b"="), data.hex().encode()]
    return [*found, data.hex().upper().encode(), quote(secret, safe="").encode(), data[::-1]]


def shows(secret: str, text: bytes | str) -> bool:
    """Whether a text shows a secret in any spelling."""
    data = text.encode() if isinstance(text, str) else text
    return any(spelling in data for spelling in spellings(secret))


async def dump(database: Database) -> bytes:
    """Every row of every table, as text."""
    async with database.pool.acquire() as connection:
        tables = await connection.fetch(
            "SELECT format('%I', tablename) AS name FROM pg_tables WHERE schemaname = 'public'"
        )
        texts = [
            await connection.fetchval(f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {table['name']} t")  # noqa: S608 -- names from the catalogue
            for table in tables
        ]
    return "\n".join(texts).encode()
