"""The help of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.rig.program import Program


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("serve", "--help"), ("doctor", "--help")])
async def test_flags_are_shown_without_a_value(offline: Program, arguments: tuple[str, ...]) -> None:
    """They take none."""
    finished = await offline(*arguments)

    assert (0, True) == (finished.status, "--help" in finished.output)
    assert "bool" not in finished.output


async def test_the_help_of_run_says_what_stays_behind(offline: Program) -> None:
    """The workflow is published in the installation."""
    finished = await offline("run", "--help")

    assert "stores and publishes" in finished.output
