"""Licences against a real server: what it allows, and what holds when it is down, slow, broken or talks nonsense."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import orjson
import pytest
from pydantic import SecretStr
from tests.rig.web import Asked, Reply, Web, web

from wingbeat.core.errors import Forbidden, Unlicensed
from wingbeat.egress import licence_server
from wingbeat.egress.licence_server import LicenceServer
from wingbeat.services.licence import Licences, Terms
from wingbeat.storage.identifiers import lowest_id, new_id
from wingbeat.storage.pool import Database

GOOD = {"valid": True, "features": {"workflows": True, "advanced_workflows": False}}
BASIC = ["workflows"]


@dataclass
class Vendor:
    """A licence server that answers as it is told."""

    reply: Callable[[], Reply] = field(default=lambda: said(GOOD))

    def __call__(self, _asked: Asked) -> Reply:
        """Answer."""
        return self.reply()


def said(answer: object, status: int = 200) -> Reply:
    """An answer in JSON."""
    return Reply(status, orjson.dumps(answer))


@asynccontextmanager
async def licensed(database: Database, url: str, **terms: float) -> AsyncIterator[Licences]:
    """Licences that ask that server, each time that they are looked at."""
    server = LicenceServer(url, SecretStr("licence-key"))
    licences = Licences(database, server, Terms(**{"refresh_seconds": 0.0, "version": "1.2.3", **terms}))  # type: ignore[arg-type]
    yield licences
    await licences.stop()
    await server.close()


async def age(database: Database, column: str, hours: float) -> None:
    """Let something have happened so long ago; and let it be time to ask again."""
    await database.pool.execute(
        f"UPDATE licences SET {column} = now() - $1::interval, asked_at = now() - interval '1 day'",  # noqa: S608
        timedelta(hours=hours),
    )


async def test_the_question_is_the_one_of_the_protocol(database: Database) -> None:
    """Who asks, about which community, and how much it uses; the key goes in a header of its own."""
    async with web(Vendor()) as server, licensed(database, f"{server.url}/base/") as licences:
        await licences.require(7, BASIC)
        [asked] = server.asked
    assert ("POST", "/base/api/v1/validate", "Bearer licence-key") == (
        asked.method,
        asked.path,
        asked.headers["authorization"],
    )
    assert {
        "protocol": 1,
        "product": "wingbeat",
        "version": "1.2.3",
        "community_id": 7,
        "features": ["advanced_workflows", "workflow_schedules", "workflows"],
        "usage": {"workflows": 0, "executions_per_month": 0},
    } == orjson.loads(asked.body)


async def test_what_is_licensed_is_allowed_and_the_rest_is_refused_with_what_to_do(database: Database) -> None:
    """The server is asked once; all that follows goes by what it said."""
    async with web(Vendor()) as server, licensed(database, server.url) as licences:
        await asyncio.gather(*(licences.require(1, BASIC) for _ in range(20)))
        with pytest.raises(Unlicensed) as caught:
            await licences.admit(1, ["workflows", "advanced_workflows", "workflow_schedules"])
        assert 1 == len(server.asked)
    assert ("LICENSE_REQUIRED", {"features": ["advanced_workflows", "workflow_schedules"], "standing": "current"}) == (
        caught.value.code,
        caught.value.details,
    )
    assert "Community 1" in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize(
    "reply",
    [
        said({"valid": False, "message": "unpaid"}),
        said({"valid": False, "message": "unpaid", "features": {"workflows": True}}),
        said({"valid": True, "message": "unpaid"}, status=402),
        said({"valid": False, "message": "unpaid"}, status=403),
    ],
)
async def test_a_refusal_is_one_at_once_and_stays_one_while_the_server_is_away(
    database: Database, reply: Reply
) -> None:
    """With what the server says of it; silence afterwards gives nothing back."""
    async with web(Vendor(lambda: reply)) as server, licensed(database, server.url) as licences:
        with pytest.raises(Unlicensed, match="unpaid"):
            await licences.require(1, BASIC)
    async with licensed(database, server.url) as licences:
        await age(database, "answered_at", 1)
        with pytest.raises(Unlicensed, match="unpaid"):
            await licences.require(1, BASIC)


NONSENSE = {
    "500": Reply(500, b"oops"),
    "404": Reply(404),
    "redirect": Reply(302, b"", ("Location: http://127.0.0.1/",)),
    "html": Reply(200, b"<html>"),
    "list": said([]),
    "no verdict": said({"features": {"workflows": True}}),
    "wrong types": said({"valid": "yes", "features": ["workflows"]}),
    "negative limit": said({**GOOD, "limits": {"workflows": -1}}),
    "bad date": said({**GOOD, "expires_at": "tomorrow"}),
    "403 of a proxy": Reply(403, b"<html>"),
    "too much": Reply(200, b'{"valid": true, "x": "' + b"x" * 100_000 + b'"}'),
}


@pytest.mark.parametrize("reply", NONSENSE.values(), ids=NONSENSE)
async def test_what_means_nothing_counts_as_silence(database: Database, reply: Reply) -> None:
    """What the server said last holds for the grace time, then nothing does, and a good answer mends it all."""
    vendor = Vendor()
    async with web(vendor) as server, licensed(database, server.url) as licences:
        await licences.require(1, BASIC)
        vendor.reply = lambda: reply
        await look(database, licences, "answered_at", 1)
        await licences.require(1, BASIC)
        with pytest.raises(Unlicensed):
            await licences.require(1, ["advanced_workflows"])
        assert ["does not answer" in problem for problem in licences.problems()] == [True]
        await look(database, licences, "away_since", 73)
        with pytest.raises(Unlicensed, match="73 hours"):
            await licences.require(1, BASIC)
        vendor.reply = lambda: said(GOOD)
        await look(database, licences, "away_since", 73)
        await licences.require(1, BASIC)
        assert [] == licences.problems()


async def look(database: Database, licences: Licences, column: str, hours: float) -> None:
    """Ask again, after something was so long ago."""
    await age(database, column, hours)
    await licences.run_once()


async def test_an_installation_may_begin_while_the_server_is_down(database: Database) -> None:
    """Nobody has refused anything; but not for longer than the grace time, whichever process asks."""
    async with licensed(database, "http://127.0.0.1:1") as licences:
        await licences.require(1, ["workflows", "advanced_workflows"])
    await age(database, "away_since", 73)
    async with licensed(database, "http://127.0.0.1:1") as licences:
        with pytest.raises(Unlicensed) as caught:
            await licences.require(1, BASIC)
    assert "licence server" in caught.value.remedy


async def test_a_slow_server_keeps_nobody_who_was_answered_before(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look is in the background; what is known answers meanwhile."""
    monkeypatch.setattr(licence_server, "ANSWER_SECONDS", 0.2)
    slow = asyncio.Event()

    async def answer(_asked: Asked) -> Reply:
        if len(server.asked) > 1:
            await slow.wait()
        return said(GOOD)

    async with web(answer) as server, licensed(database, server.url) as licences:
        await licences.require(1, BASIC)
        await age(database, "answered_at", 1)
        looking = asyncio.create_task(licences.run_once())
        while len(server.asked) < 2:
            await licences.require(1, BASIC)
            await asyncio.sleep(0)
        await looking
        await licences.require(1, BASIC)
        slow.set()


async def test_a_licence_that_has_expired_allows_nothing(database: Database) -> None:
    """At its time, without the server being asked."""
    until = datetime.now(UTC) + timedelta(hours=1)
    reply = said({**GOOD, "expires_at": until.isoformat()})
    async with web(Vendor(lambda: reply)) as server, licensed(database, server.url, refresh_seconds=1e6) as licences:
        await licences.require(1, BASIC)
        await age(database, "expires_at", 1)
        await licences.run_once()
        with pytest.raises(Unlicensed, match="expired"):
            await licences.require(1, BASIC)
        assert 1 == len(server.asked)


async def test_another_process_goes_by_what_the_first_was_told(database: Database) -> None:
    """The server hears of an installation as often as was said, however many processes it has."""
    async with (
        web(Vendor()) as server,
        licensed(database, server.url, refresh_seconds=1000) as one,
        licensed(database, server.url, refresh_seconds=1000) as two,
    ):
        await one.require(1, BASIC)
        with pytest.raises(Unlicensed):
            await two.require(1, ["advanced_workflows"])
        assert 1 == len(server.asked)


async def test_the_number_of_workflows_is_kept_even_by_those_who_create_at_once(database: Database) -> None:
    """Each waits for the one before; other communities have their own."""
    reply = said({**GOOD, "limits": {"workflows": 3, "executions_per_month": None}})

    refused: list[str] = []

    async def create(community: int) -> bool:
        async with database.pool.acquire() as connection, connection.transaction():
            try:
                await licences.require_room(connection, community)
            except Forbidden as error:
                refused.append(error.code)
                return False
            await connection.execute(
                "INSERT INTO workflows (workflow_id, name, nodes, connections, community_id) "
                "VALUES ($1, 'x', '[]', '[]', $2)",
                uuid4(),
                community,
            )
            return True

    async with web(Vendor(lambda: reply)) as server, licensed(database, server.url) as licences:
        created = await asyncio.gather(*(create(1 + place % 2) for place in range(12)))
        assert (6, ["LICENSE_LIMIT_REACHED"] * 6) == (sum(created), refused)


async def test_executions_of_a_month_are_counted(database: Database, limited: Web) -> None:
    """Those that are there, and those that this process lets in."""
    await database.pool.execute(
        "INSERT INTO workflows (workflow_id, name, nodes, connections, community_id) VALUES ($1, 'x', '[]', '[]', 1)",
        workflow_id := uuid4(),
    )
    await database.pool.execute(
        "INSERT INTO workflow_executions (execution_id, workflow_id, revision, status, trigger_node_id) "
        "SELECT id, $1, 1, 'completed', 'start' FROM unnest($2::uuid[]) AS id",
        workflow_id,
        [new_id(), new_id(), lowest_id(datetime.now(UTC) - timedelta(days=40))],
    )
    async with licensed(database, limited.url) as licences:
        await licences.admit(1, BASIC, count=2)
        with pytest.raises(Forbidden) as caught:
            await licences.admit(1, BASIC, count=2)
        await licences.admit(1, BASIC)
    assert {"quota": "executions_per_month", "limit": 5} == caught.value.details


@pytest.fixture
async def limited() -> AsyncIterator[Web]:
    """A server that allows five executions a month."""
    reply = said({**GOOD, "limits": {"executions_per_month": 5}})
    async with web(Vendor(lambda: reply)) as served:
        yield served
