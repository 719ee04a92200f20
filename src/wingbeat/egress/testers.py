"""What the test of a connection tries: one entry for each kind, each a real attempt that changes nothing outside.

A tester gives a sentence about what went well, or raises `StepError`. It is given an opened connection and the clients;
a kind without one is only decrypted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from wingbeat.core.errors import StepError
from wingbeat.egress.credential import carrying
from wingbeat.egress.kinds import HTTP_KINDS, KINDS, HttpConfig, LlmConfig, McpConfig, OAuthConfig, S3Config
from wingbeat.egress.mail import server_of
from wingbeat.egress.models import credential_of
from wingbeat.egress.objects import try_bucket
from wingbeat.egress.vault import Trial

if TYPE_CHECKING:
    from wingbeat.egress.credential import Credential
    from wingbeat.egress.mail import Mailer
    from wingbeat.egress.sql.client import Databases
    from wingbeat.egress.step_http import ConnectedHttp
    from wingbeat.egress.vault import Opened
    from wingbeat.sdk.context import HttpResponse

TEST_SECONDS = 15.0
FIRST_BAD_STATUS = 400
FIRST_SERVER_ERROR = 500
OPENAI, ANTHROPIC = "https://api.openai.com/v1", "https://api.anthropic.com"
HELLO = (
    b'{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", '
    b'"capabilities": {}, "clientInfo": {"name": "wingbeat", "version": "1"}}}'
)


class Means(NamedTuple):
    """The clients that testers use."""

    http: ConnectedHttp
    mailer: Mailer
    databases: Databases


Tester: TypeAlias = Callable[["Opened", Means], Awaitable[str]]


async def try_connection(connection_id: str, kind: str, means: Means) -> str:
    """Try a connection, also while its circuit is open; a success closes that.

    Raises:
        StepError: what stands against it.
    """
    tester = TESTERS.get(kind, try_decrypting)
    async with means.http.vault.use(connection_id, Trial(), tuple(KINDS), anyway=True) as opened:
        return opened.scrubber.scrub(await tester(opened, means))


async def try_decrypting(opened: Opened, _means: Means) -> str:
    """All that can be said of what nothing can be asked of."""
    return f"Its secrets can be read; nothing was sent: there is nothing to try for the kind '{opened.kind}'."


async def try_http(opened: Opened, means: Means) -> str:
    """Fetch a token where one is needed, and ask the test address where there is one."""
    config = opened.config_as(HttpConfig)
    credential, _ = await means.http.credential(opened, None)
    token = "There is a token. " if isinstance(config, OAuthConfig) else ""
    if config.test_url is None:
        return f"{token}Nothing was sent, since the connection has no 'test_url'."
    return token + await _ask(opened, means, "GET", config.test_url, credential)


async def try_llm(opened: Opened, means: Means) -> str:
    """List the models."""
    config = opened.config_as(LlmConfig)
    if config.provider == "anthropic":
        own = {"anthropic-version": "2023-06-01"}
        address = f"{config.base_url or ANTHROPIC}".rstrip("/") + "/v1/models"
    else:
        own = {}
        address = f"{config.base_url or OPENAI}".rstrip("/") + "/models"
    return await _ask(opened, means, "GET", address, credential_of(opened), headers=own)


async def try_mcp(opened: Opened, means: Means) -> str:
    """Say hello, as the protocol begins."""
    token = opened.reveal("token")
    secret = {} if token is None else {"Authorization": f"Bearer {token}"}
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    address = opened.config_as(McpConfig).url
    return await _ask(opened, means, "POST", address, carrying(opened, secret), headers=headers, content=HELLO)


async def try_smtp(opened: Opened, means: Means) -> str:
    """Connect, sign in, and send nothing."""
    server = server_of(opened)
    await means.mailer.try_out(server, TEST_SECONDS)
    return f"{server.host}:{server.port} answers" + (f" and lets '{server.user}' in." if server.user else ".")


async def try_sql(opened: Opened, means: Means) -> str:
    """Connect, sign in, and ask for the number one."""
    await means.databases.try_out(opened, TEST_SECONDS)
    return "The database answers."


async def try_s3(opened: Opened, means: Means) -> str:
    """List one object."""
    await try_bucket(opened, means.http.egress)
    return f"The bucket '{opened.config_as(S3Config).bucket}' can be listed."


TESTERS: Mapping[str, Tester] = {
    **dict.fromkeys(HTTP_KINDS, try_http),
    "llm": try_llm,
    "mcp": try_mcp,
    "s3": try_s3,
    "smtp": try_smtp,
    "sql": try_sql,
}


async def _ask(  # noqa: PLR0913, PLR0917 - one argument for each part of a request
    opened: Opened,
    means: Means,
    method: str,
    url: str,
    credential: Credential,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> str:
    response = await means.http.egress.send(
        method, url, headers=headers, content=content, timeout_seconds=TEST_SECONDS, credential=credential
    )
    if response.status >= FIRST_BAD_STATUS:
        raise _bad_status(opened, url, response)
    return f"{url.partition('?')[0]} answered {response.status}."


def _bad_status(opened: Opened, url: str, response: HttpResponse) -> StepError:
    if response.status >= FIRST_SERVER_ERROR:
        opened.note_failure()
    return StepError(
        f"{url.partition('?')[0]} answered {response.status}.",
        code="CONNECTION_TEST_REFUSED",
        remedy="401 and 403 mean that the secrets are not taken; otherwise look at the address.",
        details={"status": response.status},
    )
