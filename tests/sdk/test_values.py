"""When two JSON values are the same."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.core.errors import StepError
from wingbeat.sdk.functions import call
from wingbeat.sdk.values import digest, identity


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (None, "", False),
        ("1", 1, False),
        ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}, True),
        ([1, [2]], [1, [2.0]], True),
        ([1, 2], [2, 1], False),
        ({"a": None}, {}, False),
        ([], {}, False),
        (10**40, 10**40, True),
        (1e300, int(1e300), True),
        ("\ud800", "\ud800", True),
        ({"__proto__": 1}, {"__proto__": 1}, True),
        (["a"], "a", False),
    ],
)
def test_identity_and_digest_agree(left: Any, right: Any, same: bool) -> None:  # noqa: ANN401 - any JSON
    """Numbers by their value, true is not 1, objects whatever the order of their keys."""
    assert (same, same) == (identity(left) == identity(right), digest(left) == digest(right))


def test_what_nests_too_deep_is_a_typed_error() -> None:
    """Rather than the interpreter's own limit."""
    deep: Any = 1
    for _ in range(10_000):
        deep = [deep]
    for compare in (identity, digest):
        with pytest.raises(StepError) as caught:
            compare(deep)
        assert "VALUE_TOO_DEEP" == caught.value.code


def test_functions_of_expressions_do_the_same_in_nodes() -> None:
    """With the caller's code for what they refuse."""
    assert "2026-01-02T00:00:00+00:00" == call("date_add", "2026-01-01", 1, "day", code="X")
    with pytest.raises(StepError) as caught:
        call("date_add", "today", 1, "day", code="X")
    assert ("X", True) == (caught.value.code, bool(caught.value.remedy))
