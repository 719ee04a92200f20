"""What comes in: bodies, read piece by piece up to a limit; and the headers that change what a request means."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from wingbeat.api.failures import (
    BodyIncomplete,
    BodyTooLarge,
    BodyTooSlow,
    PreconditionMissing,
    WrongMediaType,
    name_problem,
)
from wingbeat.core.errors import InvalidInput
from wingbeat.services.workflow_rules import NO_REVISION
from wingbeat.storage.json_text import read_json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from wingbeat.core.json_value import JsonObject

Body = TypeVar("Body", bound=BaseModel)

KEY_PATTERN = r"^[!-~]{1,255}$"
REVISION_PATTERN = r'^"[1-9][0-9]{0,8}"$'
# Nobody who means well is slower, and whoever is not holds no connection for ever.
BODY_SECONDS = 120.0
# In If-Match: whatever is there.
ANY = "*"
KEY = re.compile(KEY_PATTERN)
REVISION = re.compile(REVISION_PATTERN)


async def read_object(request: Request, max_bytes: int, *, required: bool = False) -> JsonObject:
    """The body as a JSON object; an empty body is an empty object, unless one is required.

    Raises:
        InvalidInput, BodyTooLarge, WrongMediaType, InvalidJson: it is not acceptable; as soon as that is known.
    """
    raw = await read_bytes(request, max_bytes)
    if not raw:
        if required:
            raise InvalidInput("The request has no body.", code="BODY_MISSING", remedy="Send a JSON object.")
        return {}
    media_type = request.headers.get("content-type", "")
    if media_type.partition(";")[0].strip().lower() != "application/json":
        raise WrongMediaType(
            f"The body is {media_type[:100] or 'of no stated type'}; this address takes JSON.",
            remedy="Send JSON with the header Content-Type: application/json.",
        )
    return read_json_object(raw, max_bytes=max_bytes)


async def read_bytes(request: Request, max_bytes: int) -> bytes:
    """The body, at most `max_bytes` of it, and in `BODY_SECONDS`; what announces more is refused before it is read.

    Raises:
        BodyTooLarge, BodyTooSlow, BodyIncomplete: it is not to be had.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > max_bytes:
        raise too_large(max_bytes)
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                size += len(piece)
                if size > max_bytes:
                    raise too_large(max_bytes)
                pieces.append(piece)
    except TimeoutError:
        raise BodyTooSlow(
            f"The body was not whole after {BODY_SECONDS:g} seconds.", remedy="Send it at once, or send less."
        ) from None
    except ClientDisconnect:
        raise BodyIncomplete("The caller hung up before the body was whole.", remedy="Send it again.") from None
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def too_large(max_bytes: int) -> BodyTooLarge:
    """The refusal of a body that is too large."""
    return BodyTooLarge(
        f"The body has more than the {max_bytes} bytes that are allowed.",
        remedy="Send less at once, or have the operator raise MAX_BODY_BYTES.",
        details={"max_bytes": max_bytes},
    )


def check(model: type[Body], value: JsonObject) -> Body:
    """The value as the model.

    Raises:
        InvalidInput: it does not fit; all problems are listed by field.
    """
    try:
        return model.model_validate(value, strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        problems = [name_problem(dict(one)) for one in found]
        # What is wrong with the body as a whole has no field: then the sentence itself is told.
        named = ", ".join(sorted({str(one["field"] or one["message"]).rstrip(".") for one in problems}))
        raise InvalidInput(
            f"The body does not fit: {named[:500]}.",
            remedy="See /openapi.json for what is expected.",
            details={"problems": list(problems)},
        ) from error


async def refuse_body(request: Request, max_bytes: int) -> None:
    """For addresses that take no body: an empty object will do, anything else would be ignored, so it is refused."""
    if given := await read_object(request, max_bytes):
        named = ", ".join(list(given)[:10])
        raise InvalidInput(f"This address takes no body, but got: {named[:200]}.", remedy="Send none.")


def refuse_query(request: Request, known: Mapping[str, bool], *, closed: bool = True) -> None:
    """Refuse parameters that would be ignored; `known` says of each whether it may be given several times.

    If it is not `closed`, the address reads unknown ones too.

    Raises:
        InvalidInput: there is an unknown one, or one that is given twice, of which one would not be read.
    """
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name in seen and not known.get(name, not closed):
            raise InvalidInput(
                f"The parameter {name[:100]!r} is given several times; it has one value.", remedy="Give it once."
            )
        if closed and name not in known:
            raise InvalidInput(
                f"The parameter {name[:100]!r} is not known here.",
                remedy=f"Known are: {', '.join(sorted(known))}." if known else "This address takes none.",
            )
        seen.add(name)


def read_idempotency_key(request: Request) -> str | None:
    """The header Idempotency-Key, or None.

    Raises:
        InvalidInput: it is not 1 to 255 visible ASCII characters.
    """
    given = request.headers.get("idempotency-key")
    if given is not None and not KEY.match(given):
        raise InvalidInput(
            "The Idempotency-Key is not 1 to 255 visible ASCII characters.",
            code="IDEMPOTENCY_KEY_INVALID",
            remedy="Use a random UUID, for example.",
        )
    return given


def read_revision(request: Request) -> int | None:
    """The revision in the header If-Match; None without it, and for `*`, which matches whatever is there.

    NO_REVISION if it is no ETag of ours. Whether that matters is decided only where everything else is in order.
    """
    given = request.headers.get("if-match")
    if given is None or given.strip() == ANY:
        return None
    return int(given.strip('"')) if REVISION.match(given) else NO_REVISION


def require_revision(request: Request) -> int | None:
    """What `read_revision` gives, for a change that must have the header.

    Raises:
        PreconditionMissing: there is no such header.
    """
    if "if-match" not in request.headers:
        raise PreconditionMissing(
            "A change must say which revision it changes, so that nobody's work is overwritten unseen.",
            remedy="Read the workflow, and send its ETag in the header If-Match.",
        )
    return read_revision(request)


def refuse_nul(**parameters: str | None) -> None:
    """Refuse texts with U+0000, which nothing in the database can hold.

    Raises:
        InvalidInput: there is one.
    """
    for name, text in parameters.items():
        if text is not None and "\0" in text:
            raise InvalidInput(
                f"The parameter {name!r} holds the character U+0000.", remedy="Leave it out; no text here has it."
            )
