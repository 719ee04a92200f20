"""Approvals as steps use them: each step asks one question, once however often it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast
from uuid import UUID

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import InvalidInput, StepError
from wingbeat.sdk.approvals import Approval
from wingbeat.services.people.approvals import Approvals, ShownApproval
from wingbeat.storage.approvals import ApprovalFields
from wingbeat.storage.identifiers import named_id
from wingbeat.storage.pool import patiently

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.sdk.approvals import Question
    from wingbeat.services.people.step_tasks import Step


@dataclass(frozen=True, slots=True)
class StepApprovals:
    """The tool `approvals` of one step; implements `wingbeat.sdk.approvals.Approvals`."""

    approvals: Approvals
    step: Step

    @property
    def own_id(self) -> str:
        """It follows from the step."""
        return str(self._id)

    def links(self, approvers: Sequence[str], expires: float | None) -> Mapping[str, str]:
        """One for each approver."""
        return {one: self.approvals.links.url(self._id, one, expires) for one in approvers}

    async def ask(self, question: Question) -> Approval:
        """Ask, or find the question."""
        step = self.step
        fields = ApprovalFields(
            question.title,
            question.text,
            question.data,
            [cast("Json", option.model_dump(mode="json")) for option in question.options],
            list(question.form),
            question.approvers,
            question.rule,
            question.needed,
            None if question.expires is None else datetime.fromtimestamp(question.expires, UTC),
            UUID(step.workflow_id),
            UUID(step.execution_id),
            step.node_id,
            step.scope,
        )
        return await self._do(lambda: self.approvals.ask(self._id, fields))

    async def read(self) -> Approval:
        """How far it has come."""
        return await self._do(lambda: self.approvals.get(SYSTEM, self._id))

    async def escalate(self, level: int, approvers: Sequence[str], *, instead: bool) -> Approval:
        """Ask others."""
        return await self._do(lambda: self.approvals.escalate(self._id, level, approvers, instead=instead))

    async def expire(self, default: str | None) -> Approval:
        """Its time is over."""
        return await self._do(lambda: self.approvals.expire(self._id, default))

    @property
    def _id(self) -> UUID:
        return named_id("approval", self.step.idempotency_key)

    @staticmethod
    async def _do(work: Callable[[], Awaitable[ShownApproval]]) -> Approval:
        try:
            shown = await patiently(work)
        except InvalidInput as error:
            raise StepError(error.message, code=error.code, remedy=error.remedy, details=error.details) from error
        decisions = cast("list[JsonObject]", shown.decisions_json())
        stored = shown.stored
        return Approval(str(stored.approval_id), stored.status, stored.outcome, decisions, shown.undecided)
