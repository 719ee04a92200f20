"""Users and communities for tests, put into the database as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.core.access import Principal, PrincipalKind
from wingbeat.services.identity.users import principal_of_user
from wingbeat.storage import users as rows
from wingbeat.storage.users import UserFields

if TYPE_CHECKING:
    from wingbeat.storage.pool import Database


async def add_user(database: Database, name: str, *, is_admin: bool = False, **communities: str) -> int:
    """A user who may sign in, with its role in each community (`c3="viewer"`), which is made if need be; its id."""
    async with database.pool.acquire() as connection:
        made = await rows.insert(connection, await rows.new_id(connection), UserFields(name, is_admin=is_admin))
        assert made is not None
        for community, role in communities.items():
            number = int(community.removeprefix("c"))
            await connection.execute(
                "INSERT INTO communities (community_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                number,
                community,
            )
            await connection.execute(
                "INSERT INTO community_members (community_id, user_id, role) VALUES ($1, $2, $3)",
                number,
                made.user_id,
                role,
            )
    return made.user_id


async def principal_of(database: Database, user_id: int) -> Principal:
    """The user as a caller."""
    async with database.pool.acquire() as connection:
        return await principal_of_user(connection, user_id)


def outsider(user_id: int = 7, **more: object) -> Principal:
    """A user of another issuer, of whom nothing is known here."""
    return Principal(PrincipalKind.USER, user_id, "outsider", **more)  # type: ignore[arg-type]
