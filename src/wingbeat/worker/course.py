"""How one execution stands in this worker: its state machine, what is to be done next, how far its journal goes."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.execution import Execution
from wingbeat.worker.journal_rows import RowMaker
from wingbeat.worker.replay import KnownBlobs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from wingbeat.core.commands import Command
    from wingbeat.core.errors import StepError
    from wingbeat.core.events import Event, StepKey
    from wingbeat.core.limits import Limits
    from wingbeat.core.plan import Plan
    from wingbeat.core.retry import RetryPolicy
    from wingbeat.services.executions.waits import WaitAddresses
    from wingbeat.storage.blobs import Blobs
    from wingbeat.storage.dispatch import Claimed
    from wingbeat.storage.journal import JournalRow, RecordedRow
    from wingbeat.worker.clock import Clock
    from wingbeat.worker.journal_writer import JournalWriter
    from wingbeat.worker.step_context import MakeHttp, Toolbox
    from wingbeat.worker.streams import Streams
    from wingbeat.worker.waiting import WaitReader


class Tools(NamedTuple):
    """What every execution of a worker uses."""

    journal: JournalWriter
    make_http: MakeHttp
    toolbox: Toolbox
    blobs: Blobs
    streams: Streams
    default_retry: RetryPolicy
    blob_threshold: int
    most_takeovers: int
    clock: Clock
    # Rows of a journal after a sequence number.
    read_page: Callable[[UUID, int], Awaitable[list[RecordedRow]]]
    waits: WaitReader
    wait_addresses: WaitAddresses
    # Told of an execution in which a step begins that takes its time.
    stirred: Callable[[UUID], None]


class Course:
    """What the parts of a runner share. `record` is the one way in which the execution moves."""

    __slots__ = (
        "_told",
        "blobs",
        "changed",
        "claimed",
        "commands",
        "doubts",
        "execution",
        "limits",
        "now",
        "pausing",
        "plan",
        "rows",
        "sequence",
        "tools",
    )

    def __init__(
        self, claimed: Claimed, plan: Plan, limits: Limits, tools: Tools, told: Callable[[JournalRow], None]
    ) -> None:
        """`told` hears of every row that is handed to the journal."""
        self.claimed = claimed
        self.plan = plan
        self.limits = limits
        self.tools = tools
        self.execution = Execution(
            plan, identity=str(claimed.execution_id), limits=limits, default_retry=tools.default_retry
        )
        self.now = tools.clock.now
        self.rows = RowMaker(claimed.execution_id, claimed.epoch, self.now)
        # How far its journal goes, written or not.
        self.sequence = 0
        self.blobs = KnownBlobs()
        self.commands: deque[Command] = deque()
        self.changed = asyncio.Event()
        # No further step begins.
        self.pausing = False
        # Steps whose outcome a person has to find out, and why.
        self.doubts: dict[StepKey, StepError] = {}
        self._told = told

    def is_open(self, key: StepKey) -> bool:
        """Whether what the step comes to is still wanted."""
        return key in self.execution.open

    def record(self, event: Event, row: JournalRow) -> None:
        """State machine first, since it may refuse, then the journal."""
        commands = self.execution.advance(event)
        self.sequence += 1
        self.tools.journal.add(row)
        self._told(row)
        if commands:
            self.commands.extend(commands)
            self.changed.set()

    def pause(self) -> None:
        """Begin no further step."""
        self.pausing = True
        self.changed.set()

    def leave(self) -> None:
        """It is over here; whoever was told of rows is not held on to."""
        self._told = _nobody


def _nobody(_: JournalRow) -> None:
    """Stands where somebody was told."""
