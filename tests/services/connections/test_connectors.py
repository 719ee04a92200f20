"""Connectors are there for everybody; where they lead and as whom is the operators' business."""

from __future__ import annotations

from uuid import UUID

import pytest
from tests.rig.people import COOK, STRANGER

from wingbeat.connectors.openapi import OpenApiConnector
from wingbeat.core.access import SERVICE, Principal
from wingbeat.core.json_value import JsonObject
from wingbeat.services.connections.connectors import shown_to
from wingbeat.storage import connectors as rows
from wingbeat.storage.connectors import ConnectorFields
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import Database

DOCUMENT: JsonObject = {
    "openapi": "3.0.0",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "https://shop.example.com"}],
    "paths": {"/orders": {"get": {"operationId": "orders", "responses": {"200": {"description": "good"}}}}},
}
HIDDEN = ("planted-source", "planted-base", "0189f7ea-ae2c-7e3e-8000-0000000000aa")


@pytest.mark.parametrize(("who", "sees"), [(SERVICE, True), (STRANGER, False), (COOK, False)])
async def test_addresses_and_credentials_are_for_administrators(database: Database, who: Principal, sees: bool) -> None:
    """Others see that there is a connector, and its node types."""
    assert OpenApiConnector("api.shop", DOCUMENT).operations
    fields = ConnectorFields(
        "Shop", "", DOCUMENT, f"https://{HIDDEN[0]}.example.com", f"https://{HIDDEN[1]}.example.com", UUID(HIDDEN[2])
    )
    async with database.pool.acquire() as connection, connection.transaction():
        stored = await rows.insert(connection, new_id(), "shop", "openapi", fields)
    assert stored is not None
    shown = repr(shown_to(who, stored))
    assert [sees] * 3 == [secret in shown for secret in HIDDEN]
    assert "shop" in shown
