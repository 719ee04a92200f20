"""One change to many workflows: each by itself, as if it had been asked for alone, with a result for each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, assert_never

from wingbeat.core.errors import Fault, WingbeatError
from wingbeat.services.workflow_rules import Wishes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from wingbeat.core.access import Principal
    from wingbeat.services.workflows import Workflows
    from wingbeat.storage.workflows import StoredWorkflow, WorkflowHeader


class Action(StrEnum):
    """What is done to each."""

    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    ENABLE = "enable"
    DISABLE = "disable"
    ARCHIVE = "archive"
    RESTORE = "restore"
    TAG = "tag"
    MOVE = "move"


class Wanted(NamedTuple):
    """An action and what it takes: tags that are put on and taken off, the folder to move to."""

    action: Action
    more_tags: tuple[str, ...] = ()
    fewer_tags: tuple[str, ...] = ()
    folder: str = ""


class Result(NamedTuple):
    """What became of one: the workflow as it is now, or why nothing was changed."""

    workflow_id: UUID
    workflow: WorkflowHeader | None
    error: WingbeatError | None


@dataclass(frozen=True)
class BulkChanges:
    """The use case."""

    workflows: Workflows

    async def apply(self, principal: Principal, wanted: Wanted, ids: Sequence[UUID]) -> list[Result]:
        """Do it to each in turn; what one is refused keeps no other from it.

        Raises:
            DatabaseUnavailable, PlatformError: some may have been changed.
        """
        return [await self._try(principal, wanted, workflow_id) for workflow_id in dict.fromkeys(ids)]

    async def _try(self, principal: Principal, wanted: Wanted, workflow_id: UUID) -> Result:
        try:
            stored = await self._do(principal, wanted, workflow_id)
        except WingbeatError as error:
            if error.fault is Fault.PLATFORM:
                raise
            return Result(workflow_id, None, error)
        return Result(workflow_id, stored.header, None)

    async def _do(self, principal: Principal, wanted: Wanted, workflow_id: UUID) -> StoredWorkflow:
        match wanted.action:
            case Action.PUBLISH:
                return await self.workflows.publish(principal, workflow_id)
            case Action.UNPUBLISH:
                return await self.workflows.unpublish(principal, workflow_id)
            case Action.ARCHIVE:
                return await self.workflows.archive(principal, workflow_id)
            case Action.RESTORE:
                return await self.workflows.restore(principal, workflow_id)
            case Action.ENABLE | Action.DISABLE | Action.TAG | Action.MOVE:
                return await self.workflows.organise(principal, workflow_id, wishes_of(wanted))
        assert_never(wanted.action)


def wishes_of(wanted: Wanted) -> Wishes:
    """What is wanted of what is about each workflow."""
    if wanted.action is Action.TAG:
        return Wishes(more_tags=wanted.more_tags, fewer_tags=wanted.fewer_tags)
    if wanted.action is Action.MOVE:
        return Wishes(folder=wanted.folder)
    return Wishes(enabled=wanted.action is Action.ENABLE)
