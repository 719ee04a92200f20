"""The parameters that nodes with code have in common, whatever the language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from wingbeat.core.json_value import Json
from wingbeat.sdk.code import CODE, CodeLimits
from wingbeat.sdk.parameters import Parameters, Template

if TYPE_CHECKING:
    from wingbeat.core.json_value import JsonObject
    from wingbeat.sdk.code import CodeLanguage
    from wingbeat.sdk.context import Context

LONGEST_CODE = 200_000
INPUT = "input"


class CodeParameters(Parameters):
    """What the code sees, and what it may use."""

    inputs: Template[dict[str, Json]] = Field(
        default_factory=dict,
        description=(
            "Further values for the code, each a variable of this name in it. Only what is listed here goes in, "
            "besides `input`: the trigger's data, an item of a loop and other nodes' outputs are given like this."
        ),
        examples=[{"order": "{{ trigger.order }}", "rates": "{{ nodes.fetch.body }}"}, {"item": "{{ item }}"}],
    )
    time_seconds: float = Field(
        default=10.0,
        gt=0,
        le=300,
        description="How many seconds it may run; then it is stopped with CODE_TIMEOUT.",
        examples=[10, 0.5],
    )
    memory_mb: int = Field(
        default=128,
        ge=32,
        le=1024,
        description="How many MB of memory its machine has, the language itself included; beyond, CODE_MEMORY.",
        examples=[128, 512],
    )
    output_bytes: int = Field(
        default=1_000_000,
        ge=2,
        le=20_000_000,
        description="How many bytes its value may have as JSON; beyond, CODE_OUTPUT_TOO_LARGE.",
        examples=[1_000_000],
    )
    log_lines: int = Field(
        default=1_000,
        ge=0,
        le=1_000,
        description="How many printed lines are kept; the others are dropped.",
        examples=[100],
    )
    recursion: int = Field(
        default=1_000,
        ge=50,
        le=2_000,
        description=(
            "How deep calls may nest in Python; beyond, CODE_RECURSION. JavaScript has its own limit, some thousands."
        ),
        examples=[1_000],
    )

    @field_validator("inputs")
    @classmethod
    def _check_names(cls, inputs: object) -> object:
        """Names that no variable can have are refused when the workflow is saved, where they are known."""
        if isinstance(inputs, dict):
            for name in inputs:
                if not name.isidentifier() or name == INPUT:
                    raise ValueError(f"'{name}' cannot be the name of a variable; use letters, digits and _")
        return inputs


async def run_code(language: CodeLanguage, code: str, parameters: CodeParameters, context: Context) -> Json:
    """Run the code of a node and give its value; its lines go to the step's log."""
    names: JsonObject = {**parameters.inputs, INPUT: context.input}
    limits = CodeLimits(
        time_seconds=parameters.time_seconds,
        memory_mb=parameters.memory_mb,
        output_bytes=parameters.output_bytes,
        log_lines=parameters.log_lines,
        recursion=parameters.recursion,
    )
    return await context.use(CODE).run(language, code, names, limits, context.log)
