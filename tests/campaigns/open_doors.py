"""The checks of authorisation as they would be if somebody had forgotten them: each lets everybody pass."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from wingbeat.core.access import ON_A_THING, SYSTEM, Permission
from wingbeat.services.permissions.access import Allowed
from wingbeat.storage import access as rows
from wingbeat.storage.access import Condition

if TYPE_CHECKING:
    from collections.abc import Collection

    import asyncpg

    from wingbeat.core.access import Principal


async def require(*_: object) -> frozenset[Permission]:
    """Whatever is asked for."""
    return ON_A_THING


async def require_execution(connection: asyncpg.Connection, _: Principal, execution_id: UUID, *__: object) -> Allowed:
    """Whatever is asked for."""
    found = await rows.read_execution_ownership(connection, SYSTEM, execution_id)
    return Allowed(ON_A_THING, UUID(int=0) if found is None else found.workflow_id)


async def require_ownership(*_: object) -> None:
    """Everybody is the author."""


async def steer(*_: object) -> None:
    """Everybody decides."""


async def check_may_fork(*_: object) -> None:
    """Everybody forks."""


def require_community(*_: object) -> None:
    """Everybody is an editor everywhere."""


def refuse_move(*_: object) -> None:
    """Everything moves everywhere."""


def check_may_start(*_: object) -> None:
    """Everybody starts everything."""


def decide(*_: object) -> frozenset[Permission]:
    """Whatever is asked for."""
    return ON_A_THING


def allowed_workflows(*_: object, **__: object) -> Condition:
    """All workflows are everybody's."""
    return Condition("true", ())


def visible_executions(*_: object, **__: object) -> Condition:
    """All executions are everybody's."""
    return Condition("true", ())


def of_visible_workflow(*_: object, **__: object) -> Condition:
    """Whatever is of workflows is everybody's."""
    return Condition("true", ())


async def select_workflows(
    connection: asyncpg.Connection, _: Principal, ids: Collection[UUID], *__: object
) -> set[UUID]:
    """All of them, as long as they are there."""
    return await rows.select_workflows(connection, SYSTEM, ids, Permission.VIEW)
