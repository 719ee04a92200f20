"""End this iteration of the nearest loop, and go on with the next."""

from __future__ import annotations

from wingbeat.sdk import Context, Example, NodeType, Outcome, Parameters, Role


class Continue(Parameters):
    """Takes no parameters."""


def run(parameters: Continue, context: Context) -> Outcome:
    """Nothing goes on from here; the iteration ends by what this node is."""
    del parameters
    return Outcome(context.input, ports=())


NODE = NodeType(
    type="loop.continue",
    title="Continue",
    help=(
        "Ends the iteration of the nearest loop in which it runs: whatever else still runs in that iteration is "
        "cancelled, and the loop goes on with the next. Among the loop's results the iteration has what its last nodes "
        "had given by then, or no place at all if they had given nothing. Put it behind a condition. It works inside "
        "of a loop's body only, and nothing comes out of it."
    ),
    parameters=Continue,
    run=run,
    role=Role.CONTINUE,
    outputs=(),
    examples=(
        Example("nothing to do for this item", {}, input={"skip": True}, expect={}),
        Example("without any data", {}, expect={}),
    ),
)
