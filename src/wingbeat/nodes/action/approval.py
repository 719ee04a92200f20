"""Ask people for a decision, and wait for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wingbeat.sdk import (
    WAITS,
    Context,
    Effect,
    Example,
    Json,
    NodeType,
    Outcome,
    Port,
    Result,
    Signal,
    Template,
    drawn_as,
)
from wingbeat.sdk.approvals import APPROVALS, EXPIRED
from wingbeat.sdk.asking import Approvers, Asked, Asking, Call, Tell, ask, check_approvers, go_on
from wingbeat.sdk.notifications import NOTIFICATIONS, Level, Note

OWN_ID = "00000000-0000-7000-8000-0000000000bb"


class Approval(Asking):
    """The question, and who decides how."""

    title: Template[Annotated[str, Field(min_length=1, max_length=500)]] = Field(
        description="The question in one line.", examples=["Pay {{ input.amount }} to {{ input.payee }}?"]
    )
    text: Template[Annotated[str, Field(max_length=20_000)]] = Field(
        json_schema_extra=drawn_as("long-text"),
        default="",
        description="All that is good to know, as plain text.",
        examples=["For: {{ input.reason }}"],
    )
    data: Template[Json] = Field(
        default=None,
        description="Shown with the question: the fields of an object as a table, anything else as JSON.",
        examples=["{{ input }}"],
    )
    approvers: Template[str | Approvers] = Field(
        json_schema_extra=drawn_as("people"),
        description="Who decides: user names or ids, `role:NAME`, `community:ID`, or addresses of others; one or many.",
        examples=[["ada", "role:finance"]],
    )


async def run(parameters: Approval, context: Context) -> Result:
    """Ask; raises `StepError` (`APPROVERS_MISSING`, `APPROVERS_TOO_FEW`)."""
    return await ask(parameters, _asked(parameters), context, _teller(parameters, context))


async def resume(parameters: Approval, context: Context, signal: Signal) -> Result:
    """Go on with the decision, or ask on."""
    return await go_on(parameters, context, signal, _teller(parameters, context))


def rehearse(parameters: Approval, context: Context) -> Outcome:
    """Tell what would be asked, and go the way of the first option."""
    del context
    approvers = check_approvers(parameters, _asked(parameters).approvers)
    outcome = parameters.options[0].name
    undecided: list[Json] = list(approvers)
    return Outcome.to(
        outcome,
        {
            "rehearsed": True,
            "approval_id": None,
            "status": "decided",
            "outcome": outcome,
            "decisions": [],
            "undecided": undecided,
            "question": {"title": parameters.title, "text": parameters.text, "data": parameters.data},
        },
    )


def _asked(parameters: Approval) -> Asked:
    given = parameters.approvers
    return Asked(parameters.title, parameters.text, parameters.data, [given] if isinstance(given, str) else given)


def _teller(parameters: Approval, context: Context) -> Tell:
    """Tells the approvers in the app, each with the link to their page."""

    async def tell(call: Call) -> None:
        title = f"Reminder: {parameters.title}" if call.reminder else parameters.title
        level: Level = "warning" if call.level else "info"
        for approver, link in call.links.items():
            note = Note(title[:500], parameters.text, link, level)
            await context.use(NOTIFICATIONS).tell([approver], note, turn=f"approval {call.level}")
        context.log("reminded" if call.reminder else "asked", approvers=list(call.links))

    return tell


DECISION = {
    "type": "object",
    "properties": {
        "approver": {"type": "string"},
        "option": {"type": "string"},
        "comment": {"type": "string"},
        "fields": {"type": "object"},
        "way": {"enum": ["api", "link", "app"]},
        "decided_at": {"type": "string"},
    },
}
NO_OPTIONS = {"not": {"required": ["options"], "properties": {"options": {"type": "array"}}}}
SCHEMA = {
    "type": "object",
    "properties": {
        "approval_id": {"type": ["string", "null"]},
        "status": {"enum": ["decided", "expired"]},
        "outcome": {"type": ["string", "null"]},
        "decisions": {"type": "array", "items": DECISION},
        "undecided": {"type": "array", "items": {"type": "string"}},
    },
}
ADA_APPROVES = {
    "approver": "ada@example.com",
    "option": "approved",
    "comment": "Fine.",
    "fields": {},
    "way": "link",
    "decided_at": "2026-01-02T04:00:00Z",
}

NODE = NodeType(
    type="action.approval",
    title="Approval",
    help=(
        "Asks one or several people, and waits for their decision. They are notified in the app, and decide in an "
        "app or a program at `/api/v1/approvals` (`?approver=...&open=true` lists what somebody is asked), or on a"
        " page that a signed link leads to: each approver has one, for this question and until it expires, and "
        "what opens it decides nothing by itself. The links are in the step's wait, at "
        "`/api/v1/workflows/executions/{id}/waits`; `action.email` with `ask` sends them by mail. Each approver "
        "decides once. With `first` the first decision counts; with `count` and `all`, the rejecting option is "
        "taken as soon as the others cannot be reached any more. Escalations ask more or other people, or remind. "
        "All decisions are in the output: who, what, when, why, and by which way."
    ),
    parameters=Approval,
    run=run,
    resume=resume,
    rehearse=rehearse,
    effect=Effect.IDEMPOTENT,
    uses=(APPROVALS, NOTIFICATIONS, WAITS),
    outputs=(
        Port("approved", "It was approved: the decisions.", SCHEMA, when=NO_OPTIONS),
        Port("rejected", "It was rejected, or cannot be approved any more: the decisions.", SCHEMA, when=NO_OPTIONS),
        Port("<option>", "With `options`, a port for each instead of those two.", SCHEMA, each="options[].name"),
        Port(EXPIRED, "It was not decided in time: the decisions so far.", SCHEMA),
    ),
    examples=(
        Example(
            "one of two may approve",
            {
                "title": "Pay {{ input.amount }}?",
                "data": "{{ input }}",
                "approvers": ["ada@example.com", "bo@example.com"],
            },
            input={"amount": 120},
            world={
                "approvals": {"decided": "approved", "decisions": [ADA_APPROVES]},
                "signal": {"resolved": None},
            },
            expect={
                "approved": {
                    "approval_id": OWN_ID,
                    "status": "decided",
                    "outcome": "approved",
                    "decisions": [ADA_APPROVES],
                    "undecided": ["bo@example.com"],
                }
            },
        ),
        Example(
            "nobody answers, and neither does the boss",
            {
                "title": "Publish?",
                "approvers": "ada@example.com",
                "rule": "all",
                "expires_in_seconds": 172800,
                "on_expiry": "rejected",
                "escalations": [{"after_seconds": 86400, "approvers": ["boss@example.com"], "instead": True}],
            },
            world={
                "signal": [
                    {"expired": True, "opening": {"level": 0, "start": 1767323045}},
                    {"expired": True, "opening": {"level": 1, "start": 1767323045}},
                ]
            },
            expect={
                "rejected": {
                    "approval_id": OWN_ID,
                    "status": "expired",
                    "outcome": "rejected",
                    "decisions": [],
                    "undecided": ["boss@example.com"],
                }
            },
        ),
        Example("nobody to ask", {"title": "Well?", "approvers": []}, expect_error="APPROVERS_MISSING"),
    ),
)
