"""The composition root: the only place that knows every concrete part, and how they are opened and closed."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from socket import gethostname
from typing import TYPE_CHECKING

from wingbeat.discovery import Discovery, discover_node_types
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.http import Egress
from wingbeat.egress.licence_server import LicenceServer
from wingbeat.egress.mail import Mailer
from wingbeat.egress.router import RouterClient
from wingbeat.egress.sockets import Sockets
from wingbeat.egress.sql.client import Databases
from wingbeat.egress.step_http import ConnectedHttp
from wingbeat.egress.testers import Means
from wingbeat.egress.vault import Vault
from wingbeat.sandbox.code_runner import Sandbox
from wingbeat.services.analytics import Analytics
from wingbeat.services.audit_log import AuditLog
from wingbeat.services.audit_trail import AuditTrail
from wingbeat.services.bulk_changes import BulkChanges
from wingbeat.services.catalog import LiveCatalog
from wingbeat.services.connections.authorization import Authorizations
from wingbeat.services.connections.connections import Connections
from wingbeat.services.connections.connectors import Connectors
from wingbeat.services.connections.tests import ConnectionTests
from wingbeat.services.decisions import Decisions
from wingbeat.services.events.events import Events
from wingbeat.services.events.listeners import Listeners
from wingbeat.services.executions.breakpoints import Breakpoints
from wingbeat.services.executions.bulk import BulkActions
from wingbeat.services.executions.children import ChildStarter
from wingbeat.services.executions.drafts import DraftRuns
from wingbeat.services.executions.executions import Executions
from wingbeat.services.executions.files import FileDownloads
from wingbeat.services.executions.firing import Firings
from wingbeat.services.executions.forks import Forks
from wingbeat.services.executions.inspection import Inspection
from wingbeat.services.executions.previews import Previews
from wingbeat.services.executions.removals import Removals
from wingbeat.services.executions.responses import Responses
from wingbeat.services.executions.sights import Sights
from wingbeat.services.executions.signals import Signals
from wingbeat.services.executions.start import Starter
from wingbeat.services.forms.forms import Forms
from wingbeat.services.forms.intake import FormIntake
from wingbeat.services.identity.authentication import Authentication
from wingbeat.services.identity.communities import Communities
from wingbeat.services.identity.passwords import Passwords, cost_of
from wingbeat.services.identity.provider_sign_in import ProviderSignIns
from wingbeat.services.identity.sign_in import SignIns
from wingbeat.services.identity.users import Users
from wingbeat.services.licence import Gate, Licences, Terms, Unlimited
from wingbeat.services.live.hub import Hub
from wingbeat.services.people.approvals import Approvals
from wingbeat.services.people.notifications import Notifications
from wingbeat.services.people.tasks import Tasks
from wingbeat.services.permissions.grants import Grants
from wingbeat.services.portable import PortableWorkflows
from wingbeat.services.schedules.schedules import Schedules
from wingbeat.services.schedules.times import schedule_defaults
from wingbeat.services.status import Status
from wingbeat.services.templates import Templates
from wingbeat.services.trigger_rows.in_line import catch_up
from wingbeat.services.versions import Versions
from wingbeat.services.webhooks.intake import WebhookIntake
from wingbeat.services.webhooks.webhooks import Webhooks
from wingbeat.services.workflow_lists import WorkflowLists
from wingbeat.services.workflows import Workflows
from wingbeat.settings import caps_of, limits_of, roots_of
from wingbeat.settings_warnings import doubts_about
from wingbeat.storage import audit
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.audit_file import AuditFile
from wingbeat.storage.blobs import Blobs
from wingbeat.storage.embedded import EmbeddedPostgres
from wingbeat.storage.keys import Keys
from wingbeat.storage.migrate import migrate
from wingbeat.storage.partitions import create_partitions
from wingbeat.storage.pool import COMMAND_SECONDS, Database, translate_errors
from wingbeat.toolbox import (
    Parts,
    make_approvals,
    make_authentication,
    make_connectors,
    make_file_store,
    make_provider_sign_ins,
    make_rehearsal_toolbox,
    make_toolbox,
    make_wait_addresses,
)
from wingbeat.worker.journal_rows import events_of
from wingbeat.worker.plans import Plans
from wingbeat.worker.rehearsal import EngineRehearser
from wingbeat.worker.streams import Streams
from wingbeat.worker.worker import Worker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from wingbeat.core.json_value import JsonObject
    from wingbeat.core.limits import Limits
    from wingbeat.settings import Settings

__all__ = ["Discovery", "Platform", "discover_node_types", "open_platform"]

MOST_CONNECTIONS = 10
SHORTEST_COMMAND_SECONDS = 5.0
GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class Platform:
    """Everything that one process needs, open and running; `worker` and `embedded` where there is one."""

    settings: Settings
    dsn: str
    database: Database
    discovery: Discovery
    limits: Limits
    caps: Limits
    plans: Plans
    blobs: Blobs
    workflows: Workflows
    workflow_lists: WorkflowLists
    bulk_changes: BulkChanges
    portable: PortableWorkflows
    versions: Versions
    executions: Executions
    signals: Signals
    events: Events
    decisions: Decisions
    forms: Forms
    form_intake: FormIntake
    starter: Starter
    firings: Firings
    webhooks: Webhooks
    intake: WebhookIntake
    forks: Forks
    drafts: DraftRuns
    sights: Sights
    breakpoints: Breakpoints
    rehearser: EngineRehearser
    status: Status
    files: FileDownloads
    catalog: LiveCatalog
    connectors: Connectors
    connections: Connections
    connection_tests: ConnectionTests
    authorizations: Authorizations
    tasks: Tasks
    grants: Grants
    approvals: Approvals
    notifications: Notifications
    schedules: Schedules
    audit: AuditLog
    users: Users
    sign_ins: SignIns
    provider: ProviderSignIns | None
    authentication: Authentication
    communities: Communities
    analytics: Analytics
    templates: Templates
    live: Hub
    worker: Worker | None
    embedded: EmbeddedPostgres | None

    @property
    def bulk(self) -> BulkActions:
        """The same for many executions."""
        return BulkActions(self.executions, self.forks, Removals(self.database, self.blobs))

    @property
    def listeners(self) -> Listeners:
        """What workflows listen to."""
        return Listeners(self.database)

    @property
    def inspection(self) -> Inspection:
        """Looking into executions."""
        return Inspection(self.database, self.sights)

    @property
    def previews(self) -> Previews:
        """What expressions would come to."""
        return Previews(self.database, self.sights, self.catalog)


class DatabaseAddress:
    """Where the database is. An embedded server that is down is started again by whoever asks, once for all of them."""

    def __init__(self, dsn: str, embedded: EmbeddedPostgres | None) -> None:
        self._dsn = dsn
        self._embedded = embedded
        self._starting: asyncio.Task[str] | None = None

    async def find(self) -> str:
        """The address of a server that runs, as far as that is in our hands."""
        if self._embedded is None:
            return self._dsn
        if self._starting is None or self._starting.done():
            self._starting = asyncio.create_task(self._embedded.ensure_running(), name="embedded")
        # Whoever stops waiting leaves the start to those who ask next.
        return await asyncio.shield(self._starting)

    async def close(self) -> None:
        """Wait until no start is under way any more."""
        if self._starting is not None:
            await asyncio.gather(self._starting, return_exceptions=True)


@asynccontextmanager
async def open_platform(
    settings: Settings, *, run_worker: bool, grace_seconds: float = GRACE_SECONDS
) -> AsyncIterator[Platform]:
    """Open the database (its own if `database_uri` is unset), bring its tables up to date, and start what is wanted.

    Everything is closed in the reverse order, whatever happens inside; running steps get `grace_seconds` to end.

    Raises:
        DatabaseUnavailable: the database cannot be reached or started.
        BadSettings: the data directory, the key in it, or the folder for blobs cannot be used.
        PlatformError: the database's tables belong to another version.
    """
    discovery = discover_node_types()
    limits, caps, keys = limits_of(settings), caps_of(settings), Keys.open(settings)
    async with AsyncExitStack() as stack:
        dsn, embedded = await _open_server(settings, stack)
        address = DatabaseAddress(dsn, embedded)
        stack.push_async_callback(address.close)
        applied = await migrate(dsn)
        database = await _open_database(dsn, settings.lease_seconds, stack)
        trail = await _open_trail(settings, database, stack, run_worker=run_worker)
        if applied:
            _note_system("database.migrate", "database", "", {"applied": [*applied]})
        gate = await _open_licences(settings, database, stack)
        catalog = LiveCatalog(database, discovery.types)
        plans = Plans(database, catalog, caps)
        blobs = Blobs(settings.blob_url)
        addresses = Addresses(
            allow_private=settings.http_allow_private_addresses, allowed=settings.egress_allowed_networks
        )
        egress = Egress(addresses, max_response_bytes=settings.http_max_response_bytes)
        stack.push_async_callback(egress.close)
        vault = Vault(database, keys)
        http = ConnectedHttp(egress, vault)
        router = RouterClient(settings.router_url, settings.router_api_key)
        stack.push_async_callback(router.close)
        sandbox = Sandbox(settings.data_dir)
        stack.push_async_callback(sandbox.close)
        responses = Responses(database)
        firings = Firings(plans, enabled=settings.feature_workflows_enabled, gate=gate)
        wait_addresses = make_wait_addresses(keys, settings)
        children = ChildStarter(
            database, plans, slots=settings.max_concurrent_workflows, most_depth=settings.subworkflow_max_depth
        )
        databases = Databases(Sockets(addresses), roots_of(settings))
        stack.push_async_callback(databases.close)
        parts = Parts(
            database,
            blobs,
            egress,
            settings,
            keys,
            vault,
            addresses,
            http,
            router,
            sandbox,
            children,
            responses,
            databases,
        )
        worker = None
        if run_worker:
            toolbox = make_toolbox(parts)
            streams = Streams(blobs, keys.derive("streams"))
            worker = Worker(
                database,
                plans,
                blobs,
                streams,
                http.for_step,
                toolbox,
                settings,
                limits,
                caps,
                wait_addresses,
                find_dsn=address.find,
                firings=firings,
            )
            children.worker = worker
            stack.push_async_callback(worker.stop, grace_seconds)
            await worker.start()
            sandbox.artifacts.prepare_ahead()
        starter = Starter(
            database,
            plans,
            slots=settings.max_concurrent_workflows,
            worker=worker,
            responses=responses,
            enabled=settings.feature_workflows_enabled,
            gate=gate,
        )
        workflows = Workflows(database, catalog, caps, limits, gate)
        intake = WebhookIntake(database, keys, firings, starter, make_file_store(parts))
        passwords, authentication = Passwords(cost_of(settings)), make_authentication(database, keys, settings)
        sign_ins = SignIns(database, passwords, authentication.sessions)
        provider = make_provider_sign_ins(sign_ins, keys, settings)
        if provider is not None:
            stack.push_async_callback(provider.provider.close)
        yield Platform(
            settings=settings,
            dsn=dsn,
            database=database,
            discovery=discovery,
            limits=limits,
            caps=caps,
            plans=plans,
            blobs=blobs,
            workflows=workflows,
            workflow_lists=WorkflowLists(database),
            bulk_changes=BulkChanges(workflows),
            portable=PortableWorkflows(database, catalog, workflows),
            versions=Versions(database, workflows),
            executions=Executions(database),
            signals=Signals(database, wait_addresses),
            starter=starter,
            firings=firings,
            webhooks=Webhooks(database, keys, intake, settings.public_url),
            intake=intake,
            events=Events(database, firings),
            decisions=Decisions(database),
            forms=Forms(database, settings.public_url),
            form_intake=FormIntake(database, firings, make_file_store(parts), keys.derive("forms")),
            breakpoints=Breakpoints(database, plans),
            drafts=DraftRuns(database, starter, Sights(database, plans, blobs, events_of)),
            sights=Sights(database, plans, blobs, events_of),
            forks=Forks(
                database,
                plans,
                blobs,
                events_of,
                settings.blob_threshold_bytes,
                enabled=settings.feature_workflows_enabled,
                gate=gate,
            ),
            rehearser=EngineRehearser(catalog, limits, caps, make_rehearsal_toolbox(parts)),
            status=_status(settings, database, limits, worker, [trail.problems, gate.problems]),
            files=FileDownloads(database, make_file_store(parts)),
            catalog=catalog,
            connectors=make_connectors(parts, catalog),
            connections=Connections(database, keys),
            connection_tests=ConnectionTests(database, Means(http, Mailer(Sockets(addresses)), databases)),
            authorizations=Authorizations(database, keys, http, settings.public_url),
            tasks=Tasks(database),
            grants=Grants(database),
            approvals=make_approvals(database, keys, settings),
            notifications=Notifications(database),
            schedules=Schedules(database, firings, schedule_defaults(settings), gate),
            audit=AuditLog(database),
            users=Users(database, passwords),
            sign_ins=sign_ins,
            provider=provider,
            authentication=authentication,
            communities=Communities(database),
            analytics=Analytics(database),
            templates=Templates(workflows),
            live=Hub(database, address.find),
            worker=worker,
            embedded=embedded,
        )


async def _open_database(dsn: str, lease_seconds: int, stack: AsyncExitStack) -> Database:
    # A connection that fell silent must not hold up what runs for longer than about a lease.
    command_seconds = min(max(SHORTEST_COMMAND_SECONDS, lease_seconds), COMMAND_SECONDS)
    database = await Database.open(dsn, max_size=MOST_CONNECTIONS, command_seconds=command_seconds)
    stack.push_async_callback(database.close)
    with translate_errors():
        async with database.pool.acquire() as connection:
            await create_partitions(connection)
    await catch_up(database)
    return database


async def _open_server(settings: Settings, stack: AsyncExitStack) -> tuple[str, EmbeddedPostgres | None]:
    if settings.database_uri is not None:
        return settings.database_uri.get_secret_value(), None
    embedded = EmbeddedPostgres()
    stack.push_async_callback(embedded.stop)
    return await embedded.start(settings.data_dir), embedded


async def _open_trail(settings: Settings, database: Database, stack: AsyncExitStack, *, run_worker: bool) -> AuditTrail:
    """Open the record of what is done, for this process and all that it starts from here on."""
    file = AuditFile(settings.log_dir, max_bytes=settings.log_max_bytes, keep=settings.log_keep)
    trail = AuditTrail(database, file)
    trail.start()
    stack.push_async_callback(trail.stop)
    audit.TRAIL.set(trail)
    if run_worker:
        _note_life("process.start")
        stack.callback(_note_life, "process.stop")
    return trail


async def _open_licences(settings: Settings, database: Database, stack: AsyncExitStack) -> Gate:
    """Who decides what a licence allows: the server that is asked, or nobody."""
    if settings.license_server_url is None or not settings.release_mode:
        return Unlimited()
    server = LicenceServer(settings.license_server_url, settings.license_key)
    stack.push_async_callback(server.close)
    terms = Terms(settings.license_refresh_seconds, settings.license_grace_hours * 3600, version("wingbeat"))
    licences = Licences(database, server, terms)
    stack.push_async_callback(licences.stop)
    licences.start()
    return licences


def _note_life(action: str) -> None:
    _note_system(action, "process", f"{gethostname()} {os.getpid()}", {"version": version("wingbeat")})


def _note_system(action: str, object_type: str, object_id: str, about: JsonObject) -> None:
    audit.note(AuditEvent(Category.SYSTEM, action, object_type, object_id, actor="system", detail=about))


def _status(
    settings: Settings,
    database: Database,
    limits: Limits,
    worker: Worker | None,
    warnings: Sequence[Callable[[], list[str]]],
) -> Status:
    def warnings_here() -> list[str]:
        doubts = [f"{doubt.name}: {doubt.why}." for doubt in doubts_about(settings, os.environ)]
        return [*doubts, *(found for look in warnings for found in look())]

    def problems_here() -> list[str]:
        if worker is not None and not worker.lease.valid:
            return ["The worker of this process has no valid lease at the moment; it takes nothing on until it has."]
        return []

    return Status(
        database,
        version("wingbeat"),
        limits={
            "max_concurrent_workflows": settings.max_concurrent_workflows,
            "timeout_seconds": limits.timeout_seconds,
            "loop_iterations": limits.loop_iterations,
            "total_operations": limits.total_operations,
            "loop_depth": limits.loop_depth,
            "parallel_nodes": limits.parallel_nodes,
        },
        lease=timedelta(seconds=settings.lease_seconds),
        problems_here=problems_here,
        warnings_here=warnings_here,
    )
