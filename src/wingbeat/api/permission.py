"""What a caller must be allowed to do for a route to answer.

Every route declares one; the app refuses to be built otherwise.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.routing import BaseRoute

# Where a route keeps it: in its OpenAPI operation, so that readers of the document see it too.
EXTENSION = "x-permission"


class Permission(StrEnum):
    """`public` asks nobody who it is, `signed_in` for nothing else; `service` is about the installation."""

    VIEW = "view"
    EDIT = "edit"
    DELETE = "delete"
    EXECUTE = "execute"
    SERVICE = "service"
    SIGNED_IN = "signed_in"
    PUBLIC = "public"


def permission_of(route: BaseRoute) -> Permission:
    """What the route declares.

    Raises:
        TypeError: it declares none.
    """
    declared = (getattr(route, "openapi_extra", None) or {}).get(EXTENSION)
    if declared is None:
        raise TypeError(f"The route {named(route)} declares no permission: add it with api.routing.add_operation.")
    return Permission(declared)


def named(route: BaseRoute) -> str:
    """The route's methods and path, for messages."""
    return " ".join([*sorted(getattr(route, "methods", None) or ()), str(getattr(route, "path", route))])


def list_public(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """The routes that answer to everybody.

    Raises:
        TypeError: a route declares no permission.
    """
    return [route for route in routes if permission_of(route) is Permission.PUBLIC]
