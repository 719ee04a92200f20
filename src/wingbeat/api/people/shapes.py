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
    author_id: int
    entity_id: int
    revision: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None


class OptionShape(Shape):
    """Something to choose."""

    name: str
    label: str
    rejects: bool
    comment: Literal["none", "optional", "required"]


class DecisionShape(Shape):
    """What one approver decided."""

    approver: str
    option: str
    comment: str
    fields: dict[str, Any]
    way: Literal["api", "link", "app"]
    decided_at: datetime


class ApprovalShape(Shape):
    """A question to people, and their decisions."""

    approval_id: UUID
    title: str
    text: str
    data: Any
    options: list[OptionShape]
    form: list[dict[str, Any]]
    approvers: list[str]
    rule: Literal["first", "count", "all"]
    needed: int
    status: Literal["pending", "decided", "expired"]
    outcome: str | None
    level: int = Field(description="How many of its escalations it has been through.")
    expires_at: datetime | None
    workflow_id: UUID | None
    execution_id: UUID
    node_id: str
    scope: str
    community_id: int
    created_at: datetime
    decided_at: datetime | None
    decisions: list[DecisionShape]
    undecided: list[str]


class NotificationShape(Shape):
    """What somebody was told."""

    notification_id: UUID
    recipient: str
    title: str
    text: str
    link: str
    level: Literal["info", "success", "warning", "error"]
    data: Any
    workflow_id: UUID | None
    execution_id: UUID | None
    node_id: str | None
    community_id: int
    created_at: datetime
    read_at: datetime | None


class ReadAllShape(Shape):
    """How many notifications were marked as read."""

    read: int
