"""What is said of a change of a connection that is not made."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from wingbeat.core.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.egress.kinds import Kind
    from wingbeat.storage.connections import StoredConnection


def invalid(problems: list[Json]) -> InvalidInput:
    """What to say of a save that does not fit its kind."""
    named = ", ".join(sorted({str(cast("JsonObject", problem)["field"]) for problem in problems}))
    return InvalidInput(
        f"The connection does not fit its kind: {named[:500]}.",
        code="CONNECTION_INVALID",
        remedy="See /api/v1/connections/kinds for what belongs to each kind.",
        details={"problems": problems},
    )


def refuse_other_kind(stored: StoredConnection, kind: Kind) -> None:
    """Raise Conflict if a change names another kind than the connection has."""
    if stored.kind != kind.name:
        raise Conflict(
            f"The connection is of the kind '{stored.kind}' and stays so; nothing was changed.",
            code="CONNECTION_KIND_FIXED",
            remedy="Create another connection.",
        )


def secrets_needed(stored: StoredConnection) -> Conflict:
    """What to say when secrets would go elsewhere."""
    return Conflict(
        f"With this change the secrets of the connection '{stored.name}' could go where they could not go before; "
        "nothing was changed.",
        code="CONNECTION_SECRETS_NEEDED",
        remedy="Send the secrets along, all of them, to show that you know them.",
    )


def in_use(stored: StoredConnection, count: int, visible: list[tuple[UUID, str]]) -> Conflict:
    """What to say when workflows would fail without the connection; those that the caller may see have names."""
    among = f", among them '{visible[0][1]}'" if visible else ""
    return Conflict(
        f"The connection '{stored.name}' is named by {count} workflows{among}; it was not deleted.",
        code="CONNECTION_IN_USE",
        remedy="Change or archive these workflows first, or delete it with force=true; their steps fail then.",
        details={"workflows": [{"workflow_id": str(identifier), "name": name} for identifier, name in visible]},
    )
