"""Events and commands from outside: each starts every trigger that it concerns, and ends every such wait, once.

An event is its own outbox. What it does is done in the transaction that takes it in, as far as that goes in one; the
row says how far it came, and whoever took it in, or a worker after its death, goes on from there.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import asyncpg

from wingbeat.core.access import Attempt, Denied, Permission
from wingbeat.core.errors import Conflict, DatabaseUnavailable, InvalidInput, NotFound
from wingbeat.sdk import command_text, event_names
from wingbeat.sdk.event_names import LONGEST_NAME
from wingbeat.services.events.matching import Verdict, fits, judge_command, judge_event
from wingbeat.services.executions.firing import Firing
from wingbeat.services.permissions.principal_record import read_principal, write_principal
from wingbeat.storage import decisions, idempotency, waits
from wingbeat.storage import events as rows
from wingbeat.storage.decisions import Decision, Outcome, TriggerKind
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.events import Advance, Audience, NewEvent, StoredEvent
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import despite_collisions, translate_errors
from wingbeat.storage.subscriptions import COMMAND, EVENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.executions.firing import Firings
    from wingbeat.storage.events import EventFilter, Led, Listener, Waiter
    from wingbeat.storage.paging import Page, Paging
    from wingbeat.storage.pool import Database

# What one transaction takes on: so many triggers and waits, so many bytes of data for them, so long in filters.
MOST_AT_ONCE = 1_000
MOST_BYTES = 32_000_000
MOST_SECONDS = 1.0
# As many of the executions that it started are named in an answer.
MOST_NAMED = 100
LONGEST_REASON = 500
# Where the cursor of an event stands when all have been found that waited for it.
EVERY_WAIT = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that has happened, as its publisher says it. Without an id it is never the same as another.

    `extensions` are further attributes. Only workflows of `community_id` hear of it, if one is given.
    """

    name: str
    data: Json = None
    source: str = ""
    id: str = ""
    subject: str | None = None
    time: str | None = None
    extensions: JsonObject = field(default_factory=dict)
    community_id: int | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A message in a chat: its `text`, or the name of a `command` with its `arguments`, and whatever the chat tells."""

    text: str | None = None
    command: str | None = None
    arguments: JsonObject | None = None
    platform: str | None = None
    channel: str | None = None
    user: Json = None
    message_id: str = ""
    extra: JsonObject = field(default_factory=dict)
    community_id: int | None = None


class Begun(NamedTuple):
    """An execution that an event started."""

    workflow_id: UUID
    node_id: str
    execution_id: UUID


class Published(NamedTuple):
    """What came of an event; `executions` are the first that it started. `replayed`: it had come before."""

    event: StoredEvent
    executions: list[Begun]
    replayed: bool


class Shown(NamedTuple):
    """An event with what of that which it led to the caller may see."""

    event: StoredEvent
    led: list[Led]


class _Round(NamedTuple):
    """What one transaction does: the triggers that are meant, and those whose filters failed."""

    meant: list[Listener]
    faults: list[tuple[Listener, Verdict]]
    last: Listener | None
    whole: bool


@dataclass(frozen=True)
class Events:
    """The use cases of events and commands. All raise DatabaseUnavailable; then sending the same again is harmless."""

    database: Database
    firings: Firings
    most_at_once: int = MOST_AT_ONCE

    async def publish(self, principal: Principal, occurrence: Occurrence) -> Published:
        """Start every workflow that listens to the event and the caller may run, and wake every such wait.

        Raises:
            InvalidInput: it cannot be stored, or has a name that no event can have.
            Conflict: `EVENT_ID_REUSED`: another event of this source came under this id.
            Denied: the caller may run nothing for that community.
        """
        if not occurrence.name or len(occurrence.name) > LONGEST_NAME:
            raise InvalidInput(f"An event has a name of 1 to {LONGEST_NAME} characters.", remedy="Name the event.")
        identifier = occurrence.id or str(new_id())
        content: JsonObject = {
            "id": identifier,
            "name": occurrence.name,
            "type": occurrence.name,
            "source": occurrence.source,
            "subject": occurrence.subject,
            "time": occurrence.time,
            **occurrence.extensions,
            "data": occurrence.data,
        }
        new = make(principal, EVENT, (occurrence.name, occurrence.source, identifier), content, occurrence.community_id)
        return await self._take_in(principal, new)

    async def command(self, principal: Principal, command: Command) -> Published | None:
        """Start every workflow that listens to the command and the caller may run; None if nobody does.

        Raises:
            InvalidInput: it cannot be stored.
            Conflict: `EVENT_ID_REUSED`: another message came under this id.
            Denied: the caller may run nothing for that community.
        """
        given = {
            "text": command.text,
            "command": command.command,
            "arguments": command.arguments,
            "platform": command.platform,
            "channel": command.channel,
            "user": command.user,
            "message_id": command.message_id or None,
        }
        content: JsonObject = {**command.extra, **{name: value for name, value in given.items() if value is not None}}
        if command.command is not None:
            content.setdefault("arguments", {})
        word = command.command if command.command is not None else command_text.split_text(command.text or "").word
        if not word or len(word) > LONGEST_NAME:
            return None
        source = encode_json([command.platform, command.channel]).decode()
        about = (word, source, command.message_id or str(new_id()))
        published = await self._take_in(principal, make(principal, COMMAND, about, content, command.community_id))
        return None if published.event.matched == 0 else published

    async def get(self, principal: Principal, event_id: UUID) -> Shown:
        """An event, and what it led to; raises NotFound."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                event = await rows.get(connection, principal, event_id)
                if event is None:
                    raise NotFound(
                        f"There is no event {event_id}.",
                        code="EVENT_NOT_FOUND",
                        remedy="List the events to find its id; they are kept for RETENTION_DAYS.",
                    )
                return Shown(event, await rows.list_led(connection, principal, event_id))

    async def list(self, principal: Principal, wanted: EventFilter, paging: Paging) -> Page[StoredEvent]:
        """One page of the events that the caller may see."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                return await rows.list_page(connection, principal, wanted, paging)

    async def count(self, principal: Principal, wanted: EventFilter) -> int:
        """How many of them there are."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                return await rows.count(connection, principal, wanted)

    async def finish(self, event_id: UUID) -> StoredEvent | None:
        """Deliver what is left of an event, however far others have come with it; None if it is gone."""
        while True:
            event = await self._deliver_more(event_id)
            if event is None or event.delivered_at is not None:
                return event

    async def _take_in(self, principal: Principal, new: NewEvent) -> Published:
        if new.community_id is not None:
            await self._refuse_strangers(principal, new.community_id)
        event, replayed = await despite_collisions(lambda: self._begin(principal, new))
        if event.delivered_at is None:
            event = await self.finish(event.event_id) or event
        if event.started == 0:
            return Published(event, [], replayed)
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                started = await rows.list_started(connection, event.event_id, MOST_NAMED)
        named = [Begun(row["workflow_id"], row["node_id"], row["execution_id"]) for row in started]
        return Published(event, named, replayed)

    async def _refuse_strangers(self, principal: Principal, community_id: int) -> None:
        """Raise Denied if the caller wants to be heard in a community in which it may run nothing."""
        if principal.unrestricted or community_id in principal.communities_with(Permission.EXECUTE):
            return
        denied = Denied(
            f"You may run no workflows of the community {community_id}, so you can be heard by none.",
            remedy="Leave community_id out to reach every workflow that you may run.",
            attempt=Attempt(Permission.EXECUTE, "community", str(community_id)),
        )
        with translate_errors():
            await self.database.record(principal, denied)
        raise denied

    async def _begin(self, principal: Principal, new: NewEvent) -> tuple[StoredEvent, bool]:
        """Keep the event and do as much of what it does as one transaction takes; or find that it came before."""
        async with self.database.pool.acquire() as connection, connection.transaction():
            event = await rows.insert(connection, new)
            if event is not None:
                event = await self._deliver(connection, event, principal)
                if event.kind == COMMAND and event.matched == 0 and event.delivered_at is not None:
                    # What people say to each other is not kept.
                    await rows.remove(connection, event.event_id)
                return event, False
            earlier = await rows.note_repeat(connection, new.identity, new.digest)
            if earlier is None:
                raise DatabaseUnavailable("The event was being forgotten.", remedy="Send it again.")
            if earlier.digest != new.digest:
                raise _reused(new)
            await _note_duplicates(connection, earlier)
            return earlier, True

    async def _deliver_more(self, event_id: UUID) -> StoredEvent | None:
        async def deliver() -> StoredEvent | None:
            async with self.database.pool.acquire() as connection, connection.transaction():
                event = await rows.lock(connection, event_id)
                if event is None or event.delivered_at is not None:
                    return event
                return await self._deliver(connection, event, read_principal(event.principal))

        return await despite_collisions(deliver)

    async def _deliver(self, connection: asyncpg.Connection, event: StoredEvent, principal: Principal) -> StoredEvent:
        """Wake and start the next of those whom it concerns, in the caller's transaction.

        Nothing is started before the last wait is found: what it starts may wait for another such event.
        """
        audience = Audience(principal, event.community_id)
        most = max(1, min(self.most_at_once, MOST_BYTES // len(encode_json(event.content))))
        keys = event_names.lookup_keys(event.type) if event.kind == EVENT else _command_keys(event.content)
        waiters: list[Waiter] = []
        if event.kind == EVENT and event.after_wait != EVERY_WAIT:
            waiters = await rows.find_waiters(connection, event, keys, audience, most + 1)
        awake, waiters = len(waiters) <= most, waiters[:most]
        found = await rows.find_listeners(connection, event, keys, audience, most + 1) if awake else []
        done = await _judge_all(event, found[:most], whole=awake and len(found) <= most)
        kind = TriggerKind(event.kind)
        firings = [
            Firing(one.workflow_id, kind, event.content, one.node_id, event.event_id, actor=event.user_id)
            for one in done.meant
        ]
        fired = await self.firings.fire(connection, firings)
        await decisions.write(connection, [_failed(event, kind, *fault) for fault in done.faults])
        last = done.last
        after = (event.after_workflow, event.after_node) if last is None else (last.workflow_id, last.node_id)
        woken = await _wake(connection, event, waiters)
        after_wait = EVERY_WAIT if awake else waiters[-1].wait_id
        started = sum(one.outcome is Outcome.FIRED for one in fired)
        step = Advance(*after, after_wait, len(firings), started, woken, done.whole)
        return await rows.advance(connection, event.event_id, step)


def make(
    principal: Principal, kind: str, about: tuple[str, str, str], content: JsonObject, community_id: int | None
) -> NewEvent:
    """The row of an event; `about` are its type, its source and its id."""
    name, source, identifier = about
    said = encode_json(content)
    parts = (principal.key, str(community_id), kind, source, identifier)
    return NewEvent(
        new_id(),
        kind,
        idempotency.hash_request(*(part.encode() for part in parts)),
        idempotency.hash_request(said),
        name,
        source,
        identifier,
        content,
        community_id,
        principal.user_id,
        principal.name,
        write_principal(principal),
    )


def _command_keys(message: JsonObject) -> list[str]:
    word = message.get("command")
    if isinstance(word, str):
        return [command_text.command_key(word)]
    return command_text.lookup_keys(command_text.split_text(str(message["text"])).word)


async def _judge_all(event: StoredEvent, found: list[Listener], *, whole: bool) -> _Round:
    """Ask each trigger whether it is meant; those that there is no time left for are for the next transaction."""
    judge: Callable[[Listener, JsonObject], Verdict] = judge_event if event.kind == EVENT else judge_command
    done = _Round([], [], None, whole)
    begun = time.monotonic()
    for listener in found:
        verdict = judge(listener, event.content)
        if verdict.meant:
            done.meant.append(listener)
        elif verdict.fault:
            done.faults.append((listener, verdict))
        done = done._replace(last=listener)
        if time.monotonic() - begun > MOST_SECONDS:
            return done._replace(whole=whole and listener is found[-1])
    await asyncio.sleep(0)
    return done


async def _wake(connection: asyncpg.Connection, event: StoredEvent, waiters: list[Waiter]) -> int:
    """End the waits that the event is for; returns how many."""
    wanted = [(one.wait_id, one.execution_id) for one in waiters if fits(one.opening, event.content)]
    if not wanted:
        return 0
    resolved = await waits.resolve_many(connection, wanted, event.content)
    if resolved:
        await rows.insert_wakes(connection, event.event_id, resolved)
    return len(resolved)


def _failed(event: StoredEvent, kind: TriggerKind, listener: Listener, verdict: Verdict) -> Decision:
    """A trigger whose filter could not say whether it is meant starts nothing, and the reason can be read."""
    return Decision(
        listener.workflow_id,
        kind,
        Outcome.INVALID,
        event.event_id,
        listener.node_id,
        reason=verdict.fault,
        detail={"event": event.id, "name": event.type, "message": verdict.told[:LONGEST_REASON]},
        actor=event.user_id,
    )


async def _note_duplicates(connection: asyncpg.Connection, event: StoredEvent) -> None:
    """For the workflows that it started: it came again, and led to nothing more."""
    if event.started == 0:
        return
    kind = TriggerKind(event.kind)
    await decisions.write(
        connection,
        [
            Decision(
                row["workflow_id"],
                kind,
                Outcome.DUPLICATE,
                event.event_id,
                row["node_id"],
                row["execution_id"],
                reason="EVENT_CAME_BEFORE",
                detail={"event": event.id, "name": event.type},
                actor=event.user_id,
            )
            for row in await rows.list_started(connection, event.event_id, MOST_NAMED)
        ],
    )


def _reused(new: NewEvent) -> Conflict:
    return Conflict(
        f"Another {new.kind} came before under the id {new.id[:100]!r} of the same source; nothing was done.",
        code="EVENT_ID_REUSED",
        remedy="Give each its own id, and send the same id only with the very same content.",
    )
