"""The real application on a real database, asked without a network between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.rig.connections import KEYS
from tests.rig.node_types import NODE_TYPES
from tests.rig.routes import read_once

from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.api.rate_limits import RateLimits
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.limits import DEFAULT_CAPS, DEFAULT_LIMITS
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.http import Egress
from wingbeat.egress.mail import Mailer
from wingbeat.egress.mcp import McpClient
from wingbeat.egress.sockets import Sockets
from wingbeat.egress.sql.client import Databases
from wingbeat.egress.step_http import ConnectedHttp
from wingbeat.egress.testers import Means
from wingbeat.egress.vault import Trial, Vault
from wingbeat.services.analytics import Analytics
from wingbeat.services.audit_log import AuditLog
from wingbeat.services.bulk_changes import BulkChanges
from wingbeat.services.catalog import LiveCatalog
from wingbeat.services.connections.authorization import Authorizations
from wingbeat.services.connections.connections import Connections
from wingbeat.services.connections.connectors import Connectors
from wingbeat.services.connections.tests import ConnectionTests
from wingbeat.services.decisions import Decisions
from wingbeat.services.effective_settings import EffectiveSettings
from wingbeat.services.events.events import Events
from wingbeat.services.events.listeners import Listeners
from wingbeat.services.executions.breakpoints import Breakpoints
from wingbeat.services.executions.bulk import BulkActions
from wingbeat.services.executions.drafts import DraftRuns
from wingbeat.services.executions.executions import Executions
from wingbeat.services.executions.files import FileDownloads, FileStore
from wingbeat.services.executions.firing import Firings
from wingbeat.services.executions.forks import Forks
from wingbeat.services.executions.inspection import Inspection
from wingbeat.services.executions.previews import Previews
from wingbeat.services.executions.removals import Removals
from wingbeat.services.executions.sights import Sights
from wingbeat.services.executions.signals import Signals
from wingbeat.services.executions.start import Starter
from wingbeat.services.executions.waits import WaitAddresses
from wingbeat.services.forms.forms import Forms
from wingbeat.services.forms.intake import FormIntake
from wingbeat.services.identity.authentication import Authentication
from wingbeat.services.identity.communities import Communities
from wingbeat.services.identity.jwt_tokens import JwtRules, JwtVerifier
from wingbeat.services.identity.passwords import PasswordCost, Passwords
from wingbeat.services.identity.sessions import Sessions
from wingbeat.services.identity.sign_in import SignIns
from wingbeat.services.identity.tokens import Tokens
from wingbeat.services.identity.users import Users
from wingbeat.services.live.hub import Hub
from wingbeat.services.people.approval_links import ApprovalLinks
from wingbeat.services.people.approvals import Approvals
from wingbeat.services.people.notifications import Notifications
from wingbeat.services.people.tasks import Tasks
from wingbeat.services.permissions.grants import Grants
from wingbeat.services.portable import PortableWorkflows
from wingbeat.services.schedules.schedules import Schedules
from wingbeat.services.status import Status
from wingbeat.services.templates import Templates
from wingbeat.services.versions import Versions
from wingbeat.services.webhooks.intake import WebhookIntake
from wingbeat.services.webhooks.webhooks import Webhooks
from wingbeat.services.workflow_lists import WorkflowLists
from wingbeat.services.workflows import Workflows
from wingbeat.settings import load_settings
from wingbeat.storage.blobs import Blobs
from wingbeat.storage.pool import Database
from wingbeat.storage.secret import Secret
from wingbeat.worker.journal_rows import events_of
from wingbeat.worker.plans import Plans
from wingbeat.worker.rehearsal import EngineRehearser

FILES_KEY = b"a key for the files of these tests"
LINKS_KEY = b"a key for the links of these tests"
# No words: parts of it are looked for in all answers.
SERVICE_KEY = "kX4-these-tests-9a7c3b51e2d84f60b1"
JWT_KEY = "the key with which the issuer of these tests signs"
ERROR_FIELDS = ("error_code", "details")
SMALL: JsonObject = {
    "name": "small",
    "nodes": [{"id": "start", "type": "trigger.manual"}, {"id": "end", "type": "flow.end"}],
    "connections": [{"from": "start", "to": "end"}],
}


@pytest.fixture(scope="session", autouse=True)
def quick_routes() -> Iterator[None]:
    """Each test has an application of its own; their routes are alike."""
    with read_once():
        yield


@pytest.fixture
def small() -> JsonObject:
    """A workflow of two nodes."""
    return dict(SMALL)


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Services:
    """All use cases on this test's database, without a worker."""
    return make_services(database, tmp_path)


@pytest.fixture
def make_app(tmp_path: Path) -> Callable[[Database], FastAPI]:
    """Makes the application on a database; whoever tries it may fail as often as it likes."""
    options = ApiOptions(version="1.2.3", rate_limits=RateLimits(failures=None))
    return lambda database: create_app(make_services(database, tmp_path), options)


def make_services(database: Database, folder: Path) -> Services:
    """All use cases, without a worker."""
    catalog = LiveCatalog(database, NODE_TYPES)
    outside = ConnectedHttp(Egress(Addresses()), Vault(database, KEYS)).for_step(Trial())
    plans = Plans(database, catalog, DEFAULT_CAPS)
    addresses = Addresses(allow_private=True, resolve=resolve_here)
    http = ConnectedHttp(Egress(addresses), Vault(database, KEYS))
    blobs = Blobs((folder / "blobs").as_uri())
    files = FileStore(blobs, FILES_KEY, 1_000_000)
    passwords, authentication = Passwords(PasswordCost(rounds=1, memory_kib=8)), make_authentication(database)
    starter = Starter(database, plans, slots=10, worker=None)
    sights = Sights(database, plans, blobs, events_of)
    intake = WebhookIntake(database, KEYS, Firings(plans), starter, files)
    workflows = Workflows(database, catalog)
    return Services(
        workflows=workflows,
        workflow_lists=WorkflowLists(database),
        bulk_changes=BulkChanges(workflows),
        portable=PortableWorkflows(database, catalog, workflows),
        versions=Versions(database, workflows),
        executions=Executions(database),
        signals=Signals(database, WaitAddresses(b"k" * 32, "http://test")),
        starter=starter,
        webhooks=Webhooks(database, KEYS, intake, "http://test"),
        intake=intake,
        events=Events(database, Firings(plans)),
        decisions=Decisions(database),
        forms=Forms(database, "http://test"),
        listeners=Listeners(database),
        form_intake=FormIntake(database, Firings(plans), files, b"a key for the forms of these tests"),
        rehearser=EngineRehearser(catalog, DEFAULT_LIMITS, DEFAULT_CAPS),
        status=Status(database, "1.2.3", {"max_loop_depth": 10}),
        node_types=catalog,
        files=FileDownloads(database, files),
        breakpoints=Breakpoints(database, plans),
        drafts=DraftRuns(database, starter, sights),
        bulk=BulkActions(
            Executions(database), Forks(database, plans, blobs, events_of, 1_000_000), Removals(database, blobs)
        ),
        inspection=Inspection(database, sights),
        previews=Previews(database, sights, catalog),
        forks=Forks(database, plans, blobs, events_of, 1_000_000),
        connectors=Connectors(database, catalog, outside, McpClient(outside)),
        connections=Connections(database, KEYS),
        connection_tests=ConnectionTests(
            database, Means(http, Mailer(Sockets(addresses)), Databases(Sockets(addresses)))
        ),
        authorizations=Authorizations(database, KEYS, http, "http://localhost"),
        tasks=Tasks(database),
        grants=Grants(database),
        notifications=Notifications(database),
        users=Users(database, passwords),
        sign_ins=SignIns(database, passwords, authentication.sessions),
        provider=None,
        communities=Communities(database),
        analytics=Analytics(database),
        templates=Templates(Workflows(database, catalog)),
        settings=EffectiveSettings(load_settings({"WINGBEAT_DATA_DIR": str(folder)}), {}),
        schedules=Schedules(database, Firings(plans)),
        audit=AuditLog(database),
        approvals=Approvals(database, ApprovalLinks(LINKS_KEY, "http://localhost")),
        authentication=authentication,
        live=Hub(database),
    )


def make_authentication(database: Database) -> Authentication:
    """Who is believed in these tests."""
    return Authentication(
        Secret(SERVICE_KEY),
        JwtVerifier(Secret(JWT_KEY), JwtRules()),
        Tokens(database),
        Sessions(database, b"a key for the sessions of these tests"),
    )


async def resolve_here(host: str, _port: int) -> list[str]:
    """This machine has its address; no other name has one, and nobody is asked."""
    if host not in {"127.0.0.1", "localhost"}:
        raise OSError("no such name")
    return ["127.0.0.1"]


@pytest.fixture
async def client(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application that sends the key of the service; it holds every answer to the envelope."""
    async with open_client(services) as opened:
        yield opened


@pytest.fixture
def client_with(services: Services) -> Callable[..., httpx.AsyncClient]:
    """Makes clients of applications with other options, or without the key."""
    return lambda **options: open_client(services, **options)


@pytest.fixture
def create(client: httpx.AsyncClient) -> Callable[..., Awaitable[str]]:
    """Creates a draft of the small workflow, with other fields if they are given; gives its address."""

    async def create_draft(**fields: Json) -> str:
        answer = await client.post("/api/v1/workflows", json={**SMALL, **fields})
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    return create_draft


@pytest.fixture
def publish(client: httpx.AsyncClient, create: Callable[..., Awaitable[str]]) -> Callable[..., Awaitable[str]]:
    """Creates and publishes a workflow; gives its address."""

    async def create_and_publish(**fields: Json) -> str:
        address = await create(**fields)
        answer = await client.post(f"{address}/publish")
        assert answer.status_code == 200, answer.text
        return address

    return create_and_publish


def open_client(
    services: Services,
    *,
    signed_in: bool = True,
    changed: dict[str, Any] | None = None,
    **options: Any,  # noqa: ANN401 -- of ApiOptions
) -> httpx.AsyncClient:
    """A client of an application with these options, and with some services `changed`.

    It sends the key of the service unless it is not `signed_in`.
    """
    services = replace(services, **(changed or {}))
    app = create_app(services, ApiOptions(**{"version": "1.2.3", **options}))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://localhost",
        headers=credentials_of(services) if signed_in else {},
        event_hooks={"response": [check_envelope]},
    )


def credentials_of(services: Services) -> dict[str, str]:
    """The headers of who may do everything."""
    return {"X-API-Key": services.authentication.service_key.reveal()}


async def check_envelope(answer: httpx.Response) -> None:
    """Whatever the answer, it is JSON in the envelope and carries a request id."""
    await answer.aread()
    assert answer.headers["x-request-id"]
    assert answer.headers["content-type"] == "application/json"
    # A file is what it is.
    if answer.request.method == "HEAD" or "content-disposition" in answer.headers:
        return
    body = answer.json()
    if answer.request.url.path != "/openapi.json":
        assert body["success"] is answer.is_success
        assert body.keys() == {"success", "message", *(("data", "meta") if body["success"] else ERROR_FIELDS)}
