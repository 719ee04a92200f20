"""Begin when a request comes in at one of the workflow's webhooks. It is for the API to receive them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wingbeat.sdk import Context, Example, JsonObject, NodeType, Outcome, Parameters, Port, Role

REQUEST: JsonObject = {
    "method": "POST",
    "headers": {"content-type": "application/json"},
    "query": {"source": "shop"},
    "body": {"order": 7},
    "files": {},
    "webhook": {"id": "019a9c5e-0c4b-7c3a-9d53-4f1e2a7b6c8d", "name": "orders"},
    "address": "203.0.113.9",
}
UPLOAD: JsonObject = {
    **REQUEST,
    "headers": {"content-type": "image/png"},
    "body": None,
    "files": {"body": {"$file": "019a9c5f.x.y", "name": "body", "media_type": "image/png", "size": 4, "sha256": "0"}},
}
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "method": {"type": "string"},
        "headers": {"type": "object"},
        "query": {"type": "object"},
        "body": {},
        "files": {"type": "object"},
        "webhook": {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}},
        "address": {"type": "string"},
    },
}


class Webhook(Parameters):
    """What requests it is for."""

    methods: Annotated[list[Literal["GET", "POST", "PUT", "PATCH", "DELETE"]], Field(min_length=1)] = Field(
        default=["POST"],
        description="The HTTP methods of a webhook of the workflow, unless the webhook names others itself.",
        examples=[["POST"]],
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
        "Begins the workflow when something is delivered to one of its webhooks; the webhooks themselves, with their "
        "addresses, secrets and limits, are made beside the workflow. What comes out is the request: `method`, "
        "`headers` (without credentials, cookies and signatures; names in lower case), `query` (a parameter that is "
        "there several times is a list), `body`, `files`, `webhook` (`id` and `name`) and `address`, the sender's. "
        "The `body` is JSON as it is, the fields of a form as an object, or a text; files of a form, and a body of "
        "other bytes (`files.body`), are references for nodes that work with files, and the `body` is null then. "
        "Every expression can read the same as `trigger`."
    ),
    parameters=Webhook,
    run=run,
    role=Role.TRIGGER,
    outputs=(Port(help="The request; or whatever else the execution was started with.", schema=SCHEMA),),
    examples=(
        Example("a request with a body", {"path": "orders"}, input=REQUEST, expect={"out": REQUEST}),
        Example("an image that was sent as it is", {}, input=UPLOAD, expect={"out": UPLOAD}),
        Example("two methods", {"methods": ["GET", "POST"]}, input=None, expect={"out": None}),
    ),
)
