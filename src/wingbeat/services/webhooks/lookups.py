"""Webhooks as deliveries find them: looked up each time, in one statement for all that come in at the same moment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.core.networks import read_network
from wingbeat.services.webhooks.rates import Rate
from wingbeat.services.webhooks.secrets import StoredWebhookSecret
from wingbeat.services.webhooks.signatures import Scheme
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load
from wingbeat.storage.webhooks import as_sealed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    import asyncpg

    from wingbeat.core.networks import Network
    from wingbeat.storage.pool import Database


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook at the moment of a delivery. `open` if it and its workflow take any; `now` is the database's clock."""

    webhook_id: UUID
    workflow_id: UUID
    token: str
    name: str
    open: bool
    node_id: str | None
    methods: Collection[str]
    answer: str
    timeout_seconds: int
    require_signature: bool
    scheme: Scheme
    networks: Sequence[Network]
    rate: Rate
    recent: Sequence[int]
    # The one that counts, and the one before it while that counts too.
    secrets: Sequence[StoredWebhookSecret]
    now: float


class WebhookLookups:
    """Looks webhooks up. Nobody is answered with what was read before the question came, so a change shows at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked: dict[str, list[asyncio.Future[Hook | None]]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def find(self, token: str) -> Hook | None:
        """The webhook with this token, if there is one.

        Raises:
            DatabaseUnavailable: nothing is known.
        """
        answer: asyncio.Future[Hook | None] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(token, []).append(answer)
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_all(), name="webhook lookups")
        return await answer

    async def _read_all(self) -> None:
        """One round after another, each for those who asked during the one before."""
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                await self._read(asked)
        finally:
            self._reading = None

    async def _read(self, asked: dict[str, list[asyncio.Future[Hook | None]]]) -> None:
        found: dict[str, Hook] = {}
        fault: Exception | None = None
        try:
            with translate_errors():
                rows = await load("webhooks").find_by_tokens(self._database.pool, tokens=list(asked))
            found = {row["token"]: as_hook(row) for row in rows}
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            fault = error
        for token, answers in asked.items():
            for answer in answers:
                if answer.done():  # Whoever asked has given up.
                    continue
                if fault is not None:
                    answer.set_exception(fault)
                else:
                    answer.set_result(found.get(token))


def as_hook(row: asyncpg.Record) -> Hook:
    """A row of `find_by_tokens`."""
    secrets = [
        StoredWebhookSecret(row[f"{prefix}version"], as_sealed(row, prefix))
        for prefix in ("", "old_")
        if row[f"{prefix}version"] is not None
    ]
    return Hook(
        row["webhook_id"],
        row["workflow_id"],
        row["token"],
        row["name"],
        row["open"],
        row["trigger_node_id"],
        row["methods"],
        row["answer"],
        row["timeout_seconds"],
        row["require_signature"],
        Scheme(row["signature_scheme"]),
        [read_network(text) for text in row["ip_allowlist"]],
        Rate(row["rate_limit_max"], row["rate_limit_window"]),
        row["recent"],
        secrets,
        row["now"],
    )
