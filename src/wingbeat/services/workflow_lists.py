"""Lists of workflows, with how they have run of late; and the tags and folders that there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.access import Permission, permissions_on
from wingbeat.storage import access as owned
from wingbeat.storage import workflow_lists as rows
from wingbeat.storage.paging import Page
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.access import Principal
    from wingbeat.storage.paging import Paging
    from wingbeat.storage.pool import Database
    from wingbeat.storage.workflow_lists import Counted, Runs, WorkflowFilter
    from wingbeat.storage.workflows import WorkflowHeader

STATUSES = ("draft", "published", "archived")


class Line(NamedTuple):
    """A workflow in a list: what the caller may do with it, and how it has run, if it has."""

    header: WorkflowHeader
    permissions: frozenset[Permission]
    runs: Runs | None


@dataclass(frozen=True)
class WorkflowLists:
    """The use cases. What is not the caller's to see is in no list and in no count. All raise DatabaseUnavailable."""

    database: Database

    async def list(self, principal: Principal, wanted: WorkflowFilter, paging: Paging) -> Page[Line]:
        """One page."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                page = await rows.list_page(connection, principal, wanted, paging)
                ids = [header.workflow_id for header in page.items]
                # Of workflows that the caller sees, as was just found: so it may see how they ran.
                async with as_engine(connection):
                    runs = await rows.read_runs(connection, ids)
                owners = await owned.read_workflow_ownerships(connection, principal, ids)
        lines = [
            Line(
                header,
                permissions_on(principal, owners[header.workflow_id]) if header.workflow_id in owners else frozenset(),
                runs.get(header.workflow_id),
            )
            for header in page.items
        ]
        return Page(lines, page.more)

    async def count(self, principal: Principal, wanted: WorkflowFilter) -> int:
        """How many of them there are."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                return await rows.count(connection, principal, wanted)

    async def list_tags(self, principal: Principal) -> Sequence[Counted]:
        """The tags of workflows that are not archived, the commonest first; at most 1,000."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                return await rows.count_tags(connection, principal)

    async def list_folders(self, principal: Principal) -> Sequence[Counted]:
        """The folders that have workflows in them which are not archived; at most 1,000."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                return await rows.count_folders(connection, principal)
