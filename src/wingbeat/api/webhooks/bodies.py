"""The bodies of requests about webhooks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from wingbeat.api.bodies import NODE_ID, NOT_BLANK, TAKE_WHOLE, Strict
from wingbeat.storage.secret import Secret

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
# What is known again for less than this could be sent again within what a signature's time may be off.
LEAST_REPLAY_SECONDS = 600


class WebhookBody(Strict):
    """A webhook as it is to be."""

    name: Annotated[str, Field(min_length=1, max_length=255, pattern=NOT_BLANK)]
    description: Annotated[str, Field(max_length=10_000)] = ""
    enabled: bool = True
    trigger_node_id: Annotated[str, Field(pattern=NODE_ID, max_length=100)] | None = Field(
        None, description="The trigger that executions begin at; without it, the workflow's first."
    )
    methods: Annotated[list[Method], Field(min_length=1, max_length=5)] | None = Field(
        None, description="Without them, those of the trigger, or POST."
    )
    answer: Literal["immediately", "finished", "respond"] = Field(
        "immediately",
        description="When a delivery is answered: at once with 202, when the execution has ended, or by a node that "
        "responds.",
    )
    timeout_seconds: Annotated[int, Field(ge=1, le=300), TAKE_WHOLE] = Field(
        30, description="How long whoever waits for the answer waits; then 202 is answered, and the execution goes on."
    )
    require_signature: bool = True
    signature_scheme: Literal["any", "body", "timestamped"] = Field(
        "any", description="`body`: X-Webhook-Signature; `timestamped`: as Standard Webhooks has it, against replays."
    )
    ip_allowlist: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=200)] = Field(
        [], description="Addresses and networks that deliveries may come from; without any, from everywhere."
    )
    rate_limit_max: Annotated[int, Field(ge=1, le=1_000_000), TAKE_WHOLE] | None = Field(
        60, description="How many are taken in any window; null: as many as come."
    )
    rate_limit_window: Annotated[int, Field(ge=1, le=86_400), TAKE_WHOLE] = Field(60, description="Seconds.")
    replay_window_seconds: Annotated[int, Field(ge=LEAST_REPLAY_SECONDS, le=604_800), TAKE_WHOLE] = Field(
        86_400, description="For how long the id of a delivery is known again."
    )


class NewWebhookBody(WebhookBody):
    """A webhook to create."""

    secret: Secret | None = Field(
        None,
        description="If the sender's system makes it: 24 to 120 visible ASCII characters. Otherwise one is made.",
        json_schema_extra={"writeOnly": True},
    )


class RotateWebhookBody(Strict):
    """What is to be made anew."""

    rotate: Literal["secret", "token", "both"] = "secret"
    secret: Secret | None = Field(
        None,
        description="If the sender's system makes it; otherwise one is made.",
        json_schema_extra={"writeOnly": True},
    )
    overlap_seconds: Annotated[int, Field(ge=0, le=604_800), TAKE_WHOLE] = Field(
        0, description="For how long the secret of before counts as well."
    )


class TryWebhookBody(Strict):
    """A delivery to try a webhook with; it is signed for whoever sends it."""

    method: Method = "POST"
    body: Any = Field(None, description="JSON.")
    query: Annotated[str, Field(max_length=2_000, pattern=r"^[!-~]*$")] = ""


WEBHOOK_BODIES: tuple[type[BaseModel], ...] = (NewWebhookBody, WebhookBody, RotateWebhookBody, TryWebhookBody)
