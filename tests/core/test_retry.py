"""The arithmetic of retries."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wingbeat.core.retry import NO_RETRY, RetryPolicy


def test_delays_double_by_default() -> None:
    """2, 4, 8 ... seconds, up to the longest."""
    policy = RetryPolicy(max_attempts=20, jitter=0.0)
    assert [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0] == [
        policy.delay_before(n, "") for n in range(2, 12)
    ]


def test_no_retry_is_one_attempt() -> None:
    """What fails has failed."""
    assert 1 == NO_RETRY.max_attempts


@pytest.mark.parametrize(("backoff", "expected"), [(1.0, 60.0), (0.0, 0.0)])
def test_a_power_that_no_number_can_hold_is_the_longest_delay(backoff: float, expected: float) -> None:
    """Unless nothing is to be waited for at all."""
    policy = RetryPolicy(1000, backoff_seconds=backoff, factor=1e9, max_delay_seconds=60.0, jitter=0.0)
    assert expected == policy.delay_before(1000, "")


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(
    st.builds(RetryPolicy, st.just(9), st.floats(0, 1e3), st.floats(0.1, 10), st.floats(0, 1e3), st.floats(0, 1)),
    st.integers(2, 1000),
    st.text(max_size=20),
)
def test_jitter_only_shortens_and_is_the_same_in_a_replay(policy: RetryPolicy, attempt: int, key: str) -> None:
    """By at most its share of the delay; the same key gives the same."""
    delay = policy.delay_before(attempt, key)
    plain = RetryPolicy(9, policy.backoff_seconds, policy.factor, policy.max_delay_seconds, 0.0).delay_before(
        attempt, key
    )
    assert plain * (1 - policy.jitter) - 1e-9 <= delay <= plain <= policy.max_delay_seconds
    assert delay == policy.delay_before(attempt, key)


def test_different_steps_have_different_jitter() -> None:
    """So that they do not all come back at once."""
    policy = RetryPolicy(jitter=1.0)
    assert 100 == len({policy.delay_before(2, f"step {number}") for number in range(100)})
