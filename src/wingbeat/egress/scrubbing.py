"""Takes secrets out of what is about to be seen: messages, details, and answers that send back what they were sent."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, quote_plus

import orjson

from wingbeat.core.errors import StepError
from wingbeat.storage.secret import HIDDEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from wingbeat.core.json_value import Json, JsonObject

# What is shorter stands in too many texts by chance.
SHORTEST = 4
SHORTEST_IN_ANSWERS = 8


class Scrubber:
    """Knows a connection's secrets in the spellings in which they travel."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._texts: set[str] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide one more, as a token that was made of the secrets."""
        if len(secret) >= SHORTEST:
            self._texts.update(spellings(secret))

    def scrub(self, text: str) -> str:
        """The text with `***` in the place of every secret; the longest first, so that no end of one is left."""
        for secret in self._ordered():
            text = text.replace(secret, HIDDEN)
        return text

    def scrub_bytes(self, data: bytes) -> bytes:
        """The same for an answer's body."""
        for secret in self._ordered():
            if len(secret) >= SHORTEST_IN_ANSWERS:
                data = data.replace(secret.encode(errors="surrogatepass"), HIDDEN.encode())
        return data

    async def scrub_chunks(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The same for a body that comes part by part: what may be the beginning of a secret waits for the next one."""
        longest = max((len(secret) for secret in self._texts), default=0)
        held = b""
        async for chunk in chunks:
            data = self.scrub_bytes(held + chunk)
            ready = max(0, len(data) - longest)
            held = data[ready:]
            if ready:
                yield data[:ready]
        if held:
            yield held

    def scrub_json(self, value: Json) -> Json:
        """The same for every text in a value, and for the names of its fields."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, list):
            return [self.scrub_json(item) for item in value]
        if isinstance(value, dict):
            return {self.scrub(name): self.scrub_json(item) for name, item in value.items()}
        return value

    def scrub_error(self, error: StepError) -> StepError:
        """An error of the same meaning without secrets, and without the errors that it came from."""
        return StepError(
            self.scrub(error.message),
            code=error.code,
            remedy=self.scrub(error.remedy),
            details=cast("JsonObject", self.scrub_json(error.details)),
            retryable=error.retryable,
            uncertain=error.uncertain,
        )

    def _ordered(self) -> list[str]:
        return sorted(self._texts, key=len, reverse=True)


def spellings(secret: str) -> Iterator[str]:
    """A secret as it is, as URLs, JSON, base64 and hexadecimal digits have it."""
    data = secret.encode(errors="surrogatepass")
    yield secret
    yield quote(secret, safe="", errors="surrogatepass")
    yield quote_plus(secret, errors="surrogatepass")
    yield orjson.dumps(secret).decode()[1:-1] if secret.isprintable() else secret
    for encoded in (b64encode(data).decode(), urlsafe_b64encode(data).decode()):
        yield encoded
        yield encoded.rstrip("=")
    yield data.hex()
    yield data.hex().upper()
