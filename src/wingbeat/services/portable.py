"""Workflows that leave for elsewhere and come from elsewhere: duplicates, and files that any installation can read.

A file names connections by what they are called and what kind they are: ids mean nothing elsewhere, and secrets stay.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.core.access import NO_COMMUNITY, Ownership, Permission, may_own, permissions_on
from wingbeat.core.document import MAX_NAME, read_workflow
from wingbeat.core.problems import Problem, Severity
from wingbeat.services.permissions import access
from wingbeat.services.reference_checks import list_references
from wingbeat.services.workflow_rules import find
from wingbeat.services.workflows import Created, Request
from wingbeat.storage import idempotency
from wingbeat.storage.access import select_workflows
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load
from wingbeat.storage.workflows import WorkflowFields

if TYPE_CHECKING:
    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.node_kind import Catalog
    from wingbeat.services.workflows import Workflows
    from wingbeat.storage.pool import Database
    from wingbeat.storage.workflows import StoredWorkflow

FORMAT = "wingbeat.workflow"
FORMAT_VERSION = 1
COPY = " (copy)"


class NeededConnection(NamedTuple):
    """A connection that a parameter named where the file was made; of one without a name, what kinds would do."""

    node: str
    parameter: str
    kinds: tuple[str, ...]
    name: str = ""


class WorkflowFile(NamedTuple):
    """A workflow as a file has it. `parameter` of what is needed is where its id goes."""

    definition: JsonObject
    tags: tuple[str, ...] = ()
    connections: tuple[NeededConnection, ...] = ()


class Imported(NamedTuple):
    """The draft that came of a file, and all that keeps it from being published."""

    created: Created
    problems: list[Problem]


@dataclass(frozen=True)
class PortableWorkflows:
    """The use cases. All raise NotFound for a workflow that is missing or hidden, Forbidden and DatabaseUnavailable."""

    database: Database
    catalog: Catalog
    workflows: Workflows

    async def duplicate(
        self,
        principal: Principal,
        workflow_id: UUID,
        *,
        name: str | None = None,
        idempotency_key: str | None = None,
    ) -> Created:
        """A new draft with the same definition, tags and folder; its addresses, secrets and grants are not copied.

        It belongs to the same community if the caller may make things there, and to the caller alone otherwise.

        Raises:
            Forbidden, Unlicensed, Conflict: as `Workflows.create`.
        """
        source = await self.workflows.get(principal, workflow_id)
        header, asked = source.header, name or f"{source.header.name[: MAX_NAME - len(COPY)]}{COPY}"
        fields = WorkflowFields(
            {**source.definition, "name": asked},
            version=header.version,
            entity_id=header.entity_id,
            community_id=header.community_id if may_own(principal, header.community_id) else NO_COMMUNITY,
            tags=tuple(header.tags),
            folder=header.folder,
            message=f"A copy of “{header.name}”, revision {header.revision}.",
        )
        request = Request("workflow.duplicate", idempotency.hash_request(workflow_id.bytes, (name or "").encode()))
        return await self.workflows.create(principal, fields, idempotency_key=idempotency_key, made_by=request)

    async def export(self, principal: Principal, workflow_id: UUID) -> WorkflowFile:
        """The workflow as it is being edited, with nothing in it that means something here alone."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require(connection, principal, workflow_id, Permission.VIEW)
                stored = await find(connection, workflow_id)
                return await self._as_file(connection, principal, stored)

    async def import_(
        self,
        principal: Principal,
        file: WorkflowFile,
        *,
        folder: str = "",
        community_id: int = NO_COMMUNITY,
        idempotency_key: str | None = None,
    ) -> Imported:
        """Save what a file holds as a new draft, with the connections of the same names put in where there are any.

        Raises:
            InvalidWorkflow: it cannot be read; every fault is told.
            Forbidden, Unlicensed, Conflict: as `Workflows.create`.
        """
        needed: list[Json] = [[need.node, need.parameter, *need.kinds, need.name] for need in file.connections]
        about = encode_json([list(file.tags), needed, folder, community_id])
        request = Request("workflow.import", idempotency.hash_request(encode_json(file.definition), about))
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                filled, missing = await _fill_in(connection, principal, file, community_id)
                definition, lost = await _drop_error_workflow(connection, principal, filled)
        fields = WorkflowFields(
            definition, community_id=community_id, tags=file.tags, folder=folder, message="Imported from a file."
        )
        created = await self.workflows.create(principal, fields, idempotency_key=idempotency_key, made_by=request)
        checked = await self.workflows.validate_document(principal, created.workflow.definition)
        told_of = {(problem.node, problem.parameter) for problem in missing}
        others = [one for one in checked.problems if (one.node, (one.parameter or "")) not in told_of]
        return Imported(created, [*missing, *lost, *others])

    async def _as_file(
        self, connection: asyncpg.Connection, principal: Principal, stored: StoredWorkflow
    ) -> WorkflowFile:
        definition = deepcopy(stored.definition)
        namings = list_references(read_workflow(definition)[0], self.catalog).namings
        ids = list({naming.connection_id for naming in namings})
        found = await load("connections").list_kinds(connection, connection_ids=ids)
        # Those that the caller may not see have no name for it either.
        rows = {row["connection_id"]: row for row in found if _may(Permission.VIEW, principal, row)}
        needed = []
        for naming in namings:
            row = rows.get(naming.connection_id)
            kinds, name = (naming.kinds, "") if row is None else ((row["kind"],), row["name"])
            needed.append(NeededConnection(naming.node_id, naming.path, kinds, name))
            put(definition, naming.node_id, naming.path, None)
        return WorkflowFile(definition, tuple(stored.header.tags), tuple(needed))


async def _fill_in(
    connection: asyncpg.Connection, principal: Principal, file: WorkflowFile, community_id: int
) -> tuple[JsonObject, list[Problem]]:
    """The definition with the ids of the connections that are meant, and those that are not here as problems."""
    if not file.connections:
        return file.definition, []
    definition, problems = deepcopy(file.definition), []
    names, kinds = [need.name for need in file.connections], [kind for need in file.connections for kind in need.kinds]
    rows = await load("connections").find_named(connection, names=names, kinds=kinds)
    usable = [row for row in rows if _may_be_used(principal, row, community_id)]
    for need in file.connections:
        meant = [row for row in usable if row["name"] == need.name and row["kind"] in need.kinds]
        if len(meant) == 1 and put(definition, need.node, need.parameter, str(meant[0]["connection_id"])):
            continue
        problems.append(_missing(need, several=len(meant) > 1))
    return definition, problems


def _may(permission: Permission, principal: Principal, row: asyncpg.Record) -> bool:
    return permission in permissions_on(principal, Ownership(row["author_id"], row["community_id"]))


def _may_be_used(principal: Principal, row: asyncpg.Record, community_id: int) -> bool:
    """Whether an execution of the new workflow could use a connection: it is of its community, or of its author."""
    if not _may(Permission.EXECUTE, principal, row):
        return False
    same = community_id != NO_COMMUNITY and community_id == row["community_id"]
    return same or bool(principal.user_id == row["author_id"])


def _missing(need: NeededConnection, *, several: bool) -> Problem:
    kinds = " or ".join(need.kinds)
    named = f"the connection “{need.name}” ({kinds})" if need.name else f"a connection of the kind {kinds}"
    why = "there are several of that name here" if several else "it is not here"
    return Problem(
        "CONNECTION_UNKNOWN",
        f"The node was using {named}; {why}." if need.name else f"The node was using {named}.",
        "Choose one of the stored connections, or make one.",
        need.node,
        parameter=need.parameter,
    )


async def _drop_error_workflow(
    connection: asyncpg.Connection, principal: Principal, definition: JsonObject
) -> tuple[JsonObject, list[Problem]]:
    """The definition without an error workflow that is not here: a draft that names one cannot be saved."""
    workflow, _ = read_workflow(definition)
    wanted, settings = workflow.settings.error_workflow, definition.get("settings")
    if wanted is None or not isinstance(settings, dict):
        return definition, []
    if await select_workflows(connection, principal, [UUID(wanted)], Permission.EXECUTE):
        return definition, []
    rest = {name: value for name, value in settings.items() if name != "error_workflow"}
    problem = Problem(
        "ERROR_WORKFLOW_NOT_FOUND",
        f"There is no workflow {wanted}, which settings.error_workflow named; the draft has none.",
        "Choose the workflow that is to run when this one fails.",
        severity=Severity.WARNING,
        parameter="settings.error_workflow",
    )
    return {**definition, "settings": rest}, [problem]


def put(definition: JsonObject, node_id: str, path: str, value: str | None) -> bool:
    """Put a value at a dotted path of a node's parameters, or take away what is there; False if there is no place."""
    nodes: Json = definition.get("nodes")
    node = (
        next((one for one in nodes if isinstance(one, dict) and one.get("id") == node_id), None)
        if (isinstance(nodes, list))
        else None
    )
    place: Json = None if node is None else node.get("parameters")
    *way, last = path.split(".")
    for step in way:
        place = _step(place, step)
    if isinstance(place, list) and last.isdecimal() and int(last) < len(place):
        place[int(last)] = value or ""
    elif isinstance(place, dict) and value is not None:
        place[last] = value
    elif isinstance(place, dict):
        place.pop(last, None)
    else:
        return False
    return True


def _step(place: Json, step: str) -> Json:
    if isinstance(place, dict):
        return place.get(step)
    return place[int(step)] if isinstance(place, list) and step.isdecimal() and int(step) < len(place) else None
