"""Values survive their way through bytes, or are refused."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wingbeat.core.errors import InvalidInput
from wingbeat.core.json_value import Json
from wingbeat.storage.encoding import decode_json, encode_json
from wingbeat.storage.pool import Database

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


@given(VALUES)
def test_a_value_comes_back_as_it_was(value: Json) -> None:
    """Decoding what was encoded gives an equal value, whole numbers of any size included."""
    decoded = decode_json(encode_json(value))
    assert value == decoded
    assert repr(value) == repr(decoded)


class Colour(StrEnum):
    """A text that is more than a text."""

    RED = "red"


class Named(str):
    """A text of a class of its own."""

    __slots__ = ()


@dataclass
class Kept:
    """An object of a class."""

    number: int


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        [None, math.inf],
        {"a": -math.inf},
        "\ud800",
        {"\udfff": 1},
        "a\x00b",
        {"\x00": 1},
        {1: 2},
        b"x",
        (1, 2),
        [{"a": (1,)}],
        datetime(2026, 1, 1, tzinfo=UTC),
        {"id": UUID(int=1)},
        [Colour.RED],
        Colour.RED,
        Named("x"),
        [Kept(1)],
        [10**30, Named("x")],
        {"long": 10**30, 1: 2},
        pytest.param(10**5000, id="5001 digits"),
    ],
)
def test_what_json_or_postgresql_cannot_keep_is_refused(value: Any) -> None:  # noqa: ANN401 - that is the point
    """Nothing is turned into something else without a word."""
    with pytest.raises(InvalidInput) as caught:
        encode_json(value)
    assert caught.value.code == "JSON_NOT_STORABLE"


@pytest.mark.parametrize("value", ["\\u0000", None, [1, None], "null", 2**64, -(2**63) - 1, 10**30])
def test_what_only_looks_suspicious_is_kept(value: Json) -> None:
    """A backslash before u0000, a null, and a number beyond 64 bits are as good as any other value."""
    assert value == decode_json(encode_json(value))


@pytest.mark.parametrize("kind", ["json", "jsonb"])
async def test_values_pass_through_the_database(database: Database, kind: str) -> None:
    """Both column types take encoded bytes and give values."""
    value: Json = {"text": 'é\\u0000"', "long": 10**30, "list": [1, 2.5, None, True, {"deep": []}]}
    assert value == await database.pool.fetchval(f"SELECT $1::{kind}", encode_json(value))
