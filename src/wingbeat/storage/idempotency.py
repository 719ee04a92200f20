"""What a request with an Idempotency-Key led to, so that sending it again leads to the same and not to a second one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from wingbeat.core.errors import Conflict

if TYPE_CHECKING:
    from datetime import timedelta
    from uuid import UUID

    import asyncpg

INSERT = """
INSERT INTO idempotency_keys (operation, key, request_hash, result_id, owner) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (owner, operation, key) DO NOTHING
RETURNING result_id
"""
SELECT = "SELECT request_hash, result_id FROM idempotency_keys WHERE operation = $1 AND key = $2 AND owner = $3"
LEAD_TO = "UPDATE idempotency_keys SET result_id = $4 WHERE operation = $1 AND key = $2 AND owner = $3"
LET_GO = "DELETE FROM idempotency_keys WHERE operation = $1 AND key = $2 AND owner = $3"
FORGET = """
WITH gone AS (DELETE FROM idempotency_keys WHERE created_at < now() - $1::interval RETURNING 1)
SELECT count(*) FROM gone
"""


async def remember(  # noqa: PLR0913 - a key, whose it is, and both of what it stands for
    connection: asyncpg.Connection, operation: str, key: str, request_hash: bytes, result_id: UUID, *, owner: str = ""
) -> UUID | None:
    """Note in the caller's transaction that this key of `owner` (`Principal.key`) leads to `result_id`.

    Returns None if the key is new, and the earlier result's id if the same request came before. Two that come at the
    same moment take turns: the second waits for the first one's transaction.

    Raises:
        Conflict: `IDEMPOTENCY_KEY_REUSED`, when the key came with another request.
    """
    if await connection.fetchval(INSERT, operation, key, request_hash, result_id, owner) is not None:
        return None
    earlier = await connection.fetchrow(SELECT, operation, key, owner)
    if earlier is None:  # Forgotten between the two statements.
        return await remember(connection, operation, key, request_hash, result_id, owner=owner)
    if earlier["request_hash"] != request_hash:
        raise _reused()
    found: UUID = earlier["result_id"]
    return found


async def recall(
    connection: asyncpg.Connection, operation: str, key: str, request_hash: bytes, *, owner: str = ""
) -> UUID | None:
    """What this request with this key led to, without noting anything: a look before work that takes a while.

    Raises:
        Conflict: `IDEMPOTENCY_KEY_REUSED`, as `remember`.
    """
    earlier = await connection.fetchrow(SELECT, operation, key, owner)
    if earlier is None:
        return None
    if earlier["request_hash"] != request_hash:
        raise _reused()
    found: UUID = earlier["result_id"]
    return found


async def lead_to(
    connection: asyncpg.Connection, operation: str, key: str, result_id: UUID | None, *, owner: str = ""
) -> None:
    """Let a key that was just remembered lead to something else; to nothing, so that the request may come again."""
    if result_id is None:
        await connection.execute(LET_GO, operation, key, owner)
    else:
        await connection.execute(LEAD_TO, operation, key, owner, result_id)


async def forget(connection: asyncpg.Connection, older_than: timedelta) -> int:
    """Remove the keys that are older; returns how many."""
    return int(await connection.fetchval(FORGET, older_than))


def _reused() -> Conflict:
    return Conflict(
        "This Idempotency-Key came before with another request; nothing was done.",
        code="IDEMPOTENCY_KEY_REUSED",
        remedy="Use a new key for each new request, and the same key only to send the same request again.",
    )


def hash_request(*parts: bytes) -> bytes:
    """Changes with any part, and with where one part ends and the next begins."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
