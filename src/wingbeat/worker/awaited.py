"""What a running execution knows of its waits for something from outside. It asks nobody; the runner does."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from wingbeat.core.events import StepKey
    from wingbeat.sdk.waits import Signal

# So many notices of waits for which no step waits yet are remembered, the latest ones: most come too late.
MOST_EARLY = 1_000

T = TypeVar("T")


class Awaited:
    """Which steps wait for which waits, which of those to ask about, and what has come of them already.

    A notice says no more than that a wait has been resolved; a signal is what it was resolved with. Either may come
    before the step has begun to wait.
    """

    __slots__ = ("_asking", "_early", "_holding", "_signals", "_waits")

    def __init__(self) -> None:
        self._waits: dict[StepKey, str] = {}
        # Whether its time has come, of each to be asked about.
        self._asking: dict[str, bool] = {}
        self._early: dict[str, None] = {}
        self._signals: dict[str, Signal] = {}
        self._holding: dict[StepKey, float] = {}

    def __bool__(self) -> bool:
        """Whether any step waits."""
        return bool(self._waits)

    @property
    def waits(self) -> Collection[str]:
        """The waits of its steps."""
        return self._waits.values()

    def step_of(self, wait: str) -> StepKey | None:
        """The step that waits for it."""
        return next((key for key, awaited in self._waits.items() if awaited == wait), None)

    def begin(self, key: StepKey, wait: str) -> Signal | None:
        """A step waits from now on; what its wait was resolved with, if that is known already."""
        self._waits[key] = wait
        return self._signals.pop(wait, None)

    def take_early(self, wait: str) -> bool:
        """Whether a notice came before the step began to wait; it is to be asked about then."""
        if wait not in self._early:
            return False
        del self._early[wait]
        self._asking[wait] = False
        return True

    def notice(self, wait: str) -> StepKey | None:
        """A wait has been resolved: the step that is to ask about it. Without one, it is kept for a step to come."""
        key = self.step_of(wait)
        if key is None:
            _remember(self._early, wait, None)
        else:
            self._asking.setdefault(wait, False)
        return key

    def keep(self, wait: str, signal: Signal) -> None:
        """What a wait was resolved with, for a step that may come to wait for it."""
        _remember(self._signals, wait, signal)

    def know(self, signals: Mapping[str, Signal]) -> None:
        """What has come for waits of an earlier run."""
        self._signals = dict(signals)

    def ask_because_due(self, wait: str) -> None:
        """Its time has come."""
        self._asking[wait] = True

    def is_to_ask(self, key: StepKey) -> bool:
        """Whether there is something to find out for a step."""
        return self._waits.get(key) in self._asking

    def next_question(self, wait: str) -> bool | None:
        """Whether its time has come, once for each reason to ask; None when there is none any more."""
        return self._asking.pop(wait, None)

    def hold(self, key: StepKey, until: float) -> None:
        """What it waits for comes so soon that it is worth holding on, until this time of the event loop."""
        self._holding[key] = until

    def holds(self, now: float) -> bool:
        """Whether it is worth holding on."""
        return any(until > now for until in self._holding.values())

    def forget(self, key: StepKey) -> None:
        """A step does not wait any more."""
        wait = self._waits.pop(key, None)
        if wait is not None:
            self._asking.pop(wait, None)
        self._holding.pop(key, None)


def _remember(known: dict[str, T], wait: str, value: T) -> None:
    known[wait] = value
    if len(known) > MOST_EARLY:
        del known[next(iter(known))]
