"""Go several ways at once, each with a name."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from wingbeat.sdk import Carries, Context, Example, JsonObject, NodeType, Outcome, Parameters, Port, PortName, Role


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
    limit: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description=(
            "How many branches may run at once; all, if it is left out. A branch is the nodes that only its port leads "
            "to, with the loops among them. The others wait, in the order in which they are listed, until all nodes of "
            "one that has begun are decided."
        ),
        examples=[2],
    )


def run(parameters: Parallel, context: Context) -> Outcome:
    """Take every branch."""
    return Outcome(context.input, ports=tuple(parameters.branches))


def limit(parameters: JsonObject) -> int | None:
    """A number, as far as it is one."""
    most = parameters.get("limit")
    return most if isinstance(most, int) else None


NODE = NodeType(
    type="flow.parallel",
    title="Parallel",
    help=(
        "Goes on through all of its branches at once; each gets the input. Several connections out of one port run in "
        "parallel as well: use this node where the branches deserve names, or where only some of them may run at once. "
        "They meet again in any later node, or in a merge that says how their results combine."
    ),
    parameters=Parallel,
    run=run,
    limit=limit,
    role=Role.PARALLEL,
    outputs=(
        Port(
            "<branch>", "One port for each branch; carries the input.", each="branches[]", carries=(Carries("input"),)
        ),
    ),
    examples=(
        Example(
            "two branches",
            {"branches": ["invoice", "shipment"]},
            input={"order": 7},
            expect={"invoice": {"order": 7}, "shipment": {"order": 7}},
        ),
        Example(
            "three branches, two at a time",
            {"branches": ["north", "south", "west"], "limit": 2},
            input=1,
            expect={"north": 1, "south": 1, "west": 1},
        ),
        Example("a single one", {"branches": ["only"]}, input=1, expect={"only": 1}),
    ),
)
