"""Wait until somebody calls an address that only this step has, or until the time is up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wingbeat.sdk import (
    WAITS,
    Await,
    Carries,
    Context,
    Effect,
    Example,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    Result,
    Signal,
    Template,
)

KIND = "webhook"
LONGEST_SECONDS = 3660 * 24 * 3600


class WaitForWebhook(Parameters):
    """How the address may be called, and for how long."""

    methods: Annotated[list[Literal["GET", "POST"]], Field(min_length=1)] = Field(
        default=["POST"],
        description="The HTTP methods that end the wait. GET is for links that people follow; programs that look into "
        "mails follow them as well.",
        examples=[["GET", "POST"]],
    )
    wait_seconds: Template[Annotated[float, Field(gt=0, le=LONGEST_SECONDS, allow_inf_nan=False)] | None] = Field(
        default=None,
        description="For how long; without it, until somebody calls.",
        examples=[86400],
    )


async def run(parameters: WaitForWebhook, context: Context) -> Result:
    """Begin to wait at the step's address."""
    waits = context.use(WAITS)
    seconds = parameters.wait_seconds
    until = None if seconds is None else context.now.timestamp() + seconds
    opening: JsonObject = {"methods": list(parameters.methods)}
    opened = await waits.open(kind=KIND, key=waits.address_key, opening=opening, until=until)
    return Await(opened.wait, opened.until)


def resume(parameters: WaitForWebhook, context: Context, signal: Signal) -> Outcome:
    """Go on with the request, or with the input when nobody called."""
    del parameters
    return Outcome.to("timeout", context.input) if signal.kind == "expired" else Outcome.of(signal.value)


async def rehearse(parameters: WaitForWebhook, context: Context) -> Outcome:
    """Go on at once, with a request without a body."""
    context.log("would wait for a call", methods=list(parameters.methods))
    return Outcome.of({"method": parameters.methods[0], "query": {}, "body": None})


CALL = {"method": "POST", "query": {}, "body": {"decision": "yes"}}
NODE = NodeType(
    type="flow.wait_for_webhook",
    title="Wait for a call",
    help=(
        "Lets the execution wait until somebody calls an address that is made for this one step of this one execution, "
        "and goes on with what they sent. Every node can give the address away, before the wait as well: it is "
        "`execution.resume_urls.<id of this node>`, for example in a mail that is sent first. Inside a loop each "
        "iteration has its own. The first call counts and is answered with 202; later ones are refused with 409, and "
        "so are calls after the time is up. Calls that come before the execution has arrived here find nothing (404). "
        "The address cannot be guessed; whoever has it may call it, so send it only to who shall decide. It takes "
        "JSON, forms and text; PUBLIC_URL is what it begins with. With `wait_seconds`, `timeout` is taken with the "
        "input when nobody called in time. A test run goes on at once."
    ),
    parameters=WaitForWebhook,
    run=run,
    resume=resume,
    rehearse=rehearse,
    effect=Effect.IDEMPOTENT,
    uses=(WAITS,),
    addressed=True,
    outputs=(
        Port(
            "out",
            "The request: `method`, `query` and `body`.",
            {"type": "object", "required": ["method", "query", "body"]},
        ),
        Port("timeout", "The input, when nobody called in time.", carries=(Carries("input"),)),
    ),
    examples=(
        Example(
            "until the other system calls back",
            {},
            input={"id": 7},
            world={"signal": {"resolved": CALL}},
            expect={"out": CALL},
        ),
        Example(
            "a link in a mail, for a day",
            {"methods": ["GET", "POST"], "wait_seconds": 86400},
            input={"id": 7},
            world={"signal": {"expired": True}},
            expect={"timeout": {"id": 7}},
        ),
        Example(
            "no time at all",
            {"wait_seconds": "{{ input }}"},
            input=0,
            expect_error="PARAMETER_INVALID",
        ),
    ),
)
