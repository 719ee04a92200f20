"""What an expression may see, what it says it needs, and the state of one evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from wingbeat.core.errors import ExpressionError
from wingbeat.core.expression.budget import Budget, Meter
from wingbeat.core.expression.values import closest
from wingbeat.core.json_value import Json


class Names(Protocol):
    """The values that an evaluation may see. Values are taken as they are and never changed."""

    def name(self, name: str) -> Json:
        """The value of a top-level name (a variable, `trigger`, `input`, `item`, `now` ...); raises KeyError."""

    def node(self, node_id: str) -> Json:
        """The output of `nodes.<id>`; raises KeyError."""

    def known(self) -> Iterable[str]:
        """Every name that exists, for "did you mean"."""


class Reference(NamedTuple):
    """A name that an expression needs: `name` alone, or name "nodes" with the node's id.

    `position` is the offset in the source; `optional` says that a default stands in when it is missing.
    """

    name: str
    node_id: str | None = None
    position: int = 0
    optional: bool = False


class Absent(Exception):
    """Something looked up on the left of a default is not there. Never leaves the closure of that default."""


class State(Meter):
    """One evaluation: where names come from, what comprehensions have bound, and what is left of the budget."""

    __slots__ = ("names", "slots")

    names: Names
    slots: list[Json]

    def missing_name(self, name: str, position: int) -> ExpressionError:
        """The refusal of a name that nothing provides."""
        return ExpressionError(
            f"There is no name {name!r}.",
            code="EXPRESSION_NAME_MISSING",
            remedy=f"{closest(name, self.names.known())} A default stands in with `{name} ?? default`.".strip(),
            position=position,
        )

    def missing_node(self, node_id: str, position: int) -> ExpressionError:
        """The refusal of a node that has no output (yet)."""
        return ExpressionError(
            f"There is no output of a node {node_id!r}.",
            code="EXPRESSION_NAME_MISSING",
            remedy=f"{closest(node_id, self.names.known())} If it may be skipped, give a default with `??`.".strip(),
            position=position,
        )


_NO_SLOTS: list[Json] = []


def begin(names: Names, budget: Budget, slots: int) -> State:
    """A fresh state. Filling it in here takes half the time of a constructor, and happens for every expression."""
    state = State.__new__(State)
    state.budget = budget
    state.steps = budget.steps
    state.size = budget.output_size
    state.names = names
    state.slots = [None] * slots if slots else _NO_SLOTS
    return state
