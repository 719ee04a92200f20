"""Which part of the platform carries out which tool of the sdk: the only place that knows both."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.egress.mail import Mailer, StepMail
from wingbeat.egress.mcp import McpClient
from wingbeat.egress.models import StepModels
from wingbeat.egress.objects import StepBuckets
from wingbeat.egress.oidc import Client, IdentityProvider
from wingbeat.egress.signing import StepSigning
from wingbeat.egress.sockets import Sockets
from wingbeat.egress.sql.client import StepSql
from wingbeat.egress.vault import Trial
from wingbeat.sdk.approvals import APPROVALS
from wingbeat.sdk.chance import CHANCE
from wingbeat.sdk.children import CHILDREN
from wingbeat.sdk.code import CODE
from wingbeat.sdk.files import FILES
from wingbeat.sdk.folders import FOLDERS
from wingbeat.sdk.mail import MAIL
from wingbeat.sdk.mcp import MCP
from wingbeat.sdk.memory import MEMORY
from wingbeat.sdk.models import MODELS
from wingbeat.sdk.notifications import NOTIFICATIONS
from wingbeat.sdk.responses import RESPONSES
from wingbeat.sdk.router import ROUTER
from wingbeat.sdk.signing import SIGNING
from wingbeat.sdk.sql import SQL
from wingbeat.sdk.tasks import TASKS
from wingbeat.sdk.waits import WAITS
from wingbeat.services.connections.connectors import Connectors
from wingbeat.services.executions.chance import StepChance
from wingbeat.services.executions.family import StepChildren
from wingbeat.services.executions.files import FileStore
from wingbeat.services.executions.folders import StepFolders
from wingbeat.services.executions.memory import StepMemory
from wingbeat.services.executions.responses import StepResponses
from wingbeat.services.executions.waits import StepWaits, WaitAddresses
from wingbeat.services.identity.authentication import Authentication
from wingbeat.services.identity.jwt_tokens import JwtRules, JwtVerifier
from wingbeat.services.identity.provided_people import rules_of
from wingbeat.services.identity.provider_sign_in import ProviderSignIns
from wingbeat.services.identity.sessions import Sessions, SessionTimes
from wingbeat.services.identity.tokens import Tokens
from wingbeat.services.people.approval_links import PURPOSE, ApprovalLinks
from wingbeat.services.people.approvals import Approvals
from wingbeat.services.people.notifications import StepNotifications
from wingbeat.services.people.step_approvals import StepApprovals
from wingbeat.services.people.step_tasks import StepTasks
from wingbeat.services.people.tasks import Tasks
from wingbeat.settings import roots_of
from wingbeat.storage.folders import LocalFolders
from wingbeat.storage.keys import open_signing_key
from wingbeat.storage.secret import Secret
from wingbeat.storage.service_key import open_service_key

if TYPE_CHECKING:
    from wingbeat.egress.addresses import Addresses
    from wingbeat.egress.http import Egress
    from wingbeat.egress.router import RouterClient
    from wingbeat.egress.sql.client import Databases
    from wingbeat.egress.step_http import ConnectedHttp
    from wingbeat.egress.vault import Vault
    from wingbeat.sandbox.code_runner import Sandbox
    from wingbeat.services.catalog import LiveCatalog
    from wingbeat.services.executions.children import ChildStarter
    from wingbeat.services.executions.responses import Responses
    from wingbeat.services.identity.sign_in import SignIns
    from wingbeat.settings import Settings
    from wingbeat.storage.blobs import Blobs
    from wingbeat.storage.keys import Keys
    from wingbeat.storage.pool import Database
    from wingbeat.worker.step_context import Toolbox


class Parts(NamedTuple):
    """What the tools are made of."""

    database: Database
    blobs: Blobs
    egress: Egress
    settings: Settings
    keys: Keys
    vault: Vault
    addresses: Addresses
    http: ConnectedHttp
    router: RouterClient
    sandbox: Sandbox
    children: ChildStarter
    responses: Responses
    databases: Databases


def make_toolbox(parts: Parts) -> Toolbox:
    """What a step of an execution may use, by the names of the tools."""
    files = make_file_store(parts)
    chance = parts.keys.derive("steps.random")
    folders = LocalFolders(roots_of(parts.settings))
    mailer = Mailer(Sockets(parts.addresses))
    wait_addresses = make_wait_addresses(parts.keys, parts.settings)
    approvals = make_approvals(parts.database, parts.keys, parts.settings)
    return {
        CODE.name: lambda _step: parts.sandbox,
        CHILDREN.name: lambda step: StepChildren(parts.children, step),
        FILES.name: lambda step: files.of(UUID(step.execution_id)),
        CHANCE.name: lambda step: StepChance(chance, step),
        SIGNING.name: lambda step: StepSigning(parts.vault, step),
        MEMORY.name: lambda step: StepMemory(parts.database, step),
        MCP.name: lambda step: McpClient(step.http),
        FOLDERS.name: lambda step: StepFolders(
            folders, StepBuckets(parts.vault, parts.egress, step), parts.settings.max_file_bytes
        ),
        MAIL.name: lambda step: StepMail(mailer, parts.vault, step),
        SQL.name: lambda step: StepSql(parts.databases, parts.vault, step),
        MODELS.name: lambda step: StepModels(parts.egress, parts.vault, step),
        RESPONSES.name: lambda step: StepResponses(parts.responses, step),
        ROUTER.name: parts.router.of,
        WAITS.name: lambda step: StepWaits(parts.database, step, wait_addresses),
        APPROVALS.name: lambda step: StepApprovals(approvals, step),
        NOTIFICATIONS.name: lambda step: StepNotifications(parts.database, step),
        TASKS.name: lambda step: StepTasks(Tasks(parts.database), step),
    }


def make_rehearsal_toolbox(parts: Parts) -> Toolbox:
    """What a step of a test run may use: tools that change nothing outside."""
    files = make_file_store(parts)
    # What a test run keeps goes when an execution of its age would.
    return {CODE.name: lambda _step: parts.sandbox, FILES.name: lambda step: files.of(UUID(step.execution_id))}


def make_connectors(parts: Parts, catalog: LiveCatalog) -> Connectors:
    """The use cases of connectors, which look at other systems on behalf of no step."""
    http = parts.http.for_step(Trial())
    return Connectors(parts.database, catalog, http, McpClient(http))


def make_wait_addresses(keys: Keys, settings: Settings) -> WaitAddresses:
    """The addresses at which waiting steps are called."""
    return WaitAddresses(keys.derive("waits"), settings.public_url)


def make_approvals(database: Database, keys: Keys, settings: Settings) -> Approvals:
    """The use cases of approvals, with the links that decide."""
    return Approvals(database, ApprovalLinks(keys.derive(PURPOSE), settings.public_url))


def make_authentication(database: Database, keys: Keys, settings: Settings) -> Authentication:
    """Who is believed, and what it takes."""
    rules = JwtRules(settings.jwt_issuer, settings.jwt_audience, expiry_required=settings.release_mode)
    times = SessionTimes(
        idle=timedelta(seconds=settings.session_idle_seconds), longest=timedelta(seconds=settings.session_max_seconds)
    )
    return Authentication(
        open_service_key(settings),
        JwtVerifier(open_signing_key(settings), rules),
        Tokens(database),
        Sessions(database, keys.derive("sessions.csrf"), times),
        frozenset(settings.api_key_scopes),
    )


def make_provider_sign_ins(sign_ins: SignIns, keys: Keys, settings: Settings) -> ProviderSignIns | None:
    """The identity provider, if the operator named one; its `provider` is to be closed."""
    if not settings.oidc_issuer:
        return None
    secret = settings.oidc_client_secret
    client = Client(
        settings.oidc_issuer,
        settings.oidc_client_id,
        None if secret is None else Secret(secret.get_secret_value()),
        settings.oidc_scopes,
    )
    return ProviderSignIns(
        IdentityProvider(client),
        sign_ins,
        rules_of(settings),
        keys.derive("oidc.pkce"),
        f"{settings.public_url}/sign-in/oidc/callback",
        settings.oidc_name,
    )


def make_file_store(parts: Parts) -> FileStore:
    """The files of executions."""
    return FileStore(parts.blobs, parts.keys.derive("files"), parts.settings.max_file_bytes)
