"""HTML, Markdown and XML: what they give, and that bombs of each kind are refused or read in no time."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.data import html, markdown, xml
from wingbeat.sdk import Example, JsonObject, NodeType
from wingbeat.sdk.testing import outcome_of, run_example

MANY = 10_000


def given(kind: NodeType, raw: dict[str, Any], value: Any = None) -> Any:  # noqa: ANN401 - any JSON
    """What comes out."""
    return outcome_of(run_example(kind, Example("", raw, input=value)))["out"]


def extracted(text: str, **raw: Any) -> Any:  # noqa: ANN401 - any JSON
    """What the HTML node takes out of a text."""
    return given(html.NODE, {"operation": "extract", "html": "{{ input }}", **raw}, text)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"selector": "a", "give": "attribute", "attribute": "HREF"}, ["/1", None]),
        ({"selector": "a", "give": "html"}, ["<a href='/1'>A</a>", "<a>B</a>"]),
        ({"selector": "p", "give": "inner_html"}, ["<a href='/1'>A</a> &amp; <a>B</a>"]),
        ({"selector": "p"}, ["A & B"]),
        ({"selector": "i"}, []),
        ({"selector": "i", "every": False}, None),
        ({"selector": "p", "fields": [{"name": "l", "selector": "a", "every": True}]}, [{"l": ["A", "B"]}]),
        ({"selector": "p", "fields": [{"name": "l", "selector": "i"}, {"name": "t"}]}, [{"l": None, "t": "A & B"}]),
    ],
)
def test_values_are_taken_out(raw: dict[str, Any], expected: Any) -> None:  # noqa: ANN401 - any JSON
    """Texts, HTML, attributes, objects."""
    assert expected == extracted("<p><a href='/1'>A</a> &amp; <a>B</a></p>", **raw)


@pytest.mark.parametrize(
    "selector", ["a[", "", "a:hover", "a:not(b c)", ":not(:not(a))", "a >", "*" * 2000, "a," * 100]
)
def test_selectors_that_cannot_be_read_are_faults(selector: str) -> None:
    """Found when the workflow is saved."""
    raw: JsonObject = {"operation": "extract", "html": "", "selector": selector}
    reading = html.NODE.read(raw)
    assert bool(reading.problems) == bool(selector)


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * MANY,
        "<div>" * MANY + "</div>" * MANY,
        "<" * MANY,
        "<!--" * MANY,
        '<a b=" ' * MANY,
        "<a " + "b " * MANY,
        "&#" + "9" * MANY + ";",
        "<script>" * MANY,
        "<b>" * MANY + "</i>" * MANY,
        "\0<p\0>\0",
    ],
)
def test_broken_and_deep_html_is_read(text: str) -> None:
    """In time that grows with its length; there is something to select from or there is not."""
    assert isinstance(extracted(text, selector="div div div div div div, b b b b, p"), list)


def test_a_table_whose_headings_repeat_keeps_all_columns() -> None:
    """The second one gets the number of its column, and so does one without a text."""
    text = "<table><tr><th>a<th>a<th><tr><td>1<td>2<td>3<tr><td>4</table>"
    raw = {"operation": "from_table", "html": "{{ input }}"}
    assert [{"a": "1", "a_2": "2", "column_3": "3"}, {"a": "4"}] == given(html.NODE, raw, text)


def test_tables_in_tables_do_not_give_their_text_again_and_again() -> None:
    """As with any elements that hold each other."""
    with pytest.raises(StepError) as caught:
        given(html.NODE, {"operation": "from_table", "html": "{{ input }}"}, "<table><tr><td>x" * MANY)
    assert "HTML_OUTPUT_TOO_LARGE" == caught.value.code


def test_nested_elements_do_not_give_their_text_again_and_again() -> None:
    """Each of many elements would hold all of the text of those inside."""
    with pytest.raises(StepError) as caught:
        extracted("<div>x" * MANY, selector="div", give="html")
    assert "HTML_OUTPUT_TOO_LARGE" == caught.value.code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<img src=x onerror=alert(1)>", '<img src="x">'),
        ("<a href='javascript:alert(1)'>x</a>", '<a rel="noopener noreferrer">x</a>'),
        ("<svg><script>alert(1)</script></svg>", ""),
        ("<iframe src=//evil></iframe>ok", "ok"),
        ("<p style='background:url(javascript:x)'>y", "<p>y</p>"),
    ],
)
def test_what_could_act_is_taken_out(text: str, expected: str) -> None:
    """Handlers, addresses that are code, frames, styles."""
    assert expected == given(html.NODE, {"operation": "sanitise", "html": "{{ input }}"}, text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<div>" * MANY, "HTML_TOO_TANGLED"),
        ("".join(f"<b id={number}>" for number in range(2000)) + "<p>x" * MANY, "HTML_TOO_TANGLED"),
        ("<a " + " ".join(f"b{number}=1" for number in range(MANY)) + ">", "HTML_TOO_TANGLED"),
        ("x" * 2_000_001, "HTML_TOO_LARGE"),
    ],
)
def test_html_that_would_take_long_is_refused(text: str, code: str) -> None:
    """Before the parser sees it."""
    with pytest.raises(StepError) as caught:
        given(html.NODE, {"operation": "sanitise", "html": "{{ input }}"}, text)
    assert code == caught.value.code


def test_values_of_a_template_are_text_and_nothing_else() -> None:
    """Also inside an attribute, and when they look like a placeholder."""
    raw = {
        "operation": "generate",
        "template": "<a title='${t}'>${u.v}</a>",
        "values": "{{ input }}",
        "sanitise": False,
    }
    value = {"t": "' onclick='x", "u": {"v": "${t} {{ 1 }} <script>"}}
    assert "<a title='&#x27; onclick=&#x27;x'>${t} {{ 1 }} &lt;script&gt;</a>" == given(html.NODE, raw, value)


def test_a_link_that_is_code_does_not_come_out() -> None:
    """What is generated is sanitised unless somebody says otherwise."""
    raw = {"operation": "generate", "template": "<a href='${u}'>x</a>", "values": {"u": "{{ input }}"}}
    assert "javascript" not in given(html.NODE, raw, "javascript:alert(1)")


@pytest.mark.parametrize(
    ("raw", "value", "code"),
    [
        ({"operation": "to_table", "items": "{{ input }}"}, [1], "HTML_VALUE_UNFIT"),
        ({"operation": "to_table", "items": "{{ input }}"}, None, "PARAMETER_INVALID"),
        ({"operation": "to_table", "items": "{{ input }}"}, [{}] * 100_001, "HTML_OUTPUT_TOO_LARGE"),
        ({"operation": "generate", "template": "${__class__.x}", "values": {}}, None, "HTML_VALUE_MISSING"),
        ({"operation": "to_text", "html": "{{ input }}"}, None, "PARAMETER_INVALID"),
        ({"operation": "to_text", "html": "{{ input }}"}, "x" * 5_000_001, "HTML_TOO_LARGE"),
    ],
)
def test_values_that_do_not_fit_are_typed_errors(raw: dict[str, Any], value: Any, code: str) -> None:  # noqa: ANN401 - any JSON
    """Wrong, missing, huge."""
    with pytest.raises(StepError) as caught:
        given(html.NODE, raw, value)
    assert code == caught.value.code


@pytest.mark.parametrize(
    "text",
    ["[" * MANY, "*a **a " * MANY, "`" * MANY, ">" * MANY, "![[]()" * MANY, "*" * 400 + "a" + "*" * 400, "|" * MANY],
)
def test_markdown_bombs_are_read(text: str) -> None:
    """In no time to speak of."""
    assert isinstance(given(markdown.NODE, {"operation": "to_html", "text": "{{ input }}"}, text), str)


@pytest.mark.parametrize(
    ("operation", "text", "expected"),
    [
        ("to_html", "<script>x</script>", "&lt;script&gt;x&lt;/script&gt;\n"),
        ("to_html", "[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("to_html", "", ""),
        ("from_html", "<script>x</script><p>a</p>", "a"),
        ("to_text", "a | b\n-|-\n1 | 2", "a\nb\n1\n2"),
    ],
)
def test_markdown_carries_nothing_that_acts(operation: str, text: str, expected: str) -> None:
    """In either direction."""
    found = given(markdown.NODE, {"operation": operation, "text": "{{ input }}"}, text)
    assert expected in {found, found.removeprefix("<p>").replace("</p>", "")}


@pytest.mark.parametrize(
    ("operation", "text", "code"),
    [
        ("to_html", "x" * 100_001, "MARKDOWN_TOO_LARGE"),
        ("from_html", "<div>" * 1000, "MARKDOWN_TOO_LARGE"),
        ("from_html", "<div>" * MANY, "HTML_TOO_TANGLED"),
    ],
)
def test_markdown_has_limits(operation: str, text: str, code: str) -> None:
    """In length and in depth."""
    with pytest.raises(StepError) as caught:
        given(markdown.NODE, {"operation": operation, "text": "{{ input }}"}, text)
    assert code == caught.value.code


LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>', "XML_DOCTYPE_REFUSED"),
        (f'<!DOCTYPE a [<!ENTITY x "{"x" * MANY}">]><a>{"&x;" * MANY}</a>', "XML_DOCTYPE_REFUSED"),
        ('<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><a/>', "XML_DOCTYPE_REFUSED"),
        ('<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]><a/>', "XML_DOCTYPE_REFUSED"),
        ("<a>&x;</a>", "XML_MALFORMED"),
        ("", "XML_MALFORMED"),
        ("<a><b></a>", "XML_MALFORMED"),
        ("<a>\ud800</a>", "XML_MALFORMED"),
        ("<a>\0</a>", "XML_MALFORMED"),
        ("<a x='1' x='2'/>", "XML_MALFORMED"),
        ("<a>" * 200 + "</a>" * 200, "XML_TOO_LARGE"),
        ("<a>" + "<b/>" * 1_000_001 + "</a>", "XML_TOO_LARGE"),
        ("x" * 10_000_001, "XML_TOO_LARGE"),
    ],
)
def test_xml_bombs_and_broken_xml_are_refused(text: str, code: str) -> None:
    """Entities are never declared, so none can grow or reach for a file."""
    with pytest.raises(StepError) as caught:
        given(xml.NODE, {"operation": "parse", "text": "{{ input }}"}, text)
    assert code == caught.value.code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<?xml version='1.0' encoding='latin-1'?><a>\u00e9</a>", {"a": "\u00e9"}),
        ("<a/>", {"a": None}),
        ("<a> </a>", {"a": None}),
        ("<a>x<!-- y -->z</a>", {"a": "xz"}),
        ("<a><![CDATA[<b>]]></a>", {"a": "<b>"}),
        ("<s:a xmlns:s='u'><s:b/><s:b>1</s:b></s:a>", {"s:a": {"@xmlns:s": "u", "s:b": [None, "1"]}}),
        ("<a><__proto__>1</__proto__></a>", {"a": {"__proto__": "1"}}),
    ],
)
def test_xml_becomes_json(text: str, expected: Any) -> None:  # noqa: ANN401 - any JSON
    """By the conventions of the help."""
    assert expected == given(xml.NODE, {"operation": "parse", "text": "{{ input }}"}, text)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"a": 1, "b": 2},
        {"a": [1]},
        {"a b": 1},
        {"a": {"@x y": 1}},
        {"a": "\0"},
        {"a": {"@b": {}}},
        {"a": {"b": [[1]]}},
    ],
)
def test_values_that_are_no_xml_are_typed_errors(value: Any) -> None:  # noqa: ANN401 - any JSON
    """No name, no character and no list can break out of its place."""
    with pytest.raises(StepError) as caught:
        given(xml.NODE, {"operation": "build", "value": "{{ input }}"}, value)
    assert "XML_VALUE_UNFIT" == caught.value.code


def test_xml_goes_there_and_back() -> None:
    """What was built is parsed to the same value."""
    value = {"a": {"@q": "<\"&'>", "b": ["1", None, {"#text": "t", "c": "<x>"}]}}
    built = given(xml.NODE, {"operation": "build", "value": "{{ input }}", "indent": True}, value)
    assert value == given(xml.NODE, {"operation": "parse", "text": "{{ input }}"}, built)


def test_a_value_that_nests_too_deep_is_not_written() -> None:
    """It could not be read again."""
    deep: Any = "x"
    for _ in range(150):
        deep = {"a": deep}
    with pytest.raises(StepError) as caught:
        given(xml.NODE, {"operation": "build", "value": "{{ input }}"}, deep)
    assert "XML_TOO_LARGE" == caught.value.code
