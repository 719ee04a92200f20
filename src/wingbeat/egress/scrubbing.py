"""Takes secrets out of what is about to be seen: messages, details, and answers that send back what they were sent."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from html import escape
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, quote_plus

from wingbeat.core.errors import StepError
from wingbeat.storage.secret import HIDDEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from wingbeat.core.json_value import Json, JsonObject

# What is shorter stands in too many texts by chance.
SHORTEST = 4
SHORTEST_IN_ANSWERS = 8
# So much of the beginning of a secret is one too, where a text may have been cut in the middle of it.
SHORTEST_PART = 8
PERCENT = re.compile(r"%[0-9A-F]{2}")


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
        return _map_texts(value, self.scrub)

    def scrub_cut(self, text: str) -> str:
        """The same for a text that somebody cut to length, perhaps in the middle of a secret."""
        text = self.scrub(text)
        for secret in self._ordered():
            beginning = secret[:SHORTEST_PART]
            start = text.find(beginning) if len(beginning) == SHORTEST_PART else -1
            while start >= 0:
                end = start + SHORTEST_PART
                while end < len(text) and text[end] == secret[end - start : end - start + 1]:
                    end += 1
                text = text[:start] + HIDDEN + text[end:]
                start = text.find(beginning, start)
        return text

    def scrub_error(self, error: StepError) -> StepError:
        """An error of the same meaning without secrets, and without the errors that it came from."""
        return StepError(
            self.scrub_cut(error.message),
            code=error.code,
            remedy=self.scrub_cut(error.remedy),
            details=cast("JsonObject", _map_texts(error.details, self.scrub_cut)),
            retryable=error.retryable,
            uncertain=error.uncertain,
        )

    def _ordered(self) -> list[str]:
        return sorted(self._texts, key=len, reverse=True)


def _map_texts(value: Json, change: Callable[[str], str]) -> Json:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_map_texts(item, change) for item in value]
    if isinstance(value, dict):
        return {change(name): _map_texts(item, change) for name, item in value.items()}
    return value


def spellings(secret: str) -> Iterator[str]:
    """A secret as it is, as URLs, JSON, HTML, base64 and hexadecimal digits have it."""
    data = secret.encode(errors="surrogatepass")
    yield secret
    for escaped in (quote(secret, safe="", errors="surrogatepass"), quote_plus(secret, errors="surrogatepass")):
        yield escaped
        yield PERCENT.sub(lambda found: found[0].lower(), escaped)
    for plain in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        # As PHP, and as Go and others write JSON that may stand in a page; and JSON as a text inside of JSON.
        in_pages = plain.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
        for written in (plain, plain.replace("/", "\\/"), in_pages):
            yield written
            yield json.dumps(written, ensure_ascii=False)[1:-1]
    yield escape(secret, quote=False)
    yield escape(secret)
    for encoded in (b64encode(data).decode(), urlsafe_b64encode(data).decode()):
        yield encoded
        yield encoded.rstrip("=")
    yield data.hex()
    yield data.hex().upper()
