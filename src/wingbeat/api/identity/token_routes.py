"""The addresses of tokens: make one for oneself, list one's own, take one back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.admission import refuse_token
from wingbeat.api.answers import success
from wingbeat.api.identity.token_bodies import NewTokenBody
from wingbeat.api.identity.token_shapes import NewTokenShape, TokenShape
from wingbeat.api.paging import page_meta
from wingbeat.api.permission import Permission
from wingbeat.api.principal import identity_of, principal_of
from wingbeat.api.requests import check, read_object
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, PageMeta
from wingbeat.core.access import Permission as Scope
from wingbeat.services.identity.tokens import TokenRequest
from wingbeat.storage.paging import Paging

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.identity.authentication import Authentication

TAG = "tokens"
ROOT = "/api/v1/tokens"
SIGNED_IN = Permission.SIGNED_IN
# Its secret is nowhere to be read again, so a repeated request cannot have the first one's answer, and there is no
# Idempotency-Key: a token that nobody received is revoked.
CREATE = Operation(
    "POST",
    ROOT,
    SIGNED_IN,
    "Make a token for oneself",
    {201: Envelope[NewTokenShape, NoMeta]},
    TAG,
    errors=(409,),
    body=NewTokenBody,
    headers=("Location",),
)
LIST = Operation("GET", ROOT, SIGNED_IN, "List tokens", {200: Envelope[list[TokenShape], PageMeta]}, TAG)
REVOKE = Operation(
    "DELETE",
    f"{ROOT}/{{token_id:uuid}}",
    SIGNED_IN,
    "Take a token back",
    {200: Envelope[TokenShape, NoMeta]},
    TAG,
    errors=(404,),
)


class TokenListQuery(BaseModel):
    """Which tokens to list."""

    model_config = ConfigDict(extra="forbid")

    ended: bool = Field(default=False, description="Also those that have expired or were revoked.")
    everybody: bool = Field(default=False, description="Those of everybody, for administrators of the installation.")
    sort: Literal["-created_at", "created_at"] = "-created_at"
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: UUID | None = Field(None, description="`next_cursor` of the page before; `page` does not count then.")


@dataclass(frozen=True)
class TokenRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    authentication: Authentication
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        for operation, endpoint in (
            (CREATE, self.create_token),
            (LIST, self.list_tokens),
            (REVOKE, self.revoke_token),
        ):
            add_operation(app, operation, endpoint)

    async def create_token(self, request: Request) -> Response:
        """The secret is in this answer and nowhere else."""
        identity = identity_of(request)
        refuse_token(identity)
        body = check(NewTokenBody, await read_object(request, self.max_body_bytes, required=True))
        wanted = TokenRequest(
            body.name,
            frozenset(map(Scope, body.scopes)),
            body.expires_in_days,
            None if body.communities is None else tuple(body.communities),
        )
        made = await self.authentication.tokens.create(identity.principal, wanted)
        data = {**asdict(made.token), "token": made.secret.reveal()}
        headers = {"Location": f"{ROOT}/{made.token.token_id}", "Cache-Control": "no-store"}
        return success("The token is made; this is the only time that it is shown.", data, status=201, headers=headers)

    async def list_tokens(self, request: Request, query: Annotated[TokenListQuery, Query()]) -> Response:
        """One page, without secrets."""
        paging = Paging(query.sort, query.page, query.per_page, query.cursor)
        page, total = await self.authentication.tokens.list(
            principal_of(request), paging, ended=query.ended, everybody=query.everybody
        )
        last = page.items[-1].token_id if page.items else None
        meta = page_meta(paging, total, last if page.more else None)
        return success("Tokens.", [asdict(token) for token in page.items], meta=meta)

    async def revoke_token(self, request: Request, token_id: UUID) -> Response:
        """From now on it lets nobody in; again changes nothing. A token may always take itself back."""
        identity = identity_of(request)
        if token_id != identity.token_id:
            refuse_token(identity)
        revoked = await self.authentication.tokens.revoke(identity.principal, token_id)
        return success("The token is revoked.", asdict(revoked))
