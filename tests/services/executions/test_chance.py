"""Random bytes: the same for the same step, others for every other, and for another installation."""

from __future__ import annotations

from typing import NamedTuple

from wingbeat.services.executions.chance import StepChance


class AStep(NamedTuple):
    """A step, as far as chance goes."""

    idempotency_key: str


def test_a_step_draws_the_same_again() -> None:
    """As it must when it runs again after a crash; more bytes begin with the same ones."""
    first, again = (StepChance(b"k" * 32, AStep("one")) for _ in range(2))
    assert first.draw(16) == again.draw(16) == again.draw(100)[:16]


def test_steps_and_installations_draw_their_own() -> None:
    """None of them tells anything about another."""
    drawn = {StepChance(key * 32, AStep(step)).draw(16) for key in (b"k", b"l") for step in ("one", "two", "one:a")}
    assert 6 == len(drawn)
