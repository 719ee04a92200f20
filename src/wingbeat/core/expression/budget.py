"""How much an evaluation may cost: the budget that a caller sets, and the meter that counts it down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from wingbeat.core.errors import LimitReached

SMALL_INTEGER = 2**63
SIZE_PER_STEP = 256


@dataclass(frozen=True, slots=True)
class Budget:
    """What one evaluation may use.

    `steps`: iterations, calls and, for long values, one for every 256 elements or characters that are gone through.
    `depth`: how deep lists and objects may nest in a value that the expression makes.
    `integer_bits`: the longest whole number.
    `output_size`: characters and elements of everything made on the way, together.
    """

    steps: int = 100_000
    depth: int = 64
    integer_bits: int = 4096
    output_size: int = 10_000_000


DEFAULT_BUDGET = Budget()


class Meter:
    """Counts a budget down during one evaluation; every method raises LimitReached when its part is used up."""

    __slots__ = ("budget", "size", "steps")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.steps = budget.steps
        self.size = budget.output_size

    def charge(self, steps: int) -> None:
        """Count `steps` units of work."""
        self.steps -= steps
        if self.steps < 0:
            self.exhausted()

    def walk(self, length: int) -> None:
        """Count going once through `length` characters or elements."""
        self.charge(1 + length // SIZE_PER_STEP)

    def make(self, size: int) -> None:
        """Count a value of `size` characters or elements; called before the value exists wherever it could be huge."""
        self.size -= size
        if self.size < 0:
            raise LimitReached(
                f"The expression makes values of more than {self.budget.output_size:,} characters or elements.",
                code="EXPRESSION_BUDGET_SIZE",
                remedy="Make smaller values, or go through the items with a loop node.",
                details={"limit": self.budget.output_size},
            )

    def integer(self, bits: int) -> None:
        """Refuse a whole number of more than the budget's bits."""
        if bits > self.budget.integer_bits:
            raise LimitReached(
                f"The expression makes a whole number of more than {self.budget.integer_bits:,} bits.",
                code="EXPRESSION_BUDGET_INTEGER",
                remedy="Use smaller numbers, or decimal ones (2.0 instead of 2).",
                details={"limit": self.budget.integer_bits},
            )

    def deeper(self, depth: int) -> None:
        """Refuse a value that nests deeper than the budget says."""
        if depth > self.budget.depth:
            raise LimitReached(
                f"The expression makes lists and objects that nest more than {self.budget.depth} deep.",
                code="EXPRESSION_BUDGET_DEPTH",
                remedy="Make a flatter value.",
                details={"limit": self.budget.depth},
            )

    def exhausted(self) -> NoReturn:
        """Say that all steps are used up."""
        raise LimitReached(
            f"The expression needs more than {self.budget.steps:,} steps.",
            code="EXPRESSION_BUDGET_STEPS",
            remedy="Go through fewer items, or use a loop node.",
            details={"limit": self.budget.steps},
        )
