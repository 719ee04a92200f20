"""The body of a request, made of a JSON value: as JSON, text, a form, a form with files, or a file as it is."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias
from urllib.parse import urlencode

from wingbeat.sdk import FILES, Json, JsonObject, StepError, Upload
from wingbeat.sdk.exact_json import write_json
from wingbeat.sdk.files import is_reference

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from wingbeat.sdk import Context, Files

BodyFormat: TypeAlias = Literal["json", "form", "text", "multipart", "file"]
# As the standard of HTML has it; nothing else can end a quoted name.
QUOTED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
# A character that a header cannot hold otherwise.
UNSENDABLE = str.maketrans({"\0": ""})


class Body(NamedTuple):
    """A body and its content type."""

    content: bytes | Upload
    media_type: str


def make_body(body_format: BodyFormat, body: Json, context: Context) -> Body:
    """The body in its format.

    Raises:
        StepError: `BODY_UNFIT` where the value does not fit the format, or what `Files` raises.
    """
    match body_format:
        case "json":
            return Body(write_json(body), "application/json")
        case "form" if isinstance(body, dict):
            return Body(urlencode(pairs(body)).encode("utf-8", "replace"), "application/x-www-form-urlencoded")
        case "text" if isinstance(body, str):
            return Body(body.encode("utf-8", "replace"), "text/plain; charset=utf-8")
        case "file" if is_reference(body):
            files = context.use(FILES)
            facts = files.look_at(body)
            return Body(Upload(facts.size, lambda: files.stream(body)), facts.media_type)
        case "multipart" if isinstance(body, dict):
            return _multipart(body, context)
    raise StepError(
        f"The body does not fit the format '{body_format}'.",
        code="BODY_UNFIT",
        remedy="'form' and 'multipart' need an object, 'text' needs text, 'file' a reference; 'json' takes any value.",
        details={"parameter": "body"},
    )


def pairs(values: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Names and values as texts: a list repeats its name, and null is left out."""
    return [(name, as_text(part)) for name, part in _parts(values)]


def as_text(value: Json) -> str:
    """Text as it is, anything else as JSON."""
    return value if isinstance(value, str) else write_json(value).decode()


def _parts(values: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for name, value in values.items():
        for part in value if isinstance(value, list) else [value]:
            if part is not None:
                yield name, part


def _multipart(body: JsonObject, context: Context) -> Body:
    """`multipart/form-data` (RFC 7578): a reference to a file becomes that file, anything else a field."""
    # The same for each try, so that a server which compares repeated requests finds them equal.
    boundary = "wingbeat-" + hashlib.sha256(f"boundary of {context.idempotency_key}".encode()).hexdigest()[:40]
    pieces: list[bytes | JsonObject] = []
    size = 0
    files = context.use(FILES) if any(is_reference(part) for _, part in _parts(body)) else None
    for name, part in _parts(body):
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"'
        if files is not None and isinstance(part, dict) and is_reference(part):
            facts = files.look_at(part)
            head = f'{head}; filename="{_quoted(facts.name)}"\r\nContent-Type: {facts.media_type}'
            pieces += [f"{head}\r\n\r\n".encode(), part, b"\r\n"]
            size += facts.size
        else:
            pieces.append(f"{head}\r\n\r\n{as_text(part)}\r\n".encode("utf-8", "replace"))
    pieces.append(f"--{boundary}--\r\n".encode())
    plain = b"".join(piece for piece in pieces if isinstance(piece, bytes))
    media_type = f"multipart/form-data; boundary={boundary}"
    if files is None:
        return Body(plain, media_type)
    return Body(Upload(size + len(plain), lambda: _send(pieces, files)), media_type)


async def _send(pieces: list[bytes | JsonObject], files: Files) -> AsyncIterator[bytes]:
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
        else:
            async for chunk in files.stream(piece):
                yield chunk


def _quoted(name: str) -> str:
    return name.translate(UNSENDABLE).translate(QUOTED)
