"""The shapes of answers about events and commands, for the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from wingbeat.api.shapes import Shape


class BegunShape(Shape):
    """An execution that was started."""

    workflow_id: UUID
    node_id: str
    execution_id: UUID


class PublishedShape(Shape):
    """What came of an event: how many executions it started and woke, and the first hundred that it started."""

    event_id: UUID = Field(description="Under what it is kept here.")
    id: str = Field(description="The id that its publisher gave it, or that it got.")
    started: int
    woken: int
    executions: list[BegunShape]


class HeardShape(Shape):
    """What came of a command; `event_id` is null where nobody listens to it."""

    event_id: UUID | None
    started: int
    executions: list[BegunShape]


class EventShape(Shape):
    """An event or a command as it is kept; `delivered_at` is null while some of what it does is still to be done."""

    event_id: UUID
    kind: Literal["event", "command"]
    type: str
    source: str
    id: str
    community_id: int | None
    publisher: str
    received_at: datetime
    delivered_at: datetime | None
    started: int
    woken: int
    repeats: int = Field(description="How often it came again.")


class LedShape(Shape):
    """What it led to: an execution that was `fired` or `woken`, a repetition, or why a trigger started none."""

    workflow_id: UUID
    execution_id: UUID | None
    node_id: str | None
    outcome: str
    reason: str


class EventDetailShape(EventShape):
    """With what triggers got, and what it led to as far as the caller may see it."""

    content: dict[str, Any]
    led_to: list[LedShape]
