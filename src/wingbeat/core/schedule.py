"""Schedules: which planned times are due, which of them fire, and when to look again. Pure; no clock, no database.

A planned time is one that the cron expression or the interval names. It is due then, or as much later as its jitter
says. A due time that was not looked at for longer than the grace is missed, and what becomes of it is a policy.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice, takewhile
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from uuid import UUID

# As many due times of one schedule are looked at in one go, the latest; whatever is before them is missed.
MOST_LOOKED_AT = 1_000
# So many of those can be made up for: fewer than are looked at for certain.
MOST_MADE_UP = MOST_LOOKED_AT // 2


class Times(Protocol):
    """What names the times of a schedule."""

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time after a moment, in UTC; None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Interval:
    """Every so many seconds, counted from `anchor`, which is the first time."""

    seconds: float
    anchor: datetime

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time after a moment."""
        if moment < self.anchor:
            return self.anchor
        step = timedelta(seconds=self.seconds)
        try:
            return self.anchor + ((moment - self.anchor) // step + 1) * step
        except OverflowError:
            return None


class Misfire(StrEnum):
    """What becomes of missed times: nothing, one execution for all of them, or one for each."""

    SKIP = "skip"
    ONCE = "once"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Rules:
    """How a schedule goes about its times.

    `window_seconds` is how far back missed times are made up for, and `most_made_up` how many; where `coalesce`, times
    that would fire at the same look are one execution, for the last of them.
    """

    misfire: Misfire = Misfire.SKIP
    grace_seconds: float = 60.0
    window_seconds: float = 86_400.0
    most_made_up: int = 100
    coalesce: bool = True
    start_at: datetime | None = None
    end_at: datetime | None = None
    jitter_seconds: float = 0.0


class Missed(NamedTuple):
    """Planned times that did not fire: the first and the last of them, and how many; `more` if there may be others."""

    first: datetime
    last: datetime
    number: int
    more: bool


class Next(NamedTuple):
    """The next planned time, and when it is due."""

    planned: datetime
    due: datetime


class Look(NamedTuple):
    """What a look at a schedule decides. What is coalesced belongs to the first that fires."""

    fire: tuple[datetime, ...]
    coalesced: tuple[datetime, ...]
    missed: Missed | None
    next: Next | None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule as far as its times go."""

    schedule_id: UUID
    times: Times
    rules: Rules

    def next_after(self, moment: datetime) -> Next | None:
        """The first planned time after a moment, within start and end."""
        start, end = self.rules.start_at, self.rules.end_at
        if start is not None and moment < start:
            # A time at the very start counts.
            moment = start.astimezone(UTC) - timedelta(microseconds=1)
        planned = self.times.next_after(moment)
        if planned is None or (end is not None and planned > end):
            return None
        return Next(planned, self.due(planned))

    def due(self, planned: datetime) -> datetime:
        """When a planned time is due: it is the same each time that somebody asks."""
        if self.rules.jitter_seconds <= 0:
            return planned
        drawn = hashlib.sha256(self.schedule_id.bytes + planned.astimezone(UTC).isoformat().encode()).digest()
        share = int.from_bytes(drawn[:8], "big") / 2**64
        return planned + timedelta(seconds=share * self.rules.jitter_seconds)

    def look(self, planned: datetime, now: datetime, ran: Collection[datetime] = ()) -> Look:
        """Decide about the times from `planned` on, the next that was planned, that are due `now`.

        Of those that `ran` already, since a clock was set back and shows them again, nothing is decided.
        """
        due, more = self._due_times(planned, now)
        if not due:
            return Look((), (), None, Next(planned, self.due(planned)))
        following = self.next_after(due[-1])
        due = [time for time in due if time not in ran]
        latest = now - timedelta(seconds=self.rules.grace_seconds)
        late = [time for time in due if self.due(time) < latest]
        fire, coalesced = [*self._made_up(late, now), *due[len(late) :]], []
        if self.rules.coalesce:
            fire, coalesced = fire[-1:], fire[:-1]
        if self.rules.misfire is Misfire.ONCE:
            coalesced = sorted({*self._within(late, now), *coalesced} - {*fire})
        kept = {*fire, *coalesced}
        lost = [time for time in late if time not in kept]
        missed = (
            Missed(planned if more else lost[0], (lost or [planned])[-1], len(lost), more) if lost or more else None
        )
        return Look(tuple(fire), tuple(coalesced), missed, following)

    def upcoming(self, moment: datetime, most: int) -> list[Next]:
        """The next planned times after a moment."""
        return list(islice(self._walk(moment), most))

    def _made_up(self, late: list[datetime], now: datetime) -> list[datetime]:
        """Those of the missed times that fire after all."""
        match self.rules.misfire:
            case Misfire.SKIP:
                return []
            case Misfire.ONCE:
                return self._within(late, now)[-1:]
            case Misfire.ALL:
                return self._within(late, now)[-min(self.rules.most_made_up, MOST_MADE_UP) :]

    def _within(self, late: list[datetime], now: datetime) -> list[datetime]:
        begin = now - timedelta(seconds=self.rules.window_seconds)
        return [time for time in late if time >= begin]

    def _due_times(self, planned: datetime, now: datetime) -> tuple[list[datetime], bool]:
        """The due times from `planned` on; the latest of them if there are too many, and whether there are more."""
        first = begin = planned - timedelta(microseconds=1)
        too_early, none_since = first, now
        while True:
            due = takewhile(lambda following: following.due <= now, self._walk(begin))
            found = [following.planned for following in islice(due, MOST_LOOKED_AT + 1)]
            if len(found) <= MOST_LOOKED_AT and (begin == first or len(found) >= MOST_MADE_UP):
                return found, begin != first
            if len(found) > MOST_LOOKED_AT:
                too_early = begin
            else:
                none_since = begin
            begin = too_early + (none_since - too_early) / 2

    def _walk(self, moment: datetime) -> Iterator[Next]:
        following = self.next_after(moment)
        while following is not None:
            yield following
            following = self.next_after(following.planned)
