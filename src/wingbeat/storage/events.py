"""Rows of events and commands from outside. Whom they concern is asked here; what follows is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.access import Permission
from wingbeat.storage.access import allowed_workflows, visible_executions
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.paging import Order, Page, Paging, page_clause
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject

EVENT_ORDERS = {"-received_at": Order("event_id", descending=True), "received_at": Order("event_id")}
MOST_LISTED = 1_000


class NewEvent(NamedTuple):
    """An event or a command to be kept; `content` is what triggers and waits get."""

    event_id: UUID
    kind: str
    identity: bytes
    digest: bytes
    type: str
    source: str
    id: str
    content: JsonObject
    community_id: int | None
    user_id: int
    publisher: str
    principal: JsonObject


class StoredEvent(NamedTuple):
    """An event as it is kept, with how far it has been delivered."""

    event_id: UUID
    kind: str
    digest: bytes
    type: str
    source: str
    id: str
    content: JsonObject
    community_id: int | None
    user_id: int
    publisher: str
    principal: JsonObject
    received_at: datetime
    after_workflow: UUID
    after_node: str
    after_wait: UUID
    matched: int
    started: int
    woken: int
    delivered_at: datetime | None
    repeats: int


class Listener(NamedTuple):
    """A trigger that may be meant by an event or a command."""

    workflow_id: UUID
    node_id: str
    keys: list[str]
    pattern: str
    platforms: list[str]
    filter: str | None
    names: JsonObject


class Waiter(NamedTuple):
    """An open wait that may be meant by an event."""

    wait_id: UUID
    execution_id: UUID
    opening: Json


class Advance(NamedTuple):
    """How far a delivery has come, and what was done on the way; `done` if nothing is left."""

    workflow_id: UUID
    node_id: str
    wait_id: UUID
    matched: int
    started: int
    woken: int
    done: bool


class Audience(NamedTuple):
    """Whom an event may concern: workflows that its publisher may run, in one community if that was said."""

    principal: Principal
    community_id: int | None


class EventFilter(NamedTuple):
    """Which events a list is of."""

    kind: str | None = None
    type: str | None = None
    source: str | None = None
    id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Led(NamedTuple):
    """What an event led to: an execution that began, one that went on, or why a trigger did not start one."""

    workflow_id: UUID
    execution_id: UUID | None
    node_id: str | None
    outcome: str
    reason: str


def as_event(row: Mapping[str, Any]) -> StoredEvent:
    """A row as a value."""
    return StoredEvent(*(row[name] for name in StoredEvent._fields))


async def insert(connection: asyncpg.Connection, new: NewEvent) -> StoredEvent | None:
    """Keep an event, in the caller's transaction; None if it is there already."""
    values = {**new._asdict(), "content": encode_json(new.content), "principal": encode_json(new.principal)}
    row = await load("events").insert(connection, **values)
    return None if row is None else as_event(row)


async def note_repeat(connection: asyncpg.Connection, identity: bytes, digest: bytes) -> StoredEvent | None:
    """The event that came before, counting that it came again if it says the same; None if it is forgotten by now."""
    row = await load("events").note_repeat(connection, identity=identity, digest=digest)
    return None if row is None else as_event(row)


async def list_started(connection: asyncpg.Connection, event_id: UUID, most: int) -> list[asyncpg.Record]:
    """The first executions that it started: `workflow_id`, `node_id`, `execution_id`."""
    rows: list[asyncpg.Record] = await load("events").list_started(connection, event_id=event_id, most=most)
    return rows


async def lock(connection: asyncpg.Connection, event_id: UUID) -> StoredEvent | None:
    """The event, which nobody else delivers until the caller's transaction ends."""
    row = await load("events").lock(connection, event_id=event_id)
    return None if row is None else as_event(row)


async def advance(connection: asyncpg.Connection, event_id: UUID, step: Advance) -> StoredEvent:
    """Note how far it has come, in the transaction that brought it there."""
    return as_event(await load("events").advance(connection, event_id=event_id, **step._asdict()))


async def insert_wakes(connection: asyncpg.Connection, event_id: UUID, rows: Sequence[asyncpg.Record]) -> None:
    """Note which waits it ended: `wait_id`, `execution_id` and `node_id` of each."""
    await load("events").insert_wakes(
        connection,
        event_id=event_id,
        waits=[row["wait_id"] for row in rows],
        executions=[row["execution_id"] for row in rows],
        nodes=[row["node_id"] for row in rows],
    )


async def remove(connection: asyncpg.Connection, event_id: UUID) -> None:
    """Keep it no longer."""
    await load("events").remove(connection, event_id=event_id)


async def find_undelivered(connection: asyncpg.Connection, seconds: float, most: int) -> list[UUID]:
    """Events that have not been delivered as a whole for so long, the oldest first."""
    rows = await load("events").find_undelivered(connection, seconds=seconds, most=most)
    return [row["event_id"] for row in rows]


async def forget(connection: asyncpg.Connection, before: UUID) -> None:
    """Forget the events from before an id was made."""
    await load("events").forget(connection, before=before)


async def find_listeners(
    connection: asyncpg.Connection, event: StoredEvent, keys: Sequence[str], audience: Audience, most: int
) -> list[Listener]:
    """The next triggers, after those that were dealt with, that are kept under one of these keys."""
    allowed = allowed_workflows(audience.principal, Permission.EXECUTE, first_argument=7, table="w")
    statement = (
        "SELECT s.workflow_id, s.node_id, array_agg(s.key) AS keys, min(s.pattern) AS pattern,"  # noqa: S608 - constants
        " (array_agg(to_json(s.platforms)))[1] AS platforms, min(s.filter) AS filter, (array_agg(s.names))[1] AS names"
        " FROM trigger_subscriptions s JOIN workflows w USING (workflow_id)"
        " WHERE s.kind = $1 AND s.key = ANY($2::text[]) AND (s.workflow_id, s.node_id) > ($3::uuid, $4::text)"
        f" AND ($5::integer IS NULL OR w.community_id = $5) AND {allowed.sql}"
        " GROUP BY s.workflow_id, s.node_id ORDER BY s.workflow_id, s.node_id LIMIT $6"
    )
    values = (event.kind, list(keys), event.after_workflow, event.after_node, audience.community_id, most)
    rows = await connection.fetch(statement, *values, *allowed.arguments)
    return [Listener(*row) for row in rows]


async def find_waiters(
    connection: asyncpg.Connection, event: StoredEvent, keys: Sequence[str], audience: Audience, most: int
) -> list[Waiter]:
    """The next open waits, after those that were dealt with, that are kept under one of these keys."""
    allowed = allowed_workflows(audience.principal, Permission.EXECUTE, first_argument=6, table="w")
    statement = (
        "SELECT t.wait_id, t.execution_id, t.opening FROM workflow_waits t"  # noqa: S608 - constants
        " JOIN workflow_executions e USING (execution_id) JOIN workflows w USING (workflow_id)"
        " WHERE t.kind = $1 AND t.key = ANY($2::text[]) AND t.resolved_at IS NULL AND t.kind <> 'children'"
        f" AND t.wait_id > $3::uuid AND ($4::integer IS NULL OR w.community_id = $4) AND {allowed.sql}"
        " ORDER BY t.wait_id LIMIT $5"
    )
    values = (event.kind, list(keys), event.after_wait, audience.community_id, most)
    return [Waiter(*row) for row in await connection.fetch(statement, *values, *allowed.arguments)]


async def get(connection: asyncpg.Connection, principal: Principal, event_id: UUID) -> StoredEvent | None:
    """An event that the caller may see; None for one that it may not, as for one that there is not."""
    visible, arguments = _visible(principal, 2)
    row = await connection.fetchrow(f"SELECT * FROM events WHERE event_id = $1 AND {visible}", event_id, *arguments)  # noqa: S608
    return None if row is None else as_event(row)


async def list_page(
    connection: asyncpg.Connection, principal: Principal, wanted: EventFilter, paging: Paging
) -> Page[StoredEvent]:
    """One page of the events that the caller may see."""
    conditions, arguments = _conditions(principal, wanted)
    clause, more = page_clause(
        "events",
        "event_id",
        EVENT_ORDERS[paging.sort],
        paging,
        first_argument=len(arguments) + 1,
        visible=_visible(principal, 1)[0],
    )
    rows = await connection.fetch(f"SELECT * FROM events WHERE {conditions} {clause}", *arguments, *more)  # noqa: S608
    return Page.of([as_event(row) for row in rows], paging.per_page)


async def count(connection: asyncpg.Connection, principal: Principal, wanted: EventFilter) -> int:
    """How many of them there are."""
    conditions, arguments = _conditions(principal, wanted)
    return int(await connection.fetchval(f"SELECT count(*) FROM events WHERE {conditions}", *arguments))  # noqa: S608


async def list_led(connection: asyncpg.Connection, principal: Principal, event_id: UUID) -> list[Led]:
    """What of that which it led to the caller may see, the first thousand of each kind."""
    allowed = allowed_workflows(principal, first_argument=3, table="w")
    started = await connection.fetch(
        "SELECT d.workflow_id, d.execution_id, d.node_id, d.outcome, d.reason FROM trigger_decisions d"  # noqa: S608
        " JOIN workflows w USING (workflow_id)"
        f" WHERE d.trigger_id = $1 AND {allowed.sql} ORDER BY d.decision_id LIMIT $2",
        event_id,
        MOST_LISTED,
        *allowed.arguments,
    )
    seen = visible_executions(principal, first_argument=3, table="e")
    woken = await connection.fetch(
        "SELECT e.workflow_id, e.execution_id, k.node_id, 'woken' AS outcome, '' AS reason FROM event_wakes k"  # noqa: S608
        " JOIN workflow_executions e USING (execution_id)"
        f" WHERE k.event_id = $1 AND {seen.sql} ORDER BY k.wait_id LIMIT $2",
        event_id,
        MOST_LISTED,
        *seen.arguments,
    )
    return [Led(*row) for row in (*started, *woken)]


def _conditions(principal: Principal, wanted: EventFilter) -> tuple[str, list[object]]:
    visible, arguments = _visible(principal, 1)
    conditions = [visible]
    values: list[object] = list(arguments)
    for name in ("kind", "type", "source", "id"):
        if (value := getattr(wanted, name)) is not None:
            values.append(value)
            conditions.append(f"{name} = ${len(values)}")
    for value, comparison in ((wanted.since, ">="), (wanted.until, "<")):
        if value is not None:
            values.append(value)
            conditions.append(f"received_at {comparison} ${len(values)}")
    return " AND ".join(conditions), values


def _visible(principal: Principal, first_argument: int) -> tuple[str, tuple[object, ...]]:
    """The condition that an event is the caller's own, or was published to a community in which it sees everything."""
    if Permission.VIEW not in principal.scopes:
        return "false", ()
    if principal.unrestricted:
        return "true", ()
    user, communities = f"${first_argument}", f"${first_argument + 1}"
    return (
        f"(user_id = nullif({user}::int, 0) OR community_id = ANY({communities}::int[]))",
        (principal.user_id, principal.communities_with(Permission.VIEW)),
    )
