"""The database role as which everything is done that is done for a caller. What it may do is in the migrations."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg

from wingbeat.core.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SCOPED = "wingbeat_scoped"
# Roles belong to the whole server, so processes that start on other databases of it may do the same at this moment.
TRIES = 20
MEANWHILE = (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError)
CONCURRENTLY = "tuple concurrently updated"

EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"
# Since 16, a membership may be one that gives no right to take the role on.
MAY_ENTER = """
SELECT rolsuper OR pg_has_role(
    $1::name, CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END
) FROM pg_roles WHERE rolname = current_user
"""


async def ensure_scoped_role(connection: asyncpg.Connection) -> None:
    """Have the role, and be allowed to take it on.

    Raises:
        PlatformError: `SCOPED_ROLE_MISSING`: our login may not see to it; says what an administrator has to run.
    """
    if not await connection.fetchval(EXISTS, SCOPED):
        await _persist(connection, lambda: connection.execute(f"CREATE ROLE {SCOPED} NOLOGIN"))
    if not await connection.fetchval(MAY_ENTER, SCOPED):
        await _persist(connection, lambda: connection.execute(f"GRANT {SCOPED} TO CURRENT_USER"))


async def _persist(connection: asyncpg.Connection, work: Callable[[], Awaitable[object]]) -> None:
    """Do what others may do at the same time."""
    for _ in range(TRIES):
        try:
            await work()
        except MEANWHILE:
            return
        except asyncpg.InsufficientPrivilegeError as error:
            login = await connection.fetchval("SELECT quote_ident(current_user)")
            raise missing(login) from error
        except asyncpg.InternalServerError as error:
            if CONCURRENTLY not in str(error):
                raise
            await asyncio.sleep(0.05)
        else:
            return
    raise PlatformError(f"The role {SCOPED} is being changed without end.", remedy="Start again.")


def missing(login: str) -> PlatformError:
    """What to say when the login may not make the role, or not take it on."""
    return PlatformError(
        f"Wingbeat serves its callers as the database role {SCOPED}, which the login {login} may not take on.",
        code="SCOPED_ROLE_MISSING",
        remedy=f"Have an administrator of the database run: CREATE ROLE {SCOPED} NOLOGIN; GRANT {SCOPED} TO {login};",
    )
