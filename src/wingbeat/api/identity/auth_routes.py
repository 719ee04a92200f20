"""The addresses with which the web app signs people in and out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.admission import admission_of
from wingbeat.api.answers import success
from wingbeat.api.identity.account_bodies import LoginBody, PasswordBody
from wingbeat.api.identity.account_shapes import SignedOutShape, SignInShape, SignInStateShape
from wingbeat.api.identity.sign_in_page import OIDC_BEGIN
from wingbeat.api.identity.sign_in_routes import exchange_session, visitor_of
from wingbeat.api.permission import Permission
from wingbeat.api.principal import identity_of
from wingbeat.api.requests import check, read_object, refuse_body
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.core.errors import Forbidden, Unauthenticated
from wingbeat.services.identity.users import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI

    from wingbeat.api.identity.sign_in_routes import Doors
    from wingbeat.core.networks import Network
    from wingbeat.services.identity.sign_in import SignedIn

TAG = "sign-in"
ROOT = "/api/v1/auth"
MOST_BYTES = 20_000
NO_STORE = {"Cache-Control": "no-store"}

LOGIN = Operation(
    "POST",
    f"{ROOT}/login",
    Permission.PUBLIC,
    "Sign in by a password; the session is in a cookie",
    {200: Envelope[SignInShape, NoMeta]},
    TAG,
    errors=(401, 429, 503),
    body=LoginBody,
)
LOGOUT = Operation(
    "POST",
    f"{ROOT}/logout",
    Permission.SIGNED_IN,
    "Sign out",
    {200: Envelope[SignedOutShape, NoMeta]},
    TAG,
)
SESSION = Operation(
    "GET",
    f"{ROOT}/session",
    Permission.PUBLIC,
    "Who is signed in, if anybody, and how one may sign in",
    {200: Envelope[SignInStateShape, NoMeta]},
    TAG,
    errors=(503,),
)
PASSWORD = Operation(
    "POST",
    f"{ROOT}/password",
    Permission.SIGNED_IN,
    "Change one's password; every other session ends",
    {200: Envelope[SignInShape, NoMeta]},
    TAG,
    errors=(429,),
    body=PasswordBody,
)


@dataclass(frozen=True)
class AuthRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    doors: Doors
    proxies: Sequence[Network]

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        for operation, endpoint in (
            (LOGIN, self.login),
            (LOGOUT, self.logout),
            (SESSION, self.get_session),
            (PASSWORD, self.change_password),
        ):
            add_operation(app, operation, endpoint)

    async def login(self, request: Request) -> Response:
        """From a page of ours or a program; a page of another site signs nobody in."""
        admission_of(request).refuse_foreign_pages(request)
        body = check(LoginBody, await read_object(request, MOST_BYTES, required=True))
        visitor = visitor_of(request, self.proxies)
        signed_in = await self.doors.sign_ins.by_password(body.username, body.password, visitor)
        return await self._entered(request, "You are signed in.", signed_in)

    async def logout(self, request: Request) -> Response:
        """The session is over; whoever has none is as before."""
        await refuse_body(request, MOST_BYTES)
        cookie = admission_of(request).cookie
        await self.doors.sessions.close(cookie.read(request.scope["headers"]) or "")
        response = success("You are signed out.", {"signed_in": False}, headers=NO_STORE)
        cookie.clear(response)
        return response

    async def get_session(self, request: Request) -> Response:
        """For a page that does not know yet; nobody is refused."""
        cookie = admission_of(request).cookie
        try:
            found = await self.doors.sessions.identify(cookie.read(request.scope["headers"]) or "")
        except Unauthenticated:
            found = None
        if found is not None and found.new_secret is not None:
            cookie.hand_over(request, found.new_secret)
        user = None if found is None else show(await self.doors.sign_ins.get_user(found.principal.user_id))
        provider = self.doors.provider
        told = {
            "user": user,
            "csrf_token": None if found is None else found.csrf_token,
            "expires_at": None if found is None else found.expires_at,
            "provider": None if provider is None else {"name": provider.name, "path": OIDC_BEGIN},
        }
        return success("How things are.", told, headers=NO_STORE)

    async def change_password(self, request: Request) -> Response:
        """Whoever is signed in by a browser, and knows the present one."""
        identity = identity_of(request)
        if identity.session_id is None:
            raise Forbidden(
                "A password is changed by whoever is signed in, and not with a token or a key.",
                code="SESSION_NEEDED",
                remedy="Sign in. Whoever runs the installation has `wingbeat user password NAME`.",
            )
        body = check(PasswordBody, await read_object(request, MOST_BYTES, required=True))
        visitor = visitor_of(request, self.proxies)
        signed_in = await self.doors.sign_ins.change_password(identity.principal, body.old, body.new, visitor)
        return await self._entered(request, "The password is changed.", signed_in)

    async def _entered(self, request: Request, message: str, signed_in: SignedIn) -> Response:
        begun = await self.doors.sessions.identify(signed_in.cookie)
        told = {"user": show(signed_in.user), "csrf_token": begun.csrf_token, "expires_at": begun.expires_at}
        response = success(message, told, headers=NO_STORE)
        await exchange_session(request, response, self.doors.sessions, signed_in)
        return response
