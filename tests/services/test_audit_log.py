"""Who may read the record of what was done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wingbeat.core.access import SERVICE, Principal, PrincipalKind
from wingbeat.core.errors import Forbidden
from wingbeat.services.audit_log import AuditLog
from wingbeat.storage import audit
from wingbeat.storage.audit import AuditEvent, Caller, Category
from wingbeat.storage.audit_reading import AuditFilter
from wingbeat.storage.pool import Database

ALL = AuditFilter()


def user(**communities: str) -> Principal:
    """Somebody with these roles in communities, as `c3="admin"`."""
    roles = {int(name[1:]): role for name, role in communities.items()}
    return Principal(PrincipalKind.USER, 7, "ada", communities=roles)


@pytest.fixture
async def log(database: Database) -> AuditLog:
    """One entry for each of three communities, and one for nobody's."""
    async with database.pool.acquire() as connection:
        for community in (0, 1, 2, 3):
            about = AuditEvent(Category.AUDIT, "webhook.create", "webhook", f"w{community}", community_id=community)
            with audit.acting(Caller(f"request-{community}", user="ada")):
                await audit.write(connection, about)
    return AuditLog(database)


async def read(log: AuditLog, principal: Principal, wanted: AuditFilter = ALL) -> list[str]:
    """Which entries somebody finds."""
    return sorted(entry.object_id for entry in await log.list(principal, wanted, most=100))


async def test_administrators_of_a_community_read_what_concerns_it(log: AuditLog) -> None:
    """And nothing else, whatever their other roles are; those of the installation read everything."""
    assert ["w0", "w1", "w2", "w3"] == await read(log, SERVICE)
    assert ["w1", "w2"] == await read(log, user(c1="admin", c2="admin", c3="editor"))
    assert ["w1"] == await read(log, user(c1="admin", c2="admin"), AuditFilter(communities=[1]))


@pytest.mark.parametrize(
    ("principal", "wanted"),
    [
        (user(), ALL),
        (user(c1="editor", c2="member"), ALL),
        (user(c0="admin"), ALL),
        (user(c1="admin"), AuditFilter(communities=[2])),
        (user(c1="admin"), AuditFilter(communities=[0])),
    ],
    ids=["nobody", "no administrator", "nobody's community", "another community", "asks for nobody's"],
)
async def test_everybody_else_is_refused(log: AuditLog, principal: Principal, wanted: AuditFilter) -> None:
    """Whether there are entries or not."""
    with pytest.raises(Forbidden) as caught:
        await log.list(principal, wanted, most=10)
    assert caught.value.code == "AUDIT_NOT_ALLOWED"


@pytest.mark.usefixtures("log")
async def test_the_database_itself_hides_what_is_of_others(database: Database) -> None:
    """Even if the question forgot to ask for the caller's own communities."""
    seen = "SELECT array_agg(object_id ORDER BY object_id) FROM audit_log"
    async with database.scoped(user(c1="admin", c2="editor", c0="admin")) as connection:
        assert ["w1"] == await connection.fetchval(seen)
    async with database.scoped(user()) as connection:
        assert await connection.fetchval(seen) is None


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (AuditFilter(category="AUTH"), 0),
        (AuditFilter(category="AUDIT", action="webhook", actor="ada"), 4),
        (AuditFilter(action="webhook.create"), 4),
        (AuditFilter(action="web"), 0),
        (AuditFilter(action="%"), 0),
        (AuditFilter(object_type="webhook", object_id="w2"), 1),
        (AuditFilter(request_id="request-3"), 1),
        (AuditFilter(result="success", since=NOW - timedelta(hours=1), until=NOW + timedelta(hours=1)), 4),
        (AuditFilter(since=NOW + timedelta(hours=1)), 0),
        (AuditFilter(user_id=7), 0),
    ],
)
async def test_filters_narrow(log: AuditLog, wanted: AuditFilter, found: int) -> None:
    """Each by its own column; all that are given must fit."""
    assert found == len(await read(log, SERVICE, wanted))
