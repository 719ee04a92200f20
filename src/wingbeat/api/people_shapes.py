"""The shapes of answers about what people do, for the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from wingbeat.api.shapes import Shape


class TaskShape(Shape):
    """A task."""

    task_id: UUID
    title: str
    description: str
    status: Literal["open", "in_progress", "done", "cancelled"]
    assignee: str
    priority: int
    due_at: datetime | None
    labels: list[str]
    data: Any
    form: list[dict[str, Any]] = Field(description="The fields that a result must have; with none, any will do.")
    result: Any
    closed_by: str
    workflow_id: UUID | None
    execution_id: UUID | None
    node_id: str | None
    scope: str | None
    community_id: int
    entity_id: int
    revision: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
