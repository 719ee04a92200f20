"""The parallel node: its branches are its ports."""

from __future__ import annotations

import pytest

from wingbeat.nodes.flow.parallel import NODE
from wingbeat.sdk import JsonObject


def test_branches_are_ports() -> None:
    """In the order in which they are listed."""
    assert NODE.read({"branches": ["b", "a"]}).outputs == ("b", "a")


@pytest.mark.parametrize(
    ("raw", "path"),
    [({"branches": []}, "branches"), ({"branches": ["a", "a"]}, "branches"), ({"branches": ["error"]}, "branches.0")],
)
def test_branches_that_cannot_be_ports_are_faults(raw: JsonObject, path: str) -> None:
    """Each has a name of its own that is not taken."""
    assert [path] == [problem.path for problem in NODE.read(raw).problems]
