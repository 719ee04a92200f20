"""An answer over HTTP as a value: its body read as JSON, text or bytes, and what its headers say."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from wingbeat.sdk import Json, JsonObject, StepError
from wingbeat.sdk.charsets import decode_text
from wingbeat.sdk.exact_json import read_json
from wingbeat.sdk.files import clean_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wingbeat.sdk import HttpResponse

Reading: TypeAlias = Literal["auto", "json", "text", "binary"]
FIRST_FAILING_STATUS = 400
FIRST_SERVER_ERROR = 500
UNAVAILABLE = 503
EXCERPT = 2000
LONGEST_WAIT = 365 * 86400.0
# RFC 6266: the extended form first, with its encoding, then the plain one, quoted or not.
EXTENDED_NAME = re.compile(r"filename\*\s*=\s*([\w-]+)'[\w-]*'([^\s;]{1,2000})", re.IGNORECASE)
PLAIN_NAME = re.compile(r"filename\s*=\s*(?:\"((?:[^\"\\]|\\.){0,2000})\"|([^\s;\"]{1,2000}))", re.IGNORECASE)


def media_type_of(headers: Mapping[str, str]) -> str:
    """What kind of body the server says it is, without parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def charset_of(headers: Mapping[str, str]) -> str:
    """The encoding that the server names, if it names one."""
    return headers.get("content-type", "").lower().partition("charset=")[2].partition(";")[0]


def read_body(how: Reading, response: HttpResponse, charset: str = "") -> Json:
    """The body as a value; `charset` counts more than what the server says.

    Raises:
        StepError: `RESPONSE_NOT_JSON`.
    """
    if how == "auto":
        how = _how_to_read(media_type_of(response.headers), response.body)
    match how:
        case "json":
            return _json(response)
        case "binary":
            return b64encode(response.body).decode()
        case _:
            return decode_text(response.body, charset or charset_of(response.headers))


def _how_to_read(media: str, body: bytes) -> Reading:
    if media == "application/json" or media.endswith("+json"):
        return "json" if body else "text"
    if media.startswith("text/") or media.endswith(("/xml", "+xml", "/javascript", "/x-www-form-urlencoded")):
        return "text"
    return "binary" if body else "text"


def _json(response: HttpResponse) -> Json:
    try:
        return read_json(response.body)
    except ValueError as error:
        raise StepError(
            f"The answer of {without_query(response.url)} is not JSON: {error}.",
            code="RESPONSE_NOT_JSON",
            remedy="Set 'response' to 'text' or 'auto', or look at what the server sends.",
            details={"status": response.status, "body": excerpt(response.body)},
        ) from error


def excerpt(body: bytes) -> str:
    """The beginning of a body, to be shown."""
    return body[:EXCERPT].decode(errors="replace").replace("\0", "")


def without_query(url: str) -> str:
    """The address without what may hold secrets."""
    return url.partition("?")[0]


def file_name_of(headers: Mapping[str, str], url: str) -> str:
    """What to call the body as a file: as the server says, else as the address ends; made harmless."""
    disposition = headers.get("content-disposition", "")[:8_000]
    if extended := EXTENDED_NAME.search(disposition):
        encoding = "latin-1" if extended[1].lower() == "iso-8859-1" else "utf-8"
        return clean_name(unquote(extended[2], encoding, "replace"))
    if plain := PLAIN_NAME.search(disposition):
        quoted = plain[1]
        return clean_name(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain[2])
    return clean_name(unquote(urlsplit(url).path.rpartition("/")[2]) or "download")


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds or a date, as RFC 9110 (10.2.3) has it, a year at most; None for anything else."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return min(float(value), LONGEST_WAIT)
    try:
        due = parsedate_to_datetime(value)
    except ValueError:
        return None
    due = due if due.tzinfo else due.replace(tzinfo=UTC)
    return min(max(0.0, (due - now).total_seconds()), LONGEST_WAIT)


def bad_status(method: str, response: HttpResponse, now: datetime, why: str = "") -> StepError:
    """The error for a status that is no success; whether to try again is for whoever raises it."""
    url = without_query(response.url)
    details: JsonObject = {"status": response.status, "url": url, "body": excerpt(response.body)}
    wait = retry_after(response.headers.get("retry-after"), now)
    if wait is not None:
        details["retry_after_seconds"] = wait
    return StepError(
        f"{method} {url} answered {response.status}{why}.",
        code="HTTP_STATUS",
        remedy="Look at the body in the details; set 'fail_on_status' to false to go on with such answers.",
        details=details,
    )


def was_refused(response: HttpResponse) -> bool:
    """Whether the answer says that nothing was done. What was redirected has been dealt with by the first server."""
    refused = FIRST_FAILING_STATUS <= response.status < FIRST_SERVER_ERROR or response.status == UNAVAILABLE
    return refused and not response.redirected
