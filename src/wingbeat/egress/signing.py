"""Signs with the keys of connections: the key is decrypted for one signature, and does not leave this module."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.egress.kinds import HmacConfig
from wingbeat.sdk.signing import Signature

if TYPE_CHECKING:
    from wingbeat.egress.vault import Step, Vault
    from wingbeat.sdk.signing import HmacHash


@dataclass(frozen=True, slots=True)
class StepSigning:
    """The tool `signing` of one step; implements `wingbeat.sdk.signing.Signing`."""

    vault: Vault
    step: Step

    async def sign(self, connection: str, data: bytes, *, algorithm: HmacHash | None = None) -> Signature:
        """Sign; raises what `Vault.open` raises."""
        async with self.vault.use(connection, self.step, ("hmac",)) as opened:
            config = opened.config_as(HmacConfig)
            key = (opened.reveal("key") or "").encode()
            digest = await asyncio.to_thread(lambda: hmac.new(key, data, algorithm or config.algorithm).digest())
        return Signature(digest, config.encoding, config.prefix)
