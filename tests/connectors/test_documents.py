"""Documents as they come: JSON or YAML, whole or broken, and references that lead anywhere."""

from __future__ import annotations

import json

import pytest
from tests.connectors.documents import SHOP, document_with

from wingbeat.connectors.documents import MOST_BYTES, Document, parse_document
from wingbeat.connectors.operations import Api
from wingbeat.core.errors import InvalidInput
from wingbeat.core.json_value import JsonObject


def test_json_and_yaml_give_the_same() -> None:
    """The same document in both notations is the same; keys are text, and dates stay as they are written."""
    yaml = b"openapi: 3.1.0\npaths:\n  /a:\n    get:\n      responses:\n        200: {description: ok}\nx: 2020-01-01\n"

    assert {
        "openapi": "3.1.0",
        "paths": {"/a": {"get": {"responses": {"200": {"description": "ok"}}}}},
        "x": "2020-01-01",
    } == parse_document(yaml)
    assert SHOP == parse_document(json.dumps(SHOP).encode())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[1, 2]",
        b"{",
        b"a: [1",
        b"\xff\xfe\x00",
        b"a: !!python/object/apply:os.system ['true']",
        b"a: &x [1]\nb: [*x, *x]",
        b"a: &a [&b [*a]]",
        b"[" * 100_000,
        b"- " * 10_000 + b"x",
        b"a: !!binary aGVsbG8=",
    ],
)
def test_what_is_no_document_is_refused(text: bytes) -> None:
    """Nothing but an object of JSON values passes: no objects of Python, and no aliases that blow up."""
    with pytest.raises(InvalidInput) as refused:
        parse_document(text)

    assert "OPENAPI_UNREADABLE" == refused.value.code


def test_a_huge_document_is_refused() -> None:
    """More than the limit is not even read."""
    with pytest.raises(InvalidInput) as refused:
        parse_document(b" " * (MOST_BYTES + 1))

    assert "OPENAPI_TOO_LARGE" == refused.value.code


@pytest.mark.parametrize("root", [{"swagger": "2.0"}, {"openapi": "4.0.0"}, {}, {"openapi": 3}])
def test_other_versions_are_refused(root: JsonObject) -> None:
    """Only 3.0 and 3.1 are understood, and the message says what came."""
    with pytest.raises(InvalidInput) as refused:
        Document(root)

    assert "OPENAPI_VERSION" == refused.value.code


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("https://evil.example/x.json", "OPENAPI_EXTERNAL_REFERENCE"),
        ("file:///etc/passwd", "OPENAPI_EXTERNAL_REFERENCE"),
        ("other.yaml#/a", "OPENAPI_EXTERNAL_REFERENCE"),
        ("#/components/parameters/Missing", "OPENAPI_REFERENCE"),
        ("#/components/parameters/Round", "OPENAPI_REFERENCE"),
    ],
)
def test_references_are_followed_inside_of_the_document_only(reference: str, code: str) -> None:
    """What leads out, nowhere or in a circle makes the operation unusable; nothing is fetched."""
    document = document_with(
        {"/a": {"get": {"parameters": [{"$ref": reference}]}}},
        components={"parameters": {"Round": {"$ref": "#/components/parameters/Round"}}},
    )

    with pytest.raises(InvalidInput) as refused:
        Api(document).operation("get_a")

    assert code == refused.value.code


def test_a_document_without_operations_is_refused() -> None:
    """There would be no node type."""
    with pytest.raises(InvalidInput) as refused:
        Api(document_with({}))

    assert "OPENAPI_EMPTY" == refused.value.code
