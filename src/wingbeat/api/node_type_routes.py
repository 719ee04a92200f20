"""The address of node types: what workflows can be made of."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.node_type_shapes import NodeTypeShape
from wingbeat.api.permission import Permission
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.core.errors import NotFound

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.catalog import LiveCatalog

TAG = "node types"
ROOT = "/api/v1/node-types"


class NodeTypesQuery(BaseModel):
    """Which node types to list."""

    model_config = ConfigDict(extra="forbid")

    prefix: Annotated[str, Field(max_length=200)] = Field(
        "",
        description=(
            "Only those whose names begin so. Those of connectors are listed for a prefix only, such as `api.shop.`, "
            "for there may be thousands."
        ),
    )


@dataclass(frozen=True)
class NodeTypeRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    types: LiveCatalog

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        view = Permission.SIGNED_IN
        answers = {200: Envelope[list[NodeTypeShape], NoMeta]}
        operation = Operation("GET", ROOT, view, "What workflows can be made of", answers, TAG)
        add_operation(app, operation, self.list_node_types)
        one = {200: Envelope[NodeTypeShape, NoMeta]}
        operation = Operation("GET", f"{ROOT}/{{name}}", view, "One node type", one, TAG, errors=(404,))
        add_operation(app, operation, self.get_node_type)

    async def list_node_types(self, query: Annotated[NodeTypesQuery, Query()]) -> Response:
        """In the order of their names, each with its help, ports, parameters and examples."""
        await self.types.refresh()
        names = self.types if query.prefix else self.types.installed()
        chosen = [name for name in sorted(names) if name.startswith(query.prefix)]
        described = await asyncio.to_thread(lambda: [self.types[name].describe() for name in chosen])
        return success("Node types.", described)

    async def get_node_type(self, name: str) -> Response:
        """With its help, ports, parameters and examples."""
        await self.types.refresh()
        found = self.types.get(name)
        if found is None:
            raise NotFound(
                f"There is no node type {name!r:.120}.",
                code="NODE_TYPE_UNKNOWN",
                remedy=f"List them at {ROOT}, or those of a connector at {ROOT}?prefix=api.",
            )
        return success("The node type.", found.describe())
