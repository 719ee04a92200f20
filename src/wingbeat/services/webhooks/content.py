"""What a delivery's body is: read by exact media type into one of four different things, or refused.

A file is only ever what came as one. JSON that looks like a reference to a file is JSON, and stays in the body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qsl

from wingbeat.core.errors import InvalidInput
from wingbeat.sdk.charsets import find_encoding
from wingbeat.sdk.files import OCTETS
from wingbeat.services.webhooks.multipart import read_multipart
from wingbeat.storage.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wingbeat.core.json_value import Json, JsonObject

# RFC 9110, section 8.3.1.
MEDIA_TYPE = re.compile(
    r"([!#$%&'*+.^_`|~0-9a-z-]{1,100})/([!#$%&'*+.^_`|~0-9a-z-]{1,100})[ \t]*(;[\x20-\x7e]{0,500})?"
)
CHARSET = re.compile(r';[ \t]*charset=(?:"([^"]{1,40})"|([^";\s]{1,40}))', re.IGNORECASE)
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MOST_FIELDS = 1_000
NOT_COMPRESSED = frozenset({b"", b"identity", b"chunked"})
WHOLE_BODY = "body"


class ContentRefused(InvalidInput):
    """The body is of a kind that is not taken."""

    default_code = "MEDIA_TYPE_NOT_TAKEN"


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that came in; `field` is the form's, or `body` where it is all that came."""

    field: str
    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class JsonBody:
    """JSON; None for an empty body."""

    value: Json = None


@dataclass(frozen=True, slots=True)
class TextBody:
    """A text."""

    text: str


@dataclass(frozen=True, slots=True)
class FormBody:
    """The fields of a form, and the files that came with it."""

    fields: JsonObject
    files: list[UploadedFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FileBody:
    """Bytes of any other kind: a file."""

    file: UploadedFile


Content: TypeAlias = JsonBody | TextBody | FormBody | FileBody


def read_content(types: Sequence[bytes], encodings: Sequence[bytes], body: bytes) -> Content:
    """The body, by the headers Content-Type, and Content-Encoding and Transfer-Encoding, as often as each is there.

    Raises:
        ContentRefused: it is compressed, or its media type cannot be read.
        InvalidInput, InvalidJson: it is not what its media type says.
    """
    if any(encoding.strip().lower() not in NOT_COMPRESSED for encoding in encodings):
        raise ContentRefused(
            "The body is compressed.", code="BODY_COMPRESSED", remedy="Send it as it is, without Content-Encoding."
        )
    if not body:
        return JsonBody()
    kind, parameters, whole = _read_type(types)
    if kind == MULTIPART:
        return _read_multipart(whole, body)
    if kind == "application/json" or kind.endswith("+json"):
        _decode_as(parameters, only_utf8=True)
        return JsonBody(read_json(body, max_bytes=len(body)))
    if kind == FORM:
        return FormBody(read_fields(_decode(body, _decode_as(parameters, only_utf8=True))))
    if kind.startswith("text/") or kind == "application/xml" or kind.endswith("+xml"):
        return TextBody(_without_nul(_decode(body, _decode_as(parameters))))
    return FileBody(UploadedFile(WHOLE_BODY, WHOLE_BODY, kind, body))


def read_fields(text: str) -> JsonObject:
    """The fields of a form or a query: one that is there several times is a list.

    Raises:
        InvalidInput: `FORM_MALFORMED`.
    """
    if not text:
        return {}
    try:
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:  # What is percent-encoded is no UTF-8, or there is too much of it.
        raise _malformed(f"it is no UTF-8, or has more than {MOST_FIELDS} fields") from None
    return as_object(fields)


def as_object(pairs: Iterable[tuple[str, Json]]) -> JsonObject:
    """Names with their values; a name that is there several times has a list.

    Raises:
        InvalidInput: `FORM_MALFORMED`, for U+0000.
    """
    found: dict[str, list[Json]] = {}
    for name, value in pairs:
        if "\0" in name or (isinstance(value, str) and "\0" in value):
            raise _malformed("it holds U+0000")
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _read_type(types: Sequence[bytes]) -> tuple[str, str, str]:
    """The media type, its parameters, and both as they were sent; any bytes where nothing is said."""
    if not types:
        return OCTETS, "", OCTETS
    if len(types) > 1:
        raise ContentRefused("The header Content-Type is there twice.", remedy="Send it once.")
    text = types[0].decode("latin-1").strip()
    whole, _, _ = text.partition(";")
    found = MEDIA_TYPE.fullmatch(whole.strip().lower() + text[len(whole) :])
    if found is None:
        raise ContentRefused(
            f"The header Content-Type is {text[:100]!r}.", remedy="Send one media type, such as application/json."
        )
    return f"{found[1]}/{found[2]}", found[3] or "", text


def _read_multipart(content_type: str, body: bytes) -> FormBody:
    parts = read_multipart(content_type, body)
    fields: list[tuple[str, Json]] = []
    files = []
    for part in parts:
        if part.file_name is None:
            fields.append((part.name, _decode(part.data, _decode_as(";" + part.media_type.partition(";")[2]))))
        else:
            _without_nul(part.name)
            files.append(UploadedFile(part.name, part.file_name, part.media_type, part.data))
    return FormBody(as_object(fields), files)


def _decode_as(parameters: str, *, only_utf8: bool = False) -> str:
    """The encoding that the parameters of a media type name; UTF-8 where they name none."""
    found = CHARSET.search(parameters)
    if found is None:
        return "utf-8"
    named = found[1] or found[2]
    encoding = find_encoding(named)
    if encoding is None or (only_utf8 and encoding not in {"utf-8", "ascii"}):
        raise ContentRefused(
            f"The body is in the encoding {named[:40]!r}.", code="CHARSET_NOT_TAKEN", remedy="Send UTF-8."
        )
    return encoding


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeError:
        raise InvalidInput(
            f"The text is not in the encoding that it says ({encoding}).", code="TEXT_MALFORMED", remedy="Send UTF-8."
        ) from None


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise InvalidInput(
            "The text holds U+0000, which no text here can have.",
            code="TEXT_MALFORMED",
            remedy="Send it as application/octet-stream.",
        )
    return text


def _malformed(why: str) -> InvalidInput:
    return InvalidInput(
        f"The form or query cannot be read: {why}.", code="FORM_MALFORMED", remedy="Send UTF-8, percent-encoded."
    )
