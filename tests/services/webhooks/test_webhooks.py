"""Who may do what with webhooks, and what becomes of their secrets when keys change."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from tests.rig.connections import KEYS
from tests.rig.node_types import NODE_TYPES
from tests.rig.people import ADMIN, AUTHOR, COOK, EDITOR, GARDENERS, MEMBER, OPERATOR, STRANGER, VIEWER

from wingbeat.core.access import SERVICE, Principal
from wingbeat.core.errors import NotFound, WingbeatError
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.services.catalog import LiveCatalog
from wingbeat.services.executions.files import FileStore
from wingbeat.services.executions.firing import Firings
from wingbeat.services.executions.start import Starter
from wingbeat.services.webhooks.checks import Delivery
from wingbeat.services.webhooks.intake import WebhookIntake
from wingbeat.services.webhooks.secrets import PURPOSE, OpenedSecrets, keys_of
from wingbeat.services.webhooks.signatures import sign_body
from wingbeat.services.webhooks.webhooks import (
    Rotation,
    ShownWebhook,
    Trial,
    WantedDeliveries,
    WebhookRequest,
    Webhooks,
)
from wingbeat.services.workflows import Workflows
from wingbeat.storage import webhooks as rows
from wingbeat.storage.blobs import Blobs
from wingbeat.storage.keys import Keys, MasterKey
from wingbeat.storage.paging import Paging
from wingbeat.storage.pool import Database
from wingbeat.storage.sealing import Undecryptable
from wingbeat.storage.webhooks import WebhookFields
from wingbeat.storage.workflows import WorkflowFields
from wingbeat.worker.plans import Plans

FIELDS = WebhookFields("orders", "", True, None, (), "immediately", 30, True, "any", (), 60, 60, 86_400)
REQUEST = WebhookRequest(FIELDS)
MISSING = UUID("019a9c5e-0c4b-7c3a-9d53-4f1e2a7b6c8d")


class Rig:
    """The use cases on a test's database, and a workflow of the gardeners that the author made."""

    def __init__(self, database: Database, folder: Path, keys: Keys = KEYS) -> None:
        catalog = LiveCatalog(database, NODE_TYPES)
        plans = Plans(database, catalog, DEFAULT_CAPS)
        files = FileStore(Blobs((folder / "blobs").as_uri()), b"k" * 32, 1_000_000)
        starter = Starter(database, plans, slots=10, worker=None)
        self.intake = WebhookIntake(database, keys, Firings(plans), starter, files)
        self.webhooks = Webhooks(database, keys, self.intake, "http://test")
        self._workflows = Workflows(database, catalog)
        self.workflow_id = MISSING

    async def publish(self) -> None:
        """Make the workflow."""
        nodes = [{"id": "start", "type": "trigger.webhook"}, {"id": "end", "type": "flow.end"}]
        document = {"name": "w", "nodes": nodes, "connections": [{"from": "start", "to": "end"}]}
        fields = WorkflowFields(document, community_id=GARDENERS)  # type: ignore[arg-type]
        author = AUTHOR.__class__(AUTHOR.kind, AUTHOR.user_id, AUTHOR.username, communities={GARDENERS: "editor"})
        created = await self._workflows.create(author, fields)
        self.workflow_id = created.workflow.header.workflow_id
        await self._workflows.publish(author, self.workflow_id)

    async def deliver(self, webhook: ShownWebhook) -> bool:
        """Whether a signed delivery is taken."""
        assert webhook.secret is not None
        token = webhook.stored.token
        headers = [
            (b"content-type", b"application/json"),
            (b"x-webhook-signature", sign_body(keys_of(webhook.secret), token, b"{}")),
        ]
        try:
            await self.intake.receive(Delivery(token, "POST", "", "", headers, b"{}"))
        except Undecryptable:
            return False
        return True


@pytest.fixture
async def rig(database: Database, tmp_path: Path) -> Rig:
    """The use cases, with a workflow."""
    made = Rig(database, tmp_path)
    await made.publish()
    return made


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        (SERVICE, "view edit run"),
        (AUTHOR, "view edit run"),
        (ADMIN, "view edit run"),
        (EDITOR, "view edit run"),
        (OPERATOR, "view run"),
        (VIEWER, "view"),
        (MEMBER, ""),
        (COOK, ""),
        (STRANGER, ""),
    ],
    ids=lambda value: value.name if isinstance(value, Principal) else None,
)
async def test_whoever_may_edit_a_workflow_may_change_its_webhooks(
    rig: Rig, principal: Principal, allowed: str
) -> None:
    """And who may view it, list them; to all others there is neither the workflow nor the webhook."""
    there = await rig.webhooks.create(SERVICE, rig.workflow_id, REQUEST)
    of, one = rig.workflow_id, there.stored.webhook_id
    attempts = {
        "view": (
            rig.webhooks.list(principal, of, Paging("name")),
            rig.webhooks.get(principal, of, one),
            rig.webhooks.list_deliveries(principal, of, one, WantedDeliveries()),
        ),
        "run": (rig.webhooks.try_out(principal, of, one, Trial()),),
        "edit": (
            rig.webhooks.create(principal, of, REQUEST, idempotency_key="k"),
            rig.webhooks.update(principal, of, one, REQUEST, expected_revision=None),
            rig.webhooks.rotate(principal, of, one, Rotation(token=True, overlap_seconds=60)),
            rig.webhooks.delete(principal, of, one),
        ),
    }
    refused = "PERMISSION_DENIED" if allowed else "WORKFLOW_NOT_FOUND"
    for what, calls in attempts.items():
        for call in calls:
            code = ""
            try:
                await call
            except WingbeatError as error:
                code = error.code
            assert ("" if what in allowed else refused) == code


async def test_a_foreign_webhook_is_a_missing_one(rig: Rig) -> None:
    """The same words, but for the id."""
    there = (await rig.webhooks.create(SERVICE, rig.workflow_id, REQUEST)).stored.webhook_id
    said = []
    for workflow_id, webhook_id in ((rig.workflow_id, there), (MISSING, MISSING)):
        with pytest.raises(NotFound) as caught:
            await rig.webhooks.get(STRANGER, workflow_id, webhook_id)
        said.append(str(caught.value.to_json()).replace(str(workflow_id), "ID"))
    assert said[0] == said[1]


async def test_secrets_change_over_to_another_key(rig: Rig, database: Database, tmp_path: Path) -> None:
    """Those of before that still count too; then the old key is not needed any more."""
    webhook = await rig.webhooks.create(SERVICE, rig.workflow_id, REQUEST)
    newer = await rig.webhooks.rotate(
        SERVICE, rig.workflow_id, webhook.stored.webhook_id, Rotation(overlap_seconds=600)
    )
    new = MasterKey(b"another key that only tests use, of enough bytes")
    async with database.pool.acquire() as connection, connection.transaction():
        changed = await rows.rewrap_all(connection, Keys(new, KEYS.current), PURPOSE)
        again = await rows.rewrap_all(connection, Keys(new), PURPOSE)
    assert ((2, 2), (0, 2)) == (changed, again)
    after, before = Rig(database, tmp_path, Keys(new)), Rig(database, tmp_path)
    assert [True, True] == [await after.deliver(one) for one in (webhook, newer)]
    assert not await before.deliver(newer)


async def test_a_ciphertext_of_another_webhook_does_not_open(rig: Rig, database: Database) -> None:
    """Whoever may write to the database cannot give a webhook a secret that they know."""
    one, two = [await rig.webhooks.create(SERVICE, rig.workflow_id, REQUEST) for _ in range(2)]
    await database.pool.execute(
        "UPDATE workflow_webhook_secrets t SET wrapped_key = s.wrapped_key, payload = s.payload "
        "FROM workflow_webhook_secrets s WHERE s.webhook_id = $1 AND t.webhook_id = $2",
        one.stored.webhook_id,
        two.stored.webhook_id,
    )
    assert [True, False] == [await rig.deliver(webhook) for webhook in (one, two)]


async def test_deliveries_are_forgotten_after_their_window(rig: Rig, database: Database) -> None:
    """Each after that of its own webhook; the others stay known."""
    long, short = [
        await rig.webhooks.create(SERVICE, rig.workflow_id, WebhookRequest(replace_window(seconds)))
        for seconds in (604_800, 600)
    ]
    for webhook in (long, short):
        await database.pool.execute(
            "INSERT INTO workflow_webhook_deliveries (webhook_id, delivery_id, digest, execution_id, created_at) "
            "SELECT $1, n::text, '', $1, now() - make_interval(mins => n) FROM generate_series(1, 20) AS n",
            webhook.stored.webhook_id,
        )
    async with database.pool.acquire() as connection:
        forgotten = await rows.forget(connection)
    left = await database.pool.fetchval("SELECT count(*) FROM workflow_webhook_deliveries")
    assert (11, 29) == (forgotten, left)


def replace_window(seconds: int) -> WebhookFields:
    """The fields with another window."""
    return WebhookFields(
        **{**{name: getattr(FIELDS, name) for name in FIELDS.__slots__}, "replay_window_seconds": seconds}
    )


def test_opened_secrets_are_kept_and_not_shown() -> None:
    """Nothing that is printed has them."""
    assert "MasterKey" not in repr(OpenedSecrets(KEYS))
