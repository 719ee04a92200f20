"""Attempts to get out of a machine: every published way that can be written here, and many of our own.

Whatever a program tries, it sees no file and no variable of the outside, connects to nothing, leaves no process behind,
and the platform gets a JSON value or one of the errors that are promised.
"""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil
import pytest
import pytest_asyncio
from tests.sandbox import attempts_javascript, attempts_python

from wingbeat.core.errors import ExpressionError, LimitReached, StepError
from wingbeat.core.expression import compile_expression
from wingbeat.sdk.code import CodeLimits
from wingbeat.sdk.testing import ExampleNames

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.sandbox.conftest import Trial

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.sdk.code import CodeLanguage

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARY = "canary-7c1e5b"
LIMITS = CodeLimits(time_seconds=1.0, memory_mb=64, log_lines=100)
CODES = {
    "CODE_ERROR",
    "CODE_SYNTAX_ERROR",
    "CODE_TIMEOUT",
    "CODE_MEMORY",
    "CODE_RECURSION",
    "CODE_OUTPUT_TOO_LARGE",
    "CODE_OUTPUT_NOT_JSON",
    "CODE_EXITED",
    "CODE_WAITS_FOREVER",
    "CODE_CRASHED",
    "with a value",
}


@dataclass
class Outside:
    """What must not be reached, and whether it was."""

    folder: Path
    port: int = 0
    connections: list[str] = field(default_factory=list)

    @property
    def given(self) -> JsonObject:
        """What the programs are told about it."""
        return {"path": str(self.folder / "canary.py"), "folder": str(self.folder), "port": self.port}

    def check(self, said: str) -> None:
        """Nothing of the outside was said, connected to or changed, and nothing new runs."""
        assert CANARY not in said
        assert [] == self.connections
        assert ["canary.py"] == [found.name for found in self.folder.iterdir()]
        assert CANARY in (self.folder / "canary.py").read_text()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outside(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Outside]:
    """A file that all may read, a listener, and a variable of the environment."""
    folder = tmp_path_factory.mktemp("outside")
    for place in (folder, *folder.parents[:3]):
        if place.stat().st_uid == os.geteuid():
            place.chmod(place.stat().st_mode | 0o055)
    (folder / "canary.py").write_text(f"X = '{CANARY}'\n")
    (folder / "canary.py").chmod(0o666)
    found = Outside(folder)

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.connections.append("connected")
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    os.environ["WINGBEAT_CANARY"] = CANARY
    yield found
    del os.environ["WINGBEAT_CANARY"]
    server.close()
    await server.wait_closed()


async def attempt(trial: Trial, outside: Outside, language: CodeLanguage, code: str) -> None:
    """Run one program, and see that it changed nothing."""
    said: Json
    try:
        said, ended = await trial.run(language, code, LIMITS, input=outside.given), "with a value"
    except StepError as error:
        said, ended = error.to_json(), error.code
    assert ended in CODES
    outside.check(json.dumps([said, trial.lines]))


def processes_of(trial: Trial) -> list[int]:
    """What the runners have started."""
    return [child.pid for pid in trial.sandbox.pool.processes for child in psutil.Process(pid).children()]


async def test_corpus_is_large() -> None:
    """There are enough attempts, and no two are the same."""
    written = [*attempts_python.WRITTEN, *attempts_javascript.WRITTEN]
    generated = [*attempts_python.generated(), *attempts_javascript.generated()]
    assert len(set(written)) == len(written)
    assert len(written) > 500
    assert len(set(generated)) > 3_000


@pytest.mark.parametrize("code", attempts_python.WRITTEN, ids=ascii)
async def test_python_stays_inside(code: str, trial: Trial, outside: Outside) -> None:
    """The program reaches nothing, as it is and inside of a function."""
    await attempt(trial, outside, "python", code)
    body = "\n".join(f"    {line}" for line in code.splitlines())
    await attempt(trial, outside, "python", f"def main(input):\n{body}")
    assert [] == processes_of(trial)


@pytest.mark.parametrize("code", attempts_javascript.WRITTEN, ids=ascii)
async def test_javascript_stays_inside(code: str, trial: Trial, outside: Outside) -> None:
    """The program reaches nothing, as it is and where `return` makes it a function."""
    await attempt(trial, outside, "javascript", code)
    await attempt(trial, outside, "javascript", f"return ({code.rstrip(';')}\n)")
    assert [] == processes_of(trial)


@pytest.mark.parametrize("part", range(8))
async def test_generated_programs_stay_inside(part: int, trial: Trial, outside: Outside) -> None:
    """Combinations of the same means do no better."""
    for code in attempts_python.generated()[part::8]:
        await attempt(trial, outside, "python", code)
    for code in attempts_javascript.generated()[part::8]:
        await attempt(trial, outside, "javascript", code)
    assert [] == processes_of(trial)


@pytest.mark.parametrize("part", range(4))
async def test_the_same_programs_are_no_expressions(part: int, outside: Outside) -> None:
    """Where an expression is expected, none of them gives anything of the outside or any other error."""
    programs = [
        *attempts_python.WRITTEN,
        *attempts_javascript.WRITTEN,
        *attempts_python.generated(),
        *attempts_javascript.generated(),
    ]
    for code in programs[part::4]:
        try:
            said: object = compile_expression(code).evaluate(ExampleNames({"input": outside.given}))
        except (ExpressionError, LimitReached) as error:
            said = error.to_json()
        outside.check(json.dumps(said))


async def test_sandbox_lives(trial: Trial) -> None:
    """After all of that, code runs as before."""
    assert [3, 3] == [await trial.python("1 + 2"), await trial.javascript("1 + 2")]
