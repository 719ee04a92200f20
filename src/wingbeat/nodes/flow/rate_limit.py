"""Let through so many in a while, for each key; the others wait for their turn or go another way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field

from wingbeat.sdk import Carries, Context, Effect, Example, NodeType, Outcome, Parameters, Port, Template, Wait, matters
from wingbeat.sdk.memory import MEMORY

LIMITED = "limited"
LONGEST = 366 * 86400.0
# A turn that has nearly come is not worth a wait.
NEAR = 0.001


class RateLimit(Parameters):
    """How many, in how long, of what."""

    key: Template[Annotated[str, Field(min_length=1, max_length=10_000)]] = Field(
        description="What is limited; each key has turns of its own.",
        examples=["mail-server", "customer {{ trigger.customer }}"],
    )
    limit: int = Field(ge=1, le=1_000_000, description="How many may pass within the window.", examples=[10])
    window_seconds: float = Field(gt=0, le=LONGEST, description="How long the window is.", examples=[60])
    when_full: Literal["wait", "limited"] = Field(
        default="wait",
        description="`wait`: wait for the turn, in the order of coming. `limited`: take that port at once.",
        examples=["limited"],
    )
    longest_wait_seconds: float = Field(
        json_schema_extra=matters(when_full="wait"),
        default=LONGEST,
        gt=0,
        le=LONGEST,
        description="For `wait`: a turn that is further away is not waited for; the port `limited` is taken.",
        examples=[300],
    )
    scope: Literal["workflow", "global"] = Field(
        default="workflow",
        description="This workflow's turns, or those of all of its community, else its author, that name the key.",
        examples=["global"],
    )


async def run(parameters: RateLimit, context: Context) -> Outcome | Wait:
    """Take a turn, and wait for it if need be."""
    waits = parameters.when_full == "wait"
    turn = await context.use(MEMORY).turn(
        parameters.key,
        shared=parameters.scope == "global",
        most=parameters.limit,
        window_seconds=parameters.window_seconds,
        longest_wait=parameters.longest_wait_seconds if waits else NEAR,
    )
    if not turn.taken:
        at = datetime.fromtimestamp(turn.at, UTC).isoformat()
        return Outcome.to(LIMITED, {"value": context.input, "free_at": at})
    if turn.at <= context.now.timestamp() + NEAR:
        return Outcome.of(context.input)
    return Wait(turn.at, context.input)


async def rehearse(parameters: RateLimit, context: Context) -> Outcome:
    """Take no turn, and go on at once."""
    context.log("would wait for a turn", key=parameters.key, limit=parameters.limit)
    return Outcome.of(context.input)


CAN_BE_FULL = {
    "anyOf": [
        {"required": ["when_full"], "properties": {"when_full": {"const": LIMITED}}},
        {"required": ["longest_wait_seconds"]},
    ]
}

NODE = NodeType(
    type="flow.rate_limit",
    title="Rate limit",
    help=(
        "Lets at most `limit` steps pass within any `window_seconds`, counted for each key over all executions and all "
        "workers. Who comes later waits for its turn, in the order of coming, or takes the port `limited` at once. "
        "Use it before a service that allows so many requests a minute, or so that a customer gets one mail an hour. A "
        "waiting execution takes no memory and keeps its turn through crashes. A turn that an execution got and never "
        "used, because it was cancelled, is lost. The limit bounds how many begin, not how many are under way."
    ),
    parameters=RateLimit,
    run=run,
    rehearse=rehearse,
    effect=Effect.IDEMPOTENT,
    uses=(MEMORY,),
    outputs=(
        Port(help="The input, unchanged, when its turn has come.", carries=(Carries("input"),)),
        Port(
            LIMITED,
            "There, with `when_full: limited` or `longest_wait_seconds`, for those whose turn is too far away: the "
            "input as `value`, and when a turn would be free.",
            {
                "type": "object",
                "required": ["value", "free_at"],
                "properties": {"free_at": {"type": "string", "format": "date-time"}},
            },
            when=CAN_BE_FULL,
        ),
    ),
    examples=(
        Example(
            "ten a minute, and this one may pass",
            {"key": "mail-server", "limit": 10, "window_seconds": 60},
            input={"to": "ann"},
            expect={"out": {"to": "ann"}},
        ),
        Example(
            "one mail an hour for each customer, and no second one",
            {
                "key": "mail to {{ input.customer }}",
                "limit": 1,
                "window_seconds": 3600,
                "when_full": "limited",
            },
            input={"customer": 7},
            world={"memory": {"turn": 1_767_326_645}},
            expect={"limited": {"value": {"customer": 7}, "free_at": "2026-01-02T04:04:05+00:00"}},
        ),
        Example(
            "it waits for its turn",
            {"key": "search", "limit": 1, "window_seconds": 5, "scope": "global"},
            input="next",
            world={"memory": {"turn": 1_767_323_050}},
            expect={"out": "next"},
        ),
    ),
)
