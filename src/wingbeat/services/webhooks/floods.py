"""How many refusals of a webhook are recorded one by one: who has its address could fill the database with them."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.storage.decisions import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from wingbeat.storage.decisions import Decision

# Of each webhook and outcome, in each process. More than anybody reads, and as much as tells when it began.
ROWS_A_MINUTE = 120
MINUTE_SECONDS = 60.0
# What strangers can bring about as often as they like, and nothing is started.
BOUNDED = frozenset(
    {Outcome.SIGNATURE_WRONG, Outcome.ADDRESS_REFUSED, Outcome.DISABLED, Outcome.INVALID, Outcome.LIMITED}
)


@dataclass(slots=True)
class _Minute:
    """What was refused since it began, and how much of what came before it has no row."""

    began: float
    rows: int = 0
    left_out: int = 0


class RefusalRows:
    """Says which refusals get a row. The first one of a later minute tells how many had none."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # As many as there are webhooks and outcomes at most: of unknown addresses nothing is recorded at all.
        self._minutes: dict[tuple[UUID | None, Outcome], _Minute] = {}

    def takes(self, decision: Decision) -> bool:
        """Whether it gets a row, which then has `left_out` in its detail if some had none."""
        if decision.outcome not in BOUNDED:
            return True
        now = self._clock()
        minute = self._minutes.setdefault((decision.trigger_id, decision.outcome), _Minute(now))
        if now - minute.began >= MINUTE_SECONDS:
            minute.began, minute.rows = now, 0
        if minute.rows >= ROWS_A_MINUTE:
            minute.left_out += 1
            return False
        minute.rows += 1
        if minute.left_out:
            decision.detail["left_out"] = minute.left_out
            minute.left_out = 0
        return True

    @contextmanager
    def while_written(self) -> Iterator[Callable[[Decision], bool]]:
        """`takes` for rows that a transaction writes: if that fails, nothing was said, and the next one asks anew."""
        said: list[tuple[Decision, bool]] = []

        def takes(decision: Decision) -> bool:
            said.append((decision, self.takes(decision)))
            return said[-1][1]

        try:
            yield takes
        except BaseException:
            for decision, taken in said:
                self._take_back(decision, taken=taken)
            raise

    def _take_back(self, decision: Decision, *, taken: bool) -> None:
        minute = self._minutes.get((decision.trigger_id, decision.outcome))
        if minute is None:
            return
        if not taken:
            minute.left_out = max(0, minute.left_out - 1)
            return
        minute.rows = max(0, minute.rows - 1)
        told = decision.detail.pop("left_out", 0)
        minute.left_out += told if isinstance(told, int) else 0
