"""The record of who did what, to what, and how it went. Written and never changed; no secret is ever part of it.

`write` belongs into the transaction of a change. `note` is for what has no transaction, or one that will be rolled
back: denials, failed sign-ins, errors. The starts and ends of executions are too frequent for rows of their own: they
are only traced, which gives them lines in the log file.

Who asked is known from the context of the request, so that nobody has to hand it on.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast
from uuid import UUID

from wingbeat.core.status import ExecutionStatus
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import asyncpg

    from wingbeat.core.json_value import Json, JsonObject

SUCCESS = "success"
MODULE = "wingbeat"
LONGEST_TEXT = 1_000
MOST_DETAIL_DEPTH = 6
FORGET_AT_ONCE = 5_000


class Category(StrEnum):
    """What an entry is about."""

    AUTH = "AUTH"
    AUTHZ = "AUTHZ"
    AUDIT = "AUDIT"
    ERROR = "ERROR"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One entry. `action` is like `connection.use`; `result` is `success`, or the code of what stood against it.

    Raises:
        TypeError: a value is of a type that has no place in the record, such as one that holds a secret.
    """

    category: Category
    action: str
    object_type: str
    object_id: str
    actor: str = ""
    community_id: int = 0
    execution_id: UUID | None = None
    node_id: str | None = None
    result: str = SUCCESS
    detail: JsonObject = field(default_factory=dict)
    workflow_id: UUID | None = None
    message: str = ""

    def __post_init__(self) -> None:
        """Take nothing but plain values: a secret has a type of its own, and so is refused whatever it holds."""
        for text in (self.action, self.object_type, self.object_id, self.actor, self.result, self.message):
            if not isinstance(text, str):
                raise refused(text)
        if self.detail:
            check_plain(self.detail)


@dataclass(slots=True)
class Caller:
    """On whose behalf something is done, filled in as it becomes known: the address first, then the user."""

    request_id: str = ""
    address: str = ""
    user: str = ""
    user_id: int = 0
    token_id: str = ""

    def identify(self, user: str, user_id: int = 0, token_id: str = "") -> None:
        """Say who it is, once that is verified."""
        self.user, self.user_id, self.token_id = user, user_id, token_id


class Entry(NamedTuple):
    """An event with who asked and when: what a row and a line are made of. `audit_id` is of this moment."""

    audit_id: UUID
    event: AuditEvent
    caller: Caller

    def columns(self) -> dict[str, object]:
        """The values of its row but for the time; `detail` is JSON."""
        event, caller = self.event, self.caller
        return {
            "audit_id": self.audit_id,
            "category": event.category.value,
            "action": clean(event.action),
            "actor": clean(event.actor or caller.user),
            "user_id": caller.user_id,
            "token_id": caller.token_id,
            "community_id": event.community_id,
            "object_type": clean(event.object_type),
            "object_id": clean(event.object_id),
            "workflow_id": event.workflow_id or workflow_of(event),
            "execution_id": event.execution_id,
            "node_id": event.node_id,
            "result": clean(event.result),
            "message": clean(event.message),
            "address": clean(caller.address),
            "request_id": caller.request_id,
            "detail": clean_value(event.detail),
        }

    def line(self, at: datetime | None = None) -> dict[str, object]:
        """The entry as the log file and the command line show it."""
        return line_of(self.columns(), at)


class Trail(Protocol):
    """Where entries go besides the transaction that they are part of. Lines get their time where they are None."""

    def wrote(self, identifier: UUID, line: dict[str, object]) -> None:
        """A row with this id was written in somebody's transaction, which may still be rolled back."""

    def note(self, entry: Entry) -> None:
        """Something happened that is to have a row and a line."""

    def trace(self, line: dict[str, object]) -> None:
        """Something happened that is to have a line."""


# Who asks, and where the entries of this process go: a context of each task, and so no state that two of them share.
CALLER: ContextVar[Caller | None] = ContextVar("audit_caller", default=None)
TRAIL: ContextVar[Trail | None] = ContextVar("audit_trail", default=None)


@contextmanager
def acting(caller: Caller) -> Iterator[Caller]:
    """Whatever is recorded inside is on this caller's behalf."""
    before = CALLER.set(caller)
    try:
        yield caller
    finally:
        CALLER.reset(before)


def caller() -> Caller:
    """On whose behalf this is done; nobody's if nothing else was said. `identify` it once it is verified."""
    return CALLER.get() or Caller()


async def write(connection: asyncpg.Connection, event: AuditEvent) -> None:
    """Add an entry, within the caller's transaction if there is one; the log file has it once that is committed."""
    entry = Entry(new_id(), event, replace(caller()))
    columns = entry.columns()
    columns["detail"] = encode_json(cast("Json", columns["detail"]))
    await load("audit").insert_event(connection, **columns)
    trail = TRAIL.get()
    if trail is not None:
        trail.wrote(entry.audit_id, entry.line())


def note(event: AuditEvent) -> None:
    """Add an entry a moment later, by itself: it stays even if the caller's transaction is rolled back."""
    trail = TRAIL.get()
    if trail is not None:
        trail.note(Entry(new_id(), event, replace(caller())))


def trace_start(execution_id: UUID, workflow_id: UUID, *, user_id: int, kind: str, by: Caller) -> None:
    """Add a line about an execution that is there; its row is the one of its trigger's decision."""
    trail = TRAIL.get()
    if trail is not None:
        trail.trace(start_line(execution_id, workflow_id, user_id, kind, by))


def trace_start_once_committed(execution_id: UUID, workflow_id: UUID, *, user_id: int, kind: str) -> None:
    """The same for one that is put in by a transaction which may still be rolled back."""
    trail = TRAIL.get()
    if trail is not None:
        trail.wrote(execution_id, start_line(execution_id, workflow_id, user_id, kind, caller()))


def trace_end(execution_id: UUID, workflow_id: UUID, status: ExecutionStatus, error: JsonObject | None = None) -> None:
    """Add a line about the end of an execution; the result is its error's code, or how else it ended."""
    trail = TRAIL.get()
    if trail is not None:
        good = status is ExecutionStatus.COMPLETED
        result = SUCCESS if good else str((error or {}).get("code", status.value))
        line = execution_line("execution.end", execution_id, workflow_id, result, caller())
        line["message"] = f"Workflow execution {status.value}"
        trail.trace(line)


def start_line(execution_id: UUID, workflow_id: UUID, user_id: int, kind: str, by: Caller) -> dict[str, object]:
    """What is told of a start."""
    line = execution_line("execution.start", execution_id, workflow_id, SUCCESS, by)
    line["message"], line["kind"] = "Workflow execution started", kind
    if user_id:
        line["user_id"] = user_id
        line["user"] = by.user or f"user {user_id}"
    return line


def execution_line(action: str, execution_id: UUID, workflow_id: UUID, result: str, by: Caller) -> dict[str, object]:
    """A line about an execution, made without an entry: this happens thousands of times a second."""
    line: dict[str, object] = {
        "timestamp": None,
        "level": "INFO" if result == SUCCESS else "WARNING",
        "module": MODULE,
        "event_type": Category.AUDIT.value,
        "action": action,
        "user": by.user,
        "community": None,
        "workflow_id": workflow_id,
        "execution_id": execution_id,
        "result": result.upper(),
        "message": "",
    }
    if by.request_id:
        line["request_id"], line["address"] = by.request_id, by.address
    return line


async def insert_noted(connection: asyncpg.Connection, noted: Sequence[tuple[float, Entry]]) -> None:
    """Add entries that happened some seconds ago; those that are there already stay as they are."""
    rows: list[Json] = [{**as_json(entry.columns()), "age": age} for age, entry in noted]
    await load("audit").insert_noted(connection, rows=encode_json(rows))


async def find_committed(connection: asyncpg.Connection, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Which of these entries are there for good, and when they were written. Decisions of triggers count as well."""
    rows = await load("audit").find_committed(connection, ids=list(ids))
    return {row["audit_id"]: row["at"] for row in rows}


async def forget(connection: asyncpg.Connection, kept: timedelta) -> int:
    """Delete what is older; returns how many entries that were. In parts, so that nobody waits for long."""
    before = await connection.fetchval("SELECT now()") - kept
    total = 0
    while True:
        async with connection.transaction():
            await load("audit").begin_upkeep(connection)
            gone = int(await load("audit").forget(connection, before=before, most=FORGET_AT_ONCE))
        total += gone
        if gone < FORGET_AT_ONCE:
            return total


def line_of(columns: dict[str, object], at: datetime | None) -> dict[str, object]:
    """A row as a line of the log: the seeds' names first, then what else is known. What is empty is left out."""
    category, result = str(columns["category"]), str(columns["result"])
    return {
        "timestamp": at,
        "level": level_of(category, result),
        "module": MODULE,
        "event_type": category,
        "action": columns["action"],
        "user": columns["actor"],
        "community": columns["community_id"],
        "workflow_id": columns["workflow_id"],
        "execution_id": columns["execution_id"],
        "result": result.upper(),
        "message": columns["message"] or describe(columns),
        **{name: columns[name] for name in MORE if columns[name]},
    }


MORE = ("request_id", "address", "user_id", "token_id", "object_type", "object_id", "node_id", "detail")


def level_of(category: str, result: str) -> str:
    """How much an entry asks for somebody's attention."""
    if category == Category.ERROR:
        return "ERROR"
    return "INFO" if result == SUCCESS else "WARNING"


def describe(columns: dict[str, object]) -> str:
    """A sentence where an entry has none."""
    thing = f"{columns['object_type']} {columns['object_id']}".strip()
    what = f"{columns['action']} of {thing}" if thing else str(columns["action"])
    return what if columns["result"] == SUCCESS else f"{what} refused or failed: {columns['result']}"


def workflow_of(event: AuditEvent) -> UUID | None:
    """The workflow that an event is about by its object, if it names none besides."""
    if event.object_type != "workflow":
        return None
    try:
        return UUID(event.object_id)
    except ValueError:
        return None


def clean(text: str) -> str:
    """A text that every database and every reader of lines can hold, and no longer than anybody reads."""
    if text.isascii() and text.isprintable() and len(text) <= LONGEST_TEXT:
        return text
    kept = text[:LONGEST_TEXT].encode("utf-8", "replace").decode()
    return "".join(one if one.isprintable() else " " for one in kept)


def clean_value(value: Json) -> Json:
    """The same for the texts in a detail; a number that is none becomes null."""
    if isinstance(value, dict):
        return {clean(name): clean_value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [clean_value(inner) for inner in value]
    if isinstance(value, str):
        return clean(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_json(columns: dict[str, object]) -> JsonObject:
    """Ids as texts."""
    return {name: str(value) if isinstance(value, UUID) else value for name, value in columns.items()}  # type: ignore[misc]


def check_plain(value: object, depth: int = 0) -> None:
    """Raise TypeError for what is no plain JSON value."""
    if value is None or isinstance(value, str | int | float):
        return
    if depth > MOST_DETAIL_DEPTH:
        raise TypeError("The detail of an audit event is too deep.")
    if isinstance(value, dict):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise refused(name)
            check_plain(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            check_plain(inner, depth + 1)
    else:
        raise refused(value)


def refused(value: object) -> TypeError:
    """The error for a value that has no place in the record; it names the type, never the value."""
    return TypeError(f"An audit event takes plain JSON values, and no {type(value).__name__}.")
