"""Answer whoever started the execution and waits for it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from wingbeat.sdk import (
    Context,
    Effect,
    Example,
    Json,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    Result,
    StepError,
    Template,
)
from wingbeat.sdk.responses import RESPONSES

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}\Z")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]{0,4000}\Z")
# What the server itself says; what could make a browser take the answer for a page of this service's own, or do
# something about all of this service's pages.
RESERVED = frozenset(
    {"connection", "content-length", "date", "keep-alive", "server", "set-cookie", "te", "trailer", "transfer-encoding"}
    | {"upgrade", "x-request-id", "content-security-policy", "x-content-type-options", "set-cookie2", "alt-svc"}
    | {"clear-site-data", "service-worker-allowed", "strict-transport-security", "public-key-pins", "nel", "report-to"}
    | {"reporting-endpoints", "origin-agent-cluster"}
)
MOST_HEADERS = 50


class Respond(Parameters):
    """The answer."""

    status: Template[Annotated[int, Field(ge=200, le=599)]] = Field(
        default=200, description="The HTTP status.", examples=[201, "{{ 200 if input.ok else 422 }}"]
    )
    headers: Template[dict[str, str]] = Field(
        default={}, description="Headers of the answer.", examples=[{"Location": "/orders/{{ input.id }}"}]
    )
    body: Template[Json] = Field(
        default=None,
        description="What is answered: text as it stands, anything else as JSON; nothing for null. The node's input, "
        "if it is left out.",
        examples=[{"accepted": True}, "Thank you, {{ input.name }}."],
    )


async def run(parameters: Respond, context: Context) -> Result:
    """Record the answer, which reaches whoever waits for it."""
    answer = _answer(parameters, context)
    await context.use(RESPONSES).send(parameters.status, dict(parameters.headers), answer["body"])
    return Outcome.of(answer)


async def rehearse(parameters: Respond, context: Context) -> Result:
    """Say what would be answered."""
    answer = _answer(parameters, context)
    context.log("would answer", status=answer["status"])
    return Outcome.of(answer)


def _answer(parameters: Respond, context: Context) -> JsonObject:
    for name, value in parameters.headers.items():
        if not HEADER_NAME.match(name) or not HEADER_VALUE.match(value):
            raise _unfit(name, "is no header that can be sent")
        if name.lower() in RESERVED:
            raise _unfit(name, "is the server's own to set")
    if len(parameters.headers) > MOST_HEADERS:
        raise _unfit(str(len(parameters.headers)), f"are more headers than the {MOST_HEADERS} that are allowed")
    body = parameters.body if "body" in parameters.model_fields_set else context.input
    return {"status": parameters.status, "headers": dict(parameters.headers), "body": body}


def _unfit(name: str, why: str) -> StepError:
    return StepError(
        f"{name[:80]!r} {why}.",
        code="RESPONSE_HEADER_INVALID",
        remedy="Use names like X-Order-Id, and values of one line.",
        details={"parameter": "headers"},
    )


NODE = NodeType(
    type="action.respond",
    title="Respond",
    help=(
        "Answers whoever started the execution and waits for it, as with `?wait=`: they get this status, these headers "
        "and this body at once, and the execution goes on. Without it they get the result when the execution ends. "
        "When nobody waits, the answer is recorded only. An execution answers once: a second node that answers fails "
        "with RESPONSE_SENT. Headers that belong to the server, and such that cannot be sent, are refused with "
        "RESPONSE_HEADER_INVALID."
    ),
    parameters=Respond,
    run=run,
    rehearse=rehearse,
    effect=Effect.IDEMPOTENT,
    uses=(RESPONSES,),
    outputs=(Port(help="The answer: `status`, `headers` and `body`."),),
    examples=(
        Example(
            "accepted, and the work goes on",
            {"status": 202, "body": {"order": "{{ input.id }}"}},
            input={"id": 7},
            expect={"out": {"status": 202, "headers": {}, "body": {"order": 7}}},
        ),
        Example(
            "a text",
            {"headers": {"Content-Type": "text/plain"}, "body": "Thank you."},
            expect={"out": {"status": 200, "headers": {"Content-Type": "text/plain"}, "body": "Thank you."}},
        ),
        Example(
            "a header in two lines",
            {"headers": {"X-Name": "{{ input }}"}},
            input="a\r\nSet-Cookie: b=c",
            expect_error="RESPONSE_HEADER_INVALID",
        ),
        Example(
            "somebody has answered before",
            {},
            world={"responses": {"sent": True}},
            expect_error="RESPONSE_SENT",
        ),
    ),
)
