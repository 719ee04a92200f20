"""The addresses of webhooks as their owners have them: create, list, read, change, rotate, try, delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.caller_address import address_of
from wingbeat.api.paging import page_meta
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_idempotency_key, read_object, read_revision, require_revision
from wingbeat.api.routing import IDEMPOTENCY_KEY, IF_MATCH, IF_MATCH_REQUIRED, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, PageMeta
from wingbeat.api.webhooks.bodies import NewWebhookBody, RotateWebhookBody, TryWebhookBody, WebhookBody
from wingbeat.api.webhooks.shapes import DeliveryShape, TriedShape, WebhookShape, WebhookWithSecretShape
from wingbeat.services.webhooks.webhooks import Rotation, Trial, WantedDeliveries, WebhookRequest
from wingbeat.storage.decisions import Outcome
from wingbeat.storage.paging import Paging
from wingbeat.storage.webhooks import WebhookFields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI

    from wingbeat.core.networks import Network
    from wingbeat.services.webhooks.webhooks import ShownWebhook, Webhooks

TAG = "webhooks"
ROOT = "/api/v1/workflows/{workflow_id:uuid}/webhooks"
ONE = ROOT + "/{webhook_id:uuid}"
ONE_ANSWER = Envelope[WebhookShape, NoMeta]
WITH_SECRET = Envelope[WebhookWithSecretShape, NoMeta]
EDIT, VIEW = Permission.EDIT, Permission.VIEW
ETAG = ("ETag",)

CREATE = Operation(
    "POST",
    ROOT,
    EDIT,
    "Create a webhook",
    {201: WITH_SECRET},
    TAG,
    errors=(404, 409),
    body=NewWebhookBody,
    parameters=(IDEMPOTENCY_KEY,),
    headers=("ETag", "Location", "Idempotency-Replayed"),
)
LIST = Operation(
    "GET", ROOT, VIEW, "List a workflow's webhooks", {200: Envelope[list[WebhookShape], PageMeta]}, TAG, (404,)
)
GET = Operation("GET", ONE, VIEW, "Read a webhook", {200: ONE_ANSWER}, TAG, (404,), headers=ETAG)
UPDATE = Operation(
    "PUT",
    ONE,
    EDIT,
    "Change a webhook",
    {200: ONE_ANSWER},
    TAG,
    errors=(404, 412, 428),
    body=WebhookBody,
    parameters=(IF_MATCH_REQUIRED,),
    headers=ETAG,
)
ROTATE = Operation(
    "POST",
    f"{ONE}/rotate",
    EDIT,
    "Make the token or the secret of a webhook anew",
    {200: WITH_SECRET},
    TAG,
    errors=(404, 412),
    body=RotateWebhookBody,
    body_required=False,
    parameters=(IF_MATCH,),
    headers=ETAG,
)
DELETE = Operation(
    "DELETE",
    ONE,
    EDIT,
    "Delete a webhook",
    {200: ONE_ANSWER},
    TAG,
    errors=(404, 412),
    parameters=(IF_MATCH,),
)
DELIVERIES = Operation(
    "GET",
    f"{ONE}/deliveries",
    VIEW,
    "What became of the last deliveries",
    {200: Envelope[list[DeliveryShape], PageMeta]},
    TAG,
    (404,),
)
TRY = Operation(
    "POST",
    f"{ONE}/test",
    Permission.EXECUTE,
    "Deliver something, as a sender would",
    {200: Envelope[TriedShape, NoMeta]},
    TAG,
    errors=(404,),
    body=TryWebhookBody,
    body_required=False,
)


class WebhookListQuery(BaseModel):
    """Which page of webhooks to list."""

    model_config = ConfigDict(extra="forbid")

    sort: Literal["name", "-name", "-created_at", "created_at"] = "name"
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: UUID | None = Field(None, description="`next_cursor` of the page before; `page` does not count then.")


class DeliveryListQuery(BaseModel):
    """Which deliveries to list; `outcome` may be there several times."""

    model_config = ConfigDict(extra="forbid")

    outcome: Annotated[list[Outcome], Field(max_length=20)] = []
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: UUID | None = Field(None, description="`next_cursor` of the page before.")


@dataclass(frozen=True)
class WebhookRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    webhooks: Webhooks
    max_body_bytes: int
    proxies: Sequence[Network] = ()

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        for operation, endpoint in (
            (CREATE, self.create_webhook),
            (LIST, self.list_webhooks),
            (GET, self.get_webhook),
            (UPDATE, self.update_webhook),
            (ROTATE, self.rotate_webhook),
            (DELETE, self.delete_webhook),
            (DELIVERIES, self.list_deliveries),
            (TRY, self.try_webhook),
        ):
            add_operation(app, operation, endpoint)

    async def create_webhook(self, request: Request, workflow_id: UUID) -> Response:
        """It answers from now on. The secret is shown here, and never again."""
        key = read_idempotency_key(request)
        body = check(NewWebhookBody, await read_object(request, self.max_body_bytes, required=True))
        created = await self.webhooks.create(
            principal_of(request), workflow_id, read_request(body, body.secret), idempotency_key=key
        )
        headers = {"Location": f"/api/v1/workflows/{workflow_id}/webhooks/{created.stored.webhook_id}"}
        if created.replayed:
            headers["Idempotency-Replayed"] = "true"
        return answer("The webhook is created.", created, status=201, headers=headers)

    async def list_webhooks(
        self, request: Request, workflow_id: UUID, query: Annotated[WebhookListQuery, Query()]
    ) -> Response:
        """One page."""
        paging = Paging(query.sort, query.page, query.per_page, query.cursor)
        page, total = await self.webhooks.list(principal_of(request), workflow_id, paging)
        last = page.items[-1].stored.webhook_id if page.items else None
        return success(
            "Webhooks.",
            [shown.to_json() for shown in page.items],
            meta=page_meta(paging, total, last if page.more else None),
        )

    async def get_webhook(self, request: Request, workflow_id: UUID, webhook_id: UUID) -> Response:
        """Without its secret."""
        return answer("The webhook.", await self.webhooks.get(principal_of(request), workflow_id, webhook_id))

    async def update_webhook(self, request: Request, workflow_id: UUID, webhook_id: UUID) -> Response:
        """All but the token and the secret."""
        body = check(WebhookBody, await read_object(request, self.max_body_bytes, required=True))
        updated = await self.webhooks.update(
            principal_of(request),
            workflow_id,
            webhook_id,
            read_request(body),
            expected_revision=require_revision(request),
        )
        return answer("The webhook is changed.", updated)

    async def rotate_webhook(self, request: Request, workflow_id: UUID, webhook_id: UUID) -> Response:
        """A new secret is shown here, and never again; the old one may count for a while."""
        body = check(RotateWebhookBody, await read_object(request, self.max_body_bytes))
        rotation = Rotation(
            body.rotate in {"token", "both"}, body.rotate in {"secret", "both"}, body.secret, body.overlap_seconds
        )
        rotated = await self.webhooks.rotate(
            principal_of(request), workflow_id, webhook_id, rotation, expected_revision=read_revision(request)
        )
        return answer("It is made anew.", rotated)

    async def delete_webhook(self, request: Request, workflow_id: UUID, webhook_id: UUID) -> Response:
        """Its address answers like one that never was."""
        deleted = await self.webhooks.delete(
            principal_of(request), workflow_id, webhook_id, expected_revision=read_revision(request)
        )
        return success("The webhook is deleted.", deleted.to_json())

    async def list_deliveries(
        self, request: Request, workflow_id: UUID, webhook_id: UUID, query: Annotated[DeliveryListQuery, Query()]
    ) -> Response:
        """The last ones first: which fired, and why others did not."""
        outcomes = [outcome.value for outcome in query.outcome]
        wanted = WantedDeliveries(outcomes, query.cursor, query.per_page)
        page = await self.webhooks.list_deliveries(principal_of(request), workflow_id, webhook_id, wanted)
        last = page.items[-1].decision_id if page.more else None
        meta = page_meta(Paging("", 1, query.per_page), None, last)
        return success("Deliveries.", [one._asdict() for one in page.items], meta=meta)

    async def try_webhook(self, request: Request, workflow_id: UUID, webhook_id: UUID) -> Response:
        """It starts an execution like any other delivery; what a sender would have got is in the answer."""
        given = await read_object(request, self.max_body_bytes)
        body = check(TryWebhookBody, given)
        trial = Trial(body.method, given.get("body"), body.query, address_of(request, self.proxies))
        tried = await self.webhooks.try_out(principal_of(request), workflow_id, webhook_id, trial)
        said = "The delivery was taken." if tried.error_code is None else "The delivery was refused."
        return success(said, tried._asdict())


def read_request(body: WebhookBody, secret: Any = None) -> WebhookRequest:  # noqa: ANN401 - a Secret, or none
    """The body of a save."""
    fields = WebhookFields(
        body.name,
        body.description,
        body.enabled,
        body.trigger_node_id,
        (),
        body.answer,
        body.timeout_seconds,
        body.require_signature,
        body.signature_scheme,
        body.ip_allowlist,
        body.rate_limit_max,
        body.rate_limit_window,
        body.replay_window_seconds,
    )
    return WebhookRequest(fields, body.methods, secret)


def answer(message: str, shown: ShownWebhook, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A webhook with its ETag."""
    etag = {"ETag": f'"{shown.stored.revision}"', **(headers or {})}
    return success(message, shown.to_json(), status=status, headers=etag)
