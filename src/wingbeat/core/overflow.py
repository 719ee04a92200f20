"""What happens to a start when a workflow's limits are reached: pure. Limits without a say of their own only queue."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.errors import ExpressionError
from wingbeat.core.expression import compile_expression
from wingbeat.core.graph import Overflow
from wingbeat.core.problems import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wingbeat.core.graph import Workflow, WorkflowSettings
    from wingbeat.core.json_value import JsonObject


class Guard(NamedTuple):
    """What a workflow says about starts beyond its limits, and about starts that follow each other closely."""

    overflow: Overflow = Overflow.QUEUE
    max_concurrent: int | None = None
    max_per_minute: int | None = None
    max_queued: int | None = None
    debounce_seconds: float | None = None
    debounce_max_seconds: float | None = None
    debounce_key: str | None = None

    @classmethod
    def of(cls, settings: WorkflowSettings) -> Guard | None:
        """What the settings say; None if starts are only queued, as the limits alone have it."""
        if settings.overflow is Overflow.QUEUE and settings.max_queued is None and settings.debounce_seconds is None:
            return None
        return cls(*(getattr(settings, name) for name in cls._fields))

    @classmethod
    def read(cls, stored: JsonObject) -> Guard:
        """What `to_json` wrote."""
        return cls(**{**stored, "overflow": Overflow(str(stored["overflow"]))})  # type: ignore[arg-type] # our own

    def to_json(self) -> JsonObject:
        """As it is stored."""
        return {**self._asdict(), "overflow": self.overflow.value}


class Standing(NamedTuple):
    """How many executions of a workflow there are, of those that count for its guard.

    `going_on` have not ended, `running` have a worker, `queued` never had one, `unadmitted` are still to count for a
    minute, `admitted` counted in the last one.
    """

    going_on: int = 0
    running: int = 0
    queued: int = 0
    unadmitted: int = 0
    admitted: int = 0


class Ruling(StrEnum):
    """What becomes of a start."""

    ADMIT = "admit"
    # In favour of which the oldest that has not ended is cancelled.
    REPLACE_OLDEST = "replace_oldest"
    # The same, the oldest that has not begun.
    REPLACE_QUEUED = "replace_queued"
    TOO_MANY = "MAX_CONCURRENT"
    TOO_FAST = "MAX_PER_MINUTE"
    QUEUE_FULL = "MAX_QUEUED"


def rule(guard: Guard, standing: Standing) -> Ruling:
    """Decide about one start."""
    too_many = guard.max_concurrent is not None and standing.going_on >= guard.max_concurrent
    too_fast = guard.max_per_minute is not None and standing.admitted + standing.unadmitted >= guard.max_per_minute
    full = guard.max_queued is not None and standing.queued >= guard.max_queued + _room(guard, standing)
    match guard.overflow:
        case Overflow.DROP if too_many:
            return Ruling.TOO_MANY
        case Overflow.DROP if too_fast:
            return Ruling.TOO_FAST
        case Overflow.REPLACE if too_many:
            return Ruling.REPLACE_OLDEST
        case Overflow.REPLACE if (too_fast or full) and standing.queued:
            return Ruling.REPLACE_QUEUED
    return Ruling.QUEUE_FULL if full else Ruling.ADMIT


def check_overflow(workflow: Workflow) -> Iterator[Problem]:
    """What is wrong with what a workflow says about starts beyond its limits."""
    settings = workflow.settings
    if settings.debounce_key is not None:
        try:
            compile_expression(settings.debounce_key)
        except ExpressionError as error:
            where = "settings.debounce_key"
            yield Problem("expression_invalid", error.message, error.remedy, parameter=where, position=error.position)
    limited = settings.max_concurrent is not None or settings.max_per_minute is not None
    if settings.overflow is not Overflow.QUEUE and not limited and settings.max_queued is None:
        yield Problem(
            "overflow_without_limit",
            f"overflow is {settings.overflow.value!r}, and there is no limit that starts could be beyond.",
            "Set max_concurrent, max_per_minute or max_queued.",
            severity=Severity.WARNING,
            parameter="settings.overflow",
        )
    nodes = {node.id for node in workflow.nodes}
    for name in settings.trigger_priorities:
        if name not in nodes:
            yield Problem(
                "unknown_trigger",
                f"trigger_priorities names {name!r:.120}, and there is no such node.",
                "Remove it, or write the id of a trigger.",
                parameter="settings.trigger_priorities",
            )


def _room(guard: Guard, standing: Standing) -> int:
    """How many of those that wait for a worker may begin at once: they are not in the way yet."""
    rooms = []
    if guard.max_concurrent is not None:
        rooms.append(guard.max_concurrent - standing.running)
    if guard.max_per_minute is not None:
        rooms.append(guard.max_per_minute - standing.admitted)
    return max(0, min(rooms)) if rooms else 0
