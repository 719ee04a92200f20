"""The contents of a file as a value, and a value as contents: one name for each format that is known."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING, Literal, TypeAlias

from wingbeat.nodes.data.xml import build_xml, parse_xml
from wingbeat.nodes.formats.tables import read_csv, read_text, read_xlsx, write_csv, write_text, write_xlsx
from wingbeat.sdk import Json, StepError
from wingbeat.sdk.exact_json import read_json, write_json

if TYPE_CHECKING:
    from wingbeat.nodes.formats.tables import TableOptions

Format: TypeAlias = Literal["text", "json", "jsonl", "csv", "xlsx", "xml", "base64"]
MEDIA_TYPES: dict[Format, str] = {
    "text": "text/plain",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "base64": "application/octet-stream",
}
ENDINGS: dict[str, Format] = {
    "txt": "text",
    "md": "text",
    "log": "text",
    "json": "json",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "csv": "csv",
    "tsv": "csv",
    "xlsx": "xlsx",
    "xml": "xml",
}
MOST_LINES = 1_000_000


def format_of(name: str) -> Format | None:
    """The format that a file's name ends in, if it is a known one."""
    return ENDINGS.get(name.rpartition(".")[2].lower()) if "." in name else None


def read_contents(  # noqa: PLR0911 - one for each format
    data: bytes, form: Format, encoding: str, options: TableOptions
) -> Json:
    """The value.

    Raises:
        StepError: `JSON_MALFORMED`, and what tables, texts and XML raise.
    """
    match form:
        case "text":
            return read_text(data, encoding)
        case "json":
            return _read_json(read_text(data, encoding) if encoding else data, "The file")
        case "jsonl":
            return _read_lines(read_text(data, encoding))
        case "csv":
            return read_csv(data, encoding, options)
        case "xlsx":
            return read_xlsx(data, options)
        case "xml":
            return parse_xml(read_text(data, encoding))
        case "base64":
            return b64encode(data).decode()


def write_contents(  # noqa: PLR0911 - one for each format
    value: Json, form: Format, encoding: str, options: TableOptions
) -> bytes:
    """The bytes.

    Raises:
        StepError: `CONTENT_UNFIT`, and what tables, texts and XML raise.
    """
    match form:
        case "csv":
            return write_csv(value, encoding, options)
        case "xlsx":
            return write_xlsx(value, options)
        case "xml":
            return write_text(build_xml(value), encoding)
        case "json":
            return write_text(f"{_to_json(value)}\n", encoding)
        case "jsonl" if isinstance(value, list):
            return write_text("".join(f"{_to_json(one)}\n" for one in value), encoding)
        case "text" if isinstance(value, str):
            return write_text(value, encoding)
        case "base64" if isinstance(value, str):
            return _from_base64(value)
    raise StepError(
        f"The content does not fit the format '{form}'.",
        code="CONTENT_UNFIT",
        remedy="'text' and 'base64' need text, 'jsonl', 'csv' and 'xlsx' a list; 'json' takes any value.",
        details={"parameter": "content"},
    )


def _read_json(data: bytes | str, what: str) -> Json:
    try:
        return read_json(data)
    except ValueError as error:
        raise StepError(
            f"{what} is not JSON: {error}.",
            code="JSON_MALFORMED",
            remedy="Look at it as text; JSON of several lines, one value each, is the format jsonl.",
        ) from error


def _read_lines(text: str) -> list[Json]:
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        raise StepError(
            f"The file has more than {MOST_LINES:,} lines.",
            code="TABLE_TOO_LARGE",
            remedy="Take a smaller file, or a part of it.",
        )
    return [_read_json(line, f"Line {number}") for number, line in enumerate(lines, 1) if line.strip()]


def _to_json(value: Json) -> str:
    return write_json(value).decode()


def _from_base64(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError) as error:
        raise StepError(
            "The content is no base64.", code="CONTENT_UNFIT", remedy="Give bytes as base64, without line breaks."
        ) from error
