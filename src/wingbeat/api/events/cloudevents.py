"""CloudEvents 1.0 over HTTP, in the three ways in which they come: structured, batched, and in headers (binary)."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn, cast
from urllib.parse import unquote_to_bytes

from wingbeat.api.events.bodies import LONGEST_ID, LONGEST_SOURCE, TIME
from wingbeat.core.errors import InvalidInput
from wingbeat.sdk.event_names import LONGEST_NAME
from wingbeat.services.events.events import Occurrence
from wingbeat.storage.json_text import read_json, read_json_object

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wingbeat.core.json_value import Json, JsonObject

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
PREFIX = "ce-"
VERSION = "1.0"
MOST_IN_A_BATCH = 1_000
MOST_EXTENSIONS = 50
LONGEST_EXTENSION = 4_000
INTEGER_MAX = 2**31 - 1
ATTRIBUTE = re.compile(r"[a-z0-9]{1,64}")
RFC_3339 = re.compile(TIME)
COMMUNITY = "communityid"
LONGEST = {
    "id": LONGEST_ID,
    "type": LONGEST_NAME,
    "source": LONGEST_SOURCE,
    "subject": LONGEST_SOURCE,
    "dataschema": LONGEST_SOURCE,
    "datacontenttype": 200,
}
REQUIRED = ("id", "source", "type")
# What a trigger calls otherwise, or what is not an attribute of the event itself.
TAKEN = frozenset({"id", "source", "type", "subject", "time", "specversion", "data", "data_base64", "name", COMMUNITY})
JSON_TYPE = re.compile(r"application/json|[^/]+/[^/]+\+json")


def read_structured(raw: bytes, max_bytes: int) -> Occurrence:
    """One event, as a JSON object."""
    return of_object(read_json_object(raw, max_bytes=max_bytes))


def read_batch(raw: bytes, max_bytes: int) -> list[Occurrence]:
    """Several, as a JSON list; all of them can be read, or none is taken."""
    found = read_json(raw, max_bytes=max_bytes)
    if not isinstance(found, list) or len(found) > MOST_IN_A_BATCH:
        refuse(f"a batch is a list of up to {MOST_IN_A_BATCH:,} events", "Send fewer at once.")
    return [of_object(one, place) for place, one in enumerate(found)]


def is_binary(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether the headers say that an event is in them."""
    return any(name.startswith(PREFIX) for name, _ in headers)


def read_binary(headers: Iterable[tuple[str, str]], raw: bytes, max_bytes: int) -> Occurrence:
    """One event, its attributes in headers `ce-...` and its data as the body."""
    attributes, content_type = read_headers(headers)
    if attributes.keys() & {"datacontenttype", "data", "data_base64"}:
        refuse("the data is the body, and its type the Content-Type", "Leave those headers out.")
    if (community := attributes.get(COMMUNITY)) is not None:
        attributes[COMMUNITY] = int(str(community)) if re.fullmatch(r"[0-9]{1,10}", str(community)) else community
    if content_type:
        attributes["datacontenttype"] = content_type[: LONGEST["datacontenttype"]]
    if raw:
        attributes |= read_data(content_type, raw, max_bytes)
    return of_object(attributes)


def read_headers(headers: Iterable[tuple[str, str]]) -> tuple[JsonObject, str]:
    """The attributes in the headers, and the type of the body."""
    attributes: JsonObject = {}
    content_type = ""
    for name, value in headers:
        if name == "content-type":
            content_type = value
        elif name.startswith(PREFIX):
            if name.removeprefix(PREFIX) in attributes:
                refuse(f"the header {name[:80]!r} is there twice", "Send each attribute once.")
            attributes[name.removeprefix(PREFIX)] = decode(name, value)
    return attributes, content_type


def read_data(content_type: str, raw: bytes, max_bytes: int) -> JsonObject:
    """A body as data: JSON as its value, text as text, anything else in base64."""
    media_type = content_type.partition(";")[0].strip().lower()
    if not media_type or JSON_TYPE.fullmatch(media_type):
        return {"data": read_json(raw, max_bytes=max_bytes)}
    if media_type.startswith("text/"):
        try:
            return {"data": raw.decode("utf-8")}
        except UnicodeDecodeError:
            pass
    return {"data_base64": base64.b64encode(raw).decode()}


def decode(name: str, value: str) -> str:
    """The value of a header: percent-encoded UTF-8, maybe in quotes."""
    if len(value) >= 2 and value[0] == value[-1] == '"':  # noqa: PLR2004 - a pair of quotes
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    try:
        return unquote_to_bytes(value.encode("latin-1")).decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        refuse(f"the header {name[:80]!r} is no percent-encoded UTF-8", "Encode what is not ASCII.")


def of_object(value: Json, place: int | None = None) -> Occurrence:
    """An event out of its attributes.

    Raises:
        InvalidInput: `CLOUDEVENT_INVALID`, with the attribute at fault.
    """
    where = "" if place is None else f"the event {place}: "
    if not isinstance(value, dict):
        refuse(f"{where}an event is an object", "Send its attributes as an object.")
    if value.get("specversion") != VERSION:
        refuse(f"{where}'specversion' is not {VERSION}", f"Send specversion {VERSION}.")
    for name in REQUIRED:
        if not value.get(name):
            refuse(f"{where}{name!r} is missing or empty", "An event has an id, a source and a type.")
    refuse_long(value, where)
    when = value.get("time")
    if when is not None and not is_time(when):
        refuse(f"{where}'time' is no time of RFC 3339", "Write it as 2026-05-01T09:30:00Z.")
    community = value.get(COMMUNITY)
    if community is not None and not (type(community) is int and 1 <= community <= INTEGER_MAX):
        refuse(f"{where}{COMMUNITY!r} is no id of a community", "Send a whole number from 1, or leave it out.")
    return Occurrence(
        name=str(value["type"]),
        data=data_of(value, where),
        source=str(value["source"]),
        id=str(value["id"]),
        subject=cast("str | None", value.get("subject")),
        time=cast("str | None", when),
        extensions=extensions_of(value, where),
        community_id=community,
    )


def refuse_long(value: JsonObject, where: str) -> None:
    """Refuse attributes that are no text, or longer than anybody needs."""
    for name, longest in LONGEST.items():
        text = value.get(name)
        if text is not None and (not isinstance(text, str) or len(text) > longest):
            refuse(f"{where}{name!r} is no text of up to {longest} characters", "Send text, and less of it.")


def data_of(value: JsonObject, where: str) -> Json:
    """The data; bytes come as an extension, since data is JSON."""
    packed = value.get("data_base64")
    if packed is None:
        return value.get("data")
    if "data" in value:
        refuse(f"{where}there is both 'data' and 'data_base64'", "Send one of them.")
    try:
        base64.b64decode(packed if isinstance(packed, str) else "*", validate=True)
    except (binascii.Error, ValueError):
        refuse(f"{where}'data_base64' is no base64", "Encode the bytes as base64, with its padding.")
    return None


def extensions_of(value: JsonObject, where: str) -> JsonObject:
    """Every other attribute; each is a text, a whole number or a boolean under a name of small letters and digits."""
    found: JsonObject = {}
    for name, one in value.items():
        if name in TAKEN:
            continue
        if not ATTRIBUTE.fullmatch(name):
            refuse(f"{where}{name[:80]!r} is no name of an attribute", "Use small letters and digits.")
        if one is None:
            continue
        fits = len(one) <= LONGEST_EXTENSION if isinstance(one, str) else isinstance(one, bool | int)
        if not fits:
            refuse(f"{where}{name!r} is no text, whole number or boolean", "Put what has parts into the data.")
        found[name] = one
    if len(found) > MOST_EXTENSIONS:
        refuse(f"{where}there are more than {MOST_EXTENSIONS} attributes", "Put them into the data.")
    if value.get("data_base64") is not None:
        found["data_base64"] = value["data_base64"]
    return found


def is_time(text: Json) -> bool:
    """Whether a text is a time of RFC 3339 that there is."""
    if not isinstance(text, str) or not RFC_3339.match(text):
        return False
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


def refuse(why: str, remedy: str) -> NoReturn:
    """Raise the one refusal of this module."""
    raise InvalidInput(f"This is no CloudEvent of version {VERSION}: {why}.", code="CLOUDEVENT_INVALID", remedy=remedy)
