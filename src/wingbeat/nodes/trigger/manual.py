"""Begin when somebody starts the workflow."""

from __future__ import annotations

from wingbeat.sdk import Context, Example, NodeType, Outcome, Parameters, Port, Role


class Manual(Parameters):
    """Takes no parameters."""


def run(parameters: Manual, context: Context) -> Outcome:
    """Give the data that the execution was started with."""
    del parameters
    return Outcome.of(context.input)


NODE = NodeType(
    type="trigger.manual",
    title="Manual start",
    help=(
        "Begins the workflow when a person or a program starts it: from the command line, from the app or over the "
        "API. Use it for whatever has no trigger of its own. The data that the execution was started with comes out, "
        "and every expression can read it as `trigger`."
    ),
    parameters=Manual,
    run=run,
    role=Role.TRIGGER,
    outputs=(Port(help="The data that the execution was started with."),),
    examples=(
        Example("the data comes out as it is", {}, input={"order": 7}, expect={"out": {"order": 7}}),
        Example("started without data", {}, input=None, expect={"out": None}),
    ),
)
