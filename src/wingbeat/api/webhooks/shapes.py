"""The shapes of answers about webhooks, for the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from wingbeat.api.shapes import Shape


class WebhookShape(Shape):
    """A webhook, without its secret."""

    webhook_id: UUID
    workflow_id: UUID
    token: str
    url: str = Field(description="Where deliveries go.")
    name: str
    description: str | None
    enabled: bool
    trigger_node_id: str | None
    methods: list[str]
    answer: Literal["immediately", "finished", "respond"]
    timeout_seconds: int
    require_signature: bool
    signature_scheme: Literal["any", "body", "timestamped"]
    ip_allowlist: list[str]
    rate_limit_max: int | None
    rate_limit_window: int
    replay_window_seconds: int
    author_id: int
    revision: int
    created_at: datetime
    updated_at: datetime
    rotated_at: datetime | None
    last_triggered_at: datetime | None
    trigger_count: int
    last_execution_id: UUID | None


class WebhookWithSecretShape(WebhookShape):
    """A webhook with the secret that was made just now."""

    secret: str | None = Field(None, description="Shown this once; missing where an earlier request had made it.")


class DeliveryShape(Shape):
    """What became of a delivery."""

    decision_id: UUID
    at: datetime
    outcome: str
    execution_id: UUID | None
    reason: str
    detail: dict[str, Any]


class TriedShape(Shape):
    """What a sender would have got."""

    execution_id: UUID | None
    replayed: bool
    error_code: str | None
    message: str
    remedy: str


class ReceivedShape(Shape):
    """What a delivery led to, for its sender."""

    execution_id: UUID
    status: str
