"""The addresses of connectors: other systems whose operations are node types."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.bodies import McpBody, OpenApiBody, RefreshBody
from wingbeat.api.connections.shapes import ConnectorDetailsShape, ConnectorShape
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_idempotency_key, read_object
from wingbeat.api.routing import IDEMPOTENCY_KEY, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.services.connections.connectors import Wanted

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.connections.connectors import ConnectorDetails, Connectors

TAG = "connectors"
ROOT = "/api/v1/connectors"
ONE = ROOT + "/{connector_id:uuid}"


class DeleteQuery(BaseModel):
    """How to delete."""

    model_config = ConfigDict(extra="forbid")

    force: bool = False


@dataclass(frozen=True)
class ConnectorRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    connectors: Connectors
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        details = Envelope[ConnectorDetailsShape, NoMeta]
        one, many = Envelope[ConnectorShape, NoMeta], Envelope[list[ConnectorShape], NoMeta]
        view, service = Permission.SIGNED_IN, Permission.SERVICE
        openapi = _creating(
            f"{ROOT}/openapi", "Have the operations of an OpenAPI document as node types", details, OpenApiBody
        )
        mcp = _creating(f"{ROOT}/mcp", "Have the tools of an MCP server as node types", details, McpBody)
        summary = "Take a connector's description anew"
        refresh = Operation(
            "POST",
            f"{ONE}/refresh",
            service,
            summary,
            {200: details},
            TAG,
            errors=(404,),
            body=RefreshBody,
            body_required=False,
        )
        for operation, endpoint in (
            (openapi, self.create_openapi_connector),
            (mcp, self.create_mcp_connector),
            (Operation("GET", ROOT, view, "List connectors", {200: many}, TAG), self.list_connectors),
            (Operation("GET", ONE, view, "Read a connector", {200: details}, TAG, errors=(404,)), self.get_connector),
            (refresh, self.refresh_connector),
            (
                Operation("DELETE", ONE, service, "Delete a connector", {200: one}, TAG, errors=(404, 409)),
                self.delete_connector,
            ),
        ):
            add_operation(app, operation, endpoint)

    async def create_openapi_connector(self, request: Request) -> Response:
        """Each operation becomes a node type, `api.<slug>.<operation>`."""
        body = check(OpenApiBody, await read_object(request, self.max_body_bytes, required=True))
        wanted = Wanted(body.name, body.slug, body.document, body.url, body.base_url, body.connection_id)
        key = read_idempotency_key(request)
        return _created(await self.connectors.create_openapi(wanted, idempotency_key=key))

    async def create_mcp_connector(self, request: Request) -> Response:
        """Each tool becomes a node type, `mcp.<slug>.<tool>`."""
        body = check(McpBody, await read_object(request, self.max_body_bytes, required=True))
        wanted = Wanted(body.name, body.slug, url=body.url, connection_id=body.connection_id)
        return _created(await self.connectors.create_mcp(wanted, idempotency_key=read_idempotency_key(request)))

    async def list_connectors(self, request: Request) -> Response:
        """All of them, by their slugs. Addresses and connections are shown to administrators only."""
        return success("Connectors.", [asdict(found) for found in await self.connectors.list(principal_of(request))])

    async def get_connector(self, request: Request, connector_id: UUID) -> Response:
        """With its node types, and what of its description gives none."""
        return success("The connector.", _data(await self.connectors.get(principal_of(request), connector_id)))

    async def refresh_connector(self, request: Request, connector_id: UUID) -> Response:
        """From the body, else from where it came from; workflows that are under way use it from their next step on."""
        body = check(RefreshBody, await read_object(request, self.max_body_bytes))
        wanted = Wanted(body.name, "", body.document, body.url, body.base_url, body.connection_id)
        return success("The connector is up to date.", _data(await self.connectors.refresh(connector_id, wanted)))

    async def delete_connector(self, connector_id: UUID, query: Annotated[DeleteQuery, Query()]) -> Response:
        """Refused while workflows use it, unless forced."""
        deleted = await self.connectors.delete(connector_id, force=query.force)
        return success("The connector is deleted.", asdict(deleted))


def _creating(path: str, summary: str, shape: object, body: type[BaseModel]) -> Operation:
    return Operation(
        "POST",
        path,
        Permission.SERVICE,
        summary,
        {201: shape},
        TAG,
        errors=(409,),
        body=body,
        parameters=(IDEMPOTENCY_KEY,),
        headers=("Location", "Idempotency-Replayed"),
    )


def _created(details: ConnectorDetails) -> Response:
    headers = {"Location": f"{ROOT}/{details.connector.connector_id}"}
    if details.replayed:
        headers["Idempotency-Replayed"] = "true"
    return success("The connector is created.", _data(details), status=201, headers=headers)


def _data(details: ConnectorDetails) -> dict[str, object]:
    return {
        **asdict(details.connector),
        "node_types": [line._asdict() for line in details.node_types],
        "skipped": [skipped._asdict() for skipped in details.skipped],
    }
