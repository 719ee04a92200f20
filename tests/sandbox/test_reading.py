"""Answers of machines are bytes from hostile code: any of them is a value, or one of the errors that are promised."""

# ruff: noqa: E501 - rows of cases

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wingbeat.core.errors import StepError
from wingbeat.sandbox.failures import failure
from wingbeat.sandbox.reading import describe_error, read_value
from wingbeat.sdk.code import CodeLimits
from wingbeat.storage.encoding import encode_json

LIMITS = CodeLimits()
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
KINDS = st.sampled_from(["Error", "SyntaxError", "MemoryError", "RecursionError", "TooLarge", "NotJson", "other"])
SAID = st.fixed_dictionaries(
    {"kind": KINDS | ANYTHING},
    optional=dict.fromkeys(("type", "message", "stack", "line", "column", "text"), ANYTHING),
)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_error_that_can_be_stored(data: bytes) -> None:
    """Whatever stands where an error is expected."""
    encode_json(describe_error(data, LIMITS).to_json())


@given(SAID)
def test_any_description_is_an_error_that_can_be_stored(said: object) -> None:
    """Fields of any type in a description change nothing about that."""
    error = describe_error(json.dumps(said).encode(), LIMITS)
    assert error.code.startswith("CODE_")
    assert error.remedy
    encode_json(error.to_json())


def test_a_message_with_odd_characters_is_not_lost() -> None:
    """Halves of characters and U+0000, which nothing can store, are replaced."""
    said = {"type": "Exception", "message": "bad \0 \ud800.", "line": 3}
    error = describe_error(json.dumps(said).encode(), LIMITS)
    assert error.message == "The code raised Exception: bad \N{REPLACEMENT CHARACTER} ?. (line 3)."
    assert describe_error(b"[" * 200_000, LIMITS).code == "CODE_ERROR"


@given(st.binary(max_size=200) | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_value_or_a_refusal(data: bytes) -> None:
    """Whatever stands where a value is expected."""
    try:
        read_value(data)
    except StepError as error:
        code = error.code
    else:
        code = "CODE_OUTPUT_NOT_JSON"
    assert code == "CODE_OUTPUT_NOT_JSON"


@pytest.mark.parametrize(
    "data", [b"", b"NaN", b"[1,", b"[" * 100_000, b"1" * 100_000, b'"\\u0000"', b'"\\ud800"', b"{'a': 1}", b"1e999"]
)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    """Each ends in the same error."""
    with pytest.raises(StepError) as caught:
        read_value(data)
    assert caught.value.code == "CODE_OUTPUT_NOT_JSON"


@pytest.mark.parametrize(
    ("kind", "code"),
    [("memory", "CODE_MEMORY"), ("stack", "CODE_RECURSION"), ("exit", "CODE_EXITED"), ("waits", "CODE_WAITS_FOREVER"), ("trap", "CODE_CRASHED"), ("?", "CODE_CRASHED")],
)  # fmt: skip
def test_every_failure_of_a_machine_has_its_error(kind: str, code: str) -> None:
    """With a remedy; the same code would fail again, so none is retried."""
    error = failure(kind, LIMITS)
    assert (code, False) == (error.code, error.retryable)
    assert error.remedy
