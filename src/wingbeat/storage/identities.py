"""Rows of identities that providers know people by, and of sign-ins that are under way there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wingbeat.storage.queries import load

if TYPE_CHECKING:
    import asyncpg


class Journey(NamedTuple):
    """A sign-in that is with a provider; the hashes are of what the provider and the browser give back."""

    state_hash: bytes
    browser_hash: bytes
    issuer: str
    nonce: str
    return_to: str


async def begin_journey(connection: asyncpg.Connection, journey: Journey, seconds: float) -> None:
    """Remember it for a while; those that are too old are forgotten."""
    await load("identities").forget_journeys(connection)
    await load("identities").begin_journey(connection, **journey._asdict(), seconds=seconds)


async def end_journey(
    connection: asyncpg.Connection, state_hash: bytes, browser_hash: bytes, issuer: str
) -> tuple[str, str] | None:
    """Its nonce and where to go on; None if there is none, if it is another browser's, or if it took too long."""
    row = await load("identities").end_journey(
        connection, state_hash=state_hash, browser_hash=browser_hash, issuer=issuer
    )
    return None if row is None or not row["holds"] else (row["nonce"], row["return_to"])


async def find_identity(connection: asyncpg.Connection, issuer: str, subject: str) -> int | None:
    """The user whom the provider knows as this, or None."""
    found: int | None = await load("identities").find_identity(connection, issuer=issuer, subject=subject)
    if found is not None:
        await load("identities").note_identity(connection, issuer=issuer, subject=subject)
    return found


async def insert_identity(connection: asyncpg.Connection, issuer: str, subject: str, user_id: int) -> None:
    """That the provider knows the user as this."""
    await load("identities").insert_identity(connection, issuer=issuer, subject=subject, user_id=user_id)
