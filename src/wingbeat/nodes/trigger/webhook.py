"""Begin when a request comes in. Only the definition: it is for the API to receive requests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wingbeat.sdk import Context, Example, NodeType, Outcome, Parameters, Port, Role

REQUEST = {"method": "POST", "path": "orders", "headers": {}, "query": {}, "body": {"order": 7}}


class Webhook(Parameters):
    """What requests it is for."""

    methods: Annotated[list[Literal["GET", "POST", "PUT", "PATCH", "DELETE"]], Field(min_length=1)] = Field(
        default=["POST"], description="The HTTP methods that the webhook is meant for.", examples=[["POST"]]
    )
    path: str = Field(
        default="",
        max_length=200,
        pattern=r"^[A-Za-z0-9_./-]*$",
        description="A name for the webhook that people recognise. It does not grant access.",
        examples=["orders"],
    )


def run(parameters: Webhook, context: Context) -> Outcome:
    """Give the request as it was received."""
    del parameters
    return Outcome.of(context.input)


NODE = NodeType(
    type="trigger.webhook",
    title="Webhook",
    help=(
        "Says that the workflow is meant to begin with an HTTP request, and with which methods. What comes out is the "
        "data that the execution was started with; every expression can read it as `trigger`."
    ),
    parameters=Webhook,
    run=run,
    role=Role.TRIGGER,
    outputs=(Port(help="The data that the execution was started with."),),
    examples=(
        Example("a request with a body", {"path": "orders"}, input=REQUEST, expect={"out": REQUEST}),
        Example("two methods", {"methods": ["GET", "POST"]}, input=None, expect={"out": None}),
    ),
)
