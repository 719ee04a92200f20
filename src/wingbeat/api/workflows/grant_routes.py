"""The addresses for saying who else may do what with a workflow, and for giving it away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import Path
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.bodies import INTEGER_MAX
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_object
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.api.workflows.grant_bodies import GrantBody, GrantsBody, GrantShape, OwnerBody
from wingbeat.storage.grants import GrantFields

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.permissions.grants import Grants

TAG = "permissions"
ROOT = "/api/v1/workflows/{workflow_id:uuid}"
ALL = f"{ROOT}/permissions"


@dataclass(frozen=True)
class GrantRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    grants: Grants
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        edit = Permission.EDIT
        one, many = Envelope[GrantShape, NoMeta], Envelope[list[GrantShape], NoMeta]
        nothing = Envelope[None, NoMeta]
        operations = (
            (
                Operation("GET", ALL, edit, "List what is granted on a workflow", {200: many}, TAG, (404,)),
                self.list_permissions,
            ),
            (
                Operation(
                    "PUT", ALL, edit, "Grant this on a workflow, and nothing else", {200: many}, TAG, (404,), GrantsBody
                ),
                self.replace_permissions,
            ),
            (
                Operation("POST", ALL, edit, "Grant something on a workflow", {200: one}, TAG, (404, 409), GrantBody),
                self.grant_permission,
            ),
            (
                Operation("DELETE", f"{ALL}/{{permission_id}}", edit, "Take a grant back", {200: one}, TAG, (404,)),
                self.revoke_permission,
            ),
            (
                Operation("PUT", f"{ROOT}/owner", edit, "Give a workflow away", {200: nothing}, TAG, (404,), OwnerBody),
                self.give_workflow_away,
            ),
        )
        for operation, endpoint in operations:
            add_operation(app, operation, endpoint)

    async def list_permissions(self, request: Request, workflow_id: UUID) -> Response:
        """In the order in which it was granted; at most 1,000."""
        return success("What is granted.", await self.grants.list(principal_of(request), workflow_id))

    async def replace_permissions(self, request: Request, workflow_id: UUID) -> Response:
        """What was granted before and is not in the list is taken back."""
        body = check(GrantsBody, await read_object(request, self.max_body_bytes, required=True))
        granted = await self.grants.replace(principal_of(request), workflow_id, [fields_of(one) for one in body.grants])
        return success("This is granted, and nothing else.", granted)

    async def grant_permission(self, request: Request, workflow_id: UUID) -> Response:
        """Instead of what the same grantee had before: sending it again changes nothing."""
        body = check(GrantBody, await read_object(request, self.max_body_bytes, required=True))
        return success("It is granted.", await self.grants.put(principal_of(request), workflow_id, fields_of(body)))

    async def revoke_permission(
        self, request: Request, workflow_id: UUID, permission_id: Annotated[int, Path(ge=1, le=INTEGER_MAX)]
    ) -> Response:
        """What it was comes back."""
        removed = await self.grants.remove(principal_of(request), workflow_id, permission_id)
        return success("It is not granted any more.", removed)

    async def give_workflow_away(self, request: Request, workflow_id: UUID) -> Response:
        """To another user. The former author keeps what is granted, and what the community gives."""
        body = check(OwnerBody, await read_object(request, self.max_body_bytes, required=True))
        await self.grants.give_away(principal_of(request), workflow_id, body.user_id)
        return success("The workflow has another author now.", None)


def fields_of(body: GrantBody) -> GrantFields:
    """A body as the service takes it."""
    return GrantFields(
        body.user_id or None,
        body.role or None,
        body.community_id or None,
        body.can_view,
        body.can_edit,
        body.can_delete,
        body.can_execute,
    )
