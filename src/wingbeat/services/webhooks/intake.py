"""What comes in by webhooks: looked up, checked, counted, and started, in one transaction for all of the same moment.

Nothing is answered before it is durable. See docs/adr for why the rows of webhooks are locked, and for how long.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import structlog

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import Conflict, PlatformError, RateLimited, WingbeatError
from wingbeat.services.executions.firing import Firing
from wingbeat.services.executions.start_requests import NOTHING_INSERTED, Cause, StartRequest
from wingbeat.services.webhooks.checks import (
    Refusal,
    find_refusal,
    no_webhook,
    read_delivery_id,
)
from wingbeat.services.webhooks.content import (
    FileBody,
    FormBody,
    JsonBody,
    TextBody,
    as_object,
    read_content,
    read_fields,
)
from wingbeat.services.webhooks.floods import RefusalRows
from wingbeat.services.webhooks.lookups import WebhookLookups
from wingbeat.services.webhooks.secrets import OpenedSecrets
from wingbeat.services.webhooks.sorting import Again, Arrival, count_going, sort_out
from wingbeat.storage import decisions
from wingbeat.storage import webhooks as rows
from wingbeat.storage.blobs import BlobsUnavailable
from wingbeat.storage.decisions import Decision, Outcome, TriggerKind
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import despite_collisions
from wingbeat.storage.queries import load
from wingbeat.storage.webhooks import Accepted, KnownDelivery

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.executions.files import FileStore
    from wingbeat.services.executions.firing import Fired, Firings
    from wingbeat.services.executions.start import Starter
    from wingbeat.services.executions.start_requests import Held, Prepared, Started, Summary
    from wingbeat.services.webhooks.checks import Delivery
    from wingbeat.services.webhooks.content import Content, UploadedFile
    from wingbeat.services.webhooks.lookups import Hook
    from wingbeat.services.webhooks.sorting import Sorted, Verdict
    from wingbeat.storage.keys import Keys
    from wingbeat.storage.pool import Database

MOST_IN_ONE_TRANSACTION = 500
MOST_BYTES = 32_000_000
IMMEDIATELY = "immediately"
FINISHED = "finished"

log = structlog.get_logger(__name__)


class Received(NamedTuple):
    """What a delivery led to. `replayed` if it came before; `summary` if the webhook waits."""

    hook: Hook
    execution_id: UUID
    replayed: bool = False
    summary: Summary | None = None


class _Waiting(NamedTuple):
    """A delivery on its way through the next transaction; `prepared` if its caller waits for the end."""

    arrival: Arrival
    answer: asyncio.Future[_Landed]
    prepared: Prepared | None = None


class _Refused(NamedTuple):
    """A refusal on its way to being recorded."""

    decision: Decision
    answer: asyncio.Future[None]


class _Landed(NamedTuple):
    """A delivery whose execution is in the database; `held` if this process runs it."""

    execution_id: UUID
    replayed: bool
    started: Started | None = None
    held: Held | None = None


_Entry: TypeAlias = _Waiting | _Refused


class WebhookIntake:
    """Takes deliveries in."""

    def __init__(self, database: Database, keys: Keys, firings: Firings, starter: Starter, files: FileStore) -> None:
        self._lookups = WebhookLookups(database)
        self._secrets = OpenedSecrets(keys)
        self._starter = starter
        self._files = files
        # Those whose callers wait are run by this process, which takes a lock that others need not wait for.
        self._refusal_rows = RefusalRows()
        self._queued = _Writer(database, firings, starter, self._refusal_rows, "webhook intake")
        self._awaited = _Writer(database, firings, starter, self._refusal_rows, "webhook intake, awaited")

    async def receive(self, delivery: Delivery) -> Received:
        """Take a delivery in; what became of it is recorded before anything is said.

        Raises:
            NotFound: `WEBHOOK_NOT_FOUND`, there is no such webhook, or it is switched off.
            WebhookMethodRefused, Forbidden, Unauthenticated, RateLimited: it may not come in, or not now.
            InvalidInput, ContentRefused, InvalidJson: it cannot be read.
            Conflict: the workflow cannot be started as it stands, or the delivery's id came with another body.
            DatabaseUnavailable: it is not known whether it was taken; sending it again with an id does no harm.
        """
        hook = await self._lookups.find(delivery.token)
        if hook is None:
            raise no_webhook()
        refusal = find_refusal(hook, delivery, self._secrets)
        if refusal is not None:
            decision = as_decision(hook, refusal, about(delivery))
            with self._refusal_rows.while_written() as takes:
                if takes(decision):
                    await self._queued.note(decision)
            raise refusal.error
        arrival = await self._read(hook, delivery)
        try:
            landed = await self._land(arrival)
        except WingbeatError as error:
            # After one of the platform's own, nobody knows whether the execution is there.
            if not isinstance(error, PlatformError):
                await self._drop_files(arrival)
            raise
        if landed.replayed:
            await self._drop_files(arrival)
        summary = None if hook.answer == IMMEDIATELY else await self._wait(hook, landed)
        return Received(hook, landed.execution_id, landed.replayed, summary)

    async def _read(self, hook: Hook, delivery: Delivery) -> Arrival:
        """The delivery with its content; what is wrong with that comes to light after the rate limit."""
        execution_id = new_id()
        try:
            delivery_id = read_delivery_id(delivery)
            encodings = delivery.all_of(b"content-encoding") + delivery.all_of(b"transfer-encoding")
            content = read_content(delivery.all_of(b"content-type"), encodings, delivery.body)
            query = read_fields(delivery.query)
            files = await self._keep_files(execution_id, content)
        except WingbeatError as error:
            return Arrival(hook, execution_id, b"", error=error, detail=about(delivery))
        data: JsonObject = {
            "method": delivery.method,
            "headers": delivery.visible_headers(),
            "query": query,
            "body": body_of(content),
            "files": files,
            "webhook": {"id": str(hook.webhook_id), "name": hook.name},
            "address": delivery.address,
        }
        digest = delivery.digest() if delivery_id is not None else b""
        return Arrival(hook, execution_id, digest, data, delivery_id, detail=about(delivery), size=len(delivery.body))

    async def _keep_files(self, execution_id: UUID, content: Content) -> JsonObject:
        given = files_of(content)
        if not given:
            return {}
        store = self._files.of(execution_id)
        kept: list[tuple[str, Json]] = [
            (file.field, await store.keep(file.data, name=file.name, media_type=file.media_type)) for file in given
        ]
        return as_object(kept)

    async def _drop_files(self, arrival: Arrival) -> None:
        """What a delivery brought that started nothing is of no use."""
        data = arrival.data
        if not isinstance(data, dict) or not data["files"]:
            return
        try:
            await self._files.blobs.drop([arrival.execution_id])
        except BlobsUnavailable as error:  # Upkeep finds them.
            log.warning("webhook_files_not_dropped", execution_id=str(arrival.execution_id), error=error.message)

    async def _land(self, arrival: Arrival) -> _Landed:
        hook = arrival.hook
        if hook.answer == IMMEDIATELY or arrival.error is not None:
            return await self._queued.submit(arrival)
        request = StartRequest(
            hook.workflow_id,
            arrival.data,
            trigger_node_id=hook.node_id,
            cause=Cause(TriggerKind.WEBHOOK, hook.webhook_id),
            execution_id=arrival.execution_id,
        )
        try:
            prepared = await self._starter.prepare(SYSTEM, request, inline=True)
        except WingbeatError as error:
            if isinstance(error, PlatformError):
                raise
            # It cannot be started: the others' way says so, and writes it down.
            return await self._queued.submit(arrival)
        return await self._awaited.submit(arrival, prepared)

    async def _wait(self, hook: Hook, landed: _Landed) -> Summary:
        started = landed.started
        if started is None:
            started = await self._starter.find(landed.execution_id)
        return await self._starter.wait_for(
            started, landed.held, hook.timeout_seconds, until_end=hook.answer == FINISHED
        )


class _Writer:
    """One transaction after another, each with all that came in meanwhile."""

    def __init__(
        self, database: Database, firings: Firings, starter: Starter, refusal_rows: RefusalRows, name: str
    ) -> None:
        self._database = database
        self._refusal_rows = refusal_rows
        self._firings = firings
        self._starter = starter
        self._name = name
        self._entries: list[_Entry] = []
        self._writing: asyncio.Task[None] | None = None

    async def submit(self, arrival: Arrival, prepared: Prepared | None = None) -> _Landed:
        """Let a delivery land; raises what stands against it."""
        answer: asyncio.Future[_Landed] = asyncio.get_running_loop().create_future()
        self._add(_Waiting(arrival, answer, prepared))
        return await answer

    async def note(self, decision: Decision) -> None:
        """Record a refusal."""
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._add(_Refused(decision, answer))
        await answer

    def _add(self, entry: _Entry) -> None:
        self._entries.append(entry)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), name=self._name)

    async def _write_all(self) -> None:
        try:
            while self._entries:
                count = fitting(self._entries)
                batch, self._entries = self._entries[:count], self._entries[count:]
                await self._write_all_of(batch)
        finally:
            self._writing = None

    async def _write_all_of(self, batch: list[_Entry]) -> None:
        """Write a batch; where the database refuses it, one by one, so that only the guilty one is refused."""
        try:
            await self._write(batch)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            if len(batch) > 1 and not isinstance(error, WingbeatError):
                for entry in batch:
                    await self._write_all_of([entry])
                return
            for entry in batch:
                if not entry.answer.done():
                    entry.answer.set_exception(as_wingbeat(error))

    async def _write(self, batch: list[_Entry]) -> None:
        waiting = [entry for entry in batch if isinstance(entry, _Waiting)]
        refused = [entry for entry in batch if isinstance(entry, _Refused)]

        async def land() -> _Landing:
            with self._refusal_rows.while_written() as takes:
                async with self._database.pool.acquire() as connection, connection.transaction():
                    landing = _Landing(connection, self._firings, self._starter, waiting)
                    if waiting:
                        await landing.run()
                    told = [one for one in landing.decisions if takes(one)]
                    await decisions.write(connection, [*told, *(entry.decision for entry in refused)])
            return landing

        (await despite_collisions(land)).tell()
        for entry in refused:
            if not entry.answer.done():
                entry.answer.set_result(None)


class _Landing:
    """The deliveries of one transaction, from the lock to their answers."""

    def __init__(
        self, connection: asyncpg.Connection, firings: Firings, starter: Starter, waiting: Sequence[_Waiting]
    ) -> None:
        self._connection = connection
        self._firings = firings
        self._starter = starter
        self._waiting = waiting
        self._verdicts: dict[Arrival, Verdict | WingbeatError] = {}
        self._inserted = NOTHING_INSERTED
        # Deliveries that became part of an execution that waited for more of them.
        self._into: dict[Arrival, UUID] = {}
        self.decisions: list[Decision] = []

    async def run(self) -> None:
        """Do what belongs into the transaction."""
        arrivals = [one.arrival for one in self._waiting]
        ids = list({arrival.hook.webhook_id for arrival in arrivals})
        locked = {
            row["webhook_id"]: row for row in await load("webhooks").lock_for_intake(self._connection, webhook_ids=ids)
        }
        keys = {arrival.key for arrival in arrivals if arrival.key is not None}
        known = await rows.find_known(self._connection, sorted(keys))
        found = sort_out(arrivals, locked, known)
        self._verdicts.update(found.told)
        gone = await self._start(found.going)
        await self._count(found, gone)
        for arrival, leader in found.following:
            verdict = self._verdicts.get(leader)
            self._verdicts[arrival] = Again(self._execution_of(leader)) if verdict is None else verdict
        self.decisions += [
            as_decision(arrival.hook, verdict, arrival.detail)
            for arrival, verdict in self._verdicts.items()
            if isinstance(verdict, Refusal | Again)
        ]

    async def _start(self, going: list[Arrival]) -> list[Arrival]:
        """Start what goes; gives what has really started. Why another has not is recorded by whoever starts."""
        if not going:
            return []
        prepared = {one.arrival: one.prepared for one in self._waiting if one.prepared is not None}
        if prepared:
            self._inserted = await self._starter.insert(self._connection, [prepared[arrival] for arrival in going])
            return self._let_in(going)
        fired = await self._firings.fire(self._connection, [as_firing(arrival) for arrival in going])
        for arrival, one in zip(going, fired, strict=True):
            if one.execution_id is None:
                self._verdicts[arrival] = not_fired(one)
            elif one.execution_id != arrival.execution_id:
                self._into[arrival] = one.execution_id
        return [arrival for arrival, one in zip(going, fired, strict=True) if one.execution_id is not None]

    def _let_in(self, going: list[Arrival]) -> list[Arrival]:
        """Those that their workflow's limits let in, or made part of one that was waiting."""
        for arrival in going:
            refused = self._inserted.refused.get(arrival.execution_id)
            if refused is not None and refused.execution_id is None:
                self._verdicts[arrival] = refused.as_error()
            elif refused is not None and refused.execution_id is not None:
                self._into[arrival] = refused.execution_id
        return [arrival for arrival in going if arrival not in self._verdicts]

    async def _count(self, found: Sorted, gone: list[Arrival]) -> None:
        await rows.keep_known(
            self._connection,
            {
                arrival.key: KnownDelivery(arrival.digest, self._execution_of(arrival))
                for arrival in gone
                if arrival.key
            },
        )
        by_webhook = count_going(gone)
        await rows.count_accepted(
            self._connection,
            [
                Accepted(
                    webhook_id, len(started), self._execution_of(started[-1]) if started else None, recent.to_list()
                )
                for webhook_id, recent in found.recent.items()
                for started in [by_webhook.get(webhook_id, [])]
            ],
        )

    def _execution_of(self, arrival: Arrival) -> UUID:
        return self._into.get(arrival, arrival.execution_id)

    def tell(self) -> None:
        """Answer everybody, after the transaction has ended well."""
        for entry in self._waiting:
            verdict = self._verdicts.get(entry.arrival)
            if isinstance(verdict, Refusal | WingbeatError):
                error = verdict.error if isinstance(verdict, Refusal) else verdict
                if not entry.answer.done():
                    entry.answer.set_exception(error)
                continue
            started: Started | None = None
            held: Held | None = None
            if entry.prepared is not None and verdict is None:
                # What is inserted runs, even where whoever asked for it does not wait any more.
                started, held = self._starter.begin(entry.prepared, self._inserted)
            if not entry.answer.done():
                execution_id = self._execution_of(entry.arrival) if verdict is None else verdict.execution_id
                entry.answer.set_result(_Landed(execution_id, verdict is not None, started, held))


def fitting(entries: Sequence[_Entry]) -> int:
    """How many of these go into one transaction: at least one, and not more than fit well into one message."""
    size = 0
    for count, entry in enumerate(entries[:MOST_IN_ONE_TRANSACTION]):
        size += entry.arrival.size if isinstance(entry, _Waiting) else 0
        if size > MOST_BYTES and count:
            return count
    return min(len(entries), MOST_IN_ONE_TRANSACTION)


def about(delivery: Delivery) -> JsonObject:
    """What a decision keeps of a delivery."""
    found: JsonObject = {"method": delivery.method, "address": delivery.address}
    return found


def as_decision(hook: Hook, verdict: Verdict, detail: JsonObject) -> Decision:
    """The row that says what became of a delivery that started nothing."""
    if isinstance(verdict, Again):
        outcome, execution_id, reason = Outcome.DUPLICATE, verdict.execution_id, ""
    else:
        outcome, execution_id, reason = verdict.outcome, None, verdict.error.code
    return Decision(
        hook.workflow_id,
        TriggerKind.WEBHOOK,
        outcome,
        hook.webhook_id,
        hook.node_id,
        execution_id,
        reason=reason,
        detail=detail,
    )


def as_firing(arrival: Arrival) -> Firing:
    """The delivery as what it is to start."""
    hook = arrival.hook
    return Firing(
        hook.workflow_id,
        TriggerKind.WEBHOOK,
        arrival.data,
        hook.node_id,
        hook.webhook_id,
        detail=arrival.detail,
        execution_id=arrival.execution_id,
    )


def not_fired(fired: Fired) -> WingbeatError:
    """What the caller hears when nothing was started although the delivery is in order."""
    if fired.outcome in {Outcome.LIMITED, Outcome.OVERFLOW}:
        return RateLimited(
            "The workflow takes no more executions for now.",
            code=fired.reason or "WORKFLOW_LIMITED",
            remedy="Send it again later.",
        )
    return Conflict(
        "The webhook's workflow cannot be started as it stands.",
        code=fired.reason or "WORKFLOW_NOT_STARTABLE",
        remedy="Tell its owner; what came of this delivery is recorded there.",
    )


def files_of(content: Content) -> list[UploadedFile]:
    """The files that came."""
    match content:
        case FormBody(files=files):
            return files
        case FileBody(file=file):
            return [file]
        case _:
            return []


def body_of(content: Content) -> Json:
    """What came besides files."""
    match content:
        case JsonBody(value=value):
            return value
        case TextBody(text=text):
            return text
        case FormBody(fields=fields):
            return fields
        case FileBody():
            return None


def as_wingbeat(error: Exception) -> WingbeatError:
    """Any error as one of ours."""
    if isinstance(error, WingbeatError):
        return error
    return PlatformError(f"The delivery could not be taken: {type(error).__name__}: {error}")
