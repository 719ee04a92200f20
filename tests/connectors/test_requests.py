"""Values in requests, by the styles of OpenAPI; the expected texts are those of the specification's own table."""

from __future__ import annotations

import pytest

from wingbeat.connectors.operations import ApiOperation, ApiParameter
from wingbeat.connectors.requests import Addressed, address
from wingbeat.core.errors import StepError
from wingbeat.core.json_value import Json

COLORS: Json = ["blue", "black", "brown"]
RGB: Json = {"R": 100, "G": 200, "B": 150}


def _address(place: str, style: str, value: Json, *, explode: bool = False, as_json: bool = False) -> Addressed:
    parameter = ApiParameter("color", place, True, style=style, explode=explode, as_json=as_json)
    path = "/x/{color}" if place == "path" else "/x"
    operation = ApiOperation("x", "GET", path, "", "", "https://a.example", (parameter,), None, True, {}, (), False)
    return address(operation, [(parameter, value)])


@pytest.mark.parametrize(
    ("style", "explode", "value", "expected"),
    [
        ("simple", False, "blue", "blue"),
        ("simple", False, COLORS, "blue,black,brown"),
        ("simple", False, ["a,b", "c"], "a%2Cb,c"),
        ("simple", False, RGB, "R,100,G,200,B,150"),
        ("simple", True, RGB, "R=100,G=200,B=150"),
        ("label", False, "blue", ".blue"),
        ("label", True, COLORS, ".blue.black.brown"),
        ("matrix", False, "blue", ";color=blue"),
        ("matrix", False, COLORS, ";color=blue,black,brown"),
        ("matrix", True, COLORS, ";color=blue;color=black;color=brown"),
        ("matrix", True, RGB, ";R=100;G=200;B=150"),
        ("simple", False, "a/b?c#d e", "a%2Fb%3Fc%23d%20e"),
        ("simple", False, "../../admin", "..%2F..%2Fadmin"),
        ("simple", False, True, "true"),
    ],
)
def test_values_in_the_path(style: str, explode: bool, value: Json, expected: str) -> None:
    """A value stays within its segment, whatever it holds."""
    assert f"https://a.example/x/{expected}" == _address("path", style, value, explode=explode).url


@pytest.mark.parametrize("value", ["", ".", "..", None])
def test_values_that_would_change_the_path_are_refused(value: Json) -> None:
    """An empty segment or one of dots leads elsewhere."""
    with pytest.raises(StepError) as refused:
        _address("path", "simple", value)

    assert "API_PARAMETER_UNFIT" == refused.value.code


@pytest.mark.parametrize(
    ("style", "explode", "value", "expected"),
    [
        ("form", True, "blue", [("color", "blue")]),
        ("form", True, COLORS, [("color", "blue"), ("color", "black"), ("color", "brown")]),
        ("form", False, COLORS, [("color", "blue,black,brown")]),
        ("form", True, RGB, [("R", "100"), ("G", "200"), ("B", "150")]),
        ("form", False, RGB, [("color", "R,100,G,200,B,150")]),
        ("spaceDelimited", False, COLORS, [("color", "blue black brown")]),
        ("pipeDelimited", False, COLORS, [("color", "blue|black|brown")]),
        ("deepObject", True, RGB, [("color[R]", "100"), ("color[G]", "200"), ("color[B]", "150")]),
        ("form", True, None, []),
        ("form", True, 1.5, [("color", "1.5")]),
    ],
)
def test_values_in_the_query(style: str, explode: bool, value: Json, expected: list[tuple[str, str]]) -> None:
    """As the specification's table has it; null is left out."""
    assert expected == _address("query", style, value, explode=explode).query


def test_a_parameter_with_a_content_type_is_sent_as_json() -> None:
    """Whatever it is."""
    assert [("color", '{"R":100,"G":200,"B":150}')] == _address("query", "form", RGB, as_json=True).query


def test_headers_and_cookies() -> None:
    """Lists are joined in headers; cookies are encoded."""
    assert {"color": "blue,black,brown"} == _address("header", "simple", COLORS).headers
    assert {"Cookie": "color=a%3B%20b"} == _address("cookie", "form", "a; b", explode=True).headers


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\0", "grün"])
def test_a_header_cannot_bring_another_one(value: str) -> None:
    """Line ends and what HTTP does not allow are refused."""
    with pytest.raises(StepError) as refused:
        _address("header", "simple", value)

    assert "API_PARAMETER_UNFIT" == refused.value.code
