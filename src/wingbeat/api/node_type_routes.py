"""The address of node types: what workflows can be made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.permission import Permission
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NodeTypeShape, NoMeta
from wingbeat.services.catalog import bring_up_to_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI

    from wingbeat.sdk import NodeType

TAG = "node types"


@dataclass(frozen=True)
class NodeTypeRoutes:
    """The endpoint; its name is the operation id of the OpenAPI document."""

    types: Mapping[str, NodeType]

    def add_to(self, app: FastAPI) -> None:
        """Put the route into the app."""
        answers = {200: Envelope[list[NodeTypeShape], NoMeta]}
        summary = "What workflows can be made of"
        operation = Operation("GET", "/api/v1/node-types", Permission.VIEW, summary, answers, TAG)
        add_operation(app, operation, self.list_node_types)

    async def list_node_types(self) -> Response:
        """Every node type, in the order of their names, with its help, ports, parameters and examples."""
        await bring_up_to_date(self.types)
        return success("Node types.", [self.types[name].describe() for name in sorted(self.types)])
