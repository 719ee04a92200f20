"""The campaigns in the form that fits a test run; script/campaign runs the long ones."""

from __future__ import annotations

import asyncio
import sys

import pytest
from tests.campaigns.__main__ import CAMPAIGNS


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", CAMPAIGNS)
async def test_nothing_is_lost_and_nothing_is_done_twice(name: str) -> None:
    """Whatever the campaign does to the installation, what it counts afterwards from the journal is right."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.campaigns", name, "--short"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert (0, True) == (process.returncode, output.strip().endswith(b"nothing wrong")), (output + errors).decode()
