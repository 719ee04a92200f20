"""The shapes of answers, for the OpenAPI document; answers themselves are written without them, for speed."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Data = TypeVar("Data")
Meta = TypeVar("Meta")
WorkflowStatus = Literal["draft", "published", "archived"]
ExecutionStatus = Literal["pending", "running", "waiting", "paused", "completed", "failed", "cancelled"]


class Shape(BaseModel):
    """Has no other fields than these, and all of them."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class NoMeta(Shape):
    """Nothing more to say."""


class Envelope(Shape, Generic[Data, Meta]):
    """Every answer that is not an error."""

    success: Literal[True]
    message: str
    data: Data
    meta: Meta


class ErrorEnvelope(Shape):
    """Every error: `error_code` is stable, `message` is for people, `details` may say where and what to do."""

    success: Literal[False]
    message: str
    error_code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    details: dict[str, Any]


class PageMeta(BaseModel):
    """Where a page is: with totals by page number, without them after a cursor."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    per_page: int
    next_cursor: UUID | None = Field(description="The `cursor` of the next page, or null on the last one.")
    page: int | None = None
    total: int | None = None
    total_pages: int | None = None


TriggerKind = Literal["manual", "api", "webhook", "schedule", "event", "command", "form", "workflow", "error"]
