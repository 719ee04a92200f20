"""Opening waits, for the steps that wait. How they are resolved is in signals.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from wingbeat.sdk.waits import Opened
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.pool import patiently
from wingbeat.storage.waits import NewWait, OpenedWait, open_wait

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json
    from wingbeat.storage.pool import Database


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


@dataclass(frozen=True, slots=True)
class StepWaits:
    """The tool `waits` of one step; implements `wingbeat.sdk.waits.Waits`."""

    database: Database
    step: Step

    async def open(
        self, *, kind: str, key: str, opening: Json = None, until: float | None = None, turn: int = 1
    ) -> Opened:
        """Open a wait, however long the database is away."""
        step = self.step
        new = NewWait(
            UUID(step.execution_id),
            step.node_id,
            step.scope,
            step.attempt,
            kind,
            turn,
            key,
            encode_json(opening),
            until,
        )
        opened = await patiently(lambda: self._open(new))
        return Opened(str(opened.wait_id), opened.until, opened.opening)

    async def _open(self, new: NewWait) -> OpenedWait:
        async with self.database.pool.acquire() as connection:
            return await open_wait(connection, new)
