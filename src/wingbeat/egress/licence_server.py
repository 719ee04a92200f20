"""The way to the licence server: one question, and an answer that is taken at its word only if it is well-formed."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from wingbeat.core.errors import PlatformError, StepError
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.http import Egress

if TYPE_CHECKING:
    from pydantic import SecretStr

    from wingbeat.core.json_value import JsonObject
    from wingbeat.sdk.context import HttpResponse

PATH = "/api/v1/validate"
ANSWER_SECONDS = 5.0
MOST_BYTES = 65_536
# With these the server says no; with all others it says nothing.
REFUSALS = frozenset({HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN})


class LicenceServerAway(PlatformError):
    """The licence server did not answer, or not in a way that means anything."""

    default_code = "LICENSE_SERVER_AWAY"


class Answer(BaseModel):
    """What the server says of one community."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    valid: bool
    features: dict[Annotated[str, Field(max_length=64)], bool] = Field(default_factory=dict, max_length=100)
    limits: dict[Annotated[str, Field(max_length=64)], Annotated[int, Field(ge=0, le=10**15)] | None] = Field(
        default_factory=dict, max_length=100
    )
    expires_at: Annotated[AwareDatetime, Field(strict=False)] | None = None
    message: str = Field(default="", max_length=1000)

    def allowed(self) -> frozenset[str]:
        """The features that may be used."""
        return frozenset(name for name, there in self.features.items() if there) if self.valid else frozenset()

    def limited(self) -> dict[str, int]:
        """The quotas that have a limit."""
        return {name: most for name, most in self.limits.items() if most is not None}

    def until(self) -> datetime | None:
        """When the licence ends."""
        return self.expires_at


class LicenceServer:
    """One for each process, closed at its end."""

    def __init__(self, url: str, key: SecretStr | None) -> None:
        """`url` is what LICENSE_SERVER_URL says: its host may be reached whatever its addresses are."""
        self._url = url.rstrip("/")
        self._key = key
        self._egress = Egress(Addresses(allowed=[urlsplit(url).hostname or ""]), max_response_bytes=MOST_BYTES)

    async def close(self) -> None:
        """Close every connection."""
        await self._egress.close()

    async def ask(self, question: JsonObject) -> Answer:
        """What the server says.

        Raises:
            LicenceServerAway: it says nothing that can be used; the message says why.
        """
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        method: Literal["POST"] = "POST"
        try:
            response = await self._egress.send(
                method,
                f"{self._url}{PATH}",
                headers=headers,
                content=orjson.dumps(question),
                timeout_seconds=ANSWER_SECONDS,
                follow_redirects=False,
            )
        except StepError as error:
            raise away(error.message) from error
        return read_answer(response)


def read_answer(response: HttpResponse) -> Answer:
    """The answer in a response; raises as `LicenceServer.ask`."""
    if response.status != HTTPStatus.OK and response.status not in REFUSALS:
        raise away(f"it answered with the status {response.status}.")
    try:
        answer = Answer.model_validate_json(response.body)
    except ValidationError:
        raise away(f"its answer (status {response.status}) is not what the protocol says.") from None
    if response.status in REFUSALS:
        return Answer(valid=False, message=answer.message)
    return answer


def away(why: str) -> LicenceServerAway:
    """The error for an answer that is none."""
    return LicenceServerAway(
        f"The licence server cannot be asked: {why}",
        remedy="Check LICENSE_SERVER_URL and LICENSE_KEY, and that the server runs; see docs/operations.md.",
    )
