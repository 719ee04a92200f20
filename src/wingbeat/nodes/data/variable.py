"""Set or change a variable."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from wingbeat.sdk import (
    Carries,
    Context,
    Example,
    Json,
    JsonObject,
    NodeType,
    Operation,
    Outcome,
    Parameters,
    Port,
    StepError,
    Template,
    VariableChange,
    VariableName,
    matters,
    needed,
)


class Variable(Parameters):
    """Which variable, and what becomes of it."""

    name: VariableName = Field(
        description="The name under which expressions read the variable: letters, digits and `_`.", examples=["total"]
    )
    operation: Literal["set", "append", "increment"] = Field(
        default="set",
        description=(
            "`set` replaces the variable, `append` adds the value to the end of a list, `increment` adds a number to "
            "it. Nothing is lost when parallel branches append or increment."
        ),
        examples=["increment"],
    )
    value: Template[Json] = Field(
        json_schema_extra=needed(operation=("set", "append")) | matters(),
        default=None,
        description="The new value, the item to append, or the number to add (1 if it is left out).",
        examples=["{{ input.total }}", 1],
    )
    scope: Literal["execution", "iteration"] = Field(
        default="execution",
        description="`execution`: seen everywhere. `iteration`: seen within this iteration of the nearest loop only.",
        examples=["execution"],
    )

    @model_validator(mode="after")
    def _has_value(self) -> Self:
        if self.operation != "increment" and "value" not in self.model_fields_set:
            raise ValueError(f"'{self.operation}' needs a 'value'")
        return self


def run(parameters: Variable, context: Context) -> Outcome:
    """Say what is to change; raises `StepError` for an increment that is no number."""
    operation = Operation(parameters.operation)
    value = parameters.value if "value" in parameters.model_fields_set else 1
    if operation is Operation.INCREMENT and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise StepError(
            f"'{parameters.name}' cannot be incremented by a value that is not a number.",
            code="VARIABLE_NOT_A_NUMBER",
            remedy="Give a number as 'value', or convert it with `| number`.",
            details={"variable": parameters.name},
        )
    change = VariableChange(parameters.name, operation, value, iteration=parameters.scope == "iteration")
    return Outcome(context.input, changes=(change,))


def provides(parameters: JsonObject) -> tuple[str, ...]:
    """The variable."""
    name = parameters.get("name")
    return (name,) if isinstance(name, str) else ()


NODE = NodeType(
    type="data.variable",
    title="Variable",
    help=(
        "Sets a variable, appends to a list or adds to a number. Later expressions read it by its name. Use it to "
        "carry something past many nodes, to count, or to gather results in a loop. The input passes unchanged."
    ),
    parameters=Variable,
    run=run,
    provides=provides,
    outputs=(Port(help="The input, unchanged.", carries=(Carries("input"),)),),
    examples=(
        Example(
            "remember a total",
            {"name": "total", "value": "{{ input.net * 2 }}"},
            input={"net": 50},
            expect={"out": {"net": 50}},
        ),
        Example("count", {"name": "seen", "operation": "increment"}, input="a", expect={"out": "a"}),
        Example(
            "text cannot be added",
            {"name": "seen", "operation": "increment", "value": "{{ input }}"},
            input="a",
            expect_error="VARIABLE_NOT_A_NUMBER",
        ),
    ),
)
