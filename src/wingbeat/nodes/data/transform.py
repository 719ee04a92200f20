"""Make a new value out of those at hand."""

from __future__ import annotations

from pydantic import Field

from wingbeat.sdk import Carries, Context, Example, Json, NodeType, Outcome, Parameters, Port, Template


class Transform(Parameters):
    """The value to make."""

    value: Template[Json] = Field(
        description=(
            "Any JSON: text, numbers, lists and objects, with `{{ }}` wherever a part is to be worked out. A text "
            "that is one whole `{{ }}` keeps the type of what it gives."
        ),
        examples=["{{ input.lines | length }}", {"name": "{{ input.name | upper }}", "total": "{{ input.net * 1.2 }}"}],
    )


def run(parameters: Transform, context: Context) -> Outcome:
    """Give the value; the template was evaluated before."""
    del context
    return Outcome.of(parameters.value)


NODE = NodeType(
    type="data.transform",
    title="Transform",
    help=(
        "Makes a new value: one expression, or a whole JSON document with expressions in it. Use it to pick, rename, "
        "calculate and build what the next node needs. The value comes out."
    ),
    parameters=Transform,
    run=run,
    outputs=(Port(help="The value.", carries=(Carries("parameter", "value"),)),),
    examples=(
        Example(
            "a document with expressions in it",
            {"value": {"id": "{{ input.id }}", "label": "Order {{ input.id }}", "fixed": True}},
            input={"id": 7},
            expect={"out": {"id": 7, "label": "Order 7", "fixed": True}},
        ),
        Example(
            "one expression keeps its type",
            {"value": "{{ [line.sku for line in input.lines if line.quantity > 1] }}"},
            input={"lines": [{"sku": "a", "quantity": 1}, {"sku": "b", "quantity": 2}]},
            expect={"out": ["b"]},
        ),
        Example(
            "a name that is not there",
            {"value": "{{ inptu.id }}"},
            input={"id": 7},
            expect_error="EXPRESSION_NAME_MISSING",
        ),
    ),
)
