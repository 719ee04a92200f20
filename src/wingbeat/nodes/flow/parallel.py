"""Go several ways at once, each with a name."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from wingbeat.sdk import Context, Example, JsonObject, NodeType, Outcome, Parameters, Port, PortName


def _each_once(names: list[str]) -> list[str]:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"there are two branches '{twice}'; each needs a name of its own")
    return names


class Parallel(Parameters):
    """The branches."""

    branches: Annotated[list[PortName], AfterValidator(_each_once)] = Field(
        min_length=1,
        max_length=100,
        description="The names of the branches; each is a port.",
        examples=[["invoice", "shipment"]],
    )


def run(parameters: Parallel, context: Context) -> Outcome:
    """Take every branch."""
    return Outcome(context.input, ports=tuple(parameters.branches))


def ports(parameters: JsonObject) -> tuple[str, ...]:
    """One for each branch."""
    branches = parameters.get("branches")
    return tuple(name for name in branches if isinstance(name, str)) if isinstance(branches, list) else ()


NODE = NodeType(
    type="flow.parallel",
    title="Parallel",
    help=(
        "Goes on through all of its branches at once; each gets the input. Several connections out of one port run in "
        "parallel as well: use this node where the branches deserve names. They meet again in any later node, or in a "
        "merge that says how their results combine."
    ),
    parameters=Parallel,
    run=run,
    ports=ports,
    outputs=(Port("<branch>", "One port for each branch; carries the input."),),
    examples=(
        Example(
            "two branches",
            {"branches": ["invoice", "shipment"]},
            input={"order": 7},
            expect={"invoice": {"order": 7}, "shipment": {"order": 7}},
        ),
        Example("a single one", {"branches": ["only"]}, input=1, expect={"only": 1}),
    ),
)
