"""Files as values: a node passes on a signed reference, and the bytes stay in the blob store of the installation.

A reference is `{"$file", "name", "media_type", "size", "sha256"}`. `$file` begins with the id of the execution that
keeps the bytes, and a dot; the rest is opaque. Its signature binds those bytes, `size` and `sha256`, so that a
reference can be passed on but neither made up nor altered; `name` and `media_type` may be given anew.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, cast

from wingbeat.core.errors import StepError
from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator

    from wingbeat.core.json_value import Json, JsonObject

MARK: Final = "$file"
OCTETS: Final = "application/octet-stream"
LONGEST_NAME = 255
# A whole media type in its simple form, with one parameter at most.
MEDIA_TYPE = re.compile(
    r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}(; ?[a-z0-9-]{1,40}=\"?[a-z0-9_.+-]{1,70}\"?)?"
)
# Control characters, what separates folders, and what turns the direction of writing, so that an ending can be hidden.
UNFIT_IN_NAMES = re.compile(
    "[\x00-\x1f\x7f-\x9f/\\\\\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
EXAMPLE_CHUNK = 65_536

REFERENCE_SCHEMA: Final[dict[str, object]] = {
    "type": "object",
    "properties": {
        MARK: {"type": "string"},
        "name": {"type": "string"},
        "media_type": {"type": "string"},
        "size": {"type": "integer"},
        "sha256": {"type": "string"},
    },
    "required": [MARK],
}


class FileFacts(NamedTuple):
    """What a reference says of its file, after its signature was checked; `size` is in bytes."""

    name: str
    media_type: str
    size: int
    sha256: str


class KeptFile(NamedTuple):
    """A file as a whole."""

    data: bytes
    name: str
    media_type: str


class Files(Protocol):
    """The files of executions. Every method raises `StepError`.

    `FILE_REFERENCE_INVALID`: the value is no reference of this installation, or it was altered. `FILE_GONE`: the
    execution that kept the bytes is past its retention. `FILE_TOO_LARGE`: it has more bytes than may be.
    `FILE_STORE_UNAVAILABLE`: worth another try.
    """

    async def keep(self, data: bytes, *, name: str, media_type: str = OCTETS) -> JsonObject:
        """Keep a file for as long as the execution is kept; gives its reference."""
        ...

    async def keep_stream(
        self, chunks: AsyncIterable[bytes], *, name: str, media_type: str = OCTETS, most_bytes: int | None = None
    ) -> JsonObject:
        """Keep a file that comes in parts, without ever holding it as a whole; nothing stays when a part fails."""
        ...

    async def load(self, reference: Json, *, most_bytes: int) -> KeptFile:
        """The file of a reference; one larger than `most_bytes` is refused before it is read."""
        ...

    def look_at(self, reference: Json) -> FileFacts:
        """What a reference says, without reading the file."""
        ...

    def stream(self, reference: Json) -> AsyncIterator[bytes]:
        """The bytes of a file, in parts; an error comes with the part that it concerns."""
        ...


def is_reference(value: Json) -> bool:
    """Whether a value looks like a reference to a file; nothing of it is checked."""
    return isinstance(value, dict) and MARK in value


def clean_name(name: str) -> str:
    """A file's name as it is safe to show, to send and to save: one part of a path, without control characters."""
    cleaned = UNFIT_IN_NAMES.sub("_", name).strip()
    if len(cleaned) > LONGEST_NAME:
        stem, dot, ending = cleaned.rpartition(".")
        fits = dot and stem and len(ending) < LONGEST_NAME // 2
        cleaned = f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}" if fits else cleaned[:LONGEST_NAME]
    return cleaned if cleaned.strip(". ") else "file"


def clean_media_type(media_type: str) -> str:
    """The media type, or the one of any bytes where it is not well formed."""
    lowered = media_type.strip().lower()
    return lowered if MEDIA_TYPE.fullmatch(lowered) else OCTETS


def invalid_reference(why: str) -> StepError:
    """The refusal of a value that is no reference of this installation."""
    return StepError(
        f"The value is no reference to a file: {why}.",
        code="FILE_REFERENCE_INVALID",
        remedy="Pass on the reference that a node gave, as a whole; only its name and media_type may be changed.",
    )


def too_large(size: int | None, most: int) -> StepError:
    """The refusal of a file with more bytes than may be."""
    known = f"has {size} bytes" if size is not None else "goes on"
    return StepError(
        f"The file {known}, and at most {most} are possible here.",
        code="FILE_TOO_LARGE",
        remedy="Use a smaller file, or have the operator raise MAX_FILE_BYTES if that is the limit.",
        details={"most_bytes": most},
    )


class ExampleFiles:
    """Stands in for the files in examples.

    The world holds `{id: {"name", "media_type", "text"}}`, or `base64` in place of `text`; a reference in an example is
    `{"$file": id}`. What an example keeps gets the ids `kept-1`, `kept-2` and so on.
    """

    def __init__(self, world: Json) -> None:
        self.kept: dict[str, KeptFile] = {}
        if isinstance(world, dict):
            for identifier, described in world.items():
                self.kept[identifier] = _example_file(cast("JsonObject", described))
        self._made = 0

    async def keep(self, data: bytes, *, name: str, media_type: str = OCTETS) -> JsonObject:
        """Keep it in memory."""
        self._made += 1
        identifier = f"kept-{self._made}"
        self.kept[identifier] = KeptFile(data, clean_name(name), clean_media_type(media_type))
        return self._reference(identifier)

    async def keep_stream(
        self, chunks: AsyncIterable[bytes], *, name: str, media_type: str = OCTETS, most_bytes: int | None = None
    ) -> JsonObject:
        """Keep it in memory."""
        data = b"".join([chunk async for chunk in chunks])
        if most_bytes is not None and len(data) > most_bytes:
            raise too_large(None, most_bytes)
        return await self.keep(data, name=name, media_type=media_type)

    async def load(self, reference: Json, *, most_bytes: int) -> KeptFile:
        """What the world holds, or what was kept."""
        found = self._find(reference)
        if len(found.data) > most_bytes:
            raise too_large(len(found.data), most_bytes)
        return found

    def look_at(self, reference: Json) -> FileFacts:
        """What the world holds, or what was kept."""
        found = self._find(reference)
        return FileFacts(found.name, found.media_type, len(found.data), hashlib.sha256(found.data).hexdigest())

    async def stream(self, reference: Json) -> AsyncIterator[bytes]:
        """The same, in parts."""
        data = self._find(reference).data
        for first in range(0, len(data), EXAMPLE_CHUNK):
            yield data[first : first + EXAMPLE_CHUNK]

    def _find(self, reference: Json) -> KeptFile:
        identifier = reference.get(MARK) if isinstance(reference, dict) else None
        found = self.kept.get(identifier) if isinstance(identifier, str) else None
        if found is None or not isinstance(reference, dict):
            raise invalid_reference("the example's world has no such file")
        name, media_type = reference.get("name", found.name), reference.get("media_type", found.media_type)
        return KeptFile(found.data, clean_name(str(name)), clean_media_type(str(media_type)))

    def _reference(self, identifier: str) -> JsonObject:
        facts = self.look_at({MARK: identifier})
        return {MARK: identifier, **facts._asdict()}


def _example_file(described: JsonObject) -> KeptFile:
    packed, text = described.get("base64"), described.get("text", "")
    data = b64decode(packed) if isinstance(packed, str) else str(text).encode()
    return KeptFile(data, str(described.get("name", "file")), str(described.get("media_type", OCTETS)))


FILES: Final[Tool[Files]] = Tool("files", ExampleFiles)
