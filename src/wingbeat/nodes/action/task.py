"""Give people something to do, and follow what becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wingbeat.sdk import (
    WAITS,
    Await,
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
    Signal,
    StepError,
    Template,
    drawn_as,
    matters,
    needed,
)
from wingbeat.sdk.form_fields import FormField, check_form, write_form
from wingbeat.sdk.tasks import TASKS, WAIT_KIND, NewTask

OVERDUE, CANCELLED = "overdue", "cancelled"
LONGEST_SECONDS = 10 * 366 * 86_400.0
TASK_ID = "019a0000-0000-7000-8000-000000000002"
OWN_ID = "00000000-0000-7000-8000-0000000000aa"
Operation = Literal["create", "read", "update", "assign", "complete", "cancel"]
Label = Annotated[str, Field(min_length=1, max_length=100)]
NEEDED: dict[str, tuple[str, ...]] = {
    "create": ("title",),
    "read": ("task_id",),
    "update": ("task_id",),
    "assign": ("task_id", "assignee"),
    "complete": ("task_id",),
    "cancel": ("task_id",),
}
FIELDS = ("title", "description", "assignee", "priority", "labels", "data")
TAKEN: dict[str, tuple[str, ...]] = {
    "create": (*FIELDS, "due_at", "due_in_seconds", "form", "wait", "cancel_when_overdue"),
    "read": ("task_id",),
    "update": ("task_id", *FIELDS, "due_at", "due_in_seconds", "in_progress"),
    "assign": ("task_id", "assignee"),
    "complete": ("task_id", "result"),
    "cancel": ("task_id",),
}


class Task(Parameters):
    """What to do with which task."""

    operation: Operation = Field(
        default="create",
        description="`create` a task of this step's own; `read`, `update`, `assign`, `complete` or `cancel` another.",
        examples=["complete"],
    )
    task_id: Template[str] = Field(
        json_schema_extra=needed(operation=("read", "update", "assign", "complete", "cancel")),
        default="",
        description="Which task; for all but `create`.",
        examples=["{{ nodes.ask.task_id }}"],
    )
    title: Template[Annotated[str, Field(min_length=1, max_length=500)]] = Field(
        json_schema_extra=needed(operation="create") | matters(operation=("create", "update")),
        default="",
        description="What is to be done, in one line; `create` needs it.",
        examples=["Order a laptop for {{ input.name }}"],
    )
    description: Template[Annotated[str, Field(max_length=100_000)]] = Field(
        json_schema_extra=drawn_as("long-text") | matters(operation=("create", "update")),
        default="",
        description="All that is good to know.",
        examples=["Size: {{ input.size }}"],
    )
    assignee: Template[Annotated[str, Field(max_length=320)]] = Field(
        json_schema_extra=needed(operation="assign") | matters(operation=("create", "update", "assign")),
        default="",
        description="Who is to do it: a user id, an e-mail address or a role, as people are named here. Empty is "
        "nobody yet.",
        examples=["it@example.com"],
    )
    priority: Template[Annotated[int, Field(ge=-1000, le=1000)]] = Field(
        json_schema_extra=matters(operation=("create", "update")),
        default=0,
        description="Higher is more urgent.",
        examples=[10],
    )
    due_at: Template[str | None] = Field(
        json_schema_extra=matters(operation=("create", "update")),
        default=None,
        description="When it is due: ISO 8601 with an offset from UTC.",
        examples=["{{ input.start_date }}T09:00:00Z"],
    )
    due_in_seconds: Template[Annotated[float, Field(gt=0, le=LONGEST_SECONDS, allow_inf_nan=False)] | None] = Field(
        json_schema_extra=matters(operation=("create", "update")),
        default=None,
        description="When it is due, in seconds from now; instead of `due_at`.",
        examples=[86400],
    )
    labels: Template[Annotated[list[Label], Field(max_length=50)]] = Field(
        json_schema_extra=matters(operation=("create", "update")),
        default=[],
        description="To find it by.",
        examples=[["onboarding"]],
    )
    data: Template[Json] = Field(
        json_schema_extra=matters(operation=("create", "update")),
        default=None,
        description="What goes along, for programs that show the task.",
        examples=[{"order": 7}],
    )
    form: list[FormField] = Field(
        json_schema_extra=matters(operation="create"),
        default=[],
        max_length=100,
        description="What whoever completes it has to fill in: `result` is then an object of these fields, checked. "
        "Without fields, any result will do.",
        examples=[[{"name": "serial", "label": "Serial number", "required": True}]],
    )
    wait: bool = Field(
        json_schema_extra=matters(operation="create"),
        default=False,
        description="Whether to wait until it is completed, or to go on at once.",
    )
    cancel_when_overdue: bool = Field(
        json_schema_extra=matters(operation="create", wait=True),
        default=False,
        description="With `wait`: whether to cancel it when it is overdue, or to leave it to be done.",
    )
    in_progress: bool = Field(
        json_schema_extra=matters(operation="update"),
        default=False,
        description="With `update`: whether somebody is at it now.",
    )
    result: Template[Json] = Field(
        json_schema_extra=matters(operation="complete"),
        default=None,
        description="With `complete`: what came of it.",
        examples=[{"serial": "A-1"}],
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        given = self.model_fields_set - {"operation"}
        missing = [name for name in NEEDED[self.operation] if name not in given]
        if missing:
            raise ValueError(f"'{self.operation}' needs '{missing[0]}'")
        extra = sorted(given - set(TAKEN[self.operation]))
        if extra:
            raise ValueError(f"'{self.operation}' has no use for '{extra[0]}'")
        if {"due_at", "due_in_seconds"} <= given:
            raise ValueError("give 'due_at' or 'due_in_seconds', not both")
        check_form(self.form)
        return self


async def run(parameters: Task, context: Context) -> Result:
    """Do it; raises `StepError` (`TASK_NOT_FOUND`, `TASK_CLOSED`, `TASK_RESULT_INVALID`, `TASK_TIME_INVALID`)."""
    if parameters.operation != "create":
        return Outcome.of(await _change(parameters, context))
    tasks = context.use(TASKS)
    due = _due(parameters, context)
    if not parameters.wait:
        return Outcome.of(await tasks.create(_new(parameters, due)))
    # The wait comes first: whoever completes the task in the same moment finds it.
    opened = await context.use(WAITS).open(
        kind=WAIT_KIND, key=tasks.own_id, opening={"task_id": tasks.own_id}, until=due
    )
    task = await tasks.create(_new(parameters, opened.until))
    return _closed(task) or Await(opened.wait, opened.until)


async def resume(parameters: Task, context: Context, signal: Signal) -> Result:
    """Go on with what has become of it."""
    tasks = context.use(TASKS)
    task = await tasks.read(tasks.own_id)
    closed = _closed(task)
    if closed is not None or signal.kind == "resolved":
        return closed or Outcome.of(task)
    if not parameters.cancel_when_overdue:
        return Outcome.to(OVERDUE, task)
    try:
        return Outcome.to(OVERDUE, await tasks.cancel(tasks.own_id))
    except StepError as error:
        if error.code != "TASK_CLOSED":
            raise
        task = await tasks.read(tasks.own_id)  # Somebody was faster.
        return _closed(task) or Outcome.to(OVERDUE, task)


def rehearse(parameters: Task, context: Context) -> Outcome:
    """Tell what would be done."""
    told: JsonObject = {"rehearsed": True, "operation": parameters.operation}
    if parameters.operation == "create":
        new = _new(parameters, _due(parameters, context))
        task: JsonObject = {"title": new.title, "assignee": new.assignee, "labels": list(new.labels), "data": new.data}
        return Outcome.of({**told, "task": {**task, "status": "open", "result": None}})
    return Outcome.of({**told, "task_id": parameters.task_id})


async def _change(parameters: Task, context: Context) -> JsonObject:
    tasks, task_id = context.use(TASKS), parameters.task_id
    match parameters.operation:
        case "complete":
            return await tasks.complete(task_id, parameters.result)
        case "cancel":
            return await tasks.cancel(task_id)
        case "read":
            return await tasks.read(task_id)
        case _:
            return await tasks.change(task_id, _changes(parameters, context))


def _changes(parameters: Task, context: Context) -> JsonObject:
    given = parameters.model_fields_set
    changes: JsonObject = {name: getattr(parameters, name) for name in FIELDS if name in given}
    if given & {"due_at", "due_in_seconds"}:
        due = _due(parameters, context)
        changes["due_at"] = None if due is None else datetime.fromtimestamp(due, UTC).isoformat()
    if "in_progress" in given:
        changes["status"] = "in_progress" if parameters.in_progress else "open"
    return changes


def _new(parameters: Task, due: float | None) -> NewTask:
    return NewTask(
        parameters.title,
        parameters.description,
        parameters.assignee,
        parameters.priority,
        due,
        parameters.labels,
        parameters.data,
        write_form(parameters.form),
    )


def _due(parameters: Task, context: Context) -> float | None:
    if parameters.due_at is None:
        seconds = parameters.due_in_seconds
        return None if seconds is None else context.now.timestamp() + seconds
    try:
        due = datetime.fromisoformat(parameters.due_at.strip())
    except ValueError:
        due = None
    if due is None or due.tzinfo is None or not 1970 < due.year < 9999:  # noqa: PLR2004 - years
        raise StepError(
            f"The time '{parameters.due_at[:80]}' is no date and time of ISO 8601 with an offset from UTC.",
            code="TASK_TIME_INVALID",
            remedy="Write it like 2026-05-01T09:00:00+02:00 or 2026-05-01T07:00:00Z.",
            details={"parameter": "due_at"},
        )
    return due.timestamp()


def _closed(task: JsonObject) -> Outcome | None:
    """What the step comes to when the task is closed; None while it is open."""
    return {"done": Outcome.of(task), "cancelled": Outcome.to(CANCELLED, task)}.get(str(task["status"]))


WAITS_FOR_IT = {"required": ["wait"], "properties": {"wait": {"const": True}, "operation": {"const": "create"}}}
SCHEMA = {
    "type": "object",
    "properties": {
        "task_id": {"type": "string"},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "status": {"enum": ["open", "in_progress", "done", "cancelled"]},
        "assignee": {"type": "string"},
        "priority": {"type": "integer"},
        "due_at": {"type": ["string", "null"]},
        "labels": {"type": "array", "items": {"type": "string"}},
        "data": {},
        "result": {},
        "closed_by": {"type": "string"},
    },
}

NODE = NodeType(
    type="action.task",
    title="Task",
    help=(
        "Creates a task for a person, or reads, changes, assigns, completes or cancels one. Tasks are listed, assigned "
        "and completed at `/api/v1/tasks`. With `wait` the workflow goes on when the task is completed: by `out` with "
        "the task, whose `result` is what whoever did it said; by `cancelled` if it was cancelled; by `overdue` once "
        "its time has come and it is not done, when it can still be done unless `cancel_when_overdue` is set. Without "
        "a time it waits as long as it takes. A step creates one task however often it runs after a crash. A task "
        "stays when its execution is cancelled: somebody may have begun."
    ),
    parameters=Task,
    run=run,
    resume=resume,
    rehearse=rehearse,
    effect=Effect.IDEMPOTENT,
    uses=(TASKS, WAITS),
    outputs=(
        Port("out", help="The task, as it is now.", schema=SCHEMA),
        Port(OVERDUE, help="With `wait`: the task, which was not completed in time.", schema=SCHEMA, when=WAITS_FOR_IT),
        Port(CANCELLED, help="With `wait`: the task, which somebody cancelled.", schema=SCHEMA, when=WAITS_FOR_IT),
    ),
    examples=(
        Example(
            "have somebody do something, and wait for it",
            {
                "title": "Order a laptop for {{ input.name }}",
                "assignee": "it@example.com",
                "wait": True,
                "form": [{"name": "serial", "required": True}],
            },
            input={"name": "Ada"},
            world={"tasks": {"own": {"status": "done", "result": {"serial": "A-1"}}}, "signal": {"resolved": None}},
            expect={
                "out": {
                    "task_id": OWN_ID,
                    "title": "Order a laptop for Ada",
                    "assignee": "it@example.com",
                    "status": "done",
                    "result": {"serial": "A-1"},
                }
            },
        ),
        Example(
            "go another way when it is not done within a day",
            {"title": "Call back", "due_in_seconds": 86400, "wait": True},
            world={"signal": {"expired": True}},
            expect={OVERDUE: {"task_id": OWN_ID, "title": "Call back", "status": "open", "result": None}},
        ),
        Example(
            "complete the task of another node",
            {"operation": "complete", "task_id": "{{ input.task_id }}", "result": {"paid": True}},
            input={"task_id": TASK_ID},
            world={"tasks": {"tasks": {TASK_ID: {"title": "Pay"}}}},
            expect={"out": {"task_id": TASK_ID, "title": "Pay", "status": "done", "result": {"paid": True}}},
        ),
        Example(
            "a task that is closed stays as it is",
            {"operation": "assign", "task_id": TASK_ID, "assignee": "ada"},
            world={"tasks": {"tasks": {TASK_ID: {"status": "cancelled"}}}},
            expect_error="TASK_CLOSED",
        ),
    ),
)
