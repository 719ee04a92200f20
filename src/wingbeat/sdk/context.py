"""What a node sees of the world while it runs, and nothing else: input, time, a log, one way out over HTTP, tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from wingbeat.core.json_value import Json
    from wingbeat.sdk.tool import Tool

T = TypeVar("T")


class Arrival(NamedTuple):
    """A value that came in over one taken connection. `failed` says that it stands for an error of that node."""

    node_id: str
    port: str
    value: Json
    failed: bool = False


class HttpResponse(NamedTuple):
    """An answer from outside.

    `headers` are by lower-case name, repeated ones joined by a comma. `body` is whole, decompressed and within the size
    limit. `url` is where the answer came from, after redirects; `redirected` says whether there were any.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    redirected: bool = False


class HttpStream(NamedTuple):
    """An answer from outside whose body is still to come; otherwise as `HttpResponse`.

    `chunks` are decompressed, none of them large, and raise `StepError` as `Http.send` does.
    """

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]
    url: str
    redirected: bool = False


class Upload(NamedTuple):
    """A body to send that is not in memory as a whole: its size, and what gives its bytes, once for each try."""

    size: int
    open: Callable[[], AsyncIterator[bytes]]


class Http(Protocol):
    """The only way to the network. Addresses are resolved, checked and pinned before anything is sent."""

    async def send(  # noqa: PLR0913 - one argument for each part of a request
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
        """Send one request; raises `StepError`.

        `connection` is the id of a stored connection, whose secrets go along; nothing of them comes back.
        `retryable` is set where another try may help, `uncertain` where the request may have been carried out.
        """
        ...

    def stream(  # noqa: PLR0913 - one argument for each part of a request
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
    ) -> AbstractAsyncContextManager[HttpStream]:
        """Send one request, and take its answer part by part, with no limit to its size but the taker's own."""
        ...


class Context(Protocol):
    """One run of one node."""

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
    def scope(self) -> str:
        """The iteration that this run belongs to, as `orders:3/lines:0`; empty outside of loops."""
        ...

    @property
    def attempt(self) -> int:
        """1 for the first try."""
        ...

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt and every recovery of this step, different for any other."""
        ...

    @property
    def now(self) -> datetime:
        """When the step began, with time zone."""
        ...

    @property
    def input(self) -> Json:
        """The value of the one taken connection; with several, an object by source node id.

        A trigger finds the trigger data here.
        """
        ...

    @property
    def arrivals(self) -> Sequence[Arrival]:
        """All taken connections, in the order in which the workflow lists them."""
        ...

    @property
    def http(self) -> Http:
        """The way out."""
        ...

    def use(self, tool: Tool[T]) -> T:
        """A tool that the node type says it uses; raises `StepError` where the platform does not have it."""
        ...

    def log(self, message: str, **fields: Json) -> None:
        """Write a line to the step's log."""
        ...
