"""The addresses about whoever asks: who that is, and where it is signed in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.admission import refuse_token
from wingbeat.api.answers import success
from wingbeat.api.identity.token_shapes import EndedShape, MeShape, SessionShape
from wingbeat.api.permission import Permission
from wingbeat.api.principal import identity_of
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.identity.authentication import Authentication, Identity

TAG = "me"
ROOT = "/api/v1/me"
SESSIONS = f"{ROOT}/sessions"
SIGNED_IN = Permission.SIGNED_IN

ME = Operation("GET", ROOT, SIGNED_IN, "Who the caller is", {200: Envelope[MeShape, NoMeta]}, TAG)
LIST = Operation(
    "GET", SESSIONS, SIGNED_IN, "Where the caller is signed in", {200: Envelope[list[SessionShape], NoMeta]}, TAG
)
END = Operation(
    "DELETE",
    f"{SESSIONS}/{{session_id:uuid}}",
    SIGNED_IN,
    "Sign out somewhere",
    {200: Envelope[EndedShape, NoMeta]},
    TAG,
    errors=(404,),
)
END_OTHERS = Operation(
    "DELETE", SESSIONS, SIGNED_IN, "Sign out everywhere else", {200: Envelope[EndedShape, NoMeta]}, TAG
)


@dataclass(frozen=True)
class MeRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    authentication: Authentication

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        for operation, endpoint in (
            (ME, self.get_me),
            (LIST, self.list_sessions),
            (END, self.end_session),
            (END_OTHERS, self.end_other_sessions),
        ):
            add_operation(app, operation, endpoint)

    async def get_me(self, request: Request) -> Response:
        """As it was verified for this request."""
        return success("You.", show(identity_of(request)), headers={"Cache-Control": "no-store"})

    async def list_sessions(self, request: Request) -> Response:
        """The one that was used last first."""
        identity = identity_of(request)
        found = await self.authentication.sessions.list(identity.principal)
        told = [{**asdict(one), "current": one.session_id == identity.session_id} for one in found]
        return success("Your sessions.", told)

    async def end_session(self, request: Request, session_id: UUID) -> Response:
        """Whoever has it is signed out with its next request."""
        identity = identity_of(request)
        refuse_token(identity)
        await self.authentication.sessions.end(identity.principal, session_id)
        return success("The session is ended.", {"ended": 1})

    async def end_other_sessions(self, request: Request) -> Response:
        """All but the one that this request came with, if it came with one."""
        identity = identity_of(request)
        refuse_token(identity)
        ended = await self.authentication.sessions.end_all(identity.principal, but=identity.session_id)
        return success("The other sessions are ended.", {"ended": ended})


def show(identity: Identity) -> dict[str, object]:
    """The caller as it sees itself."""
    principal = identity.principal
    return {
        "kind": principal.kind.value,
        "user_id": principal.user_id,
        "username": principal.username,
        "administrator": principal.unrestricted,
        "roles": sorted(principal.roles),
        "communities": [
            {"community_id": community, "role": role} for community, role in sorted(principal.communities.items())
        ],
        "scopes": sorted(principal.scopes),
        "credential": identity.kind.value,
        "token_id": None if identity.token_id is None else str(identity.token_id),
        "session_id": None if identity.session_id is None else str(identity.session_id),
        "csrf_token": identity.csrf_token,
    }
