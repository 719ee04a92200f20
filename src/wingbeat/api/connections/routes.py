"""The addresses of connections: create, list, read, change, rotate, test, authorise, delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.admission import admission_of
from wingbeat.api.answers import success
from wingbeat.api.connections.bodies import (
    AnyConnectionBody,
    ChangeConnectionBody,
    NewConnectionBody,
    RotateBody,
)
from wingbeat.api.connections.shapes import ConnectionKindShape, ConnectionShape, ConnectionTestedShape, SignInShape
from wingbeat.api.paging import page_meta
from wingbeat.api.permission import Permission
from wingbeat.api.principal import identity_of, principal_of
from wingbeat.api.requests import (
    check,
    read_idempotency_key,
    read_object,
    read_revision,
    refuse_body,
    refuse_nul,
    require_revision,
)
from wingbeat.api.routing import IDEMPOTENCY_KEY, IF_MATCH, IF_MATCH_REQUIRED, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, PageMeta
from wingbeat.egress.kinds import ALL_KINDS, KINDS
from wingbeat.services.connections.authorization import CALLBACK, STRANGER, Browser
from wingbeat.services.connections.requests import ConnectionRequest
from wingbeat.storage.connections import ConnectionFields
from wingbeat.storage.paging import Paging

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.core.json_value import JsonObject
    from wingbeat.services.connections.authorization import Authorizations
    from wingbeat.services.connections.connections import Connections, ShownConnection
    from wingbeat.services.connections.tests import ConnectionTests

TAG = "connections"
ROOT = "/api/v1/connections"
ONE = ROOT + "/{connection_id:uuid}"
ONE_ANSWER = Envelope[ConnectionShape, NoMeta]
ETAG = ("ETag",)
EDIT, VIEW = Permission.EDIT, Permission.VIEW

CREATE = Operation(
    "POST",
    ROOT,
    EDIT,
    "Create a connection",
    {201: ONE_ANSWER},
    TAG,
    errors=(409,),
    body=NewConnectionBody,
    parameters=(IDEMPOTENCY_KEY,),
    headers=("ETag", "Location", "Idempotency-Replayed"),
)
LIST = Operation("GET", ROOT, VIEW, "List connections", {200: Envelope[list[ConnectionShape], PageMeta]}, TAG)
KINDS_LIST = Operation(
    "GET",
    f"{ROOT}/kinds",
    Permission.SIGNED_IN,
    "The kinds of connections, and what belongs to each",
    {200: Envelope[list[ConnectionKindShape], NoMeta]},
    TAG,
)
GET = Operation("GET", ONE, VIEW, "Read a connection", {200: ONE_ANSWER}, TAG, errors=(404,), headers=ETAG)
UPDATE = Operation(
    "PUT",
    ONE,
    EDIT,
    "Change a connection",
    {200: ONE_ANSWER},
    TAG,
    errors=(404, 409, 412, 428),
    body=ChangeConnectionBody,
    parameters=(IF_MATCH_REQUIRED,),
    headers=ETAG,
)
DELETE = Operation(
    "DELETE",
    ONE,
    Permission.DELETE,
    "Delete a connection and its secrets",
    {200: ONE_ANSWER},
    TAG,
    errors=(404, 409, 412),
    parameters=(IF_MATCH,),
)
ROTATE = Operation(
    "POST",
    f"{ONE}/rotate",
    EDIT,
    "Replace the secrets of a connection",
    {200: ONE_ANSWER},
    TAG,
    errors=(404, 409, 412),
    body=RotateBody,
    parameters=(IF_MATCH,),
    headers=ETAG,
)
TEST = Operation(
    "POST",
    f"{ONE}/test",
    Permission.EXECUTE,
    "Try a connection",
    {200: Envelope[ConnectionTestedShape, NoMeta]},
    TAG,
    errors=(404,),
)
AUTHORIZE = Operation(
    "POST",
    f"{ONE}/authorize",
    EDIT,
    "Where somebody signs in for a connection",
    {200: Envelope[SignInShape, NoMeta]},
    TAG,
    errors=(404, 409),
)
FINISH = Operation(
    "GET",
    CALLBACK,
    Permission.PUBLIC,
    "Where a sign-in comes back to",
    {200: ONE_ANSWER},
    TAG,
    errors=(404, 409, 503),
    open_query=True,
)


class ConnectionListQuery(BaseModel):
    """Which connections to list."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[list[str], Field(max_length=50, description="Those of these kinds only.")] = []
    sort: Literal["name", "-name", "-created_at", "created_at"] = "name"
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: UUID | None = Field(None, description="`next_cursor` of the page before; `page` does not count then.")


@dataclass(frozen=True)
class ConnectionRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    connections: Connections
    tests: ConnectionTests
    authorizations: Authorizations
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        for operation, endpoint in (
            (CREATE, self.create_connection),
            (LIST, self.list_connections),
            (KINDS_LIST, self.list_connection_kinds),
            (GET, self.get_connection),
            (UPDATE, self.update_connection),
            (DELETE, self.delete_connection),
            (ROTATE, self.rotate_connection),
            (TEST, self.test_connection),
            (AUTHORIZE, self.authorize_connection),
            (FINISH, self.finish_authorization),
        ):
            add_operation(app, operation, endpoint)

    async def create_connection(self, request: Request) -> Response:
        """Secrets go in here and never come out."""
        key = read_idempotency_key(request)
        read = read_request(await read_object(request, self.max_body_bytes, required=True), creating=True)
        created = await self.connections.create(principal_of(request), read, idempotency_key=key)
        headers = {"Location": f"{ROOT}/{created.connection.stored.connection_id}"}
        if created.replayed:
            headers["Idempotency-Replayed"] = "true"
        return answer("The connection is created.", created.connection, status=201, headers=headers)

    async def list_connections(self, request: Request, query: Annotated[ConnectionListQuery, Query()]) -> Response:
        """One page."""
        refuse_nul(kind="".join(query.kind))
        paging = Paging(query.sort, query.page, query.per_page, query.cursor)
        page, total = await self.connections.list(principal_of(request), query.kind or tuple(KINDS), paging)
        last = page.items[-1].stored.connection_id if page.items else None
        meta = page_meta(paging, total, last if page.more else None)
        return success("Connections.", [shown.to_json() for shown in page.items], meta=meta)

    async def list_connection_kinds(self) -> Response:
        """A form can be drawn from each."""
        return success("The kinds of connections.", [kind.describe() for kind in ALL_KINDS])

    async def get_connection(self, request: Request, connection_id: UUID) -> Response:
        """Without its secrets."""
        return answer("The connection.", await self.connections.get(principal_of(request), connection_id))

    async def update_connection(self, request: Request, connection_id: UUID) -> Response:
        """Secrets that are there stay, unless new ones come or they would go somewhere else."""
        read = read_request(await read_object(request, self.max_body_bytes, required=True))
        updated = await self.connections.update(
            principal_of(request), connection_id, read, expected_revision=require_revision(request)
        )
        return answer("The connection is changed.", updated)

    async def delete_connection(
        self,
        request: Request,
        connection_id: UUID,
        force: Annotated[bool, Query()] = False,  # noqa: FBT002 - named by the query
    ) -> Response:
        """Refused while a workflow names it, unless it is forced."""
        deleted = await self.connections.delete(
            principal_of(request), connection_id, force=force, expected_revision=read_revision(request)
        )
        return success("The connection is deleted.", deleted.to_json())

    async def rotate_connection(self, request: Request, connection_id: UUID) -> Response:
        """The next use is with the new secrets."""
        body = check(RotateBody, await read_object(request, self.max_body_bytes, required=True))
        rotated = await self.connections.rotate(
            principal_of(request), connection_id, body.secrets, expected_revision=read_revision(request)
        )
        return answer("The secrets are replaced.", rotated)

    async def test_connection(self, request: Request, connection_id: UUID) -> Response:
        """A real attempt; whether it went well is in the result."""
        await refuse_body(request, self.max_body_bytes)
        result, tested = await self.tests.run(principal_of(request), connection_id)
        said = "The connection works." if result["ok"] else "The connection does not work."
        return success(said, {"result": result, "connection": tested.to_json()})

    async def authorize_connection(self, request: Request, connection_id: UUID) -> Response:
        """The address holds for ten minutes, and once."""
        await refuse_body(request, self.max_body_bytes)
        session = str(identity_of(request).session_id or "")
        url = await self.authorizations.begin(principal_of(request), connection_id, session=session)
        return success("Sign in at this address.", {"url": url})

    async def finish_authorization(
        self,
        request: Request,
        state: Annotated[str, Query(max_length=4000)],
        code: Annotated[str | None, Query(max_length=4000)] = None,
        error: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        """Whoever comes here was sent by the server of the sign-in, with what we signed."""
        identity = await admission_of(request).find_session(request)
        browser = STRANGER if identity is None else Browser(identity.principal.user_id, str(identity.session_id or ""))
        finished = await self.authorizations.finish(state, code, error, browser)
        return success("The connection is authorised; this page can be closed.", finished.to_json())


def read_request(body: JsonObject, *, creating: bool = False) -> ConnectionRequest:
    """The body of a save."""
    read = check(AnyConnectionBody, body)
    fields = ConnectionFields(
        read.name,
        read.description,
        read.config,
        read.allowed_hosts,
        read.enabled,
        read.entity_id,
        read.community_id,
    )
    secrets = {} if creating and read.secrets is None else read.secrets
    return ConnectionRequest(read.kind, fields, secrets)


def answer(
    message: str, shown: ShownConnection, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A connection with its ETag."""
    etag = {"ETag": f'"{shown.stored.revision}"', **(headers or {})}
    return success(message, shown.to_json(), status=status, headers=etag)
