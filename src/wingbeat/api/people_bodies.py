"""The bodies of requests about what people do: tasks, approvals, notifications."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from wingbeat.api.bodies import INTEGER_MAX, NOT_BLANK, TAKE_WHOLE, Strict

# As people are named here: a user id, an e-mail address or a role.
Person = Annotated[str, Field(max_length=320, examples=["ada@example.com"])]
Label = Annotated[str, Field(min_length=1, max_length=100)]
Labels = Annotated[tuple[Label, ...], Field(max_length=50, strict=False)]
Scope = Annotated[int, Field(ge=0, le=INTEGER_MAX), TAKE_WHOLE]
# JSON knows times as texts only.
Moment = Annotated[
    AwareDatetime,
    Field(
        strict=False,
        ge=datetime.fromisoformat("1970-01-01T00:00:00Z"),
        le=datetime.fromisoformat("9998-12-31T00:00:00Z"),
    ),
]
Title = Annotated[str, Field(min_length=1, max_length=500, pattern=NOT_BLANK)]


class TaskBody(Strict):
    """A task."""

    title: Title
    description: Annotated[str, Field(max_length=100_000)] = ""
    assignee: Person = ""
    priority: Annotated[int, Field(ge=-1000, le=1000), TAKE_WHOLE] = 0
    due_at: Moment | None = None
    labels: Labels = ()
    data: Any = None


class NewTaskBody(TaskBody):
    """A task to create."""

    community_id: Scope = 0
    entity_id: Scope = 0


class ChangeTaskBody(Strict):
    """What changes of a task; what is left out stays."""

    title: Title = ""
    description: Annotated[str, Field(max_length=100_000)] = ""
    status: Literal["open", "in_progress"] = "open"
    assignee: Person = ""
    priority: Annotated[int, Field(ge=-1000, le=1000), TAKE_WHOLE] = 0
    due_at: Moment | None = None
    labels: Labels = ()
    data: Any = None


class AssignTaskBody(Strict):
    """Who is to do a task; empty is nobody."""

    assignee: Person


class CompleteTaskBody(Strict):
    """What came of a task."""

    result: Any = Field(None, description="An object of the fields of the task's `form`, where it has one.")
    completed_by: Person = Field("", description="Who did it.")


class CancelTaskBody(Strict):
    """That nobody is to do a task any more."""

    cancelled_by: Person = ""


PEOPLE_BODIES: tuple[type[BaseModel], ...] = (
    NewTaskBody,
    ChangeTaskBody,
    AssignTaskBody,
    CompleteTaskBody,
    CancelTaskBody,
)
