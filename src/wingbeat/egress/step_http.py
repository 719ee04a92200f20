"""The way out as one step has it: the client, and connections that go along with its requests."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, TypedDict

from wingbeat.egress.credential import bearer, make_credential
from wingbeat.egress.http import read_address
from wingbeat.egress.kinds import SENDABLE_KINDS, OAuthConfig
from wingbeat.egress.oauth import Tokens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from wingbeat.egress.credential import Credential
    from wingbeat.egress.http import Egress
    from wingbeat.egress.vault import Opened, Step, Vault
    from wingbeat.sdk.context import HttpResponse, HttpStream, Upload

UNAUTHORIZED = 401
FIRST_SERVER_ERROR = 500


class ConnectedHttp:
    """Makes the way out for each step. One for each process."""

    def __init__(self, egress: Egress, vault: Vault) -> None:
        self.egress = egress
        self.vault = vault
        self.tokens = Tokens(vault, egress)

    def for_step(self, step: Step) -> StepHttp:
        """The way out for this step, in whose name connections are used."""
        return StepHttp(self, step)

    async def credential(
        self, opened: Opened, content: bytes | Upload | None, *, rejected: str | None = None
    ) -> tuple[Credential, str | None]:
        """What goes along, and the token in it if it can be renewed."""
        if not isinstance(opened.config, OAuthConfig):
            return await make_credential(opened, content, time.time()), None
        token = await self.tokens.get(opened, rejected=rejected)
        return bearer(opened, token), token


class StepHttp:
    """Implements the sdk's `Http`."""

    def __init__(self, http: ConnectedHttp, step: Step) -> None:
        self._http = http
        self._step = step

    async def send(  # noqa: PLR0913 - the sdk's signature
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Sequence[tuple[str, str]] = (),
        content: bytes | Upload | None = None,
        timeout_seconds: float = 30.0,
        follow_redirects: bool = True,
        connection: str | None = None,
    ) -> HttpResponse:
        """Send one request; raises what `Egress.send` and `Vault.use` raise."""
        send = partial(
            self._http.egress.send,
            method,
            url,
            headers=headers,
            query=query,
            content=content,
            timeout_seconds=timeout_seconds,
            follow_redirects=follow_redirects,
        )
        if connection is None:
            return await send()
        async with self._use(connection, url, query) as opened:
            credential, token = await self._http.credential(opened, content)
            response = await send(credential=credential)
            if token is not None and is_refused(response):
                credential, _ = await self._http.credential(opened, content, rejected=token)
                response = await send(credential=credential)
            note_status(opened, response.status)
            body = opened.scrubber.scrub_bytes(response.body)
            return response._replace(body=body, **shown(opened, response))

    @asynccontextmanager
    async def stream(  # noqa: PLR0913 - the sdk's signature
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Sequence[tuple[str, str]] = (),
        content: bytes | Upload | None = None,
        timeout_seconds: float = 30.0,
        follow_redirects: bool = True,
        connection: str | None = None,
    ) -> AsyncIterator[HttpStream]:
        """Send one request, and take the answer part by part; raises what `Egress.stream` and `Vault.use` raise."""
        stream = partial(
            self._http.egress.stream,
            method,
            url,
            headers=headers,
            query=query,
            content=content,
            timeout_seconds=timeout_seconds,
            follow_redirects=follow_redirects,
        )
        if connection is None:
            async with stream() as answer:
                yield answer
            return
        async with self._use(connection, url, query) as opened, AsyncExitStack() as stack:
            credential, token = await self._http.credential(opened, content)
            answer = await stack.enter_async_context(stream(credential=credential))
            if token is not None and is_refused(answer):
                await stack.aclose()
                credential, _ = await self._http.credential(opened, content, rejected=token)
                answer = await stack.enter_async_context(stream(credential=credential))
            note_status(opened, answer.status)
            chunks = opened.scrubber.scrub_chunks(answer.chunks)
            yield answer._replace(chunks=chunks, **shown(opened, answer))

    def _use(self, connection: str, url: str, query: Sequence[tuple[str, str]]) -> AbstractAsyncContextManager[Opened]:
        return self._http.vault.use(connection, self._step, SENDABLE_KINDS, host=read_address(url, query).host)


def is_refused(answer: HttpResponse | HttpStream) -> bool:
    """Whether the server that was asked does not take the token."""
    return answer.status == UNAUTHORIZED and not answer.redirected


def note_status(opened: Opened, status: int) -> None:
    """Tell the breaker of a server that fails."""
    if status >= FIRST_SERVER_ERROR:
        opened.note_failure()


class Shown(TypedDict):
    """What of an answer is seen besides its body."""

    headers: dict[str, str]
    url: str


def shown(opened: Opened, answer: HttpResponse | HttpStream) -> Shown:
    """An answer's head that does not send back what it was sent, as servers for tests do."""
    scrub = opened.scrubber.scrub
    return {"headers": {name: scrub(value) for name, value in answer.headers.items()}, "url": scrub(answer.url)}
