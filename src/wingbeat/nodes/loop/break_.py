"""Leave the nearest loop."""

from __future__ import annotations

from wingbeat.sdk import Context, Example, NodeType, Outcome, Parameters, Role


class Break(Parameters):
    """Takes no parameters."""


def run(parameters: Break, context: Context) -> Outcome:
    """Nothing goes on from here; the loop ends by what this node is."""
    del parameters
    return Outcome(context.input, ports=())


NODE = NodeType(
    type="loop.break",
    title="Break",
    help=(
        "Ends the nearest loop around it: no new iteration starts, and the loop goes on through `done`. Iterations "
        "that still run finish or are cancelled, as the loop says. Put it behind a condition. It works inside of a "
        "loop's body only, and nothing comes out of it."
    ),
    parameters=Break,
    run=run,
    role=Role.BREAK,
    outputs=(),
    examples=(
        Example("found what was sought", {}, input={"found": True}, expect={}),
        Example("without any data", {}, expect={}),
    ),
)
