"""Work aside: what is big leaves the event loop to others."""

from __future__ import annotations

import inspect
import threading

import pytest

from wingbeat.core.errors import StepError
from wingbeat.sdk.aside import aside


def fail() -> int:
    """As a node would."""
    raise StepError("It does not fit.", code="UNFIT")


def test_small_work_is_done_at_once() -> None:
    """A thread would cost more than the work."""
    assert 5 == aside(lambda: 5, big=False)
    with pytest.raises(StepError):
        aside(fail, big=False)


async def test_the_event_loop_goes_on_while_big_work_is_done() -> None:
    """The work waits for what only the loop can do meanwhile."""
    done = threading.Event()
    pending = aside(lambda: done.wait(20), big=True)
    assert inspect.isawaitable(pending)
    done.set()
    assert await pending


async def test_an_error_of_big_work_is_that_of_the_step() -> None:
    """With its code."""
    pending = aside(fail, big=True)
    assert inspect.isawaitable(pending)
    with pytest.raises(StepError) as caught:
        await pending
    assert "UNFIT" == caught.value.code
