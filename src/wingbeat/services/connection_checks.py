"""Whether the connections that a workflow names are there, are switched on, and are of a kind that fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.core.problems import Problem
from wingbeat.sdk.node_type import NodeType
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    import asyncpg

    from wingbeat.core.graph import Workflow
    from wingbeat.core.node_kind import Catalog


class Naming(NamedTuple):
    """A parameter that names a connection."""

    node_id: str
    path: str
    connection_id: UUID
    kinds: tuple[str, ...]


def list_namings(workflow: Workflow, catalog: Catalog) -> list[Naming]:
    """Every parameter of every node that names a connection, those of what cannot be an id left out."""
    return list(_namings(workflow, catalog))


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


async def check_connections(connection: asyncpg.Connection, namings: list[Naming]) -> list[Problem]:
    """What is wrong with the connections that are named."""
    if not namings:
        return []
    wanted = list({naming.connection_id for naming in namings})
    rows = await load("connections").list_kinds(connection, connection_ids=wanted)
    found = {row["connection_id"]: row for row in rows}
    problems = (_problem(naming, found.get(naming.connection_id)) for naming in namings)
    return [problem for problem in problems if problem is not None]


def _problem(naming: Naming, row: asyncpg.Record | None) -> Problem | None:
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
    else:
        return None
    return Problem(code, message, fix, naming.node_id, parameter=naming.path)
