"""The addresses of communities and their members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.bodies import INTEGER_MAX
from wingbeat.api.identity.account_bodies import CommunityBody, MemberBody, NewCommunityBody, NewMemberBody
from wingbeat.api.identity.account_shapes import CommunityShape, MemberShape, NumberedPageMeta
from wingbeat.api.paging import page_meta
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_idempotency_key, read_object, refuse_nul
from wingbeat.api.routing import IDEMPOTENCY_KEY, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.core.access import CommunityRole
from wingbeat.storage.paging import Paging

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.identity.communities import Communities

TAG = "communities"
ROOT = "/api/v1/communities"
ONE = ROOT + "/{community_id}"
MEMBERS = f"{ONE}/members"
MEMBER = MEMBERS + "/{user_id}"
ONE_ANSWER = Envelope[CommunityShape, NoMeta]
MEMBER_ANSWER = Envelope[MemberShape, NoMeta]
Id = Annotated[int, Path(ge=1, le=INTEGER_MAX)]
CURSOR = Field(None, description="`next_cursor` of the page before; `page` does not count then.")

CREATE = Operation(
    "POST",
    ROOT,
    Permission.SERVICE,
    "Create a community",
    {201: ONE_ANSWER},
    TAG,
    errors=(409,),
    body=NewCommunityBody,
    parameters=(IDEMPOTENCY_KEY,),
    headers=("Location", "Idempotency-Replayed"),
)
LIST = Operation(
    "GET",
    ROOT,
    Permission.VIEW,
    "List the communities that one belongs to; administrators see all",
    {200: Envelope[list[CommunityShape], NumberedPageMeta]},
    TAG,
)
GET = Operation("GET", ONE, Permission.VIEW, "Read a community", {200: ONE_ANSWER}, TAG, errors=(404,))
RENAME = Operation(
    "PUT",
    ONE,
    Permission.SERVICE,
    "Rename a community",
    {200: ONE_ANSWER},
    TAG,
    errors=(404, 409),
    body=CommunityBody,
)
DELETE = Operation(
    "DELETE",
    ONE,
    Permission.SERVICE,
    "Delete a community to which nothing belongs",
    {200: ONE_ANSWER},
    TAG,
    errors=(404, 409),
)
LIST_MEMBERS = Operation(
    "GET",
    MEMBERS,
    Permission.VIEW,
    "List the members of a community",
    {200: Envelope[list[MemberShape], NumberedPageMeta]},
    TAG,
    errors=(404,),
)
ADD_MEMBER = Operation(
    "POST",
    MEMBERS,
    Permission.EDIT,
    "Put somebody into a community by name, as one of its administrators",
    {200: MEMBER_ANSWER},
    TAG,
    errors=(404,),
    body=NewMemberBody,
)
PUT_MEMBER = Operation(
    "PUT",
    MEMBER,
    Permission.EDIT,
    "Say what a user is in a community, as one of its administrators",
    {200: MEMBER_ANSWER},
    TAG,
    errors=(404,),
    body=MemberBody,
)
DELETE_MEMBER = Operation(
    "DELETE",
    MEMBER,
    Permission.EDIT,
    "Take a user out of a community, as one of its administrators",
    {200: MEMBER_ANSWER},
    TAG,
    errors=(404,),
)


class PageQuery(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid")

    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[int, Field(ge=1, le=INTEGER_MAX)] | None = CURSOR


class CommunityListQuery(PageQuery):
    """Which communities to list."""

    sort: Literal["name", "-created_at", "created_at"] = "name"


@dataclass(frozen=True)
class CommunityRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    communities: Communities
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        for operation, endpoint in (
            (CREATE, self.create_community),
            (LIST, self.list_communities),
            (GET, self.get_community),
            (RENAME, self.rename_community),
            (DELETE, self.delete_community),
            (LIST_MEMBERS, self.list_members),
            (ADD_MEMBER, self.add_member),
            (PUT_MEMBER, self.put_member),
            (DELETE_MEMBER, self.delete_member),
        ):
            add_operation(app, operation, endpoint)

    async def create_community(self, request: Request) -> Response:
        """Nobody is in it yet."""
        key = read_idempotency_key(request)
        body = check(NewCommunityBody, await read_object(request, self.max_body_bytes, required=True))
        created = await self.communities.create(
            principal_of(request), body.name, body.community_id, idempotency_key=key
        )
        headers = {"Location": f"{ROOT}/{created.community.community_id}"}
        if created.replayed:
            headers["Idempotency-Replayed"] = "true"
        return success("The community is created.", created.community, status=201, headers=headers)

    async def list_communities(self, request: Request, query: Annotated[CommunityListQuery, Query()]) -> Response:
        """One page."""
        paging = Paging(query.sort, query.page, query.per_page, query.cursor)
        page, total = await self.communities.list(principal_of(request), paging)
        last = page.items[-1].community_id if page.items else None
        return success("Communities.", page.items, meta=page_meta(paging, total, last if page.more else None))

    async def get_community(self, request: Request, community_id: Id) -> Response:
        """For who belongs to it."""
        return success("The community.", await self.communities.get(principal_of(request), community_id))

    async def rename_community(self, request: Request, community_id: Id) -> Response:
        """Its id stays."""
        body = check(CommunityBody, await read_object(request, self.max_body_bytes, required=True))
        renamed = await self.communities.rename(principal_of(request), community_id, body.name)
        return success("The community is renamed.", renamed)

    async def delete_community(self, request: Request, community_id: Id) -> Response:
        """Its members are in it no more."""
        return success("The community is deleted.", await self.communities.delete(principal_of(request), community_id))

    async def list_members(self, request: Request, community_id: Id, query: Annotated[PageQuery, Query()]) -> Response:
        """One page, for who belongs to it."""
        paging = Paging("user_id", query.page, query.per_page, query.cursor)
        page, total = await self.communities.list_members(principal_of(request), community_id, paging)
        last = page.items[-1].user_id if page.items else None
        return success("Members.", page.items, meta=page_meta(paging, total, last if page.more else None))

    async def add_member(self, request: Request, community_id: Id) -> Response:
        """Who administers a community sees no list of users, and so says a name; again, it changes the role."""
        body = check(NewMemberBody, await read_object(request, self.max_body_bytes, required=True))
        refuse_nul(username=body.username)
        member = await self.communities.add_member(
            principal_of(request), community_id, body.username, CommunityRole(body.role)
        )
        return success("The user is a member.", member)

    async def put_member(self, request: Request, community_id: Id, user_id: Id) -> Response:
        """It holds with the member's next request."""
        body = check(MemberBody, await read_object(request, self.max_body_bytes, required=True))
        member = await self.communities.put_member(
            principal_of(request), community_id, user_id, CommunityRole(body.role)
        )
        return success("The user is a member.", member)

    async def delete_member(self, request: Request, community_id: Id, user_id: Id) -> Response:
        """It holds with the member's next request."""
        member = await self.communities.delete_member(principal_of(request), community_id, user_id)
        return success("The user is no member any more.", member)
