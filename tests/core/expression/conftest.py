"""What tests of expressions need: names made of plain dictionaries, and a short way to evaluate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import pytest

from wingbeat.core.expression import DEFAULT_BUDGET, Budget, compile_expression, compile_template
from wingbeat.core.json_value import Json

Evaluate: TypeAlias = Callable[..., Json]

DATA: dict[str, Json] = {
    "user": {"name": "Ada", "age": 36, "tags": ["a", "b"], "email": None, "from": "London", "größe": 1.7, "items": 3},
    "items": [{"sku": "x", "qty": 2, "price": 1.5}, {"sku": "y", "qty": 1, "price": 20}],
    "numbers": [3, 1, 2],
    "text": "workflow",
    "nothing": None,
    "zero": 0,
    "yes": True,
    "index": 4,
}
NODES: dict[str, Json] = {"fetch": {"status": 200, "body": {"id": 7}}, "a b": [1], "class": "kept"}


@dataclass
class GivenNames:
    """Names that a test gives."""

    names: Mapping[str, Json] = field(default_factory=lambda: DATA)
    nodes: Mapping[str, Json] = field(default_factory=lambda: NODES)

    def name(self, name: str) -> Json:
        """One of the names."""
        return self.names[name]

    def node(self, node_id: str) -> Json:
        """One of the nodes."""
        return self.nodes[node_id]

    def known(self) -> Iterable[str]:
        """All of them."""
        return [*self.names, *self.nodes]


@pytest.fixture(scope="session")
def evaluate() -> Evaluate:
    """Evaluate a source over DATA, or over names that are given."""

    def run(source: str, names: Mapping[str, Json] | None = None, budget: Budget = DEFAULT_BUDGET) -> Json:
        return compile_expression(source).evaluate(GivenNames(DATA if names is None else names), budget)

    return run


@pytest.fixture(scope="session")
def fill() -> Evaluate:
    """Evaluate a template over DATA, or over names that are given."""

    def run(value: Json, names: Mapping[str, Json] | None = None, budget: Budget = DEFAULT_BUDGET) -> Json:
        return compile_template(value).evaluate(GivenNames(DATA if names is None else names), budget)

    return run
