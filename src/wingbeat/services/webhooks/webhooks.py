"""What can be done with webhooks: save, read, change, rotate, try, delete. Secrets are shown once and never again."""

from __future__ import annotations

import hmac
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from wingbeat.core.access import Permission
from wingbeat.core.errors import InvalidInput, NotFound, PreconditionFailed, WingbeatError
from wingbeat.core.networks import read_network
from wingbeat.services.permissions.access import require
from wingbeat.services.webhooks.checks import Delivery
from wingbeat.services.webhooks.secrets import (
    OpenedSecrets,
    StoredWebhookSecret,
    check_secret,
    new_secret,
    new_token,
    seal_secret,
)
from wingbeat.services.webhooks.signatures import (
    BODY_SIGNATURE,
    STANDARD_ID,
    STANDARD_SIGNATURE,
    STANDARD_TIME,
    Scheme,
    sign_body,
    sign_timestamped,
)
from wingbeat.services.workflow_rules import NO_REVISION
from wingbeat.storage import audit, idempotency
from wingbeat.storage import webhooks as rows
from wingbeat.storage import workflows as workflow_rows
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.paging import Page
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load
from wingbeat.storage.scoping import as_engine
from wingbeat.storage.secret_addresses import HIDDEN
from wingbeat.storage.webhooks import CURRENT, PREVIOUS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.webhooks.intake import WebhookIntake
    from wingbeat.storage.keys import Keys
    from wingbeat.storage.paging import Paging
    from wingbeat.storage.pool import Database
    from wingbeat.storage.secret import Secret
    from wingbeat.storage.webhooks import StoredWebhook, WebhookDecision, WebhookFields

CREATE = "webhook.create"
Headers: TypeAlias = list[tuple[bytes, bytes]]
Shown: TypeAlias = "list[ShownWebhook]"
ADDRESS = "/api/v1/workflows/webhooks/"
DEFAULT_METHODS = ("POST",)
WEBHOOK_TRIGGER = "trigger.webhook"
# Who has one of these learns the address.
USING = frozenset({Permission.EDIT, Permission.EXECUTE})


@dataclass(frozen=True)
class WebhookRequest:
    """What a save says. Without `methods` they are those of the trigger; a `secret` is only for a new webhook."""

    fields: WebhookFields
    methods: Sequence[str] | None = None
    secret: Secret | None = None


class ShownWebhook(NamedTuple):
    """A webhook as it may be seen; with its secret where that was made just now."""

    stored: StoredWebhook
    url: str
    secret: Secret | None = None
    replayed: bool = False

    def to_json(self) -> JsonObject:
        """As sent to callers."""
        shown: JsonObject = {name: getattr(self.stored, name) for name in self.stored.__slots__}
        shown["url"] = self.url
        if self.secret is not None:
            shown["secret"] = self.secret.reveal()
        return shown


class Rotation(NamedTuple):
    """What is made anew. The old secret counts for `overlap_seconds` more; `secret` may be given."""

    token: bool = False
    new_secret: bool = True
    secret: Secret | None = None
    overlap_seconds: int = 0


class Trial(NamedTuple):
    """A delivery to try a webhook with; it is signed for whoever sends it."""

    method: str = "POST"
    body: Json = None
    query: str = ""
    address: str = ""


class Tried(NamedTuple):
    """What a sender would have got: an execution, or an error."""

    execution_id: UUID | None
    replayed: bool = False
    error_code: str | None = None
    message: str = "The delivery was taken."
    remedy: str = ""


class WantedDeliveries(NamedTuple):
    """Which deliveries to list: those with one of the outcomes, if any are named, and before the one with this id."""

    outcomes: Collection[str] = ()
    before: UUID | None = None
    most: int = 20


@dataclass(frozen=True)
class Webhooks:
    """The use cases of webhooks; whoever may see a workflow may see its webhooks, and who may edit it, change them.

    A method that is given `expected_revision` changes nothing unless the webhook still has that revision
    (PreconditionFailed). All raise NotFound for an id that there is not, or that is not the caller's, Forbidden, and
    DatabaseUnavailable.
    """

    database: Database
    keys: Keys
    intake: WebhookIntake
    public_url: str

    async def create(
        self, principal: Principal, workflow_id: UUID, request: WebhookRequest, *, idempotency_key: str | None = None
    ) -> ShownWebhook:
        """Save a new webhook. It answers, on every process, from the moment this returns.

        Raises:
            InvalidInput: `WEBHOOK_INVALID` or `WEBHOOK_SECRET_UNFIT`.
            Conflict: `IDEMPOTENCY_KEY_REUSED`.
        """
        webhook_id, secret = new_id(), request.secret or new_secret()
        check_secret(secret)
        async with self._transaction(principal, workflow_id, Permission.EDIT) as connection:
            if idempotency_key is not None:
                earlier = await idempotency.remember(
                    connection,
                    CREATE,
                    idempotency_key,
                    self._hash(workflow_id, request),
                    webhook_id,
                    owner=principal.key,
                )
                if earlier is not None:
                    found = await find(connection, workflow_id, earlier)
                    return ShownWebhook(found, self._url(found), replayed=True)
            fields = await resolve(connection, workflow_id, request)
            stored = await rows.insert(connection, webhook_id, workflow_id, new_token(), principal.user_id, fields)
            await note(connection, principal, stored, CREATE)
            async with as_engine(connection):
                sealed = seal_secret(self.keys, webhook_id, 1, secret)
                await rows.put_secret(connection, webhook_id, CURRENT, 1, sealed)
        return ShownWebhook(stored, self._url(stored), secret)

    async def get(self, principal: Principal, workflow_id: UUID, webhook_id: UUID) -> ShownWebhook:
        """The webhook, without its secret."""
        async with self._transaction(principal, workflow_id, Permission.VIEW) as connection:
            found = await find(connection, workflow_id, webhook_id)
            return (await self._show(connection, principal, workflow_id, [found]))[0]

    async def list(
        self, principal: Principal, workflow_id: UUID, paging: Paging
    ) -> tuple[Page[ShownWebhook], int | None]:
        """One page of a workflow's webhooks, and how many there are if the page is named by its number."""
        async with self._transaction(principal, workflow_id, Permission.VIEW) as connection:
            page = await rows.list_page(connection, workflow_id, paging)
            counted = paging.cursor is None
            total = await load("webhooks").count_webhooks(connection, workflow_id=workflow_id) if counted else None
            shown = await self._show(connection, principal, workflow_id, page.items)
        return Page(shown, page.more), total

    async def update(
        self,
        principal: Principal,
        workflow_id: UUID,
        webhook_id: UUID,
        request: WebhookRequest,
        *,
        expected_revision: int | None,
    ) -> ShownWebhook:
        """Replace all but the token and the secret.

        Raises:
            InvalidInput: `WEBHOOK_INVALID`.
        """
        async with self._transaction(principal, workflow_id, Permission.EDIT) as connection:
            await lock(connection, workflow_id, webhook_id, expected_revision)
            fields = await resolve(connection, workflow_id, request)
            stored = await rows.update(connection, webhook_id, fields)
            await note(connection, principal, stored, "webhook.update")
        return ShownWebhook(stored, self._url(stored))

    async def rotate(
        self,
        principal: Principal,
        workflow_id: UUID,
        webhook_id: UUID,
        rotation: Rotation,
        *,
        expected_revision: int | None = None,
    ) -> ShownWebhook:
        """Make the token, the secret or both anew.

        Raises:
            InvalidInput: `WEBHOOK_SECRET_UNFIT`.
        """
        secret = (rotation.secret or new_secret()) if rotation.new_secret else None
        if secret is not None:
            check_secret(secret)
        async with self._transaction(principal, workflow_id, Permission.EDIT) as connection:
            await lock(connection, workflow_id, webhook_id, expected_revision)
            token = new_token() if rotation.token else None
            row = await load("webhooks").note_rotation(connection, webhook_id=webhook_id, token=token)
            stored = rows.as_stored(row)
            await note(connection, principal, stored, "webhook.rotate")
            if secret is not None:
                async with as_engine(connection):
                    await self._replace_secret(connection, webhook_id, secret, rotation.overlap_seconds)
        return ShownWebhook(stored, self._url(stored), secret)

    async def delete(
        self, principal: Principal, workflow_id: UUID, webhook_id: UUID, *, expected_revision: int | None = None
    ) -> ShownWebhook:
        """Remove the webhook with its secrets; its address answers like one that never was."""
        async with self._transaction(principal, workflow_id, Permission.EDIT) as connection:
            stored = await lock(connection, workflow_id, webhook_id, expected_revision)
            await load("webhooks").delete_webhook(connection, webhook_id=webhook_id)
            await note(connection, principal, stored, "webhook.delete")
        return ShownWebhook(stored, self._url(stored))

    async def list_deliveries(
        self,
        principal: Principal,
        workflow_id: UUID,
        webhook_id: UUID,
        wanted: WantedDeliveries,
    ) -> Page[WebhookDecision]:
        """What became of the last deliveries; as they are wanted."""
        async with self._transaction(principal, workflow_id, Permission.VIEW) as connection:
            await find(connection, workflow_id, webhook_id)
            async with as_engine(connection):
                found = await rows.list_decisions(
                    connection, webhook_id, wanted.outcomes, wanted.before, wanted.most + 1
                )
        return Page.of(found, wanted.most)

    async def try_out(self, principal: Principal, workflow_id: UUID, webhook_id: UUID, trial: Trial) -> Tried:
        """Deliver something as a sender would, signed; what is started runs like any other execution."""
        async with self._transaction(principal, workflow_id, Permission.EXECUTE) as connection:
            stored = await find(connection, workflow_id, webhook_id)
            async with as_engine(connection):
                secret = await rows.get_secret(connection, webhook_id, CURRENT)
        body = b"" if trial.body is None else encode_json(trial.body)
        headers = [(b"content-type", b"application/json"), (b"user-agent", b"Wingbeat")]
        if secret is not None:
            headers += self._sign(stored, StoredWebhookSecret(secret.version, secret.sealed), body)
        delivery = Delivery(stored.token, trial.method, trial.address, trial.query, headers, body)
        try:
            received = await self.intake.receive(delivery)
        except WingbeatError as error:
            return Tried(None, error_code=error.code, message=error.message, remedy=error.remedy)
        return Tried(received.execution_id, replayed=received.replayed)

    def _sign(self, stored: StoredWebhook, secret: StoredWebhookSecret, body: bytes) -> Headers:
        keys = OpenedSecrets(self.keys).open(stored.webhook_id, secret)
        if stored.signature_scheme == Scheme.BODY:
            return [(BODY_SIGNATURE, sign_body(keys, stored.token, body))]
        delivery_id, now = f"test_{new_id()}".encode(), str(int(time.time())).encode()
        signature = sign_timestamped(keys, delivery_id, now, body)
        return [(STANDARD_ID, delivery_id), (STANDARD_TIME, now), (STANDARD_SIGNATURE, signature)]

    async def _replace_secret(
        self, connection: asyncpg.Connection, webhook_id: UUID, secret: Secret, overlap_seconds: int
    ) -> None:
        before = await rows.get_secret(connection, webhook_id, CURRENT)
        version = 1 if before is None else before.version + 1
        if before is not None and overlap_seconds:
            await rows.put_secret(
                connection, webhook_id, PREVIOUS, before.version, before.sealed, seconds=overlap_seconds
            )
        else:
            await load("webhooks").delete_secret(connection, webhook_id=webhook_id, purpose=PREVIOUS)
        await rows.put_secret(
            connection, webhook_id, CURRENT, version, seal_secret(self.keys, webhook_id, version, secret)
        )

    async def _show(
        self, connection: asyncpg.Connection, principal: Principal, workflow_id: UUID, found: Sequence[StoredWebhook]
    ) -> Shown:
        """Webhooks as the caller may see them: who may neither run nor change the workflow learns no address.

        Where no signature is asked for, the address is all that it takes to run it.
        """
        if not await require(connection, principal, workflow_id, Permission.VIEW) & USING:
            found = [replace(one, token=HIDDEN) for one in found]
        return [ShownWebhook(one, self._url(one)) for one in found]

    def _url(self, stored: StoredWebhook) -> str:
        return self.address_of(stored.token)

    def address_of(self, token: str) -> str:
        """Where deliveries go."""
        return f"{self.public_url}{ADDRESS}{token}"

    def _hash(self, workflow_id: UUID, request: WebhookRequest) -> bytes:
        """Tells one request to create from another. Keyed: a plain hash would let a short secret be guessed."""
        about: list[Json] = [str(workflow_id), None if request.methods is None else list(request.methods)]
        about += [rows.columns(request.fields)[name] for name in request.fields.__slots__]
        about.append(request.secret.reveal() if request.secret is not None else None)
        return hmac.digest(self.keys.derive("webhooks.idempotency"), encode_json(about), "sha256")

    @asynccontextmanager
    async def _transaction(
        self, principal: Principal, workflow_id: UUID, permission: Permission
    ) -> AsyncIterator[asyncpg.Connection]:
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await require(connection, principal, workflow_id, permission)
                yield connection


async def resolve(connection: asyncpg.Connection, workflow_id: UUID, request: WebhookRequest) -> WebhookFields:
    """The fields as they are kept: checked, and with the methods of the trigger where none are given.

    Raises:
        InvalidInput: `WEBHOOK_INVALID`, with all that is wrong.
    """
    fields = request.fields
    problems: list[Json] = []
    allowlist = []
    for index, text in enumerate(fields.ip_allowlist):
        try:
            allowlist.append(str(read_network(text)))
        except ValueError:
            problems.append({"field": f"ip_allowlist.{index}", "message": "It must be an address or a network."})
    triggers = await find_triggers(connection, workflow_id)
    trigger = triggers.get(fields.trigger_node_id) if fields.trigger_node_id is not None else None
    if fields.trigger_node_id is not None and trigger is None:
        known = ", ".join(sorted(triggers)) or "none"
        problems.append({"field": "trigger_node_id", "message": f"The workflow's triggers are: {known[:500]}."})
    if problems:
        named = ", ".join(str(problem["field"]) for problem in problems if isinstance(problem, dict))
        raise InvalidInput(
            f"The webhook does not fit: {named[:500]}.",
            code="WEBHOOK_INVALID",
            remedy="See docs/webhooks.md for what belongs to one.",
            details={"problems": problems},
        )
    if trigger is None:
        trigger = next((node for node in triggers.values() if node.get("type") == WEBHOOK_TRIGGER), None)
    methods = request.methods if request.methods is not None else methods_of(trigger)
    return replace(fields, ip_allowlist=list(dict.fromkeys(allowlist)), methods=sorted(set(methods)))


async def find_triggers(connection: asyncpg.Connection, workflow_id: UUID) -> dict[str, JsonObject]:
    """The triggers of the workflow as it is being edited, by their ids."""
    workflow = await workflow_rows.get(connection, workflow_id)
    nodes = workflow.definition.get("nodes") if workflow is not None else None
    return {
        str(node["id"]): node
        for node in (nodes if isinstance(nodes, list) else [])
        if isinstance(node, dict) and "id" in node and str(node.get("type", "")).startswith("trigger.")
    }


def methods_of(trigger: JsonObject | None) -> Sequence[str]:
    """The methods that a trigger is meant for."""
    parameters = trigger.get("parameters") if trigger is not None else None
    methods = parameters.get("methods") if isinstance(parameters, dict) else None
    known = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    found = [method for method in methods if isinstance(method, str)] if isinstance(methods, list) else []
    return found if found and known.issuperset(found) else DEFAULT_METHODS


async def find(
    connection: asyncpg.Connection, workflow_id: UUID, webhook_id: UUID, *, locked: bool = False
) -> StoredWebhook:
    """The webhook.

    Raises:
        NotFound: the workflow has none with this id.
    """
    stored = await rows.get(connection, workflow_id, webhook_id, lock=locked)
    if stored is None:
        raise NotFound(
            f"There is no webhook {webhook_id}.",
            code="WEBHOOK_NOT_FOUND",
            remedy="List the workflow's webhooks to find its id.",
        )
    return stored


async def lock(
    connection: asyncpg.Connection, workflow_id: UUID, webhook_id: UUID, expected_revision: int | None
) -> StoredWebhook:
    """The webhook, kept from changing, and as the caller knows it.

    Raises:
        NotFound: the workflow has none with this id.
        PreconditionFailed: somebody changed it since the caller read it.
    """
    stored = await find(connection, workflow_id, webhook_id, locked=True)
    if expected_revision is None or expected_revision == stored.revision:
        return stored
    raise PreconditionFailed(
        "What was sent as the ETag of the webhook is none that it can have; nothing was changed."
        if expected_revision == NO_REVISION
        else f"The webhook is at revision {stored.revision} by now, not {expected_revision}; nothing was changed.",
        code="ETAG_UNKNOWN" if expected_revision == NO_REVISION else "REVISION_STALE",
        remedy="Read it again, apply your change to what it is now, and send that with its ETag.",
        details={"current_revision": stored.revision},
    )


async def note(connection: asyncpg.Connection, principal: Principal, stored: StoredWebhook, action: str) -> None:
    """Write down what was done with a webhook."""
    await audit.write(
        connection,
        AuditEvent(
            Category.AUDIT,
            action,
            "webhook",
            str(stored.webhook_id),
            actor=principal.name,
            detail={"name": stored.name, "workflow_id": str(stored.workflow_id), "revision": stored.revision},
        ),
    )
