"""From a credential to a verified caller. Where requests carry credentials is not known here."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.access import SERVICE
from wingbeat.core.errors import Unauthenticated

if TYPE_CHECKING:
    from wingbeat.core.access import Principal
    from wingbeat.storage.secret import Secret


class Credentials(NamedTuple):
    """What a caller has shown, each as it came."""

    api_key: bytes | None = None


@dataclass(frozen=True)
class Authentication:
    """Knows whom to believe."""

    service_key: Secret

    async def identify(self, shown: Credentials) -> Principal:
        """Who the caller is.

        Raises:
            Unauthenticated: nothing was shown, or it does not hold.
        """
        if shown.api_key is None:
            raise Unauthenticated(
                "This needs a credential, and the request carries none.",
                remedy="Send the API key of this service in the header X-API-Key.",
            )
        if not hmac.compare_digest(shown.api_key, self.service_key.reveal().encode()):
            raise Unauthenticated(
                "The API key is not the one of this service.",
                remedy="Send the API key of this service in the header X-API-Key.",
            )
        return SERVICE
