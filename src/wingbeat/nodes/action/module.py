"""Have the Router execute a module."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wingbeat.sdk import (
    ROUTER,
    Context,
    Effect,
    Example,
    Json,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    Template,
)


class Module(Parameters):
    """Which module is to do what."""

    module: Template[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        description="The module's name, as the Router knows it.", examples=["inventory", "{{ input.module }}"]
    )
    action: Template[Annotated[str, Field(max_length=200)]] = Field(
        default="", description="What it is to do, for modules that do several things.", examples=["add_item"]
    )
    parameters: Template[dict[str, Json]] = Field(
        default={}, description="What the module needs for that.", examples=[{"item": "{{ input.item }}", "count": 1}]
    )
    timeout_seconds: float = Field(
        default=30, gt=0, le=3600, description="The Router must have answered by then.", examples=[10]
    )


def _request(parameters: Module) -> JsonObject:
    return {"module": parameters.module, "action": parameters.action, "parameters": parameters.parameters}


async def run(parameters: Module, context: Context) -> Outcome:
    """Ask the Router."""
    seconds = parameters.timeout_seconds
    return Outcome.of(await context.use(ROUTER).execute("modules", _request(parameters), timeout_seconds=seconds))


def rehearse(parameters: Module, context: Context) -> Outcome:
    """Give the request that would be sent."""
    del context
    return Outcome.of({"rehearsed": True, "target": "modules", "request": _request(parameters)})


NODE = NodeType(
    type="action.module",
    title="Module",
    help=(
        "Has the Router execute a module (`POST /api/v1/modules/execute` at ROUTER_URL), and gives what it answers: "
        "the `data` of its envelope, or the whole answer where it has none. The Router gets `module`, `action`, "
        "`parameters`, and as `context` the ids of the execution, the workflow and the node. What a module does may "
        "not be repeated silently: after a broken connection, a time-out or a 5xx it may have been done, and the "
        "node's `on_unknown` decides. Each try carries the same `Idempotency-Key`. A refusal (4xx, or "
        "`success: false`) is an error with the Router's own words."
    ),
    parameters=Module,
    run=run,
    rehearse=rehearse,
    effect=Effect.UNSAFE,
    uses=(ROUTER,),
    outputs=(Port(help="What the module answers."),),
    examples=(
        Example(
            "put something into an inventory",
            {"module": "inventory", "action": "add_item", "parameters": {"item": "{{ input.item }}"}},
            input={"item": "sword"},
            world={"router": [{"count": 3}]},
            expect={"out": {"count": 3}},
        ),
        Example(
            "a module that there is not",
            {"module": "no_such_module"},
            world={"router": [{"error": "ROUTER_REFUSED"}]},
            expect_error="ROUTER_REFUSED",
        ),
    ),
)
