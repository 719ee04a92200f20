"""Forms with files (multipart/form-data, RFC 7578), read strictly from bytes that are there as a whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_to_bytes

from wingbeat.core.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PARTS = 1_000
MOST_HEAD_BYTES = 8_192
# RFC 2046, section 5.1.1, in the header's own spelling: bare, or within quotes.
BOUNDARY = re.compile(
    r"""boundary=(?:"([\w'()+,./:=? -]{1,70})"|([\w'()+,./:=?-]{1,70}))\s*(?:;|$)""", re.ASCII | re.IGNORECASE
)
PARAMETER = re.compile(r';\s*([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^";\s]*))', re.ASCII)


class FormPart(NamedTuple):
    """One part: a field if `file_name` is None, else a file."""

    name: str
    file_name: str | None
    media_type: str
    data: bytes


def read_multipart(content_type: str, body: bytes) -> list[FormPart]:
    """The parts, in their order.

    Raises:
        InvalidInput: `MULTIPART_MALFORMED`.
    """
    found = BOUNDARY.search(content_type.partition(";")[2].strip())
    if found is None:
        raise malformed("its header names no boundary")
    boundary = b"--" + (found[1] or found[2]).encode()
    return [_read_part(part) for part in _split(body, boundary)]


def _split(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """What lies between the boundaries; what stands before the first and after the last is nothing."""
    delimiter = b"\r\n" + boundary
    place = 0 if body.startswith(boundary) else body.find(delimiter)
    if place < 0:
        raise malformed("the boundary is not in it")
    place += len(boundary) if place == 0 and body.startswith(boundary) else len(delimiter)
    for _ in range(MOST_PARTS + 1):
        if body.startswith(b"--", place):
            return
        line = body.find(b"\r\n", place)
        if line < 0 or body[place:line].strip(b" \t"):
            raise malformed("a boundary is not followed by the end of its line")
        # The part begins with the end of that line, so that an empty head has a delimiter before it too.
        end = body.find(delimiter, line)
        if end < 0:
            raise malformed("it ends in the middle of a part")
        yield body[line + 2 : end] if end > line else b""
        place = end + len(delimiter)
    raise malformed(f"it has more than {MOST_PARTS} parts")


def _read_part(part: bytes) -> FormPart:
    head, blank, data = part.partition(b"\r\n\r\n")
    if not blank or len(head) > MOST_HEAD_BYTES:
        raise malformed("a part has no end of its headers, or too long ones")
    disposition, media_type = "", "text/plain"
    for line in head.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if not colon:
            raise malformed("a part has a header without a colon")
        match name.strip().lower():
            case b"content-disposition":
                disposition = _text(value).strip()
            case b"content-type":
                media_type = value.decode("latin-1").strip()
            case b"content-transfer-encoding" if value.strip().lower() not in {b"binary", b"8bit", b"7bit"}:
                raise malformed("a part is encoded once more")
            case _:
                pass
    kind, _, rest = disposition.partition(";")
    parameters = _parameters(";" + rest)
    if kind.strip().lower() != "form-data" or "name" not in parameters:
        raise malformed("a part has no name")
    file_name = _file_name(parameters)
    return FormPart(parameters["name"], file_name, media_type, data)


def _parameters(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, quoted, bare in PARAMETER.findall(text):
        if name.lower() in found:
            raise malformed(f"a part names its {name[:40]} twice")
        # Browsers write only these two otherwise than they are; a backslash is a part of the name.
        found[name.lower()] = (quoted.replace('\\"', '"') or bare).replace("%22", '"').replace("%0D%0A", "\n")
    return found


def _file_name(parameters: dict[str, str]) -> str | None:
    extended = parameters.get("filename*")
    if extended is None:
        return parameters.get("filename")
    charset, _, rest = extended.partition("'")
    if charset.lower() != "utf-8":
        raise malformed("the name of a file is in another encoding than UTF-8")
    return _text(unquote_to_bytes(rest.partition("'")[2]))


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise malformed("a name in it is no UTF-8") from None


def malformed(why: str) -> InvalidInput:
    """The refusal of a form that cannot be read."""
    return InvalidInput(
        f"The body is no multipart form: {why}.",
        code="MULTIPART_MALFORMED",
        remedy="Let a library for HTTP write the form; each part needs a name, and the boundary of the header.",
    )
