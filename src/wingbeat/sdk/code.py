"""Code of the user's, run where it can reach nothing: the tool of the code nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

from wingbeat.core.errors import StepError
from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json

CodeLanguage: TypeAlias = Literal["python", "javascript"]
WriteLine: TypeAlias = "Callable[[str], None]"


class CodeLimits(NamedTuple):
    """What one run may use. `recursion` is how deep calls may nest, where the language counts them."""

    time_seconds: float = 10.0
    memory_mb: int = 128
    output_bytes: int = 1_000_000
    log_lines: int = 1_000
    recursion: int = 1_000


class CodeRunner(Protocol):
    """Runs code in a machine of its own, made for this run and gone after it."""

    async def run(
        self, language: CodeLanguage, code: str, names: Mapping[str, Json], limits: CodeLimits, write: WriteLine
    ) -> Json:
        """The value that the code gives. `names` are what it sees; each line that it prints goes to `write`.

        Raises:
            StepError: `CODE_ERROR`, `CODE_SYNTAX_ERROR`, `CODE_TIMEOUT`, `CODE_MEMORY`, `CODE_RECURSION`,
                `CODE_OUTPUT_TOO_LARGE`, `CODE_OUTPUT_NOT_JSON`, `CODE_INPUT_TOO_LARGE`, `CODE_EXITED`,
                `CODE_WAITS_FOREVER`, `CODE_CRASHED`, `CODE_RUNNER_FAILED` and others of the installation.
        """
        ...


class ExampleCode:
    """Stands where the sandbox would be: gives what the example's world holds for it, and runs nothing."""

    def __init__(self, world: Json) -> None:
        self._world = world

    async def run(
        self, language: CodeLanguage, code: str, names: Mapping[str, Json], limits: CodeLimits, write: WriteLine
    ) -> Json:
        """Give the value of the example."""
        del language, code, names, limits, write
        if self._world is None:
            raise StepError(
                "An example has no sandbox.",
                code="NO_SANDBOX",
                remedy="Give the example a `world` with `code`, or the test a tool that runs it.",
            )
        return self._world


CODE: Tool[CodeRunner] = Tool("code", ExampleCode)
