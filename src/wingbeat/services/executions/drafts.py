"""Executions by which somebody tries what they draw: a saved revision, published or not, as a whole or in part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from wingbeat.core.access import Permission
from wingbeat.core.document import parse_workflow
from wingbeat.core.errors import Conflict, NotFound
from wingbeat.core.licence import licence_features
from wingbeat.core.part import Part, Seed, given_input
from wingbeat.services.executions.start_requests import Cause, Draft, StartRequest
from wingbeat.services.executions.startable import Startable
from wingbeat.services.permissions import access
from wingbeat.services.workflow_rules import find
from wingbeat.storage import workflows as rows
from wingbeat.storage.decisions import TriggerKind
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.executions.start import Starter
    from wingbeat.services.executions.start_requests import Started
    from wingbeat.storage.pool import Database


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """What somebody wants to try. Without a `revision` it is the one that is being edited.

    A node that runs alone finds what it found the last time that it ran, or `given` as its input.
    """

    workflow_id: UUID
    revision: int | None = None
    part: Part = field(default_factory=Part)
    trigger_data: Json = None
    variables: JsonObject = field(default_factory=dict)
    trigger_node_id: str | None = None
    given: tuple[Json] | None = None
    execution_id: UUID | None = None
    scope: str | None = None
    breakpoints: Sequence[JsonObject] = ()
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a node found when it last ran."""

    seed: Seed = field(default_factory=Seed)
    trigger_data: Json = None
    variables: JsonObject = field(default_factory=dict)


class LastRuns(Protocol):
    """Tells what a node found: services.executions.sights.Sights."""

    async def last_found(self, principal: Principal, request: DraftRequest, revision: int) -> Found:
        """What the node of the request's part found in the execution that is asked for, or else when it last ran."""
        ...


@dataclass(frozen=True)
class DraftRuns:
    """The use case of trying a workflow."""

    database: Database
    starter: Starter
    last_runs: LastRuns

    async def start(self, principal: Principal, request: DraftRequest) -> Started:
        """Start it; what is published is not touched, and a failure concerns no error workflow.

        Raises:
            NotFound: `WORKFLOW_NOT_FOUND`, `REVISION_UNKNOWN`, `NODE_UNKNOWN` or `TRIGGER_UNKNOWN`.
            Forbidden: the caller may see the workflow, but not both edit and run it.
            InvalidWorkflow: what is to run has errors; all its problems are listed.
            Conflict: `WORKFLOW_ARCHIVED`, `NODE_UNREACHABLE`, or it cannot be started for another reason.
        """
        startable = await find_draft(self.database, principal, request.workflow_id, request.revision)
        part, found = request.part, Found()
        if part.only_node:
            found = await self.last_runs.last_found(principal, request, startable.revision)
        seed = found.seed
        if request.given is not None:
            seed = Seed(given_input(part.only_node, request.given[0]), seed.outputs, seed.facts)
        alone = bool(part.only_node)
        start = StartRequest(
            request.workflow_id,
            request.trigger_data if request.trigger_data is not None else found.trigger_data,
            {**found.variables, **request.variables},
            part.only_node or request.trigger_node_id,
            idempotency_key=request.idempotency_key,
            breakpoints=request.breakpoints,
            cause=Cause(TriggerKind.MANUAL, None, principal.user_id),
            draft=Draft(startable, part, seed.to_json() if alone else None),
        )
        return await self.starter.start(principal, start)


async def find_draft(
    database: Database, principal: Principal, workflow_id: UUID, revision: int | None = None
) -> Startable:
    """A revision as somebody can try it who may both edit and run the workflow.

    Raises:
        NotFound: `WORKFLOW_NOT_FOUND` or `REVISION_UNKNOWN`.
        Forbidden: the caller may see the workflow, but not do both.
        Conflict: `WORKFLOW_ARCHIVED`.
    """
    with translate_errors():
        async with database.scoped(principal) as connection:
            await access.require(connection, principal, workflow_id, Permission.EXECUTE)
            await access.require(connection, principal, workflow_id, Permission.EDIT)
            stored = await find(connection, workflow_id)
            wanted = revision or stored.header.revision
            definition = await rows.get_revision(connection, workflow_id, wanted)
    if stored.header.status == "archived":
        raise Conflict("The workflow is archived.", code="WORKFLOW_ARCHIVED", remedy="Create a new workflow from it.")
    if definition is None:
        raise NotFound(
            f"The workflow has no revision {wanted}.",
            code="REVISION_UNKNOWN",
            remedy=f"It is at revision {stored.header.revision}.",
        )
    features = tuple(licence_features(parse_workflow(definition)))
    # What is tried waits its turn like any other: nothing of it is begun before what stops it is written.
    return Startable(wanted, limited=True, community_id=stored.header.community_id, features=features)
