"""The way to the Router: to one address, the operator's own, which may be private; nothing else is reached."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import orjson

from wingbeat.core.errors import StepError
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.http import Egress
from wingbeat.egress.scrubbing import Scrubber

if TYPE_CHECKING:
    from pydantic import SecretStr

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.sdk.context import HttpResponse
    from wingbeat.sdk.router import Target

EXCERPT = 500
REFUSED_FOR_NOW = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
# The client's own errors that are about the Router, in the words of this tool.
CODES = {"EGRESS_TIMEOUT": "ROUTER_TIMEOUT", "EGRESS_RESPONSE_INVALID": "ROUTER_ANSWER_INVALID"}
# After these an answer was on its way, so the Router had done something.
ANSWERED = frozenset({"EGRESS_RESPONSE_INVALID", "EGRESS_RESPONSE_TOO_LARGE"})


class Step(Protocol):
    """On whose behalf the Router is asked; the sdk's `Context` is one."""

    @property
    def execution_id(self) -> str:
        """A UUID."""
        ...

    @property
    def workflow_id(self) -> str:
        """A UUID."""
        ...

    @property
    def node_id(self) -> str:
        """The node's id in the workflow."""
        ...

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt."""
        ...


class RouterClient:
    """One for each process, closed at its end."""

    def __init__(self, url: str, api_key: SecretStr | None) -> None:
        """`url` is what ROUTER_URL says: its host may be reached whatever its addresses are."""
        self._url = url.rstrip("/")
        self._api_key = api_key
        self._scrubber = Scrubber(() if api_key is None else (api_key.get_secret_value(),))
        self._egress = Egress(Addresses(allowed=[urlsplit(url).hostname or ""]))

    async def close(self) -> None:
        """Close every connection."""
        await self._egress.close()

    def of(self, step: Step) -> StepRouter:
        """The Router as a step sees it; implements `wingbeat.sdk.router.Router`."""
        return StepRouter(self, step)

    async def ask(self, step: Step, target: Target, request: JsonObject, seconds: float) -> Json:
        """Send a request, and give what the Router says; see `wingbeat.sdk.router.Router.execute`."""
        origin: JsonObject = {
            "execution_id": step.execution_id,
            "workflow_id": step.workflow_id,
            "node_id": step.node_id,
        }
        headers = {"Content-Type": "application/json", "Idempotency-Key": step.idempotency_key}
        if self._api_key is not None:
            headers["X-API-Key"] = self._api_key.get_secret_value()
        try:
            response = await self._egress.send(
                "POST",
                f"{self._url}/api/v1/{target}/execute",
                headers=headers,
                content=orjson.dumps({**request, "context": origin}),
                timeout_seconds=seconds,
                follow_redirects=False,
            )
        except StepError as error:
            raise StepError(
                f"The Router did not carry out the request: {error.message}",
                code=CODES.get(error.code, "ROUTER_UNREACHABLE"),
                remedy="Ask the operator whether the Router is up, and whether ROUTER_URL is right.",
                retryable=error.retryable,
                uncertain=error.uncertain or error.code in ANSWERED,
            ) from error
        # What the Router says becomes the step's output or error, and is kept.
        return _read(response._replace(body=self._scrubber.scrub_bytes(response.body)))


@dataclass(frozen=True)
class StepRouter:
    """The Router as one step sees it."""

    client: RouterClient
    step: Step

    async def execute(self, target: Target, request: JsonObject, *, timeout_seconds: float) -> Json:
        """See `wingbeat.sdk.router.Router`."""
        return await self.client.ask(self.step, target, request, timeout_seconds)


def _read(response: HttpResponse) -> Json:
    answer = _answer(response)
    if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        raise _failure(response, answer)
    if isinstance(answer, dict) and answer.get("success") is False:
        raise _refused(response, answer)
    if isinstance(answer, dict) and "success" in answer and "data" in answer:
        return answer["data"]
    return answer


def _answer(response: HttpResponse) -> Json:
    """The answer as JSON; None where there is none, and for one of an error that is not JSON."""
    if not response.body:
        return None
    try:
        value: Json = orjson.loads(response.body)
    except orjson.JSONDecodeError as error:
        if response.status >= HTTPStatus.MULTIPLE_CHOICES:
            return None
        raise StepError(
            f"The Router answered {response.status}, but not in JSON.",
            code="ROUTER_ANSWER_INVALID",
            remedy="Ask the operator whether ROUTER_URL leads to the Router.",
            details={"status": response.status, "body": _excerpt(response)},
            uncertain=True,
        ) from error
    return value


def _failure(response: HttpResponse, answer: Json) -> StepError:
    """The error of a status that is no success."""
    status = response.status
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return StepError(
            f"The Router does not let us in ({status}).",
            code="ROUTER_UNAUTHORIZED",
            remedy="Ask the operator to set ROUTER_API_KEY to a key that the Router accepts.",
        )
    if status in REFUSED_FOR_NOW:
        return StepError(
            f"The Router is busy ({status}).",
            code="ROUTER_BUSY",
            remedy="Try again later.",
            details=_details(response, answer),
            retryable=True,
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return StepError(
            f"The Router failed ({status}).",
            code="ROUTER_FAILED",
            remedy="Look at the Router's log; what it was asked for may have been done.",
            details=_details(response, answer),
            retryable=True,
            uncertain=True,
        )
    return _refused(response, answer)


def _refused(response: HttpResponse, answer: Json) -> StepError:
    said = answer.get("message") if isinstance(answer, dict) else None
    why = f": {said[:EXCERPT]}" if isinstance(said, str) and said else ""
    return StepError(
        f"The Router refuses the request ({response.status}){why}",
        code="ROUTER_REFUSED",
        remedy="Check the name and the parameters of what is to be executed.",
        details=_details(response, answer),
    )


def _details(response: HttpResponse, answer: Json) -> JsonObject:
    shown: JsonObject = {"status": response.status, "body": _excerpt(response)}
    if isinstance(answer, dict) and isinstance(answer.get("error_code"), str):
        shown["error_code"] = answer["error_code"]
    return shown


def _excerpt(response: HttpResponse) -> str:
    return response.body[:EXCERPT].decode(errors="replace").replace("\0", "")
