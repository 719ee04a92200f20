"""Say something in a chat, through the Router."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wingbeat.sdk import (
    ROUTER,
    Context,
    Effect,
    Example,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    Template,
    drawn_as,
)


class ChatMessage(Parameters):
    """What to say, and where."""

    channel: Template[Annotated[str, Field(min_length=1, max_length=500)]] = Field(
        description="Where to say it, as the Router knows it.", examples=["twitch:penguins", "{{ trigger.channel }}"]
    )
    message: Template[Annotated[str, Field(min_length=1, max_length=4000)]] = Field(
        json_schema_extra=drawn_as("long-text"), description="The text.", examples=["Welcome, {{ trigger.user }}!"]
    )
    reply_to: Template[Annotated[str, Field(max_length=500)]] = Field(
        default="", description="The id of a message that this answers.", examples=["{{ trigger.message_id }}"]
    )
    module: str = Field(
        default="chat", min_length=1, max_length=200, description="The Router's module that does it.", examples=["chat"]
    )
    timeout_seconds: float = Field(
        default=30, gt=0, le=3600, description="The Router must have answered by then.", examples=[10]
    )


def _request(parameters: ChatMessage) -> JsonObject:
    said: JsonObject = {
        "channel": parameters.channel,
        "message": parameters.message,
        "reply_to": parameters.reply_to or None,
    }
    return {"module": parameters.module, "action": "send_message", "parameters": said}


async def run(parameters: ChatMessage, context: Context) -> Outcome:
    """Ask the Router."""
    seconds = parameters.timeout_seconds
    return Outcome.of(await context.use(ROUTER).execute("modules", _request(parameters), timeout_seconds=seconds))


def rehearse(parameters: ChatMessage, context: Context) -> Outcome:
    """Give the request that would be sent."""
    del context
    return Outcome.of({"rehearsed": True, "target": "modules", "request": _request(parameters)})


NODE = NodeType(
    type="action.chat_message",
    title="Chat message",
    help=(
        "Says something in a chat. The Router's module `chat` (or another one) does it: its action `send_message` "
        "gets `channel`, `message` and `reply_to`, and what it answers comes out. A message is never said twice "
        "silently: after a broken connection, a time-out or a 5xx it may have been said, and the node's `on_unknown` "
        "decides; each try carries the same `Idempotency-Key`."
    ),
    parameters=ChatMessage,
    run=run,
    rehearse=rehearse,
    effect=Effect.UNSAFE,
    uses=(ROUTER,),
    outputs=(Port(help="What the module answers, for example the id of the message."),),
    examples=(
        Example(
            "welcome somebody",
            {"channel": "twitch:penguins", "message": "Welcome, {{ trigger.user }}!"},
            trigger={"user": "pingu"},
            world={"router": [{"message_id": "m-1"}]},
            expect={"out": {"message_id": "m-1"}},
        ),
        Example(
            "a channel that there is not",
            {"channel": "twitch:nobody", "message": "Hello?"},
            world={"router": [{"error": "ROUTER_REFUSED"}]},
            expect_error="ROUTER_REFUSED",
        ),
    ),
)
