"""Signing with a key that a stored connection holds; the key itself never comes here."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias, cast

from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json

HmacHash: TypeAlias = Literal["sha256", "sha384", "sha512", "sha1"]


class Signature(NamedTuple):
    """A signature, and how the connection writes it: `hex` or `base64`, after a prefix."""

    digest: bytes
    encoding: str
    prefix: str


class Signing(Protocol):
    """Signs with connections of the kind `hmac`."""

    async def sign(self, connection: str, data: bytes, *, algorithm: HmacHash | None = None) -> Signature:
        """The HMAC of the data; without an algorithm, by that of the connection. Raises `StepError`."""
        ...


class ExampleSigning:
    """Signs in the examples of node types with the key that is the example's world."""

    def __init__(self, world: Json) -> None:
        self._key = str(world).encode()

    async def sign(self, connection: str, data: bytes, *, algorithm: HmacHash | None = None) -> Signature:
        """As a connection with `sha256=` before its signatures."""
        del connection
        return Signature(hmac.new(self._key, data, algorithm or hashlib.sha256().name).digest(), "hex", "sha256=")


SIGNING: Tool[Signing] = Tool("signing", cast("type[Signing]", ExampleSigning))
