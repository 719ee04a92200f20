"""Whether a community's licence allows what is asked for. What the server said is kept; nobody waits for it twice.

Only with RELEASE_MODE and a LICENSE_SERVER_URL: otherwise `Unlimited` allows everything.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from wingbeat.core.errors import DatabaseUnavailable, Forbidden, Unlicensed, WingbeatError
from wingbeat.core.licence import Feature, Known, Quota, Standing, Verdict, judge
from wingbeat.storage import audit, licences
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.licences import Said
from wingbeat.storage.pool import connect, translate_errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping
    from datetime import datetime

    import asyncpg

    from wingbeat.core.json_value import JsonObject
    from wingbeat.storage.pool import Database

# So long a process goes by what it has read; then it looks again, in the background.
LOOK_SECONDS = 30.0
# So long it goes by what it has counted; it counts what it starts itself.
COUNT_SECONDS = 300.0
RETRY_SECONDS = 60.0
# A community that nobody has asked about for so long is looked at no more.
FORGOTTEN_SECONDS = 3600.0
PROTOCOL = 1

log = structlog.get_logger()


class Answer(Protocol):
    """What the licence server says."""

    @property
    def message(self) -> str:
        """For people."""
        ...

    def allowed(self) -> frozenset[str]:
        """The features that may be used."""
        ...

    def limited(self) -> dict[str, int]:
        """The quotas that have a limit."""
        ...

    def until(self) -> datetime | None:
        """When the licence ends."""
        ...


class Server(Protocol):
    """The licence server."""

    async def ask(self, question: JsonObject) -> Answer:
        """What it says; a PlatformError if it says nothing."""
        ...


class Gate(Protocol):
    """Whoever decides whether a licence allows something."""

    async def require(self, community_id: int, wanted: Collection[str]) -> None:
        """Raises Unlicensed unless all these features may be used."""
        ...

    async def require_room(self, connection: asyncpg.Connection, community_id: int) -> None:
        """Raises Forbidden unless one more workflow may be created; nobody else creates one meanwhile."""
        ...

    async def admit(self, community_id: int, wanted: Collection[str], count: int = 1) -> None:
        """Raises Unlicensed or Forbidden unless so many executions may be started; they count as started."""
        ...

    def problems(self) -> list[str]:
        """What is wrong with the licences in use, in sentences."""
        ...


class Unlimited:
    """Allows everything: there is no licence server."""

    async def require(self, community_id: int, wanted: Collection[str]) -> None:
        """Allowed."""

    async def require_room(self, connection: asyncpg.Connection, community_id: int) -> None:
        """Allowed."""

    async def admit(self, community_id: int, wanted: Collection[str], count: int = 1) -> None:
        """Allowed."""

    def problems(self) -> list[str]:
        """None."""
        return []


@dataclass(slots=True)
class _Held:
    """What this process knows of a community."""

    verdict: Verdict
    read_at: float
    asked_for_at: float
    counted_at: float = 0.0
    executions: int = 0


@dataclass(frozen=True)
class Terms:
    """How often the server is asked, and how long it may be away, in seconds."""

    refresh_seconds: float = 3600.0
    grace_seconds: float = 72 * 3600.0
    version: str = ""


class Licences:
    """The licences of all communities that are active in this process."""

    def __init__(self, database: Database, server: Server, terms: Terms) -> None:
        self._database = database
        self._server = server
        self._terms = terms
        self._held: dict[int, _Held] = {}
        self._looking: dict[int, asyncio.Task[_Held]] = {}
        self._task: asyncio.Task[None] | None = None

    # What others ask.

    async def require(self, community_id: int, wanted: Collection[str]) -> None:
        """See `Gate`.

        Raises:
            Unlicensed: `LICENSE_REQUIRED`.
        """
        held = await self._hold(community_id)
        if missing := held.verdict.missing(wanted):
            raise unlicensed(community_id, held.verdict, missing)

    async def require_room(self, connection: asyncpg.Connection, community_id: int) -> None:
        """See `Gate`.

        Raises:
            Forbidden: `LICENSE_LIMIT_REACHED`.
        """
        held = await self._hold(community_id)
        most = held.verdict.limits.get(Quota.WORKFLOWS)
        if most is None:
            return
        await licences.take_turn_at_creating(connection, community_id)
        count = await licences.count_workflows(connection, community_id)
        if count >= most:
            raise limit_reached(Quota.WORKFLOWS, most, "Archive workflows that are not needed")

    async def admit(self, community_id: int, wanted: Collection[str], count: int = 1) -> None:
        """See `Gate`. The count is this process's own since it last looked: other processes may go beyond a little.

        Raises:
            Unlicensed, Forbidden: `LICENSE_REQUIRED`, `LICENSE_LIMIT_REACHED`.
        """
        held = await self._hold(community_id)
        if missing := held.verdict.missing(wanted):
            raise unlicensed(community_id, held.verdict, missing)
        most = held.verdict.limits.get(Quota.EXECUTIONS)
        if most is None:
            return
        if held.executions + count > most:
            raise limit_reached(Quota.EXECUTIONS, most, "Wait for the next month (UTC)")
        held.executions += count

    def problems(self) -> list[str]:
        """What is wrong with the licences in use, in sentences."""
        found = {held.verdict.why for held in self._held.values() if held.verdict.standing is not Standing.CURRENT}
        in_grace = any(held.verdict.standing is Standing.GRACE for held in self._held.values())
        hours = f"{self._terms.grace_seconds / 3600:g}"
        said = [f"The licence server does not answer; what it said last holds for {hours} hours."] if in_grace else []
        return [*said, *sorted(found - {""})]

    # What it knows.

    async def _hold(self, community_id: int) -> _Held:
        """What is known of a community; only who asks first waits for it."""
        held = self._held.get(community_id)
        now = time.monotonic()
        if held is not None:
            held.asked_for_at = now
            return held
        looking = self._looking.get(community_id)
        if looking is None:
            looking = self._looking[community_id] = asyncio.create_task(self._look(community_id), name="licence")
            looking.add_done_callback(lambda _: self._looking.pop(community_id, None))
        return await asyncio.shield(looking)

    async def _look(self, community_id: int) -> _Held:
        """Read what is known, ask the server if it is time, and keep the verdict."""
        await self._ask_if_due(community_id)
        now = time.monotonic()
        before = self._held.get(community_id)
        with translate_errors():
            async with self._connected() as connection:
                known = await licences.read(connection, community_id) or Known()
                verdict = judge(known, self._terms.grace_seconds)
                held = before or _Held(verdict, now, now)
                if Quota.EXECUTIONS in verdict.limits and now - held.counted_at > COUNT_SECONDS:
                    held.executions, held.counted_at = await licences.count_executions(connection, community_id), now
        if before is None or before.verdict.standing is not verdict.standing:
            self._tell(community_id, verdict)
        held.verdict, held.read_at = verdict, now
        self._held[community_id] = held
        return held

    async def _ask_if_due(self, community_id: int) -> None:
        with translate_errors():
            async with self._connected() as connection:
                ours = await licences.take_turn(
                    connection, community_id, seconds=self._terms.refresh_seconds, retry=RETRY_SECONDS
                )
                question = await self._question(connection, community_id) if ours else {}
        if not ours:
            return
        try:
            answer = await self._server.ask(question)
        except WingbeatError as error:
            log.warning("licence_server_away", community=community_id, error=str(error))
            with translate_errors():
                async with self._connected() as connection:
                    await licences.keep_silence(connection, community_id)
            return
        with translate_errors():
            async with self._connected() as connection:
                said = Said(answer.allowed(), answer.limited(), audit.clean(answer.message), answer.until())
                await licences.keep_answer(connection, community_id, said)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection of its own: all of the pool's may be held by those who wait for what is read here."""
        connection = await connect(self._database.dsn)
        try:
            yield connection
        finally:
            connection.terminate()

    async def _question(self, connection: asyncpg.Connection, community_id: int) -> JsonObject:
        return {
            "protocol": PROTOCOL,
            "product": "wingbeat",
            "version": self._terms.version,
            "community_id": community_id,
            "features": [feature.value for feature in sorted(Feature)],
            "usage": {
                Quota.WORKFLOWS.value: await licences.count_workflows(connection, community_id),
                Quota.EXECUTIONS.value: await licences.count_executions(connection, community_id),
            },
        }

    def _tell(self, community_id: int, verdict: Verdict) -> None:
        good = verdict.standing in {Standing.CURRENT, Standing.GRACE}
        audit.note(
            AuditEvent(
                Category.SYSTEM,
                "licence.look",
                "licence",
                str(community_id),
                actor="system",
                community_id=community_id,
                result=audit.SUCCESS if good else verdict.standing.value,
                detail={"standing": verdict.standing.value, "features": [*sorted(verdict.features)]},
                message=verdict.why or f"The licence is {verdict.standing.value}",
            )
        )

    # The service.

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="licences")

    async def stop(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, *self._looking.values(), return_exceptions=True)
            self._task = None

    async def run_once(self) -> None:
        """Look at all communities that were asked about lately.

        Raises:
            DatabaseUnavailable: what was known before holds on.
        """
        now = time.monotonic()
        for community_id, held in list(self._held.items()):
            if now - held.asked_for_at > FORGOTTEN_SECONDS:
                del self._held[community_id]
            else:
                await self._look(community_id)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with suppress(DatabaseUnavailable):
                try:
                    await self.run_once()
                except DatabaseUnavailable:
                    raise
                except Exception:
                    log.exception("licences_not_looked_at")


def unlicensed(community_id: int, verdict: Verdict, missing: Collection[str]) -> Unlicensed:
    """The error for features that may not be used."""
    named = ", ".join(missing)
    whose = f"Community {community_id}" if community_id else "This installation"
    remedies: Mapping[Standing, str] = {
        Standing.EXPIRED: "Renew the licence.",
        Standing.GRACE_OVER: "Ask the operator to let this installation reach the licence server again.",
    }
    return Unlicensed(
        f"{whose} has no licence for: {named}.{f' {verdict.why}' if verdict.why else ''}",
        remedy=remedies.get(verdict.standing, "Get a licence that has it, or leave out what needs it."),
        details={"features": [*missing], "standing": verdict.standing.value},
    )


def limit_reached(quota: Quota, most: int, what_to_do: str) -> Forbidden:
    """The error for a quota that is used up."""
    what = {Quota.WORKFLOWS: "workflows", Quota.EXECUTIONS: "executions in a month"}[quota]
    return Forbidden(
        f"The licence allows {most} {what}, and they are used up.",
        code="LICENSE_LIMIT_REACHED",
        remedy=f"{what_to_do}, or get a licence that allows more.",
        details={"quota": quota.value, "limit": most},
    )
