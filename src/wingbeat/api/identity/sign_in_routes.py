"""The pages on which people sign in and out, set and change their password, and come back from an identity provider.

They ask nobody who they are, so each looks itself: at the form's token, at the session, or at what the provider says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.admission import admission_of
from wingbeat.api.caller_address import address_of
from wingbeat.api.failures import status_of
from wingbeat.api.identity.form_guard import own_path
from wingbeat.api.identity.sign_in_page import OIDC_BEGIN, account_page, link_page, sign_in_page
from wingbeat.api.page import HEADERS, message_page
from wingbeat.api.permission import Permission
from wingbeat.api.routing import Operation, add_operation
from wingbeat.core.errors import InvalidInput, NotFound, Unauthenticated, WingbeatError
from wingbeat.services.identity.passwords import LONGEST
from wingbeat.services.identity.provider_sign_in import Return
from wingbeat.services.identity.sign_in import Visitor
from wingbeat.services.identity.users import LINK_PATH
from wingbeat.storage.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI

    from wingbeat.api.identity.form_guard import FormGuard
    from wingbeat.core.networks import Network
    from wingbeat.services.identity.authentication import Authentication
    from wingbeat.services.identity.provider_sign_in import ProviderSignIns
    from wingbeat.services.identity.sessions import Sessions, SignedInAs
    from wingbeat.services.identity.sign_in import SignedIn, SignIns

TAG = "sign-in"
ACCOUNT = "/account"
SIGN_IN = "/sign-in"
# Where people go after a sign-in that nothing led to.
HOME = "/"
LONGEST_PATH = 2000
JOURNEY_SECONDS = 600
SEE_OTHER = 303
PUBLIC = Permission.PUBLIC
Next = Annotated[str, Query(alias="next", max_length=LONGEST_PATH)]
Text = Annotated[str, Query(max_length=4000)]


def operation(method: str, path: str, summary: str, *, open_query: bool = False) -> Operation:
    """A page for people rather than an API, so it is in no document."""
    return Operation(method, path, PUBLIC, summary, {200: None}, TAG, hidden=True, open_query=open_query)


SHOW = operation("GET", SIGN_IN, "The sign-in page")
USE = operation("POST", SIGN_IN, "Sign in by a password")
BEGIN = operation("GET", OIDC_BEGIN, "Go to the identity provider")
BACK = operation("GET", f"{OIDC_BEGIN}/callback", "Come back from the identity provider", open_query=True)
SHOW_LINK = operation("GET", LINK_PATH + "/{token}", "The page of a sign-in link")
USE_LINK = operation("POST", LINK_PATH + "/{token}", "Sign in by a link")
SHOW_ACCOUNT = operation("GET", ACCOUNT, "Who is signed in")
CHANGE_PASSWORD = operation("POST", f"{ACCOUNT}/password", "Change one's password")
LEAVE = operation("POST", "/sign-out", "Sign out")


@dataclass(frozen=True)
class Doors:
    """What signing in needs; `provider` where there is one."""

    sign_ins: SignIns
    authentication: Authentication
    guard: FormGuard
    provider: ProviderSignIns | None = None

    @property
    def sessions(self) -> Sessions:
        """What begins and ends."""
        return self.authentication.sessions


@dataclass(frozen=True)
class SignInRoutes:
    """The endpoints."""

    doors: Doors
    proxies: Sequence[Network]

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app; a link's token is none of the names before it."""
        for route, endpoint in (
            (SHOW, self.show_sign_in),
            (USE, self.use_sign_in),
            (BEGIN, self.begin_provider_sign_in),
            (BACK, self.finish_provider_sign_in),
            (SHOW_LINK, self.show_sign_in_link),
            (USE_LINK, self.use_sign_in_link),
            (SHOW_ACCOUNT, self.show_account),
            (CHANGE_PASSWORD, self.change_password_by_form),
            (LEAVE, self.sign_out),
        ):
            add_operation(app, route, endpoint)

    async def show_sign_in(self, request: Request, return_to: Next = HOME) -> Response:
        """The form."""
        return self._form(request, own_path(return_to, HOME))

    async def use_sign_in(self, request: Request) -> Response:
        """Whatever is wrong, the form comes again with one sentence."""
        fields: dict[str, str] = {}
        try:
            fields = await self.doors.guard.read(request)
            name, password = fields.get("username", ""), fields.get("password", "")[: LONGEST + 1]
            signed_in = await self.doors.sign_ins.by_password(name, Secret(password), self._visitor(request))
        except WingbeatError as error:
            return self._form(request, own_path(fields.get("next", ""), HOME), fields.get("username", ""), error)
        return await self._enter(request, signed_in, own_path(fields.get("next", ""), HOME))

    async def begin_provider_sign_in(self, request: Request, return_to: Next = HOME) -> Response:
        """The browser keeps a secret that the answer must come with."""
        if self.doors.provider is None:
            return no_provider()
        try:
            departure = await self.doors.provider.begin(own_path(return_to, HOME), self._visitor(request))
        except WingbeatError as error:
            return refusal(error)
        response = redirect(departure.address)
        response.set_cookie(
            self._journey_cookie(),
            departure.browser,
            max_age=JOURNEY_SECONDS,
            httponly=True,
            secure=self.doors.guard.secure,
            samesite="lax",
        )
        return response

    async def finish_provider_sign_in(
        self, request: Request, state: Text = "", code: Text = "", error: Text = "", iss: Text = ""
    ) -> Response:
        """Whoever comes here was sent by the provider, or says so."""
        if self.doors.provider is None:
            return no_provider()
        browser = request.cookies.get(self._journey_cookie(), "")
        try:
            arrival = await self.doors.provider.finish(Return(state, code, error, iss), browser, self._visitor(request))
        except WingbeatError as refused:
            response = refusal(refused)
        else:
            response = await self._enter(request, arrival.signed_in, own_path(arrival.return_to, HOME))
        response.delete_cookie(self._journey_cookie(), secure=self.doors.guard.secure, httponly=True, samesite="lax")
        return response

    async def show_sign_in_link(self, request: Request, token: str) -> Response:
        """Only shows: whatever opens a link to look at it signs nobody in."""
        return await self._link_form(request, token)

    async def use_sign_in_link(self, request: Request, token: str) -> Response:
        """Who has no password chooses one; the link holds until all is well."""
        try:
            fields = await self.doors.guard.read(request)
            user = await self.doors.sign_ins.look_at_link(token)
            password = chosen_password(fields, required=user.password_hash is None)
            signed_in = await self.doors.sign_ins.by_link(token, password, self._visitor(request))
        except WingbeatError as error:
            return await self._link_form(request, token, error)
        return await self._enter(request, signed_in, HOME)

    async def show_account(
        self,
        request: Request,
        changed: Annotated[bool, Query()] = False,  # noqa: FBT002 - named by the query
    ) -> Response:
        """Who is signed in; others go to the sign-in page."""
        return await self._account(request, said="Your password is changed." if changed else "")

    async def change_password_by_form(self, request: Request) -> Response:
        """All sessions end but the one that begins with it."""
        signed_in_as = await self._who(request)
        if signed_in_as is None:
            return redirect(SIGN_IN)
        try:
            fields = await self.doors.guard.read(request)
            new = chosen_password(fields, required=True)
            signed_in = await self.doors.sign_ins.change_password(
                signed_in_as.principal, Secret(fields.get("old", "")), new or Secret(""), self._visitor(request)
            )
        except WingbeatError as error:
            return await self._account(request, error)
        return await self._enter(request, signed_in, f"{ACCOUNT}?changed=true")

    async def sign_out(self, request: Request) -> Response:
        """The session is over, here and in the database."""
        try:
            await self.doors.guard.read(request)
        except WingbeatError as error:
            return refusal(error)
        cookie = admission_of(request).cookie
        await self.doors.sessions.close(cookie.read(request.scope["headers"]) or "")
        response = redirect(SIGN_IN)
        cookie.clear(response)
        return response

    def _form(self, request: Request, return_to: str, name: str = "", error: WingbeatError | None = None) -> Response:
        visit, token = self.doors.guard.begin(request)
        provider = self.doors.provider
        response = sign_in_page(
            token,
            return_to,
            provider=None if provider is None else provider.name,
            name=name[:100],
            fault="" if error is None else error.message,
            status=200 if error is None else status_of(error),
        )
        return self.doors.guard.keep(response, visit)

    async def _link_form(self, request: Request, token: str, error: WingbeatError | None = None) -> Response:
        try:
            user = await self.doors.sign_ins.look_at_link(token)
        except WingbeatError as unknown:
            return refusal(unknown)
        visit, form_token = self.doors.guard.begin(request)
        fault, status = ("", 200) if error is None else (error.message, int(status_of(error)))
        return self.doors.guard.keep(link_page(form_token, user, fault=fault, status=status), visit)

    async def _account(self, request: Request, error: WingbeatError | None = None, *, said: str = "") -> Response:
        signed_in_as = await self._who(request)
        if signed_in_as is None:
            return redirect(SIGN_IN)
        user = await self.doors.sign_ins.get_user(signed_in_as.principal.user_id)
        visit, token = self.doors.guard.begin(request)
        response = account_page(
            token,
            user,
            fault="" if error is None else error.message,
            said=said,
            status=200 if error is None else int(status_of(error)),
        )
        return self.doors.guard.keep(response, visit)

    async def _who(self, request: Request) -> SignedInAs | None:
        """Whose session the browser has, if it has one that holds."""
        cookie = admission_of(request).cookie
        try:
            found = await self.doors.sessions.identify(cookie.read(request.scope["headers"]) or "")
        except Unauthenticated:
            return None
        if found.new_secret is not None:
            cookie.hand_over(request, found.new_secret)
        return found

    async def _enter(self, request: Request, signed_in: SignedIn, return_to: str) -> Response:
        """Give the browser its new session; one that it had before is over."""
        response = redirect(return_to)
        await exchange_session(request, response, self.doors.sessions, signed_in)
        return response

    def _visitor(self, request: Request) -> Visitor:
        return visitor_of(request, self.proxies)

    def _journey_cookie(self) -> str:
        return "__Host-wingbeat_journey" if self.doors.guard.secure else "wingbeat_journey"


async def exchange_session(request: Request, response: Response, sessions: Sessions, signed_in: SignedIn) -> None:
    """Have the browser keep the new session in the place of whatever it had, which ends."""
    cookie = admission_of(request).cookie
    try:
        before = cookie.read(request.scope["headers"])
    except Unauthenticated:  # More than one: ours is set anew.
        before = None
    await sessions.close(before or "")
    cookie.set(response, signed_in.cookie)


def visitor_of(request: Request, proxies: Sequence[Network]) -> Visitor:
    """Who comes."""
    return Visitor(address_of(request, proxies), request.headers.get("user-agent", ""))


def chosen_password(fields: dict[str, str], *, required: bool) -> Secret | None:
    """The new password that a form holds twice; None where none is chosen. Raises InvalidInput."""
    new, again = fields.get("new", ""), fields.get("again", "")
    if new != again:
        raise InvalidInput("The two new passwords are not the same.", code="PASSWORDS_DIFFER")
    if not new and required:
        raise InvalidInput("Choose a password.", code="PASSWORD_MISSING")
    return Secret(new) if new else None


def redirect(address: str) -> Response:
    """Go on there, with GET."""
    return Response(status_code=SEE_OTHER, headers={**HEADERS, "Location": address})


def refusal(error: WingbeatError) -> Response:
    """A page that says why not."""
    if isinstance(error, NotFound):
        return message_page("This link does not work", f"{error.message} {error.remedy}", status=404)
    title = "You are not signed in"
    return message_page(
        title, f"{error.message} {error.remedy}", status=int(status_of(error)), link=(SIGN_IN, "Go to the sign-in page")
    )


def no_provider() -> Response:
    """What to say where nobody set one up."""
    return message_page(
        "There is no identity provider", "This installation has none.", status=404, link=(SIGN_IN, "Sign in")
    )
