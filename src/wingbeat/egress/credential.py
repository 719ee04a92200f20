"""What goes along with a request to say who is asking; made by a connection, put on by the client as it sends."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wingbeat.core.errors import StepError
from wingbeat.egress.kinds import ApiKeyConfig, BasicConfig, HmacConfig, HttpConfig, McpConfig
from wingbeat.sdk.context import Upload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import httpx

    from wingbeat.egress.vault import Opened


@dataclass(frozen=True)
class Credential:
    """Headers and query parameters for the origin that was asked for, and for no other.

    `check` is asked before each hop, redirects included, and raises `StepError` for where the connection may not be
    used. Neither is ever part of an address or a message.
    """

    check: Callable[[httpx.URL], None]
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Sequence[tuple[str, str]] = field(default=(), repr=False)


async def make_credential(opened: Opened, content: bytes | Upload | None, now: float) -> Credential:
    """What a connection sends along with a body; OAuth is elsewhere, since its tokens must be fetched.

    Raises:
        StepError: `CONNECTION_SECRETS_MISSING` or `CONNECTION_SECRET_UNUSABLE`.
    """
    match opened.config:
        case ApiKeyConfig(placement="query", name=name):
            return Credential(check_for(opened), query=((name, required(opened, "api_key")),))
        case ApiKeyConfig(name=name):
            headers = {name: required(opened, "api_key")}
        case BasicConfig(username=username):
            pair = f"{username}:{required(opened, 'password')}"
            headers = {"Authorization": "Basic " + b64encode(pair.encode()).decode()}
        case HmacConfig() as config:
            headers = await sign(config, required(opened, "key"), content, now)
        case McpConfig() if "token" not in opened.secrets:
            return Credential(check_for(opened))
        case _:
            return bearer(opened, required(opened, "token"))
    return carrying(opened, headers)


def bearer(opened: Opened, token: str) -> Credential:
    """A token in the usual header."""
    return carrying(opened, {"Authorization": f"Bearer {token}"})


async def sign(config: HmacConfig, key: str, content: bytes | Upload | None, now: float) -> dict[str, str]:
    """The signature over the raw body, and the time where it is part of what is signed."""
    headers: dict[str, str] = {}
    signature = hmac.new(key.encode(), digestmod=getattr(hashlib, config.algorithm))
    if config.timestamp_header is not None:
        headers[config.timestamp_header] = str(int(now))
        signature.update(f"{int(now)}.".encode())
    if isinstance(content, Upload):
        async for chunk in content.open():
            signature.update(chunk)
    else:
        signature.update(content or b"")
    text = signature.hexdigest() if config.encoding == "hex" else b64encode(signature.digest()).decode()
    return {**headers, config.header: config.prefix + text}


def required(opened: Opened, name: str) -> str:
    """A secret without which nothing can be sent."""
    text = opened.reveal(name)
    if text is None:
        raise StepError(
            f"The connection '{opened.name}' has no '{name}'.",
            code="CONNECTION_SECRETS_MISSING",
            remedy="Enter the connection's secrets.",
            details={"connection_id": str(opened.connection_id), "field": name},
        )
    return text


def check_for(opened: Opened) -> Callable[[httpx.URL], None]:
    """Refuses every host that the connection is not for, and what is not encrypted unless that is allowed."""

    def check(url: httpx.URL) -> None:
        opened.require_host(url.host)
        require_tls(opened, url.scheme)

    return check


def require_tls(opened: Opened, scheme: str) -> None:
    """Refuse to send secrets for everybody to read.

    Raises:
        StepError: `CONNECTION_NEEDS_TLS`.
    """
    # The others say in their own settings where they are and how, and whoever entered the secret has seen that.
    if scheme != "https" and isinstance(opened.config, HttpConfig) and not opened.config.allow_plain_http:
        raise StepError(
            f"The connection '{opened.name}' is used with https:// only; nothing was sent.",
            code="CONNECTION_NEEDS_TLS",
            remedy="Use https://, or set 'allow_plain_http' of the connection for a server of your own.",
            details={"connection_id": str(opened.connection_id)},
        )


def carrying(opened: Opened, headers: dict[str, str]) -> Credential:
    """These headers; raises `StepError` (`CONNECTION_SECRET_UNUSABLE`) where HTTP has no way to send them."""
    for name, value in headers.items():
        # Whole, and without the word before it: what was made of a secret is one too.
        opened.scrubber.add(value)
        opened.scrubber.add(value.rpartition(" ")[2])
        # Checked here: the error of the HTTP library would show the value.
        if not value.isascii() or not value.isprintable():
            raise StepError(
                f"What the connection '{opened.name}' sends as '{name}' holds characters that HTTP does not allow.",
                code="CONNECTION_SECRET_UNUSABLE",
                remedy="Enter the connection's secrets again; look for line breaks at the end.",
                details={"connection_id": str(opened.connection_id)},
            )
    return Credential(check_for(opened), headers)
