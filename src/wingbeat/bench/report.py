"""What a benchmark is asked for and what it gives. How anything is measured is in the benchmarks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wingbeat.core.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.json_value import JsonObject


WHOLE_FROM = 1000


class BenchmarkBroken(PlatformError):
    """What was to be measured did not work, so there is no figure."""

    default_code = "BENCHMARK_BROKEN"


@dataclass(frozen=True, slots=True)
class LoopShape:
    """Which loop is measured: iterations at once, a loop in a loop, and what becomes of the results."""

    concurrency: int = 1
    nested: bool = False
    collect: str = "none"


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure, in seconds, and how much of it: sizes are multiplied by `size`, for trying out."""

    seconds: float = 10.0
    size: float = 1.0
    loop: LoopShape = LoopShape()

    def sized(self, number: int, *, least: int = 1) -> int:
        """The number at this size."""
        return max(least, round(number * self.size))


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should reach: at least this, or at most."""

    value: float
    at_most: bool = False

    def met_by(self, value: float) -> bool:
        """Whether the value reaches it."""
        return value <= self.value if self.at_most else value >= self.value

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.value:,g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured."""

    name: str
    value: float
    unit: str
    goal: Goal | None = None

    def to_json(self) -> JsonObject:
        """The figure; `goal` and `met` only where there is a goal."""
        written: JsonObject = {"name": self.name, "value": round_off(self.value), "unit": self.unit}
        if self.goal is not None:
            written |= {"goal": str(self.goal), "met": self.goal.met_by(self.value)}
        return written


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one benchmark; `method` says in a sentence or two what they mean."""

    benchmark: str
    method: str
    figures: tuple[Figure, ...]
    settings: JsonObject = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        """Everything, for machines."""
        return {
            "benchmark": self.benchmark,
            "method": self.method,
            "figures": [figure.to_json() for figure in self.figures],
            "settings": self.settings,
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values do not exceed.

    Raises:
        BenchmarkBroken: there is no value.
    """
    if not values:
        raise BenchmarkBroken("Nothing was measured.", remedy="Measure for longer: --seconds.")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def round_off(value: float) -> float:
    """Four significant digits, but no digit before the point is lost: more is noise."""
    return round(value) if abs(value) >= WHOLE_FROM else float(f"{value:.4g}")
