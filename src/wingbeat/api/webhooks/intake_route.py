"""The public addresses of webhooks: what comes in is handed on as it came. Plain ASGI, since microseconds count."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.caller_address import address_of
from wingbeat.api.executions.given_answers import answer_given
from wingbeat.api.failures import BodyIncomplete, BodyTooSlow
from wingbeat.api.permission import Permission
from wingbeat.api.requests import BODY_SECONDS, too_large
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.api.webhooks.shapes import ReceivedShape
from wingbeat.core.errors import Forbidden
from wingbeat.services.webhooks.checks import Delivery, no_webhook
from wingbeat.services.webhooks.webhooks import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI
    from starlette.types import Receive, Scope, Send

    from wingbeat.core.networks import Network
    from wingbeat.services.executions.start_requests import Summary
    from wingbeat.services.webhooks.intake import Received, WebhookIntake

PATH = ADDRESS + "{token}"
# The address that another system's webhooks had.
ALIAS = "/api/webhooks/{token}"
METHODS = ("POST", "GET", "PUT", "PATCH", "DELETE")
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")
RESPOND = "respond"
# What a page of this service's own could only mean to run: no workflow is to slip it something.
RUN_BY_PAGES = frozenset({b"script", b"style", b"worker", b"sharedworker", b"serviceworker", b"audioworklet"})


@dataclass(frozen=True)
class WebhookIntakeRoutes:
    """The endpoint, under each method that a webhook may take."""

    intake: WebhookIntake
    max_body_bytes: int
    proxies: Sequence[Network] = ()

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app: before others, for they are asked most."""
        for path, hidden in ((PATH, False), (ALIAS, True)):
            for method in METHODS:
                add_operation(app, self._operation(method, path, hidden=hidden), self._endpoint(method, hidden=hidden))
                # As FastAPI would call it, there would be a stack of contexts and a second request around each.
                app.router.routes[-1].app = self  # type: ignore[attr-defined]

    @staticmethod
    def _operation(method: str, path: str, *, hidden: bool) -> Operation:
        return Operation(
            method,
            path,
            Permission.PUBLIC,
            "Deliver something to a webhook",
            {200: Any, 202: Envelope[ReceivedShape, NoMeta]},
            "webhooks",
            errors=(401, 403, 404, 405, 408, 409, 413, 415, 429, 503),
            headers=("Idempotency-Replayed",),
            hidden=hidden,
            open_query=True,
        )

    @staticmethod
    def _endpoint(method: str, *, hidden: bool) -> Any:  # noqa: ANN401 - never called, but named and described
        async def receive(token: str) -> Response:
            """Any body: JSON, a form, text, or other bytes; signed, and so often, as the webhook says."""
            raise NotImplementedError(token)

        receive.__name__ = f"receive_webhook{'_alias' if hidden else ''}_{method.lower()}"
        return receive

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a delivery in, and answer it."""
        token: str = scope["path_params"]["token"]
        if not TOKEN.fullmatch(token):
            raise no_webhook()
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        body = await read_body(scope, receive, self.max_body_bytes)
        address = address_of(scope, self.proxies)
        query = scope["query_string"].decode("latin-1")
        delivery = Delivery(token, scope["method"], address, query, headers, body)
        answer = answer_received(await self.intake.receive(delivery), delivery)
        await answer(scope, receive, send)


async def read_body(scope: Scope, receive: Receive, most: int) -> bytes:
    """The body, at most so many bytes of it; what announces more is refused before it is read.

    Raises:
        BodyTooLarge, BodyTooSlow, BodyIncomplete: it is not to be had.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value[:20]) > most:
            raise too_large(most)
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise BodyIncomplete("The caller hung up before the body was whole.", remedy="Send it again.")
                piece = message.get("body", b"")
                size += len(piece)
                if size > most:
                    raise too_large(most)
                pieces.append(piece)
                if not message.get("more_body"):
                    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
    except TimeoutError:
        raise BodyTooSlow(
            f"The body was not whole after {BODY_SECONDS:g} seconds.", remedy="Send it at once, or send less."
        ) from None


def answer_received(received: Received, delivery: Delivery) -> Response:
    """What the sender gets."""
    headers = {"Idempotency-Replayed": "true"} if received.replayed else {}
    summary = received.summary
    if summary is None:
        data: dict[str, object] = {"execution_id": received.execution_id, "status": "pending"}
        return success("The delivery was taken.", data, status=202, headers=headers)
    if summary.response is not None and received.hook.answer == RESPOND:
        if delivery.by_name.get(b"sec-fetch-dest") in RUN_BY_PAGES or b"service-worker" in delivery.by_name:
            raise Forbidden(
                "What a workflow answers is no part of a page.", code="WEBHOOK_RUN_BY_PAGE", remedy="Fetch it as data."
            )
        return answer_given(summary.response, headers)
    data = {"execution_id": received.execution_id, "status": summary.status}
    if not summary.status.terminal:
        return success("The delivery was taken; its execution goes on.", data, status=202, headers=headers)
    # Why it failed is for those who may see the workflow; whoever delivers hears that it did.
    data |= {"final_output": summary.output, "error_code": code_of(summary)}
    return success(f"The execution has ended: {summary.status}.", data, headers=headers)


def code_of(summary: Summary) -> object:
    """The code of the error that an execution ended with, if it did."""
    return None if summary.error is None else summary.error.get("code")
