"""The tool for approvals: questions to people that a step waits for, and the shape of question and answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, Protocol, cast

from pydantic import Field

from wingbeat.sdk.names import PortName
from wingbeat.sdk.parameters import Parameters
from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wingbeat.core.json_value import Json, JsonObject

WAIT_KIND = "approval"
EXPIRED = "expired"
Rule = Literal["first", "count", "all"]


class Option(Parameters):
    """Something to choose."""

    name: PortName = Field(
        description="The port by which the workflow goes on, and what is in the output.", examples=["approved"]
    )
    label: str = Field(
        default="", max_length=100, description="What people read; the name, if it is empty.", examples=["Approve"]
    )
    rejects: bool = Field(
        default=False, description="Whether it says no: what it comes to when the others cannot be reached any more."
    )
    comment: Literal["none", "optional", "required"] = Field(
        default="optional", description="Whether whoever chooses it may or must say why.", examples=["required"]
    )


APPROVE_OR_REJECT = (
    Option(name="approved", label="Approve"),
    Option(name="rejected", label="Reject", rejects=True),
)


class Question(NamedTuple):
    """What is asked of whom; `expires` in seconds since the epoch, `form` as `wingbeat.sdk.form_fields` keeps it."""

    title: str
    text: str
    data: Json
    options: Sequence[Option]
    form: Sequence[Json]
    approvers: Sequence[str]
    rule: Rule
    needed: int
    expires: float | None


class Approval(NamedTuple):
    """How far a question has come.

    `status` is `pending`, `decided` or `expired`; `outcome` the option that won. `decisions` are objects of `approver`,
    `option`, `comment`, `fields`, `way` and `decided_at`, in their order. `undecided` are those who have not answered.
    """

    approval_id: str
    status: str
    outcome: str | None
    decisions: Sequence[JsonObject]
    undecided: Sequence[str]

    def output(self) -> JsonObject:
        """What the step that asked gives."""
        return {
            "approval_id": self.approval_id,
            "status": self.status,
            "outcome": self.outcome,
            "decisions": list(self.decisions),
            "undecided": list(self.undecided),
        }


class Approvals(Protocol):
    """The one question of this step. Each approver has a link that decides in their name, and expires with it."""

    @property
    def own_id(self) -> str:
        """The id of the step's approval, and the key of a wait for it."""
        ...

    def links(self, approvers: Sequence[str], expires: float | None) -> Mapping[str, str]:
        """The address of each approver's page, where they decide with one click and without a password."""
        ...

    async def ask(self, question: Question) -> Approval:
        """Ask, once however often the step runs; gives how far it has come."""
        ...

    async def read(self) -> Approval:
        """How far it has come."""
        ...

    async def escalate(self, level: int, approvers: Sequence[str], *, instead: bool) -> Approval:
        """Ask others too, or `instead`; once for each level. A question that is decided stays as it is."""
        ...

    async def expire(self, default: str | None) -> Approval:
        """Take no decisions any more; what it then comes to. A question that is decided stays as it is."""
        ...


class ExampleApprovals:
    """A question for the examples of node types.

    The world: `{"decided": OPTION, "decisions": [...]}` is what it comes to once the step looks after its wait.
    """

    own_id = "00000000-0000-7000-8000-0000000000bb"

    def __init__(self, world: Json) -> None:
        self._world = world if isinstance(world, dict) else {}
        self.question: Question | None = None
        self.escalated: list[Sequence[str]] = []
        self._approvers: list[str] = []

    def links(self, approvers: Sequence[str], expires: float | None) -> Mapping[str, str]:
        """Addresses that lead nowhere."""
        del expires
        return {one: f"https://wingbeat.example.com/{number}" for number, one in enumerate(approvers)}

    async def ask(self, question: Question) -> Approval:
        """Keep the question."""
        self.question = question
        self._approvers = list(question.approvers)
        return self._now("pending", None)

    async def read(self) -> Approval:
        """As the world says."""
        decided = self._world.get("decided")
        return self._now("pending" if decided is None else "decided", cast("str | None", decided))

    async def escalate(self, level: int, approvers: Sequence[str], *, instead: bool) -> Approval:
        """Keep whom."""
        del level
        self.escalated.append(approvers)
        self._approvers = [*([] if instead else self._approvers), *approvers]
        return self._now("pending", None)

    async def expire(self, default: str | None) -> Approval:
        """It has."""
        return self._now("expired", default)

    def _now(self, status: str, outcome: str | None) -> Approval:
        made = self._world.get("decisions")
        decisions: list[JsonObject] = [one for one in made if isinstance(one, dict)] if isinstance(made, list) else []
        if status == "pending":
            decisions = []
        decided = {one.get("approver") for one in decisions}
        return Approval(self.own_id, status, outcome, decisions, [one for one in self._approvers if one not in decided])


APPROVALS: Tool[Approvals] = Tool("approvals", cast("type[Approvals]", ExampleApprovals))
Approver = Annotated[str, Field(min_length=1, max_length=320)]
