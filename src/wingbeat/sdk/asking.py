"""Asking people and waiting for their decision, for the node types that do: opened once, escalated, gone on from.

How the question reaches people is the node type's: it is told whom to tell, with a link for each.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple, Self, TypeAlias, cast

from pydantic import Field, model_validator

from wingbeat.core.errors import StepError
from wingbeat.core.outcome import Await, Outcome
from wingbeat.sdk.approvals import (
    APPROVALS,
    APPROVE_OR_REJECT,
    EXPIRED,
    WAIT_KIND,
    Approval,
    Approver,
    Option,
    Question,
    Rule,
)
from wingbeat.sdk.form_fields import FormField, check_form, write_form
from wingbeat.sdk.parameters import Parameters, Template
from wingbeat.sdk.relevance import matters
from wingbeat.sdk.waits import WAITS

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.sdk.context import Context
    from wingbeat.sdk.waits import Opened, Signal

LONGEST_SECONDS = 10 * 366 * 86_400.0
MOST_APPROVERS = 200
Seconds = Annotated[float, Field(gt=0, le=LONGEST_SECONDS, allow_inf_nan=False)]
Approvers = Annotated[list[Approver], Field(max_length=MOST_APPROVERS)]


class Escalation(Parameters):
    """What happens when nobody has decided by some time."""

    after_seconds: Seconds = Field(description="Counted from the question, in seconds.", examples=[86400])
    approvers: Template[Approvers] = Field(
        default=[],
        description="Who is asked too from then on. With none, those who have not answered are reminded.",
        examples=[["boss@example.com"]],
    )
    instead: bool = Field(default=False, description="Whether they are asked instead of the others.")


class Asking(Parameters):
    """How people decide."""

    rule: Rule = Field(
        default="first",
        description=(
            "`first`: the first decision counts. `count`: so many as `needed` must agree. `all`: everybody must agree."
        ),
        examples=["all"],
    )
    needed: Template[Annotated[int, Field(ge=1, le=MOST_APPROVERS)]] = Field(
        json_schema_extra=matters(rule="count"),
        default=1,
        description="With the rule `count`: how many must choose the same.",
        examples=[2],
    )
    options: list[Option] = Field(
        default=list(APPROVE_OR_REJECT),
        min_length=1,
        max_length=20,
        description="What there is to choose from; each is a port. Approve and reject, if it is left out.",
        examples=[[{"name": "now", "label": "Ship now"}, {"name": "never", "label": "Never", "rejects": True}]],
    )
    form: list[FormField] = Field(
        default=[],
        max_length=50,
        description="What they fill in besides; no files. An option that rejects needs none of it.",
        examples=[[{"name": "amount", "label": "Up to how much?", "type": "number"}]],
    )
    expires_in_seconds: Template[Seconds | None] = Field(
        default=None,
        description="How long they have; without it, as long as it takes.",
        examples=[604800],
    )
    on_expiry: str = Field(
        default=EXPIRED,
        description="What no decision in time means: the port `expired`, or the name of an option.",
        examples=["rejected"],
    )
    escalations: list[Escalation] = Field(
        default=[],
        max_length=20,
        description="What happens before that, in the order of their times.",
        examples=[[{"after_seconds": 86400, "approvers": ["boss@example.com"]}]],
    )

    @model_validator(mode="after")
    def _asking_fits(self) -> Self:
        names = [option.name for option in self.options]
        if len(set(names)) < len(names):
            raise ValueError("two options have the same name")
        if EXPIRED in names:
            raise ValueError(f"'{EXPIRED}' is the port for no decision in time; give the option another name")
        if self.rule != "first" and len({option.rejects for option in self.options}) == 1:
            raise ValueError(f"the rule '{self.rule}' needs an option that 'rejects', and one that does not")
        if self.on_expiry not in {EXPIRED, *names}:
            raise ValueError(f"'on_expiry' is '{EXPIRED}' or the name of an option")
        times = [escalation.after_seconds for escalation in self.escalations]
        if times != sorted(set(times)):
            raise ValueError("'escalations' must be in the order of their times")
        if any(field.type == "file" for field in self.form):
            raise ValueError("a decision takes no files")
        check_form(self.form)
        return self


class Asked(NamedTuple):
    """The part of a question that the node type has."""

    title: str
    text: str
    data: Json
    approvers: Sequence[str]


class Call(NamedTuple):
    """Whom to tell now, with their links: `reminder` if they were asked before; `level` counts the escalations."""

    level: int
    links: Mapping[str, str]
    reminder: bool
    expires: float | None


Tell: TypeAlias = Callable[[Call], Awaitable[None]]


async def ask(asking: Asking, asked: Asked, context: Context, tell: Tell) -> Outcome | Await:
    """Ask, once however often this runs, and wait.

    Raises:
        StepError: `APPROVERS_MISSING`, `APPROVERS_TOO_FEW`, and what `tell` raises.
    """
    approvers = check_approvers(asking, asked.approvers)
    approvals, start = context.use(APPROVALS), context.now.timestamp()
    opened = await _open(asking, context, level=0, start=start, approvers=approvers)
    start = cast("float", cast("JsonObject", opened.opening or {}).get("start", start))
    question = Question(
        asked.title,
        asked.text,
        asked.data,
        asking.options,
        write_form(asking.form),
        approvers,
        asking.rule,
        asking.needed,
        _end(asking, start),
    )
    approval = await approvals.ask(question)
    if approval.status == "pending" and not approval.decisions:
        links = approvals.links(approvers, question.expires)
        await tell(Call(0, links, reminder=False, expires=question.expires))
    return _settled(approval) or Await(opened.wait, opened.until)


async def go_on(asking: Asking, context: Context, signal: Signal, tell: Tell) -> Outcome | Await:
    """Go on with the decision, or with the next escalation; raises what `tell` raises."""
    approvals = context.use(APPROVALS)
    approval = await approvals.read()
    settled = _settled(approval)
    if settled is not None:
        return settled
    kept = cast("JsonObject", signal.opening or {})
    level, start = cast("int", kept.get("level", 0)), cast("float", kept.get("start", context.now.timestamp()))
    steps = _escalations(asking, start)
    if level >= len(steps):
        default = None if asking.on_expiry == EXPIRED else asking.on_expiry
        return _settled(await approvals.expire(default)) or Outcome.to(EXPIRED, approval.output())
    return await _escalate(asking, steps[level], context, (level + 1, start), tell)


async def _escalate(
    asking: Asking, escalation: Escalation, context: Context, place: tuple[int, float], tell: Tell
) -> Outcome | Await:
    """Ask others or remind, and wait on. The wait comes first: a decision in this very moment finds it."""
    level, start = place
    approvals, others = context.use(APPROVALS), list(dict.fromkeys(escalation.approvers))
    before = await approvals.read()
    reminded = others or list(before.undecided)
    opened = await _open(asking, context, level=level, start=start, approvers=reminded)
    approval = await approvals.escalate(level, others, instead=escalation.instead)
    settled = _settled(approval)
    if settled is not None:
        return settled
    end = _end(asking, start)
    await tell(Call(level, approvals.links(reminded, end), reminder=not others, expires=end))
    return Await(opened.wait, opened.until)


async def _open(asking: Asking, context: Context, *, level: int, start: float, approvers: Sequence[str]) -> Opened:
    approvals, end = context.use(APPROVALS), _end(asking, start)
    steps = _escalations(asking, start)
    until = start + steps[level].after_seconds if level < len(steps) else end
    links: JsonObject = dict(approvals.links(approvers, end))
    opening: JsonObject = {"approval_id": approvals.own_id, "level": level, "start": start, "links": links}
    return await context.use(WAITS).open(
        kind=WAIT_KIND, key=approvals.own_id, opening=opening, until=until, turn=level + 1
    )


def check_approvers(asking: Asking, given: Sequence[str]) -> list[str]:
    """Everybody once; raises `StepError`."""
    approvers = list(dict.fromkeys(one.strip() for one in given if one.strip()))
    if not approvers:
        raise StepError(
            "There is nobody to ask.",
            code="APPROVERS_MISSING",
            remedy="Give at least one approver.",
            details={"parameter": "approvers"},
        )
    if asking.rule == "count" and asking.needed > len(approvers):
        raise StepError(
            f"{asking.needed} are to agree, and there are {len(approvers)} approvers.",
            code="APPROVERS_TOO_FEW",
            remedy="Ask more people, or lower 'needed'.",
            details={"parameter": "needed"},
        )
    return approvers


def _end(asking: Asking, start: float) -> float | None:
    return None if asking.expires_in_seconds is None else start + asking.expires_in_seconds


def _escalations(asking: Asking, start: float) -> list[Escalation]:
    """Those that come before the end."""
    end = _end(asking, start)
    return [one for one in asking.escalations if end is None or start + one.after_seconds < end]


def _settled(approval: Approval) -> Outcome | None:
    """What the step comes to; None while it is open."""
    if approval.status == "pending":
        return None
    return Outcome.to(approval.outcome or EXPIRED, approval.output())
