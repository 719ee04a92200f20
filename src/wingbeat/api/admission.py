"""Who may come in at a route: what its declared permission asks for, and what the request carries. No path decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from wingbeat.api.credentials import read_credentials
from wingbeat.api.permission import Permission
from wingbeat.api.principal import PRINCIPAL
from wingbeat.core.access import Permission as Scope
from wingbeat.core.errors import Forbidden
from wingbeat.storage.audit import caller

if TYPE_CHECKING:
    from starlette.requests import Request

    from wingbeat.core.access import Principal
    from wingbeat.services.authentication import Authentication


async def admit(request: Request, permission: Permission) -> None:
    """Verify the caller, and leave it where `principal_of` finds it; a public route asks nobody.

    Raises:
        Unauthenticated: the request carries nothing, or nothing that holds.
        Forbidden: the caller is known, and this is beyond its scopes.
    """
    if permission is Permission.PUBLIC:
        return
    authentication = cast("Authentication", request.app.state.authentication)
    principal = await authentication.identify(read_credentials(request))
    request.scope[PRINCIPAL] = principal
    caller().identify(principal.name, principal.user_id)
    if permission is not Permission.SIGNED_IN:
        require_scope(principal, Scope(permission.value))


def require_scope(principal: Principal, scope: Scope) -> None:
    """Refuse what is beyond the caller's scopes; what is about the installation is for the unrestricted alone."""
    if scope not in principal.scopes or (scope is Scope.SERVICE and not principal.unrestricted):
        own = ", ".join(sorted(principal.scopes)) or "none"
        raise Forbidden(
            f"This needs the scope '{scope}', and the caller's are: {own}.",
            code="SCOPE_MISSING",
            remedy="Use a credential with that scope.",
            details={"scope": scope.value},
        )
