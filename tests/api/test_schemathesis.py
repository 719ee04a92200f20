"""The OpenAPI document and the service agree.

What the document allows is accepted, what it forbids is refused, and every answer has the shape that it says.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import fields
from typing import Any, NamedTuple

import asyncpg
import httpx
import pytest
import schemathesis
from granian.constants import Interfaces
from granian.server.embed import Server
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import Case
from schemathesis.config import (
    ChecksConfig,
    GenerationConfig,
    OperationConfig,
    OperationsConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.config._checks import MissingRequiredHeaderConfig, PositiveDataAcceptanceConfig, SimpleCheckConfig
from schemathesis.filters import FilterSet
from schemathesis.schemas import BaseSchema
from tests.api.conftest import SERVICE_KEY, make_services
from tests.conftest import create_database, drop_database

from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.api.rate_limits import RateLimits
from wingbeat.bench.installation import free_port
from wingbeat.core.json_value import JsonObject
from wingbeat.storage.pool import Database


class Served(NamedTuple):
    """The application behind the real HTTP server: where it answers, and its database."""

    url: str
    dsn: str


@pytest.fixture(scope="module")
def served(server_dsn: str, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all operations, on a thread of its own."""
    dsn = asyncio.run(create_database(server_dsn, template_database))
    loop = asyncio.new_event_loop()
    ready: Future[tuple[Server, int]] = Future()
    options = ApiOptions(version="1.2.3", rate_limits=RateLimits(failures=None))

    async def serve() -> None:
        database = await Database.open(dsn)
        app = create_app(make_services(database, tmp_path_factory.mktemp("served")), options)
        port = free_port()
        server = Server(app, port=port, interface=Interfaces.ASGINL, log_enabled=False)
        ready.set_result((server, port))
        await server.serve()
        await database.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    server, port = ready.result(100)
    url = f"http://127.0.0.1:{port}"
    with httpx.Client(
        transport=httpx.HTTPTransport(retries=12), timeout=PATIENCE_SECONDS
    ) as client:  # Until it listens.
        client.get(f"{url}/health")
    yield Served(url, dsn)
    loop.call_soon_threadsafe(server.stop)
    thread.join()
    loop.close()
    asyncio.run(drop_database(server_dsn, dsn))


@pytest.fixture
def server_url(served: Served) -> str:
    """The address of the application, with nothing in its database."""
    asyncio.run(clear(served.dsn))
    return served.url


async def clear(dsn: str) -> None:
    """Forget everything: whatever there is from before would be in the answers, and change what is asked next."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("SET session_replication_role = replica")  # Or the record of what was done would stay.
    await connection.execute(await connection.fetchval(EMPTY))
    await connection.close()


KEY = {"X-API-Key": SERVICE_KEY}
PATIENCE_SECONDS = 60
# Operations whose bodies hold what no schema describes, as a document of another API, a time that there is, or ids that
# are there once.
JUDGED = (
    "create_workflow",
    "update_workflow",
    "import_workflow",
    "create_openapi_connector",
    "create_mcp_connector",
    "refresh_connector",
    "create_task",
    "change_task",
    "list_tasks",
    "get_overview",
    "create_from_template",
    "create_webhook",
    "update_webhook",
    "rotate_webhook",
    "create_user",
    "list_audit_log",
    "list_executions",
    "list_workflow_executions",
    "login",
    "change_password",
    "list_events",
    "list_workflow_decisions",
    "list_decisions",
    "publish_event",
    "create_schedule",
    "update_schedule",
    "preview_unsaved_schedule",
)


def replace_with_nothing() -> Services:
    """All use cases, none of which can be called."""
    nothing: dict[str, Any] = dict.fromkeys(field.name for field in fields(Services))
    return Services(**{**nothing, "node_types": {}})


def read_document(base_url: str | None = None, longest_wait: float = 300.0, *, asks_for_key: bool = True) -> BaseSchema:
    """The application's own document, which needs no services; the same requests are made every time.

    Unless it `asks_for_key`, a request without the key is none that violates it: it is added to all of them.
    """
    app = create_app(replace_with_nothing(), ApiOptions(version="1.2.3"))
    checks = ChecksConfig(
        # A good request may be about a revision that is not the present one. One without If-Match is told so, and one
        # without the key, too.
        positive_data_acceptance=PositiveDataAcceptanceConfig(expected_statuses=["2xx", "404", "409", "412"]),
        missing_required_header=MissingRequiredHeaderConfig(expected_statuses=["401", "428"]),
    )
    # U+0000 is refused, which the schema of free JSON cannot say.
    generation = GenerationConfig(allow_x00=False, deterministic=True)
    judged = FilterSet()
    for name in JUDGED:
        judged.include(operation_id=name)
    lenient = ChecksConfig(positive_data_acceptance=PositiveDataAcceptanceConfig(enabled=False))
    # What is not there is who is named in the body, not the community in the path.
    named = FilterSet()
    named.include(operation_id="add_member")
    unnamed = ChecksConfig(ensure_resource_availability=SimpleCheckConfig(enabled=False))
    operations = OperationsConfig(
        operations=[
            OperationConfig(filter_set=judged, checks=lenient),
            OperationConfig(filter_set=named, checks=unnamed),
        ]
    )
    project = ProjectConfig(base_url=base_url, generation=generation, checks=checks, operations=operations)
    config = SchemathesisConfig(seed=1, projects=ProjectsConfig(default=project))
    document = app.openapi()
    # All requests are the service's; one that came with a made-up token besides would be refused.
    document["security"] = [scheme for scheme in document["security"] if "Bearer" not in scheme]
    del document["components"]["securitySchemes"]["Bearer"]
    if not asks_for_key:
        del document["security"]
    for parameter in document["paths"]["/api/v1/workflows/{workflow_id}/execute"]["post"]["parameters"]:
        if parameter["name"] == "wait":
            parameter["schema"]["maximum"] = longest_wait
    return schemathesis.openapi.from_dict(document, config=config)


schema = read_document()


EMPTY = """
SELECT 'TRUNCATE ' || string_agg(quote_ident(relname), ', ') || ' RESTART IDENTITY CASCADE'
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
  AND relname NOT IN ('schema_migrations', 'connector_changes')
"""
LIMITED = settings(
    max_examples=10,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@schema.parametrize()
@LIMITED
def test_the_service_is_as_its_document_says(case: Case[Any], server_url: str) -> None:
    """Every operation passes every check, with good and with bad requests."""
    case.call_and_validate(base_url=server_url, headers=KEY, timeout=PATIENCE_SECONDS)


def test_it_stays_so_when_requests_follow_from_each_other(served: Served, small: JsonObject) -> None:
    """What one answer gives is used in the next request, starting from workflows and executions that are there."""
    server_url = served.url
    # Nothing runs here, so who waited would wait in vain.
    machine = read_document(server_url, longest_wait=0.01, asks_for_key=False).as_state_machine()

    class Fresh(machine):  # type: ignore[valid-type, misc] # made at run time
        """Begins each time with the same things, so that the same requests have the same answers."""

        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:  # noqa: ARG002 - the interface
            """All of them are the service's, and none is given up because the machine is busy."""
            return {"headers": KEY, "timeout": PATIENCE_SECONDS}

        def before_call(self, case: Case[Any]) -> None:
            """What no header can hold, the HTTP server refuses without the application."""
            for name, value in case.headers.items():
                case.headers[name] = re.sub(r"[\x00-\x1f\x7f]", "?", str(value))

        def setup(self) -> None:
            """Two workflows with an execution each."""
            asyncio.run(clear(served.dsn))
            with httpx.Client(base_url=server_url, headers=KEY, timeout=PATIENCE_SECONDS) as client:
                for _ in range(2):
                    address = client.post("/api/v1/workflows", json=small).headers["location"]
                    assert client.post(f"{address}/publish").status_code == 200
                    assert client.post(f"{address}/execute").status_code == 202

    run_state_machine_as_test(Fresh, settings=settings(LIMITED, max_examples=25, stateful_step_count=8))
