"""What workflows can be made of, for clients that draw forms or check what they write."""

from __future__ import annotations

import httpx

from wingbeat.api.node_type_shapes import NodeTypeShape
from wingbeat.discovery import discover_node_types


async def test_every_node_type_is_described(client: httpx.AsyncClient) -> None:
    """All of them, in the order of their names, as they describe themselves."""
    answer = await client.get("/api/v1/node-types")
    types = discover_node_types().types
    assert (200, [types[name].describe() for name in sorted(types)]) == (answer.status_code, answer.json()["data"])


async def test_descriptions_have_the_shape_that_the_document_promises(client: httpx.AsyncClient) -> None:
    """Nothing more and nothing less."""
    found = (await client.get("/api/v1/node-types")).json()["data"]
    shaped = [NodeTypeShape.model_validate(one).model_dump(by_alias=True, exclude_unset=True) for one in found]
    assert found == shaped


async def test_the_document_shows_the_address(client: httpx.AsyncClient) -> None:
    """With the permission that it needs."""
    document = (await client.get("/openapi.json")).json()
    operation = document["paths"]["/api/v1/node-types"]["get"]
    assert ("signed_in", "list_node_types") == (operation["x-permission"], operation["operationId"])
