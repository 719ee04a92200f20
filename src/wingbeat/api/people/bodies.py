"""The bodies of requests about what people do: tasks, approvals, notifications."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field

from wingbeat.api.bodies import INTEGER_MAX, NOT_BLANK, TAKE_WHOLE, Strict

FIRST_YEAR, LAST_YEAR = 1970, 9998
# As people are named here: a user id, a user name, `role:NAME` or `community:ID`; others are names of no caller.
Person = Annotated[str, Field(max_length=320, examples=["ada@example.com"])]
Label = Annotated[str, Field(min_length=1, max_length=100)]
Labels = Annotated[list[Label], Field(max_length=50)]
Scope = Annotated[int, Field(ge=0, le=INTEGER_MAX), TAKE_WHOLE]


def read_moment(value: object) -> object:
    """JSON knows times as texts only; one at the ends of time would be none in another zone."""
    if not isinstance(value, str):
        return value
    moment = datetime.fromisoformat(value)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"It must be in the years {FIRST_YEAR} to {LAST_YEAR}.")
    return moment


Moment = Annotated[AwareDatetime, BeforeValidator(read_moment)]
Title = Annotated[str, Field(min_length=1, max_length=500, pattern=NOT_BLANK)]


class TaskBody(Strict):
    """A task."""

    title: Title
    description: Annotated[str, Field(max_length=100_000)] = ""
    assignee: Person = ""
    priority: Annotated[int, Field(ge=-1000, le=1000), TAKE_WHOLE] = 0
    due_at: Moment | None = None
    labels: Labels = Field([])
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
    labels: Labels = Field([])
    data: Any = None


class AssignTaskBody(Strict):
    """Who is to do a task; empty is nobody."""

    assignee: Person


class CompleteTaskBody(Strict):
    """What came of a task."""

    result: Any = Field(None, description="An object of the fields of the task's `form`, where it has one.")
    completed_by: Person = Field("", description="Who did it: one of the caller's own names; without one, the caller.")


class CancelTaskBody(Strict):
    """That nobody is to do a task any more."""

    cancelled_by: Person = ""


class DecisionBody(Strict):
    """What an approver decides."""

    approver: Annotated[str, Field(max_length=320)] = Field(
        "", description="One of its `approvers`: a name of the caller's own, if it has several. The service names one."
    )
    option: Annotated[str, Field(min_length=1, max_length=64, examples=["approved"])] = Field(
        description="The name of one of its `options`."
    )
    comment: Annotated[str, Field(max_length=20_000)] = ""
    fields: dict[str, Any] = Field({}, description="The fields of its `form`.")
    way: Literal["api", "app"] = Field("api", description="`app`: a person in an app; `api`: a program.")


class ReadAllBody(Strict):
    """Who has read everything."""

    recipient: Annotated[str, Field(max_length=320)] = Field(
        "", description="One of the caller's own names; without one, all of them. The service names one."
    )


PEOPLE_BODIES: tuple[type[BaseModel], ...] = (
    NewTaskBody,
    ChangeTaskBody,
    AssignTaskBody,
    CompleteTaskBody,
    CancelTaskBody,
    DecisionBody,
    ReadAllBody,
)
