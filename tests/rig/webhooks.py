"""Deliveries as senders make them."""

from __future__ import annotations

import hmac
import time
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx


class Webhook(NamedTuple):
    """A webhook that somebody created, with what they were shown."""

    address: str
    token: str
    secret: str
    workflow: str
    webhook_id: str

    @property
    def owned(self) -> str:
        """Where its owner finds it."""
        return f"{self.workflow}/webhooks/{self.webhook_id}"

    def sign(self, body: bytes) -> dict[str, str]:
        """The headers of the scheme `body`."""
        digest = hmac.new(self.secret.encode(), self.token.encode() + body, "sha256").hexdigest()
        return {"X-Webhook-Signature": f"sha256={digest}"}

    def sign_timestamped(self, body: bytes, delivery_id: str, *, late: int = 0) -> dict[str, str]:
        """The headers of Standard Webhooks."""
        timestamp = str(int(time.time()) - late)
        key = b64decode(self.secret.removeprefix("whsec_"))
        signed = f"{delivery_id}.{timestamp}.".encode() + body
        signature = b64encode(hmac.new(key, signed, "sha256").digest()).decode()
        return {"webhook-id": delivery_id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"}


async def create_webhook(client: httpx.AsyncClient, workflow: str, **fields: Any) -> Webhook:  # noqa: ANN401 - of the body
    """Create a webhook of the workflow at this address."""
    answer = await client.post(f"{workflow}/webhooks", json={"name": "orders", **fields})
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    address = f"/api/v1/workflows/webhooks/{data['token']}"
    return Webhook(address, data["token"], data["secret"], workflow, data["webhook_id"])


async def deliver(
    client: httpx.AsyncClient, webhook: Webhook, body: bytes = b"{}", headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """Deliver JSON with a signature of the scheme `body`, unless the headers say otherwise."""
    sent = {"Content-Type": "application/json", **webhook.sign(body), **(headers or {})}
    return await client.post(webhook.address, content=body, headers=sent)
