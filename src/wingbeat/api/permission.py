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
    """`public` needs no key, `signed_in` any; `service` is about the installation, the others about one thing."""

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
        path, methods = getattr(route, "path", route), sorted(getattr(route, "methods", None) or ())
        raise TypeError(f"The route {' '.join(methods)} {path} declares no permission: add it with api.routing.Routes.")
    return Permission(declared)


def list_public(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """The routes that answer without a key.

    Raises:
        TypeError: a route declares no permission.
    """
    return [route for route in routes if permission_of(route) is Permission.PUBLIC]
