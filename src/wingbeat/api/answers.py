"""Answers as bytes: the one envelope that every answer has, and how values are written."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

OPTIONS = orjson.OPT_UTC_Z


class Answer(Response):
    """A response whose body is JSON already."""

    media_type = "application/json"


def success(
    message: str,
    data: object,
    *,
    status: int = 200,
    meta: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """`{success: true, message, data, meta}`; dataclasses, UUIDs and times may be anywhere in the data."""
    body = {"success": True, "message": message, "data": data, "meta": meta or {}}
    return Answer(write_json(body), status, headers)


def failure(
    message: str,
    code: str,
    *,
    status: int,
    details: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """`{success: false, message, error_code, details}`."""
    body = {"success": False, "message": message, "error_code": code, "details": details or {}}
    return Answer(write_json(body), status, headers)


def write_json(value: object) -> bytes:
    """JSON of values, whole numbers of any size among them."""
    try:
        return orjson.dumps(value, write_other, OPTIONS)
    except TypeError:  # A number beyond 64 bits.
        return json.dumps(value, default=write_other, ensure_ascii=False, separators=(",", ":")).encode()


def write_other(value: object) -> Any:  # noqa: ANN401 -- what a JSON writer can go on with
    """A value that a JSON writer does not know, as one that it does."""
    if isinstance(value, UUID):  # asyncpg has a class of its own for those that it reads.
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} is no JSON.")
