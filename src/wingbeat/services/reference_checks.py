"""Whether what a workflow names is there, fits, and is for whoever saves it: connections and other workflows.

And that nobody writes down the secret itself instead, which everybody would see who sees the workflow.

Ids that a workflow computes while it runs nobody sees here; what it may use then, the engine asks each time (the
functions `wingbeat_reaches` and `wingbeat_may_start` of the database), and a revision reaches no further than whoever
saved or published it (`reach_of`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.core.access import NO_COMMUNITY, NOBODY, Ownership, Permission, permissions_on
from wingbeat.core.problems import InvalidWorkflow, Problem
from wingbeat.sdk.node_type import NodeType
from wingbeat.storage.access import select_workflows
from wingbeat.storage.queries import load
from wingbeat.storage.workflows import EVERYWHERE, Reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.graph import Workflow
    from wingbeat.core.node_kind import Catalog

# The parameter by which nodes of a type name another workflow.
CALLEES = {"action.subworkflow": "workflow_id"}


class Naming(NamedTuple):
    """A parameter that names a connection."""

    node_id: str
    path: str
    connection_id: UUID
    kinds: tuple[str, ...]


class Calling(NamedTuple):
    """A parameter that names another workflow."""

    node_id: str
    path: str
    workflow_id: UUID


class References(NamedTuple):
    """What a workflow names, as far as it can be seen before it runs."""

    namings: list[Naming]
    callings: list[Calling]


def refuse_written_secrets(workflow: Workflow, catalog: Catalog) -> None:
    """Raise InvalidWorkflow if a node says what is secret: all else may be wrong with a draft, and is kept."""
    found = [
        Problem(secret.code, secret.message, secret.fix, node.id, parameter=secret.path)
        for node in workflow.nodes
        if isinstance(kind := catalog.get(node.type), NodeType)
        for secret in kind.written_secrets(node.parameters)
    ]
    if found:
        raise InvalidWorkflow(found)


def list_references(workflow: Workflow, catalog: Catalog) -> References:
    """Every parameter of every node that names something by its id, those of what cannot be an id left out."""
    return References(list(_namings(workflow, catalog)), list(_callings(workflow)))


def _namings(workflow: Workflow, catalog: Catalog) -> Iterator[Naming]:
    for node in workflow.nodes:
        kind = catalog.get(node.type)
        if not isinstance(kind, NodeType):
            continue
        for found in kind.connections(node.parameters):
            try:
                yield Naming(node.id, found.path, UUID(found.connection_id), found.kinds)
            except ValueError:
                continue  # The check of the parameters says so.


def _callings(workflow: Workflow) -> Iterator[Calling]:
    for node in workflow.nodes:
        path = CALLEES.get(node.type, "")
        named = node.parameters.get(path)
        if not isinstance(named, str):
            continue
        try:
            yield Calling(node.id, path, UUID(named))
        except ValueError:
            continue  # It is computed, or the step says that it is no id.


def reach_of(principal: Principal, author_id: int, community_id: int) -> Reach:
    """How far what somebody saves in a workflow of this owner reaches while it runs."""
    if principal.unrestricted:
        return EVERYWHERE
    return Reach(
        author=principal.user_id != NOBODY and principal.user_id == author_id,
        community=community_id != NO_COMMUNITY and community_id in principal.communities_with(Permission.EXECUTE),
    )


async def check_references(
    connection: asyncpg.Connection, principal: Principal, references: References, owner: Ownership | None = None
) -> list[Problem]:
    """What is wrong with what is named. What is not for the caller is as if it were not there.

    With the `owner` of the workflow, what is for the caller alone and not for its executions is wrong too.
    """
    return [
        *await _check_connections(connection, principal, references.namings, owner),
        *await _check_workflows(connection, principal, references.callings),
    ]


async def _check_connections(
    connection: asyncpg.Connection, principal: Principal, namings: list[Naming], owner: Ownership | None
) -> list[Problem]:
    if not namings:
        return []
    wanted = list({naming.connection_id for naming in namings})
    rows = await load("connections").list_kinds(connection, connection_ids=wanted)
    usable = {
        row["connection_id"]: row
        for row in rows
        if Permission.EXECUTE in permissions_on(principal, Ownership(row["author_id"], row["community_id"]))
    }
    problems = (_problem(naming, usable.get(naming.connection_id), owner) for naming in namings)
    return [problem for problem in problems if problem is not None]


def _problem(naming: Naming, row: asyncpg.Record | None, owner: Ownership | None) -> Problem | None:
    if row is None:
        code, message = "CONNECTION_UNKNOWN", f"There is no connection {naming.connection_id}."
        fix = "Choose one of the stored connections."
    elif row["kind"] not in naming.kinds:
        needed = " or ".join(naming.kinds)
        code, message = "CONNECTION_WRONG_KIND", f"The connection '{row['name']}' is of the kind '{row['kind']}'."
        fix = f"Choose one of the kind {needed}."
    elif not row["enabled"]:
        code, message = "CONNECTION_DISABLED", f"The connection '{row['name']}' is switched off."
        fix = "Switch it on, or choose another."
    elif owner is not None and not _joined(owner, row):
        code, message = "CONNECTION_UNREACHABLE", f"The connection '{row['name']}' is not the workflow's owner's."
        fix = "Choose one of the workflow's community, or of its author."
    else:
        return None
    return Problem(code, message, fix, naming.node_id, parameter=naming.path)


def _joined(owner: Ownership, row: asyncpg.Record) -> bool:
    """Whether a connection is of the same community, or of the same author."""
    same = owner.community_id != NO_COMMUNITY and owner.community_id == row["community_id"]
    return same or bool(owner.author_id == row["author_id"])


async def _check_workflows(
    connection: asyncpg.Connection, principal: Principal, callings: list[Calling]
) -> list[Problem]:
    if not callings:
        return []
    wanted = {calling.workflow_id for calling in callings}
    callable_ = await select_workflows(connection, principal, wanted, Permission.EXECUTE)
    return [
        Problem(
            "SUBWORKFLOW_NOT_FOUND",
            f"There is no workflow {calling.workflow_id}.",
            "Save the workflow first that is to be called, and take its id.",
            calling.node_id,
            parameter=calling.path,
        )
        for calling in callings
        if calling.workflow_id not in callable_
    ]
