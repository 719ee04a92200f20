"""Go one way or the other."""

from __future__ import annotations

from pydantic import Field

from wingbeat.sdk import Carries, Context, Example, Expression, NodeType, Outcome, Parameters, Port


class If(Parameters):
    """The question."""

    condition: Expression[bool] = Field(
        description="Must give true or false; anything else is an error, so compare: `count > 0`, not `count`.",
        examples=["input.total > 100", "trigger.country in ['CH', 'DE']"],
    )


def run(parameters: If, context: Context) -> Outcome:
    """Pass the input on through the port that the condition chooses."""
    return Outcome.to("true" if parameters.condition.holds() else "false", context.input)


NODE = NodeType(
    type="condition.if",
    title="If",
    help=(
        "Asks a question and goes on through `true` or `false`; the input passes unchanged. Use it for a choice of "
        "two ways; for more, use a switch. Both ways may meet again in any later node, without a merge. A condition "
        "that is neither true nor false is the error CONDITION_NOT_BOOLEAN."
    ),
    parameters=If,
    run=run,
    outputs=(
        Port("true", "Taken when the condition holds; carries the input.", carries=(Carries("input"),)),
        Port("false", "Taken when it does not; carries the input.", carries=(Carries("input"),)),
    ),
    examples=(
        Example(
            "a big order",
            {"condition": "input.total > 100"},
            input={"total": 120},
            expect={"true": {"total": 120}},
        ),
        Example(
            "a small order", {"condition": "input.total > 100"}, input={"total": 5}, expect={"false": {"total": 5}}
        ),
        Example(
            "a number is no answer",
            {"condition": "input.total"},
            input={"total": 120},
            expect_error="CONDITION_NOT_BOOLEAN",
        ),
    ),
)
