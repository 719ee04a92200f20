"""The real application on a real database, asked without a network between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.bootstrap import discover_node_types
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.limits import DEFAULT_CAPS, DEFAULT_LIMITS
from wingbeat.services.executions import Executions
from wingbeat.services.start import Starter
from wingbeat.services.status import Status
from wingbeat.services.workflows import Workflows
from wingbeat.storage.pool import Database
from wingbeat.worker.plans import Plans
from wingbeat.worker.rehearsal import EngineRehearser


class Api:
    """Asks the application; every answer must be JSON in the envelope and carry a request id."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def ask(self, method: str, path: str, **parts: Any) -> httpx.Response:  # noqa: ANN401 -- httpx's own
        """One request."""
        answer = await self.client.request(method, path, **parts)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-request-id"]
        fields = {"success", "message", "data", "meta"} if answer.is_success else ERROR_FIELDS
        assert fields == answer.json().keys()
        assert answer.is_success == answer.json()["success"]
        return answer

    async def get(self, path: str, **parts: Any) -> httpx.Response:  # noqa: ANN401
        """Read."""
        return await self.ask("GET", path, **parts)

    async def post(self, path: str, body: Json = None, **parts: Any) -> httpx.Response:  # noqa: ANN401
        """Send a body, or none."""
        return await self.ask("POST", path, **({"json": body} if body is not None else {}), **parts)

    async def create(self, **fields: Json) -> str:
        """A draft of the small workflow; its id."""
        answer = await self.post("/api/v1/workflows", {**SMALL, **fields})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["workflow_id"])

    async def publish(self, **fields: Json) -> str:
        """The small workflow, published; its id."""
        workflow_id = await self.create(**fields)
        answer = await self.post(f"/api/v1/workflows/{workflow_id}/publish")
        assert answer.status_code == 200, answer.text
        return workflow_id


ERROR_FIELDS = {"success", "message", "error_code", "details"}
SMALL: JsonObject = {
    "name": "small",
    "nodes": [{"id": "start", "type": "trigger.manual"}, {"id": "end", "type": "flow.end"}],
    "connections": [{"from": "start", "to": "end"}],
}


@pytest.fixture
def small() -> JsonObject:
    """A workflow of two nodes."""
    return dict(SMALL)


@pytest.fixture
def services(database: Database) -> Services:
    """All use cases on this test's database, without a worker."""
    return make_services(database)


@pytest.fixture
def make_app() -> Callable[[Database], FastAPI]:
    """Makes the application on a database."""
    return lambda database: create_app(make_services(database), ApiOptions(version="1.2.3"))


def make_services(database: Database) -> Services:
    """All use cases, without a worker."""
    catalog = discover_node_types().types
    return Services(
        workflows=Workflows(database, catalog),
        executions=Executions(database),
        starter=Starter(database, Plans(database, catalog, DEFAULT_CAPS), slots=10, worker=None),
        rehearser=EngineRehearser(catalog, DEFAULT_LIMITS, DEFAULT_CAPS),
        status=Status(database, "1.2.3", {"max_loop_depth": 10}),
    )


@pytest.fixture
async def api(services: Services) -> AsyncIterator[Api]:
    """The application without an API key."""
    async with open_client(services) as client:
        yield Api(client)


def open_client(services: Services, **options: Any) -> httpx.AsyncClient:  # noqa: ANN401 -- of ApiOptions
    """A client of an application with these options."""
    app = create_app(services, ApiOptions(version="1.2.3", **options))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")
