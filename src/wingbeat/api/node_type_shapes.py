"""The shapes of answers about node types."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from wingbeat.api.shapes import Shape
from wingbeat.core.node_kind import Role


class CarriedShape(BaseModel):
    """What comes out by a port, as far as it follows from the drawing.

    The input; all inputs, `joined`; the parameter of a `name`, an item of it, or a list of such items; or a list of
    what the nodes in a loop's body give.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)

    of: Literal["input", "inputs", "parameter", "item", "list", "body"]
    name: str = ""
    joined: Literal["", "by_node", "first", "list", "fields"] = ""
    when: dict[str, Any] = Field(
        {}, description="A JSON Schema of the parameters, defaults included, with which it is so."
    )


class PortShape(BaseModel):
    """A way out of a node; `schema` is the JSON Schema of what comes out, where it is known.

    `each` is the way to the parameters that name such ports, one each, as `cases[].port`; `name` only stands for them.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)

    name: str
    help: str
    json_schema: dict[str, Any] = Field({}, alias="schema")
    each: str = ""
    when: dict[str, Any] = Field({}, description="A JSON Schema of the parameters with which the port is there.")
    carries: list[CarriedShape] = Field([], description="The first counts that fits the parameters.")


class NodeTypeExampleShape(BaseModel):
    """One use of a node: what it saw, and what came out of each port (`expect`) or the code of the error."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    title: str
    parameters: dict[str, Any]
    input: Any
    variables: dict[str, Any] = {}
    nodes: dict[str, Any] = {}
    trigger: Any = None
    arrivals: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    world: dict[str, Any] = {}
    expect: dict[str, Any] = {}
    expect_error: str = ""


class NodeTypeShape(Shape):
    """A node type. `parameters` is a JSON Schema, in which `x-wingbeat` marks templates and expressions.

    With `outputs_from_parameters`, it depends on a node's parameters which outputs there are: each says when.
    """

    type: str
    title: str
    help: str
    category: str
    role: Role
    effect: Literal["pure", "idempotent", "unsafe"]
    inputs: list[str]
    outputs: list[PortShape]
    outputs_from_parameters: bool
    uses: list[str]
    parameters: dict[str, Any]
    examples: list[NodeTypeExampleShape]


class NodeTypeLineShape(Shape):
    """One node type of a connector; `GET /api/v1/node-types` has all about it."""

    type: str
    title: str
