"""Who may come in at a route: what its declared permission asks for, and what the request carries. No path decides."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from wingbeat.api.credentials import read_credentials
from wingbeat.api.permission import Permission
from wingbeat.api.principal import IDENTITY
from wingbeat.core.access import Permission as Scope
from wingbeat.core.errors import Forbidden, Unauthenticated
from wingbeat.services.identity.authentication import CredentialKind, Credentials
from wingbeat.storage.audit import caller

if TYPE_CHECKING:
    from starlette.requests import Request

    from wingbeat.api.rate_limits import RateLimits
    from wingbeat.api.session_cookie import SessionCookie
    from wingbeat.core.access import Principal
    from wingbeat.services.identity.authentication import Authentication, Identity

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"
# What browsers say of requests of our own pages, and of those that somebody typed in.
OWN_SITE = frozenset({"same-origin", "none"})


@dataclass(frozen=True)
class Admission:
    """Lets requests in, or not; `public_url` is how browsers know us."""

    authentication: Authentication
    cookie: SessionCookie
    public_url: str
    rate_limits: RateLimits

    async def admit(self, request: Request, permission: Permission, *, checks_form: bool = False) -> None:
        """Verify the caller, and leave it where `principal_of` finds it; a public route asks nobody.

        A change that comes with a session must be from a page of ours; with `checks_form` the route itself sees to the
        token, which a plain form cannot send as a header.

        Raises:
            Unauthenticated: the request carries nothing, or nothing that holds.
            Forbidden: the caller is known, and this is beyond its scopes, or not from a page of ours.
            RateLimited: it asks too often, or too much of what comes from its address does not hold.
        """
        if permission is Permission.PUBLIC:
            return
        identity = await self._identify(request)
        principal = identity.principal
        request.scope[IDENTITY] = identity
        caller().identify(principal.name, principal.user_id, str(identity.token_id or ""))
        await self.rate_limits.count(principal)
        if identity.kind is CredentialKind.SESSION and request.method not in READING_METHODS:
            self.refuse_foreign_pages(request)
            if not checks_form:
                require_csrf_token(request, identity)
        if permission is not Permission.SIGNED_IN:
            require_scope(principal, Scope(permission.value))

    async def _identify(self, request: Request) -> Identity:
        credentials = read_credentials(request, self.cookie)
        try:
            identity = await self.authentication.identify(credentials)
        except Unauthenticated:
            if credentials.session is not None:  # Of no use any more, and in the way of whatever else is shown.
                self.cookie.hand_over(request, None)
            if any(credentials):
                await self.rate_limits.count_failure(caller().address)
            raise
        if identity.new_secret is not None:
            self.cookie.hand_over(request, identity.new_secret)
        return identity

    async def find_session(self, request: Request) -> Identity | None:
        """Who is signed in in the browser that comes to a public address, if anybody is."""
        secret = self.cookie.read(request.scope["headers"])
        if secret is None:
            return None
        try:
            identity = await self.authentication.identify(Credentials(session=secret))
        except Unauthenticated:
            self.cookie.hand_over(request, None)
            return None
        if identity.new_secret is not None:
            self.cookie.hand_over(request, identity.new_secret)
        return identity

    def refuse_foreign_pages(self, request: Request) -> None:
        """Refuse what the browser says that a page of another site sends.

        Raises:
            Forbidden: `ORIGIN_NOT_ALLOWED`.
        """
        origin = request.headers.get("origin")
        host = request.headers.get("host", "").lower()
        own = {origin_of(self.public_url), f"{request.url.scheme}://{host}"}
        foreign = origin is not None and origin.lower() not in own
        if foreign or request.headers.get("sec-fetch-site", "same-origin") not in OWN_SITE:
            raise Forbidden(
                "A page of another site may change nothing here in the name of who is signed in.",
                code="ORIGIN_NOT_ALLOWED",
                remedy="Use the pages of this service, or a token. Behind a proxy, set PUBLIC_URL.",
            )


def admission_of(request: Request) -> Admission:
    """The admission of the application that answers."""
    return cast("Admission", request.app.state.admission)


def origin_of(url: str) -> str:
    """Scheme, host and port as browsers send them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def require_csrf_token(request: Request, identity: Identity) -> None:
    """Refuse a change that comes with a session, and not with what only a page of ours could know."""
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), (identity.csrf_token or "").encode()):
        raise Forbidden(
            "A change that comes with a session needs the session's own token, and this has none or another.",
            code="CSRF_TOKEN_WRONG",
            remedy="Read `csrf_token` from /api/v1/me, and send it in the header X-CSRF-Token.",
        )


def refuse_token(identity: Identity) -> None:
    """Refuse a token where it is about how its owner comes in, unless it has the scope `service`.

    Whoever finds one is neither to shut its owner out with it, nor to make itself others that outlive it.
    """
    if identity.kind is CredentialKind.TOKEN:
        require_scope(identity.principal, Scope.SERVICE)


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
