"""Have the Router execute a chat command."""

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


class Command(Parameters):
    """Which command, and on whose behalf."""

    command: Template[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        description="The command's name, with or without what it begins with in the chat.", examples=["!shoutout"]
    )
    arguments: Template[list[Json]] = Field(
        default=[], description="What follows the name, one by one.", examples=[["{{ trigger.user }}", 5]]
    )
    user: Template[Annotated[str, Field(max_length=200)]] = Field(
        default="", description="On whose behalf; the Router decides what they may do.", examples=["{{ trigger.user }}"]
    )
    channel: Template[Annotated[str, Field(max_length=500)]] = Field(
        default="", description="The channel in which it counts as said.", examples=["twitch:penguins"]
    )
    timeout_seconds: float = Field(
        default=30, gt=0, le=3600, description="The Router must have answered by then.", examples=[10]
    )


def _request(parameters: Command) -> JsonObject:
    return {
        "command": parameters.command,
        "arguments": parameters.arguments,
        "user": parameters.user or None,
        "channel": parameters.channel or None,
    }


async def run(parameters: Command, context: Context) -> Outcome:
    """Ask the Router."""
    seconds = parameters.timeout_seconds
    return Outcome.of(await context.use(ROUTER).execute("commands", _request(parameters), timeout_seconds=seconds))


def rehearse(parameters: Command, context: Context) -> Outcome:
    """Give the request that would be sent."""
    del context
    return Outcome.of({"rehearsed": True, "target": "commands", "request": _request(parameters)})


NODE = NodeType(
    type="action.command",
    title="Command",
    help=(
        "Has the Router execute a chat command (`POST /api/v1/commands/execute` at ROUTER_URL) as if it had been "
        "typed, and gives what it answers: the `data` of its envelope, or the whole answer where it has none. The "
        "Router gets `command`, `arguments`, `user`, `channel` (null where they are empty), and as `context` the ids "
        "of the execution, the workflow and the node. After a broken connection, a time-out or a 5xx the command may "
        "have been carried out, and the node's `on_unknown` decides; each try carries the same `Idempotency-Key`."
    ),
    parameters=Command,
    run=run,
    rehearse=rehearse,
    effect=Effect.UNSAFE,
    uses=(ROUTER,),
    outputs=(Port(help="What the command answers."),),
    examples=(
        Example(
            "greet a raider",
            {"command": "!shoutout", "arguments": ["{{ trigger.user }}"], "channel": "twitch:penguins"},
            trigger={"user": "pingu"},
            world={"router": [{"reply": "Visit pingu!"}]},
            expect={"out": {"reply": "Visit pingu!"}},
        ),
        Example(
            "a Router that is down",
            {"command": "!shoutout"},
            world={"router": [{"error": "ROUTER_UNREACHABLE"}]},
            expect_error="ROUTER_UNREACHABLE",
        ),
    ),
)
