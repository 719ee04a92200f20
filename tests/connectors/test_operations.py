"""Operations as they stand in documents: names, parameters, bodies, servers and security."""

from __future__ import annotations

from typing import Any, cast

import pytest
from tests.connectors.documents import SHOP, document_with

from wingbeat.connectors.operations import Api
from wingbeat.core.errors import InvalidInput
from wingbeat.core.json_value import JsonObject


@pytest.fixture(scope="module")
def shop() -> Api:
    """The operations of the shop."""
    return Api(SHOP)


def test_every_operation_has_a_name_of_its_own(shop: Api) -> None:
    """The operation's id, or what it does; a second one of the same name is numbered."""
    assert ("getOrder", "getOrder_2", "post_orders", "send_form", "upload") == shop.slugs


def test_parameters_come_from_the_operation_and_its_path(shop: Api) -> None:
    """Two of one name in different places are two; headers that belong to the connection are none."""
    found = [
        (parameter.name, parameter.place, parameter.required) for parameter in shop.operation("getOrder").parameters
    ]

    assert [
        ("id", "query", False),
        ("fields", "query", False),
        ("X-Trace", "header", False),
        ("session", "cookie", False),
        ("id", "path", True),
    ] == found


def test_a_name_in_the_path_that_nobody_describes_is_a_text() -> None:
    """Documents forget them."""
    (parameter,) = Api(document_with({"/a/{b}": {"get": {}}})).operation("get_a_b").parameters

    assert ("b", "path", {"type": "string"}, True) == (
        parameter.name,
        parameter.place,
        parameter.schema,
        parameter.required,
    )


def test_schemas_of_3_0_become_those_of_json_schema(shop: Api) -> None:
    """Null, exclusive bounds and what only answers have are written as JSON Schema knows them; recursion stays."""
    operation = shop.operation("post_orders")
    identifier = next(found for found in shop.operation("getOrder").parameters if found.place == "path")
    definitions = cast("dict[str, Any]", operation.definitions)

    assert {"type": "integer", "exclusiveMinimum": 0} == identifier.schema
    assert {"application/json": {"$ref": "#/$defs/Order"}} == dict(operation.body.contents if operation.body else {})
    assert ["lines"] == definitions["Order"]["required"]
    assert {"note", "lines"} == definitions["Order"]["properties"].keys()
    assert ["string", "null"] == definitions["Order"]["properties"]["note"]["type"]
    assert {"$ref": "#/$defs/Line"} == definitions["Line"]["properties"]["parts"]["items"]


def test_an_operation_carries_the_definitions_that_it_needs_and_no_others(shop: Api) -> None:
    """A document of thousands of schemas must not come with every node type."""
    assert {} == shop.operation("getOrder").definitions
    assert {"Order", "Line"} == shop.operation("post_orders").definitions.keys()


def test_the_server_is_the_nearest_one(shop: Api) -> None:
    """With the defaults of its variables; what the caller says replaces it."""
    assert "https://eu.shop.example/v1" == shop.operation("getOrder").server
    assert "http://localhost:9" == Api(SHOP, base_url="http://localhost:9/").operation("getOrder").server


def test_a_relative_server_follows_where_the_document_came_from() -> None:
    """Without that, the operation cannot be used, and the error says what to give."""
    document = document_with({"/a": {"get": {}}}, servers=[{"url": "/v2"}])

    assert "https://x.example/v2" == Api(document, source="https://x.example/docs/api.json").operation("get_a").server
    with pytest.raises(InvalidInput) as refused:
        Api(document).operation("get_a")
    assert "OPENAPI_NO_SERVER" == refused.value.code


def test_security_says_which_connections_fit(shop: Api) -> None:
    """An empty list means that nobody needs to say who is asking."""
    assert (("api_key",), True) == (shop.operation("getOrder").kinds, shop.operation("getOrder").needs_connection)
    assert not shop.operation("getOrder_2").needs_connection


@pytest.mark.parametrize(
    "paths",
    [
        {"/a": {"get": {"parameters": [{"in": "query"}]}}},
        {"/a": {"get": {"parameters": [{"name": "x", "in": "body"}]}}},
        {"/a": {"get": {"parameters": [7]}}},
        {"/a": {"post": {"requestBody": 7}}},
    ],
)
def test_a_broken_operation_is_an_error_of_its_own(paths: JsonObject) -> None:
    """The others can still be used."""

    def read() -> None:
        api = Api(document_with(paths))
        api.operation(api.slugs[0])

    with pytest.raises(InvalidInput) as refused:
        read()

    assert "OPENAPI_INVALID" == refused.value.code


def test_extensions_among_the_paths_are_no_operations() -> None:
    """Whatever they hold."""
    assert ("get_a",) == Api(document_with({"x-root": "/v1", "/a": {"get": {}}, "x-more": {"get": {}}})).slugs
