"""What strict reading accepts, refuses, and says about it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wingbeat.core.errors import InvalidJson
from wingbeat.core.json_value import Json
from wingbeat.storage.json_text import read_json, read_json_object

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


@given(VALUES, st.booleans(), st.sampled_from([None, 1, 4]))
def test_every_value_can_be_read(value: Json, ascii_only: bool, indent: int | None) -> None:
    """However it is written, the value comes out as it is."""
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert value == read_json(text)
    assert value == read_json(text.encode())


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:0123456789.eE+-tfnul \\ud8', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Whatever arrives, there is a value that JSON allows, or an InvalidJson with a code and a remedy."""
    try:
        value = read_json(data)
    except InvalidJson as error:
        refusal = error
    else:
        assert json.loads(data.decode("utf-8-sig")) == value
        return
    assert refusal.code.startswith("JSON_")
    assert refusal.remedy


FAULTS = [
    (b"", "JSON_SYNTAX", 1, 1, None),
    (b"{", "JSON_SYNTAX", 1, 2, None),
    (b'{"a": 1,}', "JSON_SYNTAX", 1, 9, "a"),
    (b'{"a" 1}', "JSON_SYNTAX", 1, 6, "a"),
    (b"{'a': 1}", "JSON_SYNTAX", 1, 2, None),
    (b'{"a": [1, 2\n 3]}', "JSON_SYNTAX", 2, 2, "a[1]"),
    (b"[1] 2", "JSON_SYNTAX", 1, 5, None),
    (b"[01]", "JSON_SYNTAX", 1, 2, "[0]"),
    (b"[True]", "JSON_SYNTAX", 1, 2, "[0]"),
    (b'["a\nb"]', "JSON_SYNTAX", 1, 4, "[0]"),
    (b'{"a": {"b": NaN}}', "JSON_NOT_A_NUMBER", 1, 13, "a.b"),
    (b"[-Infinity]", "JSON_NOT_A_NUMBER", 1, 2, "[0]"),
    (b'{"a": [{"x": 1, "x": 2}]}', "JSON_DUPLICATE_KEY", 1, 17, "a[0].x"),
    (b'{"a:": "\\u003a", "a:": 1}', "JSON_DUPLICATE_KEY", 1, 18, "a:"),
    (b'{"a": 1, "\\u0061": 2}', "JSON_DUPLICATE_KEY", 1, 10, "a"),
    (b'["a\\u0000b"]', "JSON_ZERO_CHARACTER", 1, 2, "[0]"),
    (b'["\\ud800"]', "JSON_HALF_SURROGATE", 1, 2, "[0]"),
    (b'["\\ud800", 12345678901234567890]', "JSON_HALF_SURROGATE", 1, 2, "[0]"),
    (b"[1, 1e400]", "JSON_NUMBER_TOO_LARGE", 1, 5, "[1]"),
    (b'{"n": ' + b"9" * 4301 + b"}", "JSON_NUMBER_TOO_LONG", 1, 7, "n"),
    (b'{"a": "\xff"}', "JSON_NOT_UTF8", 1, 8, None),
]


@pytest.mark.parametrize(("data", "code", "line", "column", "path"), FAULTS)
def test_a_fault_is_named_with_its_place(data: bytes, code: str, line: int, column: int, path: str | None) -> None:
    """The code says what is wrong; line, column and path say where."""
    with pytest.raises(InvalidJson) as caught:
        read_json(data)
    details = caught.value.details
    assert (code, line, column) == (caught.value.code, details["line"], details["column"])
    assert path is None or path == details["path"]


def test_a_key_may_appear_again_in_another_object() -> None:
    """Only two equal keys of one object contradict each other."""
    assert read_json('[{"a": {"a": 1}}, {"a": "a:b"}]') == [{"a": {"a": 1}}, {"a": "a:b"}]


@pytest.mark.parametrize(("depth", "good"), [(200, True), (201, False), (253, False), (255, False), (10_000, False)])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_ends_at_200(depth: int, good: bool, opening: str, closing: str) -> None:
    """Two hundred levels are read; one more is refused, and so are ten thousand, without harm."""
    inner = "1" if opening != "[" else ""
    text = opening * depth + inner + closing * depth
    if good:
        assert text == json.dumps(read_json(text), separators=(",", ":"))
    else:
        with pytest.raises(InvalidJson) as caught:
            read_json(text)
        assert caught.value.code in {"JSON_TOO_DEEP", "JSON_SYNTAX"} - (
            {"JSON_SYNTAX"} if inner or depth < 1000 else set()
        )


def test_what_is_wide_is_not_deep() -> None:
    """Many lists beside each other are fine."""
    assert read_json(json.dumps([[]] * 1000)) == [[]] * 1000


def test_a_text_that_is_too_long_is_refused_before_it_is_read() -> None:
    """The limit counts bytes and is in the details."""
    assert read_json('"é"', max_bytes=4) == "é"
    with pytest.raises(InvalidJson) as caught:
        read_json('"éé"', max_bytes=4)
    assert (caught.value.code, caught.value.details) == ("JSON_TOO_LARGE", {"max_bytes": 4})


def test_a_long_text_with_a_fault_is_refused_too() -> None:
    """Beyond the size up to which paths are looked for, the code is less exact, and the refusal as sure."""
    data = b'{"a": "' + b"x" * 2_000_000 + b'", "a": 1}'
    with pytest.raises(InvalidJson) as caught:
        read_json(data)
    assert caught.value.code == "JSON_INVALID"


def test_a_byte_order_mark_is_passed_over() -> None:
    """Windows editors write one before good JSON."""
    assert read_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_half_a_surrogate_pair_in_a_python_text_is_refused() -> None:
    """A text that cannot be UTF-8 is no JSON text."""
    with pytest.raises(InvalidJson) as caught:
        read_json('"\ud800"')
    assert caught.value.code == "JSON_NOT_UTF8"


@pytest.mark.parametrize("text", ["null", "[]", "3", '"text"', "true"])
def test_where_an_object_belongs_nothing_else_will_do(text: str) -> None:
    """A list, a number, a text or null is refused by a code of its own."""
    with pytest.raises(InvalidJson) as caught:
        read_json_object(text)
    assert caught.value.code == "JSON_NOT_AN_OBJECT"
