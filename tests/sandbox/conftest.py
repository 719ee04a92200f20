"""One sandbox for the tests of a file, and a short way to run code in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest_asyncio

from wingbeat.core.errors import StepError
from wingbeat.sandbox.code_runner import Sandbox
from wingbeat.sdk.code import CodeLimits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.sdk.code import CodeLanguage


@dataclass
class Trial:
    """Runs code and keeps the lines that the last run printed."""

    sandbox: Sandbox
    lines: list[str] = field(default_factory=list)

    async def run(self, language: CodeLanguage, code: str, limits: CodeLimits | None = None, **names: Json) -> Json:
        """The value of the code; `names` are what it sees, besides `input`, which is null if it is not given."""
        self.lines = []
        given: JsonObject = {"input": None, **names}
        return await self.sandbox.run(language, code, given, limits or CodeLimits(), self.lines.append)

    async def python(self, code: str, limits: CodeLimits | None = None, **names: Json) -> Json:
        """The value of Python code."""
        return await self.run("python", code, limits, **names)

    async def javascript(self, code: str, limits: CodeLimits | None = None, **names: Json) -> Json:
        """The value of JavaScript code."""
        return await self.run("javascript", code, limits, **names)

    async def fails(
        self, language: CodeLanguage, code: str, limits: CodeLimits | None = None, **names: Json
    ) -> StepError:
        """The error that the code ends in."""
        try:
            value = await self.run(language, code, limits, **names)
        except StepError as error:
            return error
        raise AssertionError(f"No error, but {value!r:.500}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def trial(code_data_dir: Path) -> AsyncIterator[Trial]:
    """A sandbox that lives as long as the tests of a file."""
    sandbox = Sandbox(code_data_dir)
    yield Trial(sandbox)
    await sandbox.close()
