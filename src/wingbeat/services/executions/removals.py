"""Deleting executions that have ended, with their journals, their sub-workflows and what they kept."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from wingbeat.core.access import Permission
from wingbeat.core.errors import Conflict
from wingbeat.core.status import ExecutionStatus
from wingbeat.services.permissions import access
from wingbeat.storage import audit
from wingbeat.storage import removals as rows
from wingbeat.storage.access import select_workflows
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.blobs import BlobsUnavailable
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.storage.blobs import Blobs
    from wingbeat.storage.pool import Database
    from wingbeat.storage.removals import Relative

log = structlog.get_logger()


@dataclass(frozen=True)
class Extent:
    """What goes with an execution, itself among it, and the runs of sub-workflows that stay, with all under them."""

    goes: tuple[UUID, ...]
    stays: tuple[UUID, ...]


@dataclass(frozen=True)
class Removals:
    """The use case."""

    database: Database
    blobs: Blobs

    async def remove(self, principal: Principal, execution_id: UUID) -> Extent:
        """Delete the execution and the sub-workflows under it; the record of who did what keeps that it was.

        Runs of workflows that the caller may not delete stay, without a parent.

        Raises:
            NotFound, Forbidden: see `access.require_execution`; whoever started it may not therefore delete it.
            Conflict: `EXECUTION_GOES_ON`, or `EXECUTION_NEEDED` by another one.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                found = await access.require_execution(connection, principal, execution_id, Permission.DELETE)
                extent = await measure(connection, principal, execution_id)
                async with as_engine(connection):
                    await rows.remove(connection, extent.goes, extent.stays)
                await audit.write(connection, removed(principal, execution_id, found.workflow_id, extent))
        await self._drop_blobs(extent.goes)
        return extent

    async def preview(self, principal: Principal, execution_id: UUID, others: Collection[UUID] = ()) -> Extent:
        """What `remove` would do once the others are gone; nothing is done.

        Raises:
            NotFound, Forbidden, Conflict: as `remove`.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require_execution(connection, principal, execution_id, Permission.DELETE)
                return await measure(connection, principal, execution_id, others)

    async def _drop_blobs(self, ids: Sequence[UUID]) -> None:
        try:
            await self.blobs.drop(ids)
        except BlobsUnavailable as error:
            # Upkeep finds them once they are as old as everything that it drops.
            log.warning("blobs_not_dropped", error=error.message)


async def measure(
    connection: asyncpg.Connection, principal: Principal, execution_id: UUID, others: Collection[UUID] = ()
) -> Extent:
    """What goes with an execution, kept from changing until the transaction ends.

    Raises:
        NotFound: it is gone meanwhile.
        Conflict: see `Removals.remove`.
    """
    # Rows of executions are the engine's: a caller's transaction may lock them, and no more.
    async with as_engine(connection):
        # The first may have to wait for who ends one of them; the second sees what came with that end.
        await rows.hold_family(connection, execution_id)
        family = await rows.hold_family(connection, execution_id)
    if not family:
        raise access.missing(access.EXECUTION, execution_id, Permission.DELETE)
    theirs = {relative.workflow_id for relative in family}
    extent = divide(execution_id, family, await select_workflows(connection, principal, theirs, Permission.DELETE))
    check_over(execution_id, family, extent)
    async with as_engine(connection):
        await check_needed_no_more(connection, execution_id, extent.goes, others)
    return extent


def divide(execution_id: UUID, family: Sequence[Relative], deletable: Collection[UUID]) -> Extent:
    """Go down from the execution as far as the caller may delete; what is met beyond stays, and all under it."""
    children: dict[UUID | None, list[Relative]] = defaultdict(list)
    for relative in family:
        children[relative.parent_execution_id].append(relative)
    goes = [execution_id]
    stays: list[UUID] = []
    for parent in goes:
        for child in children[parent]:
            (goes if child.workflow_id in deletable else stays).append(child.execution_id)
    return Extent(tuple(goes), tuple(stays))


def check_over(execution_id: UUID, family: Sequence[Relative], extent: Extent) -> None:
    """Make sure that all of them have ended, those too that stay, and that everybody has heard of it.

    Raises:
        Conflict: `EXECUTION_GOES_ON`; it names no run of a workflow that the caller may not delete.
    """
    for relative in family:
        if relative.is_ending or not ExecutionStatus(relative.status).terminal:
            named = f" {relative.execution_id}" if relative.execution_id in extent.goes else ""
            which = "It" if relative.execution_id == execution_id else f"Its sub-workflow{named}"
            raise Conflict(
                f"{which} has not ended yet; nothing was deleted.",
                code="EXECUTION_GOES_ON",
                remedy="Wait until it has ended, or cancel it first.",
            )


async def check_needed_no_more(
    connection: asyncpg.Connection, execution_id: UUID, ids: Sequence[UUID], others: Collection[UUID]
) -> None:
    """Make sure that no other execution refers to values which would go.

    Raises:
        Conflict: `EXECUTION_NEEDED`.
    """
    if await rows.parent_goes_on(connection, execution_id):
        raise Conflict(
            "The execution that started it as a sub-workflow has not ended; nothing was deleted.",
            code="EXECUTION_NEEDED",
            remedy="Wait until that one has ended, or delete both then.",
        )
    heir = await rows.find_heir(connection, ids, others)
    if heir is not None:
        raise Conflict(
            f"Execution {heir} goes back to it and keeps some of its values; nothing was deleted.",
            code="EXECUTION_NEEDED",
            remedy="Delete that one first.",
        )


def removed(principal: Principal, execution_id: UUID, workflow_id: UUID, extent: Extent) -> AuditEvent:
    """What is kept of it."""
    return AuditEvent(
        Category.AUDIT,
        "execution.delete",
        "execution",
        str(execution_id),
        actor=principal.name,
        execution_id=execution_id,
        workflow_id=workflow_id,
        detail={"sub_workflows": len(extent.goes) - 1, "stay": len(extent.stays)},
    )
