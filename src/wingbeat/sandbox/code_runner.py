"""Runs code for the platform: says what is to be done to the pool, and what came of it as a value or a typed error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wingbeat.core.errors import StepError
from wingbeat.sandbox.artifacts import ArtifactStore
from wingbeat.sandbox.failures import failure, too_large
from wingbeat.sandbox.frames import ERROR, VALUE, Language
from wingbeat.sandbox.pool import RunnerPool, default_size
from wingbeat.sandbox.processes import AnswerTooLarge, Request, RunnerBroken, TimeIsUp
from wingbeat.sandbox.reading import describe_error, read_value
from wingbeat.storage.encoding import encode_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wingbeat.core.json_value import Json
    from wingbeat.sandbox.processes import Answer
    from wingbeat.sdk.code import CodeLanguage, CodeLimits, WriteLine

LANGUAGES = {"python": Language.PYTHON, "javascript": Language.JAVASCRIPT}
# What goes in takes a multiple of its size as objects of the language.
INPUT_SHARE = 8
MEGABYTE = 1 << 20


class Sandbox:
    """Implements `wingbeat.sdk.code.CodeRunner`. Costs nothing until the first run."""

    def __init__(self, data_dir: Path, size: int | None = None) -> None:
        self.artifacts = ArtifactStore(data_dir)
        self.pool = RunnerPool(self.artifacts, size or default_size())

    async def run(
        self, language: CodeLanguage, code: str, names: Mapping[str, Json], limits: CodeLimits, write: WriteLine
    ) -> Json:
        """Run code; see `CodeRunner.run`."""
        given = json.dumps(
            {"output_bytes": limits.output_bytes, "log_lines": limits.log_lines, "recursion": limits.recursion}
        )
        data = encode_json(dict(names))
        if len(data) > limits.memory_mb * MEGABYTE // INPUT_SHARE:
            raise StepError(
                f"The data for the code has {len(data)} bytes, too many for a machine of {limits.memory_mb} MB.",
                code="CODE_INPUT_TOO_LARGE",
                remedy="Raise `memory_mb`, or give the code only what it needs by `inputs` and `input`.",
            )
        request = Request(
            LANGUAGES[language],
            limits.memory_mb,
            code.encode("utf-8", "replace"),
            given.encode(),
            data,
            limits.time_seconds,
            limits.output_bytes,
            write,
        )
        return _read(await self._answer(request, limits), limits)

    async def _answer(self, request: Request, limits: CodeLimits) -> Answer:
        try:
            return await self.pool.run(request)
        except TimeIsUp:
            raise StepError(
                f"The code ran for longer than {limits.time_seconds:g} s and was stopped.",
                code="CODE_TIMEOUT",
                remedy="Look for a loop that does not end, do less at once, or raise `time_seconds`.",
            ) from None
        except AnswerTooLarge:
            raise too_large(None, limits) from None
        except (RunnerBroken, OSError) as error:
            raise StepError(
                "The process that runs code ended unexpectedly, twice.",
                code="CODE_RUNNER_FAILED",
                remedy="Try again. If it stays, the machine may be short of memory: tell whoever runs it.",
                retryable=True,
            ) from error

    async def close(self) -> None:
        """End every process."""
        await self.artifacts.close()
        await self.pool.close()


def _read(answer: Answer, limits: CodeLimits) -> Json:
    if answer.kind == VALUE:
        return read_value(answer.body)
    if answer.kind == ERROR:
        raise describe_error(answer.body, limits)
    raise failure(answer.body.decode(errors="replace"), limits)
