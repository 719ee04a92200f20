"""One execution that is watched: how far each of those who follow it has been told, and what is new for them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from wingbeat.core.status import ExecutionStatus, StepStatus
from wingbeat.services.live.story import (
    Event,
    Subject,
    tell_beginning,
    tell_row,
    tell_running,
    tell_standing,
    tell_steps,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from wingbeat.services.live.listener import Listener
    from wingbeat.services.live.notices import Moved, RunningStep
    from wingbeat.storage.live import NodeCount, Standing, WatchedRow

Place: TypeAlias = "tuple[str, str, int]"
# So many events go one by one; more at once go as one.
MOST_SINGLE = 6
# So many steps are told at once; of more, how many there were of each node.
MOST_STEPS = 100
OUTCOMES = frozenset({StepStatus.COMPLETED, StepStatus.FAILED, StepStatus.WAITING, StepStatus.OPENED})


class News(NamedTuple):
    """What has come to a journal after a sequence number, up to `until`: all rows, or `counts` and each node's last."""

    rows: Sequence[WatchedRow]
    until: int
    counts: Sequence[NodeCount] = ()


@dataclass
class Following:
    """Somebody who follows the execution: the last row, status and steps under way that it was told of."""

    listener: Listener
    cursor: int
    told: tuple[ExecutionStatus, int] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    begun: set[Place] = field(default_factory=set)


class Feed:
    """What is known of the execution here, and who follows it."""

    def __init__(self, execution_id: UUID) -> None:
        self.execution_id = execution_id
        self.followings: dict[Listener, Following] = {}
        self.looked_at = self.rests_until = 0.0
        self.standing: Standing | None = None
        self._running: dict[Place, RunningStep] = {}
        self._counts: Counter[str] = Counter()
        self._known_at = 0

    @property
    def settled(self) -> bool:
        """Whether nothing will ever be new here for anybody who follows."""
        standing = self.standing
        return (
            standing is not None
            and standing.status.terminal
            and all(
                one.cursor >= standing.sequence and one.told == (standing.status, standing.epoch)
                for one in self.followings.values()
            )
        )

    def take_in(self, moved: Moved) -> None:
        """What a worker says of the steps under way; one without a sequence says nothing of them."""
        if moved.sequence is None or moved.sequence < self._known_at:
            return
        self._known_at = moved.sequence
        self._running = {(step.node_id, step.scope, step.attempt): step for step in moved.running}
        self._counts = Counter(moved.counts)

    def stands(self, standing: Standing) -> None:
        """How it stands in the database now; what does not run has no steps under way."""
        self.standing = standing
        if standing.status is not ExecutionStatus.RUNNING:
            self._running, self._counts = {}, Counter()

    def settle(self, news: News) -> None:
        """Steps that have an outcome after what the worker said are under way no more."""
        for row in news.rows:
            place = (row.node_id, row.scope, row.attempt)
            if row.sequence > self._known_at and row.status in OUTCOMES and place in self._running:
                del self._running[place]
                self._counts[row.node_id] -= 1

    def waiting(self) -> Iterator[Following]:
        """Those who follow it and take something in now."""
        return (one for one in self.followings.values() if one.listener.ready())

    def tell(self, following: Following, news: News) -> list[Event]:
        """What is new for somebody who was told everything up to where the news begin; it counts as told."""
        if self.standing is None:
            return []
        subject = Subject(self.execution_id, self.standing.workflow_id)
        events = [event for row in news.rows if (event := tell_row(subject, row)) is not None]
        following.begun |= {(row.node_id, row.scope, row.attempt) for row in news.rows}
        if news.counts:
            events = [tell_steps(subject, events, news.until, news.counts)]
        elif len(events) > MOST_SINGLE:
            events = [tell_steps(subject, events, news.until)]
        following.cursor = max(following.cursor, news.until)
        events += self._beginnings(subject, following)
        events += self._change(following)
        return events

    def _beginnings(self, subject: Subject, following: Following) -> Iterator[Event]:
        new = self._running.keys() - following.begun
        if len(new) <= MOST_SINGLE:
            yield from (tell_beginning(subject, self._running[place]) for place in sorted(new))
        following.begun = set(self._running)
        counts = {node: count for node, count in self._counts.items() if count > 0}
        if counts != following.counts or len(new) > MOST_SINGLE:
            following.counts = counts
            yield tell_running(subject, counts, datetime.now(UTC))

    def _change(self, following: Following) -> Iterator[Event]:
        standing = self.standing
        if standing is None or (now := (standing.status, standing.epoch)) == following.told:
            return
        if standing.sequence > following.cursor:
            # Whatever led to it is told first.
            return
        before = None if following.told is None else following.told[0]
        following.told = now
        if before is standing.status is ExecutionStatus.RUNNING:
            # Another worker has it; to those who watch, it runs on.
            return
        yield from tell_standing(standing, before)
