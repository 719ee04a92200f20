"""The REST application, put together from the services that it is given. Nothing is started here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from wingbeat.api import failures
from wingbeat.api.admission import Admission
from wingbeat.api.analytics_routes import AnalyticsRoutes
from wingbeat.api.audit_routes import AuditRoutes
from wingbeat.api.caller_address import read_proxies
from wingbeat.api.connections.connector_routes import ConnectorRoutes
from wingbeat.api.connections.routes import ConnectionRoutes
from wingbeat.api.decision_routes import DecisionRoutes
from wingbeat.api.document import make_document
from wingbeat.api.events.listener_routes import ListenerRoutes
from wingbeat.api.events.routes import EventRoutes
from wingbeat.api.executions.bulk_routes import BulkRoutes
from wingbeat.api.executions.draft_routes import DraftRoutes
from wingbeat.api.executions.file_routes import FileRoutes
from wingbeat.api.executions.fork_routes import ForkRoutes
from wingbeat.api.executions.inspection_routes import InspectionRoutes
from wingbeat.api.executions.routes import ExecutionRoutes, Starts
from wingbeat.api.executions.wait_routes import WaitRoutes
from wingbeat.api.expression_routes import ExpressionRoutes
from wingbeat.api.forms.pages import FormPages
from wingbeat.api.forms.routes import FormRoutes
from wingbeat.api.gate import Gate
from wingbeat.api.identity.auth_routes import AuthRoutes
from wingbeat.api.identity.community_routes import CommunityRoutes
from wingbeat.api.identity.form_guard import FormGuard
from wingbeat.api.identity.me_routes import MeRoutes
from wingbeat.api.identity.sign_in_routes import Doors, SignInRoutes
from wingbeat.api.identity.token_routes import TokenRoutes
from wingbeat.api.identity.user_routes import UserRoutes
from wingbeat.api.live.door import LiveDoor
from wingbeat.api.live.sockets import LiveSockets
from wingbeat.api.node_type_routes import NodeTypeRoutes
from wingbeat.api.people.approval_routes import ApprovalRoutes
from wingbeat.api.people.notification_routes import NotificationRoutes
from wingbeat.api.people.task_routes import TaskRoutes
from wingbeat.api.rate_limits import RateLimits
from wingbeat.api.routing import HEADERS, StrictRoute, check_guarded
from wingbeat.api.schedules.routes import ScheduleRoutes
from wingbeat.api.session_cookie import SessionCookie
from wingbeat.api.settings_routes import SettingsRoutes
from wingbeat.api.status_routes import StatusRoutes
from wingbeat.api.web_app import BUILT, WebApp
from wingbeat.api.webhooks.intake_route import WebhookIntakeRoutes
from wingbeat.api.webhooks.routes import WebhookRoutes
from wingbeat.api.workflows.grant_routes import GrantRoutes
from wingbeat.api.workflows.list_routes import WorkflowListRoutes
from wingbeat.api.workflows.organising_routes import OrganisingRoutes
from wingbeat.api.workflows.portable_routes import PortableRoutes
from wingbeat.api.workflows.routes import WorkflowRoutes
from wingbeat.api.workflows.template_routes import TemplateRoutes
from wingbeat.api.workflows.version_routes import VersionRoutes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from contextlib import AbstractAsyncContextManager

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
    from wingbeat.services.executions.files import FileDownloads
    from wingbeat.services.executions.forks import Forks
    from wingbeat.services.executions.inspection import Inspection
    from wingbeat.services.executions.previews import Previews
    from wingbeat.services.executions.rehearsal import Rehearser
    from wingbeat.services.executions.signals import Signals
    from wingbeat.services.forms.forms import Forms
    from wingbeat.services.forms.intake import FormIntake
    from wingbeat.services.identity.authentication import Authentication
    from wingbeat.services.identity.communities import Communities
    from wingbeat.services.identity.provider_sign_in import ProviderSignIns
    from wingbeat.services.identity.sign_in import SignIns
    from wingbeat.services.identity.users import Users
    from wingbeat.services.live.hub import Hub
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


@dataclass(frozen=True)
class Services:
    """The use cases that the routes call, and the node types that there are by their names."""

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
    listeners: Listeners
    form_intake: FormIntake
    starter: Starts
    rehearser: Rehearser
    status: Status
    node_types: LiveCatalog
    files: FileDownloads
    connections: Connections
    connection_tests: ConnectionTests
    authorizations: Authorizations
    forks: Forks
    drafts: DraftRuns
    bulk: BulkActions
    inspection: Inspection
    previews: Previews
    breakpoints: Breakpoints
    connectors: Connectors
    tasks: Tasks
    grants: Grants
    approvals: Approvals
    notifications: Notifications
    schedules: Schedules
    audit: AuditLog
    authentication: Authentication
    webhooks: Webhooks
    intake: WebhookIntake
    users: Users
    sign_ins: SignIns
    provider: ProviderSignIns | None
    communities: Communities
    analytics: Analytics
    templates: Templates
    settings: EffectiveSettings
    live: Hub


@dataclass(frozen=True)
class ApiOptions:
    """How the API is to behave."""

    version: str
    max_body_bytes: int = 10_000_000
    trusted_proxies: Collection[str] = ()
    public_url: str = "http://localhost"
    # Pages of these may ask with a token or a key; never with anybody's session.
    cors_allowed_origins: Collection[str] = ()
    rate_limits: RateLimits = field(default_factory=RateLimits)
    request_seconds: float = 180.0
    web_app: Path = BUILT
    # Without it, live events are for WebSockets only: one of several processes does not know the polls of another.
    live_polling: bool = True


# What pages of other origins may send along.
ASKED_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-API-Key", "X-Request-Id")


class RestApp(FastAPI):
    """FastAPI with our document, and without its pages, whose scripts come from other people's servers."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made when it is first asked for."""
        if self.openapi_schema is None:
            self.openapi_schema = make_document(self)
        return self.openapi_schema


def create_app(
    services: Services,
    options: ApiOptions,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
) -> FastAPI:
    """The ASGI application; `lifespan` surrounds its life and is the caller's.

    Raises:
        TypeError: a route declares no permission, or does not check it.
    """
    app = RestApp(
        title="Wingbeat",
        version=options.version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.router.route_class = StrictRoute
    cookie = SessionCookie(options.public_url)
    app.state.request_seconds = options.request_seconds
    app.state.admission = Admission(services.authentication, cookie, options.public_url, options.rate_limits)
    executions = ExecutionRoutes(
        services.executions, services.workflows, services.starter, services.rehearser, options.max_body_bytes
    )
    proxies = read_proxies(options.trusted_proxies)
    WebhookIntakeRoutes(services.intake, options.max_body_bytes, proxies).add_to(app)
    executions.add_starting_to(app)
    add_workflow_routes(app, services, options.max_body_bytes)
    executions.add_to(app)
    FileRoutes(services.files).add_to(app)
    _add_tools_of_the_editor(app, services, options.max_body_bytes)
    ForkRoutes(services.forks, services.breakpoints, options.max_body_bytes).add_to(app)
    WaitRoutes(services.signals, options.max_body_bytes).add_to(app)
    EventRoutes(services.events, options.max_body_bytes).add_to(app)
    DecisionRoutes(services.decisions).add_to(app)
    ListenerRoutes(services.listeners).add_to(app)
    FormRoutes(services.forms, options.max_body_bytes).add_to(app)
    FormPages(services.form_intake, options.max_body_bytes, proxies).add_to(app)
    NodeTypeRoutes(services.node_types).add_to(app)
    ConnectorRoutes(services.connectors, options.max_body_bytes).add_to(app)
    ConnectionRoutes(
        services.connections, services.connection_tests, services.authorizations, options.max_body_bytes
    ).add_to(app)
    TaskRoutes(services.tasks, options.max_body_bytes).add_to(app)
    ApprovalRoutes(services.approvals, options.max_body_bytes).add_to(app)
    ScheduleRoutes(services.schedules, options.max_body_bytes).add_to(app)
    NotificationRoutes(services.notifications, options.max_body_bytes).add_to(app)
    WebhookRoutes(services.webhooks, options.max_body_bytes, proxies).add_to(app)
    guard = FormGuard(services.authentication, options.public_url)
    doors = Doors(services.sign_ins, services.authentication, guard, services.provider)
    SignInRoutes(doors, proxies).add_to(app)
    AuthRoutes(doors, proxies).add_to(app)
    UserRoutes(services.users, services.communities, options.public_url, options.max_body_bytes).add_to(app)
    CommunityRoutes(services.communities, options.max_body_bytes).add_to(app)
    AuditRoutes(services.audit).add_to(app)
    MeRoutes(services.authentication).add_to(app)
    TokenRoutes(services.authentication, options.max_body_bytes).add_to(app)
    AnalyticsRoutes(services.analytics).add_to(app)
    TemplateRoutes(services.templates, options.max_body_bytes).add_to(app)
    SettingsRoutes(services.settings).add_to(app)
    StatusRoutes(services.status).add_to(app)
    app.state.live = LiveSockets(services.live, app.state.admission, proxies, polling=options.live_polling)
    app.router.routes.append(LiveDoor(app.state.live))
    WebApp(options.web_app).add_to(app)
    failures.install(app)
    check_guarded(app.routes)
    app.add_middleware(Gate, public_url=options.public_url, proxies=proxies)
    if options.cors_allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(options.cors_allowed_origins),
            allow_methods=["DELETE", "GET", "PATCH", "POST", "PUT"],
            allow_headers=list(ASKED_HEADERS),
            expose_headers=list(HEADERS),
        )
    return app


def _add_tools_of_the_editor(app: FastAPI, services: Services, max_body_bytes: int) -> None:
    """What somebody needs who draws a workflow, and looks into what it did."""
    InspectionRoutes(services.inspection).add_to(app)
    ExpressionRoutes(services.previews, max_body_bytes).add_to(app)
    BulkRoutes(services.bulk, max_body_bytes).add_to(app)
    DraftRoutes(services.drafts, max_body_bytes).add_to(app)


def add_workflow_routes(app: FastAPI, services: Services, max_body_bytes: int) -> None:
    """The addresses of workflows themselves: one, lists, versions, copies, and who may do what with them."""
    WorkflowRoutes(services.workflows, max_body_bytes).add_to(app)
    WorkflowListRoutes(services.workflow_lists).add_to(app)
    OrganisingRoutes(services.workflows, services.bulk_changes, max_body_bytes).add_to(app)
    PortableRoutes(services.portable, max_body_bytes).add_to(app)
    VersionRoutes(services.versions, max_body_bytes).add_to(app)
    GrantRoutes(services.grants, max_body_bytes).add_to(app)
