"""Opening waits, for the steps that wait. How they are resolved is in signals.py."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from wingbeat.core.errors import StepError
from wingbeat.sdk.waits import Opened
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.pool import patiently
from wingbeat.storage.secret_addresses import WAIT_PATH
from wingbeat.storage.waits import NewWait, OpenedWait, open_wait

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.scope import Scope
    from wingbeat.storage.pool import Database


MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class WaitAddresses:
    """The addresses at which steps can be called: known before the step runs, and by nobody who was not told.

    The last part of an address is signed with a key of this installation, and is all that it takes to call it. The
    database holds its hash.
    """

    key: bytes
    public_url: str

    def token(self, execution_id: str, node_id: str, scope: str) -> str:
        """What only those know who were told the address."""
        step = f"{execution_id}\n{node_id}\n{scope}".encode()
        return urlsafe_b64encode(hmac.digest(self.key, step, "sha256")).rstrip(b"=").decode()

    def url(self, execution_id: str, node_id: str, scope: str) -> str:
        """The whole address."""
        return f"{self.public_url}{WAIT_PATH}/{self.token(execution_id, node_id, scope)}"

    def of_scope(self, execution_id: str, scope: Scope, nodes: Mapping[str, Sequence[str]]) -> JsonObject:
        """The addresses of the `nodes` (by region) that stand in this scope or in one around it."""
        found: JsonObject = {}
        place: Scope | None = scope
        while place is not None:
            for node_id in nodes.get(place.region.loop, ()):
                found[node_id] = self.url(execution_id, node_id, place.path)
            place = place.parent
        return found


def key_of(token: str) -> str:
    """Under what the database has the wait that belongs to an address."""
    return hashlib.sha256(token.encode()).hexdigest()


class Step(Protocol):
    """The step that a tool is used by."""

    @property
    def execution_id(self) -> str:
        """A UUID."""
        ...

    @property
    def node_id(self) -> str:
        """Its node."""
        ...

    @property
    def scope(self) -> str:
        """Its iteration."""
        ...

    @property
    def attempt(self) -> int:
        """Which try it is."""
        ...


class LeasedStep(Step, Protocol):
    """A step for which something is written."""

    @property
    def epoch(self) -> int:
        """The lease under which it runs."""
        ...


@dataclass(frozen=True, slots=True)
class StepWaits:
    """The tool `waits` of one step; implements `wingbeat.sdk.waits.Waits`."""

    database: Database
    step: LeasedStep
    addresses: WaitAddresses

    @property
    def address_key(self) -> str:
        """The hash of what the step's own address ends with."""
        step = self.step
        return key_of(self.addresses.token(step.execution_id, step.node_id, step.scope))

    async def open(
        self, *, kind: str, key: str, opening: Json = None, until: float | None = None, turn: int = 1
    ) -> Opened:
        """Open a wait, however long the database is away.

        Raises:
            StepError: `WAIT_TOO_LARGE`, or the execution has ended or is another worker's by now.
        """
        step, kept = self.step, encode_json(opening)
        if len(kept) > MOST_BYTES:
            raise StepError(
                f"The step keeps {len(kept)} bytes until its wait is over; at most {MOST_BYTES} are allowed.",
                code="WAIT_TOO_LARGE",
                remedy="Mention less in the filter: single values rather than what they are part of.",
            )
        new = NewWait(
            UUID(step.execution_id),
            step.epoch,
            step.node_id,
            step.scope,
            step.attempt,
            kind,
            turn,
            key,
            kept,
            until,
        )
        opened = await patiently(lambda: self._open(new))
        if opened is None:
            raise taken_away()
        return Opened(str(opened.wait_id), opened.until, opened.opening)

    async def _open(self, new: NewWait) -> OpenedWait | None:
        async with self.database.pool.acquire() as connection:
            return await open_wait(connection, new)


def taken_away() -> StepError:
    """What a step hears that wants to begin something when its execution has ended, or is another worker's by now."""
    return StepError(
        "The execution does not run here any more, so nothing is begun for it.",
        code="EXECUTION_ENDED",
        remedy="Nothing is to be done: whoever runs it now goes on.",
    )
