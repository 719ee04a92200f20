"""The addresses of users and their roles, for administrators of the installation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.bodies import INTEGER_MAX
from wingbeat.api.identity.account_bodies import ChangeUserBody, NewUserBody, RolesBody
from wingbeat.api.identity.account_shapes import GivenRoleShape, LinkShape, NumberedPageMeta, RoleShape, UserShape
from wingbeat.api.paging import page_meta
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_idempotency_key, read_object, refuse_body, refuse_nul
from wingbeat.api.routing import IDEMPOTENCY_KEY, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.services.identity.users import show
from wingbeat.storage.paging import Paging
from wingbeat.storage.users import UserFields, UserFilter

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.identity.communities import Communities
    from wingbeat.services.identity.users import Users

TAG = "users"
ROOT = "/api/v1/users"
ONE = ROOT + "/{user_id}"
ONE_ANSWER = Envelope[UserShape, NoMeta]
SERVICE = Permission.SERVICE
UserId = Annotated[int, Path(ge=1, le=INTEGER_MAX)]

CREATE = Operation(
    "POST",
    ROOT,
    SERVICE,
    "Create a user",
    {201: ONE_ANSWER},
    TAG,
    errors=(409, 429),
    body=NewUserBody,
    parameters=(IDEMPOTENCY_KEY,),
    headers=("Location", "Idempotency-Replayed"),
)
LIST = Operation("GET", ROOT, SERVICE, "List users", {200: Envelope[list[UserShape], NumberedPageMeta]}, TAG)
GET = Operation("GET", ONE, SERVICE, "Read a user", {200: ONE_ANSWER}, TAG, errors=(404,))
CHANGE = Operation(
    "PATCH",
    ONE,
    SERVICE,
    "Change, disable or enable a user",
    {200: ONE_ANSWER},
    TAG,
    errors=(404, 409),
    body=ChangeUserBody,
)
LINK = Operation(
    "POST",
    f"{ONE}/sign-in-link",
    SERVICE,
    "Make a link that lets a user in once; it is shown now and never again",
    {201: Envelope[LinkShape, NoMeta]},
    TAG,
    errors=(404, 409),
)
ROLES = Operation("GET", "/api/v1/roles", SERVICE, "List roles", {200: Envelope[list[RoleShape], NoMeta]}, TAG)
GET_ROLES = Operation(
    "GET",
    f"{ONE}/roles",
    SERVICE,
    "Read the roles of a user",
    {200: Envelope[list[GivenRoleShape], NoMeta]},
    TAG,
    errors=(404,),
)
SET_ROLES = Operation(
    "PUT",
    f"{ONE}/roles",
    SERVICE,
    "Replace the roles of a user",
    {200: Envelope[list[GivenRoleShape], NoMeta]},
    TAG,
    errors=(404,),
    body=RolesBody,
)


class UserListQuery(BaseModel):
    """Which users to list."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool | None = None
    is_admin: bool | None = None
    text: Annotated[str, Field(max_length=200, description="Is in a name or the e-mail address.")] | None = None
    sort: Literal["username", "-created_at", "created_at", "-last_sign_in_at"] = "username"
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[int, Field(ge=1, le=INTEGER_MAX)] | None = Field(
        None, description="`next_cursor` of the page before; `page` does not count then."
    )

    def wanted(self) -> UserFilter:
        """As the database is asked."""
        refuse_nul(text=self.text)
        return UserFilter(self.enabled, self.is_admin, self.text or None)


@dataclass(frozen=True)
class UserRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    users: Users
    communities: Communities
    public_url: str
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        for operation, endpoint in (
            (CREATE, self.create_user),
            (LIST, self.list_users),
            (GET, self.get_user),
            (CHANGE, self.change_user),
            (LINK, self.create_sign_in_link),
            (ROLES, self.list_roles),
            (GET_ROLES, self.get_user_roles),
            (SET_ROLES, self.set_user_roles),
        ):
            add_operation(app, operation, endpoint)

    async def create_user(self, request: Request) -> Response:
        """A password goes in here and never comes out."""
        key = read_idempotency_key(request)
        body = check(NewUserBody, await read_object(request, self.max_body_bytes, required=True))
        fields = UserFields(body.username, body.display_name, body.email, is_admin=body.is_admin)
        created = await self.users.create(principal_of(request), fields, body.password, idempotency_key=key)
        headers = {"Location": f"{ROOT}/{created.user.user_id}"}
        if created.replayed:
            headers["Idempotency-Replayed"] = "true"
        return success("The user is created.", show(created.user), status=201, headers=headers)

    async def list_users(self, request: Request, query: Annotated[UserListQuery, Query()]) -> Response:
        """One page."""
        paging = Paging(query.sort, query.page, query.per_page, query.cursor)
        page, total = await self.users.list(principal_of(request), query.wanted(), paging)
        last = page.items[-1].user_id if page.items else None
        meta = page_meta(paging, total, last if page.more else None)
        return success("Users.", [show(user) for user in page.items], meta=meta)

    async def get_user(self, request: Request, user_id: UserId) -> Response:
        """As it is now."""
        return success("The user.", show(await self.users.get(principal_of(request), user_id)))

    async def change_user(self, request: Request, user_id: UserId) -> Response:
        """What the body does not name stays; who is disabled is signed out at once."""
        body = check(ChangeUserBody, await read_object(request, self.max_body_bytes, required=True))
        changes = {name: getattr(body, name) for name in body.model_fields_set}
        return success("The user is changed.", show(await self.users.change(principal_of(request), user_id, changes)))

    async def create_sign_in_link(self, request: Request, user_id: UserId) -> Response:
        """Links that the user was given before are of no use any more."""
        await refuse_body(request, self.max_body_bytes)
        link = await self.users.make_link(principal_of(request), user_id)
        told = {"url": self.public_url + link.path(), "username": link.username, "expires_at": link.expires_at}
        return success("The link lets the user in once.", told, status=201)

    async def list_roles(self, request: Request) -> Response:
        """Those that somebody has."""
        found = await self.communities.list_roles(principal_of(request))
        return success("Roles.", [role._asdict() for role in found])

    async def get_user_roles(self, request: Request, user_id: UserId) -> Response:
        """And who gave them."""
        found = await self.communities.roles_of(principal_of(request), user_id)
        return success("The roles of the user.", [role._asdict() for role in found])

    async def set_user_roles(self, request: Request, user_id: UserId) -> Response:
        """Those from an identity provider are not touched."""
        body = check(RolesBody, await read_object(request, self.max_body_bytes, required=True))
        found = await self.communities.set_roles(principal_of(request), user_id, body.roles)
        return success("The roles of the user.", [role._asdict() for role in found])
