"""JSON that comes and goes exactly."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.core.errors import StepError
from wingbeat.sdk.exact_json import read_json, write_json


def nested(levels: int) -> Any:  # noqa: ANN401 - JSON
    """Lists in lists."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("value", [None, 2**64, 10**300, -(2**70), "ä", {"b": [1.5, 10**30], "a": {}}])
def test_what_is_written_is_read_again(value: Any) -> None:  # noqa: ANN401 - JSON
    """Whole numbers of any size stay whole."""
    assert value == read_json(write_json(value))


def test_keys_may_be_sorted() -> None:
    """Also where there is a number of more than 64 bits."""
    assert b'{"a":18446744073709551616,"b":1}' == write_json({"b": 1, "a": 2**64}, sort_keys=True)


def test_depth_is_no_matter_up_to_what_python_can() -> None:
    """Values of an execution nest deeper than the quick encoder goes."""
    assert b"[" * 400 + b"1" + b"]" * 400 == write_json(nested(400))


def test_more_depth_is_refused() -> None:
    """What nobody can write ends in an error with a name."""
    with pytest.raises(StepError) as caught:
        write_json(nested(100_000))
    assert caught.value.code == "VALUE_TOO_DEEP"


def test_half_of_a_character_is_escaped() -> None:
    """UTF-8 does not have it."""
    assert rb'["\ud800"]' == write_json(["\ud800"])
