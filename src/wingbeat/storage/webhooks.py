"""Rows of webhooks, their ciphertexts, and the deliveries that came before: written and read. Nothing is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.storage.encoding import encode_json
from wingbeat.storage.paging import Order, Page, Paging, page_clause
from wingbeat.storage.queries import load
from wingbeat.storage.sealing import Place, Sealed, rewrap

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import JsonObject
    from wingbeat.storage.keys import Keys

# What a list may be sorted by; the first is the default.
WEBHOOK_ORDERS = {
    "name": Order("name"),
    "-name": Order("name", descending=True),
    "-created_at": Order("created_at", descending=True),
    "created_at": Order("created_at"),
}
CURRENT = "current"
PREVIOUS = "previous"
FORGET_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class WebhookFields:
    """What a save writes."""

    name: str
    description: str
    enabled: bool
    trigger_node_id: str | None
    methods: Sequence[str]
    answer: str
    timeout_seconds: int
    require_signature: bool
    signature_scheme: str
    ip_allowlist: Sequence[str]
    rate_limit_max: int | None
    rate_limit_window: int
    replay_window_seconds: int


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """A webhook without its secret. `revision` rises with every change that somebody makes."""

    webhook_id: UUID
    workflow_id: UUID
    token: str
    name: str
    description: str | None
    enabled: bool
    trigger_node_id: str | None
    methods: list[str]
    answer: str
    timeout_seconds: int
    require_signature: bool
    signature_scheme: str
    ip_allowlist: list[str]
    rate_limit_max: int | None
    rate_limit_window: int
    replay_window_seconds: int
    author_id: int
    revision: int
    created_at: datetime
    updated_at: datetime
    rotated_at: datetime | None
    last_triggered_at: datetime | None
    trigger_count: int
    last_execution_id: UUID | None


class StoredSecret(NamedTuple):
    """A ciphertext with its version, and until when it counts."""

    version: int
    sealed: Sealed
    expires_at: datetime | None


class KnownDelivery(NamedTuple):
    """A delivery that came before, and what it led to."""

    digest: bytes
    execution_id: UUID


class WebhookDecision(NamedTuple):
    """What became of a delivery."""

    decision_id: UUID
    at: datetime
    outcome: str
    execution_id: UUID | None
    reason: str
    detail: JsonObject


class Accepted(NamedTuple):
    """What came in by one webhook at once."""

    webhook_id: UUID
    started: int
    last_execution_id: UUID | None
    recent: list[int]


async def insert(  # noqa: PLR0913, PLR0917 - what a webhook is made of
    connection: asyncpg.Connection,
    webhook_id: UUID,
    workflow_id: UUID,
    token: str,
    author_id: int,
    fields: WebhookFields,
) -> StoredWebhook:
    """A new webhook, without its secret as yet. Within a transaction of the caller's."""
    row = await load("webhooks").insert_webhook(
        connection, webhook_id=webhook_id, workflow_id=workflow_id, token=token, author_id=author_id, **columns(fields)
    )
    return as_stored(row)


async def update(connection: asyncpg.Connection, webhook_id: UUID, fields: WebhookFields) -> StoredWebhook:
    """Replace what may be replaced."""
    return as_stored(await load("webhooks").update_webhook(connection, webhook_id=webhook_id, **columns(fields)))


async def get(
    connection: asyncpg.Connection, workflow_id: UUID, webhook_id: UUID, *, lock: bool = False
) -> StoredWebhook | None:
    """A webhook of this workflow, or None; with `lock`, kept from changing until the caller's transaction ends."""
    query = load("webhooks").lock_webhook if lock else load("webhooks").get_webhook
    row = await query(connection, workflow_id=workflow_id, webhook_id=webhook_id)
    return as_stored(row) if row is not None else None


async def list_page(connection: asyncpg.Connection, workflow_id: UUID, paging: Paging) -> Page[StoredWebhook]:
    """One page of a workflow's webhooks."""
    clause, arguments = page_clause(
        "workflow_webhooks",
        "webhook_id",
        WEBHOOK_ORDERS[paging.sort],
        paging,
        first_argument=2,
        visible="workflow_id = $1",
    )
    rows = await connection.fetch(
        f"SELECT * FROM workflow_webhooks WHERE workflow_id = $1 {clause}",  # noqa: S608 -- constants of this module
        workflow_id,
        *arguments,
    )
    return Page.of([as_stored(row) for row in rows], paging.per_page)


async def get_secret(connection: asyncpg.Connection, webhook_id: UUID, purpose: str) -> StoredSecret | None:
    """The ciphertext that is there for a purpose."""
    row = await load("webhooks").get_secret(connection, webhook_id=webhook_id, purpose=purpose)
    return None if row is None else StoredSecret(row["version"], as_sealed(row), row["expires_at"])


async def put_secret(  # noqa: PLR0913 - a ciphertext and its place
    connection: asyncpg.Connection,
    webhook_id: UUID,
    purpose: str,
    version: int,
    sealed: Sealed,
    *,
    seconds: float | None = None,
) -> None:
    """Put a ciphertext into its place, over one that is there; it counts for so many `seconds`, if they are given."""
    await load("webhooks").put_secret(
        connection, webhook_id=webhook_id, purpose=purpose, version=version, seconds=seconds, **sealed._asdict()
    )


async def rewrap_all(connection: asyncpg.Connection, keys: Keys, purpose: str) -> tuple[int, int]:
    """Wrap every data key by the current master key, in the caller's transaction; how many were, how many there are.

    Raises:
        Undecryptable: one of them needs a key that is not here; then nothing is to be kept.
    """
    rows = await load("webhooks").lock_secrets(connection)
    changed = 0
    for row in rows:
        sealed = as_sealed(row)
        if sealed.key_name == keys.current.name:
            continue
        anew = rewrap(keys, Place(row["webhook_id"], purpose, row["version"], "webhook"), sealed)
        await load("webhooks").put_wrapping(
            connection,
            webhook_id=row["webhook_id"],
            purpose=row["purpose"],
            key_name=anew.key_name,
            wrapped_key=anew.wrapped_key,
        )
        changed += 1
    return changed, len(rows)


async def find_known(
    connection: asyncpg.Connection, asked: Sequence[tuple[UUID, str]]
) -> dict[tuple[UUID, str], KnownDelivery]:
    """Those of these deliveries (webhook, id) that came before."""
    if not asked:
        return {}
    rows = await load("webhooks").find_deliveries(
        connection, webhook_ids=[webhook for webhook, _ in asked], delivery_ids=[delivery for _, delivery in asked]
    )
    return {(row["webhook_id"], row["delivery_id"]): KnownDelivery(row["digest"], row["execution_id"]) for row in rows}


async def keep_known(connection: asyncpg.Connection, deliveries: Mapping[tuple[UUID, str], KnownDelivery]) -> None:
    """Know these deliveries (webhook, id) from now on."""
    if not deliveries:
        return
    await load("webhooks").keep_deliveries(
        connection,
        webhook_ids=[webhook for webhook, _ in deliveries],
        delivery_ids=[delivery for _, delivery in deliveries],
        digests=[one.digest for one in deliveries.values()],
        execution_ids=[one.execution_id for one in deliveries.values()],
    )


async def count_accepted(connection: asyncpg.Connection, accepted: Collection[Accepted]) -> None:
    """Count what came in, once for each webhook."""
    if not accepted:
        return
    await load("webhooks").count_accepted(
        connection,
        webhook_ids=[one.webhook_id for one in accepted],
        counts=[one.started for one in accepted],
        execution_ids=[one.last_execution_id for one in accepted],
        recent=[encode_json(list(one.recent)) for one in accepted],
    )


async def list_decisions(
    connection: asyncpg.Connection, webhook_id: UUID, outcomes: Collection[str], before: UUID | None, most: int
) -> list[WebhookDecision]:
    """What became of deliveries, the last ones first; those before the one with the id `before`, if that is given."""
    found = await load("webhooks").list_decisions(
        connection, webhook_id=webhook_id, outcomes=list(outcomes), before=before, most=most
    )
    return [WebhookDecision(*row) for row in found]


async def forget(connection: asyncpg.Connection) -> int:
    """Remove the deliveries that nobody knows again any more; returns how many."""
    total = 0
    while count := int(await load("webhooks").forget_deliveries(connection, most=FORGET_BATCH)):
        total += count
    return total


def columns(fields: WebhookFields) -> dict[str, Any]:
    """The columns that a save writes."""
    values = {name: getattr(fields, name) for name in fields.__slots__}
    return {**values, "methods": list(fields.methods), "ip_allowlist": list(fields.ip_allowlist)}


def as_stored(row: Mapping[str, Any]) -> StoredWebhook:
    """A row as a value."""
    return StoredWebhook(**{name: row[name] for name in StoredWebhook.__slots__})


def as_sealed(row: Mapping[str, Any], prefix: str = "") -> Sealed:
    """The ciphertext in a row, whose columns may have a prefix."""
    return Sealed(row[f"{prefix}key_name"], row[f"{prefix}wrapped_key"], row[f"{prefix}payload"])
