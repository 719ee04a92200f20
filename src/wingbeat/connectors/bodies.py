"""Bodies of requests in the content types that operations take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wingbeat.connectors.operations import is_json
from wingbeat.nodes.http.request_body import Body, BodyFormat, make_body
from wingbeat.sdk.files import is_reference

if TYPE_CHECKING:
    from wingbeat.sdk import Context, Json

FORMS: Final[dict[str, BodyFormat]] = {
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
}


def is_sendable(media: str) -> bool:
    """Whether a body of this media type can be made; any that is not structured is sent as text or from a file."""
    return "/" in media and "*" not in media.partition("/")[0]


def encode_body(media: str, value: Json, context: Context) -> Body:
    """The body, with the content type that the operation takes.

    Raises:
        StepError: `BODY_UNFIT`, and what `Files` raises.
    """
    if media in FORMS:
        return make_body(FORMS[media], value, context)
    if is_json(media):
        return make_body("json", value, context)._replace(media_type="application/json" if "*" in media else media)
    body = make_body("file" if is_reference(value) else "text", value, context)
    return body._replace(media_type=f"{media}; charset=utf-8" if media.startswith("text/") else media)
