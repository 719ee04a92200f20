"""Operations as node types: what a node is told, what it sends, and what comes out."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from tests.connectors.documents import SHOP, document_with

from wingbeat.connectors.openapi import OpenApiConnector
from wingbeat.core.errors import StepError
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.sdk import Effect, Example, HttpResponse, NodeType
from wingbeat.sdk.testing import ExampleContext, ExampleHttp, context_of, outcome_of, run_example

CONNECTION = "00000000-0000-4000-8000-000000000001"
ANSWER = HttpResponse(200, {"content-type": "application/json"}, b'{"id": 7}', "https://eu.shop.example/v1/orders/7")


@pytest.fixture(scope="module")
def shop() -> OpenApiConnector:
    """The shop's operations."""
    return OpenApiConnector("api.shop", SHOP)


def _run(node: NodeType, parameters: JsonObject, answer: HttpResponse = ANSWER) -> tuple[Any, ExampleHttp]:
    example = Example("x", parameters, answers=(answer,))
    context: ExampleContext = context_of(example)
    result = run_example(node, example, context=context)
    return outcome_of(result), cast("ExampleHttp", context.http)


def test_a_value_goes_where_the_document_says(shop: OpenApiConnector) -> None:
    """Path, query, header and cookie; a name that stands twice carries its place."""
    came, http = _run(
        shop.node_type("getOrder"),
        {"id": "other", "id_path": 7, "fields": ["a", "b"], "X-Trace": "t", "session": "s", "connection": CONNECTION},
    )
    (sent,) = http.sent

    assert ("GET", "https://eu.shop.example/v1/orders/7") == (sent.method, sent.url)
    assert [("id", "other"), ("fields", "a"), ("fields", "b")] == list(sent.query)
    assert {"X-Trace": "t", "Cookie": "session=s"} == dict(sent.headers)
    assert {"out": {"status": 200, "headers": {"content-type": "application/json"}, "body": {"id": 7}}} == came


def test_a_body_is_sent_as_the_document_says(shop: OpenApiConnector) -> None:
    """JSON here, a form there; a POST carries the step's idempotency key."""
    order: Json = {"lines": [{"sku": "a", "qty": 1, "parts": [{"sku": "b", "weight": 2}]}]}
    _, http = _run(shop.node_type("post_orders"), {"body": order, "connection": CONNECTION})
    (sent,) = http.sent
    assert (order, "application/json", "example") == (
        json.loads(sent.content or b""),
        sent.headers["Content-Type"],
        sent.headers["Idempotency-Key"],
    )

    _, http = _run(shop.node_type("send_form"), {"body": {"To": "a b"}, "connection": CONNECTION})
    assert b"To=a+b" == http.sent[0].content


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"body": {"lines": [{"qty": 1}]}}, "body"),
        ({"body": {"lines": "none"}}, "body"),
        ({"body": {}}, "body"),
        ({}, "body"),
        ({"body": {"lines": []}, "unknown": 1}, "unknown"),
    ],
)
def test_a_written_value_is_checked_by_the_schema_when_the_workflow_is_saved(
    shop: OpenApiConnector, parameters: JsonObject, path: str
) -> None:
    """Through references and all; the problem names the parameter."""
    reading = shop.node_type("post_orders").read({**parameters, "connection": CONNECTION})

    assert [path] == [problem.path for problem in reading.problems]


def test_a_computed_value_is_checked_in_the_run(shop: OpenApiConnector) -> None:
    """Nothing is sent then."""
    node = shop.node_type("post_orders")
    example = Example("x", {"body": "{{ input }}", "connection": CONNECTION}, input={"lines": 1}, answers=(ANSWER,))
    context = context_of(example)

    with pytest.raises(StepError) as refused:
        run_example(node, example, context=context)

    assert "PARAMETER_INVALID" == refused.value.code
    assert [] == cast("ExampleHttp", context.http).sent


def test_texts_inside_of_a_body_may_be_templates(shop: OpenApiConnector) -> None:
    """Any of them, however deep."""
    body: Json = {"lines": [{"sku": "{{ input.sku }}", "qty": 1}]}
    example = Example("x", {"body": body, "connection": CONNECTION}, input={"sku": "s-1"}, answers=(ANSWER,))
    context = context_of(example)
    run_example(shop.node_type("post_orders"), example, context=context)

    sent = cast("ExampleHttp", context.http).sent[0]
    assert {"lines": [{"sku": "s-1", "qty": 1}]} == json.loads(sent.content or b"")


def test_an_answer_of_400_and_above_is_an_error(shop: OpenApiConnector) -> None:
    """Unless the node says otherwise; a POST that may have been carried out is uncertain."""
    bad = HttpResponse(502, {}, b"oops", "https://eu.shop.example/v1/orders?secret=1")
    with pytest.raises(StepError) as failed:
        _run(shop.node_type("post_orders"), {"body": {"lines": []}, "connection": CONNECTION}, bad)
    assert ("HTTP_STATUS", True, True) == (failed.value.code, failed.value.retryable, failed.value.uncertain)
    assert "secret" not in str(failed.value.to_json())

    missing = HttpResponse(404, {}, b"", "https://eu.shop.example/v1/orders/7")
    came, _ = _run(
        shop.node_type("getOrder"), {"id_path": 7, "connection": CONNECTION, "fail_on_status": False}, missing
    )
    assert 404 == came["out"]["status"]


def test_the_effect_follows_from_the_method(shop: OpenApiConnector) -> None:
    """What only reads may be repeated, and so may what sets or removes the same thing again."""
    assert Effect.IDEMPOTENT is shop.node_type("getOrder").effect
    assert Effect.IDEMPOTENT is shop.node_type("getOrder_2").effect
    assert Effect.UNSAFE is shop.node_type("post_orders").effect


def test_a_form_can_be_drawn_from_the_description(shop: OpenApiConnector) -> None:
    """The JSON Schema holds what it refers to, and says which connections fit."""
    described = cast("dict[str, Any]", shop.node_type("post_orders").describe()["parameters"])

    assert {"$ref": "#/$defs/Order"} in described["properties"]["body"]["anyOf"]
    assert {"Order", "Line"} <= described["$defs"].keys()
    assert ["api_key"] == described["properties"]["connection"]["x-wingbeat-kinds"]
    assert ["body", "connection"] == sorted(described["required"])


def test_a_default_connection_need_not_be_named() -> None:
    """The connector's own is used then."""
    node = OpenApiConnector("api.shop", SHOP, connection=CONNECTION).node_type("getOrder")

    assert () == node.read({"id_path": 7}).problems


def test_an_operation_that_cannot_be_used_leaves_the_others() -> None:
    """It is listed, with what is wrong."""
    document = document_with({"/a": {"get": {}}, "/b": {"get": {"parameters": [{"$ref": "#/nowhere"}]}}})
    connector = OpenApiConnector("api.x", document)

    assert ("get_a",) == connector.operations
    assert ["get_b"] == [skipped.operation for skipped in connector.skipped]
    with pytest.raises(KeyError):
        connector.node_type("get_b")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "(?<!a)b"},
        {"type": "string", "pattern": "["},
        {"type": "file"},
        {"type": ["string", "nonsense"]},
        {"$ref": "#/components/schemas/Self"},
        {"allOf": [], "anyOf": []},
        {"enum": []},
        {"required": "name"},
        True,
        None,
        7,
    ],
)
def test_a_strange_schema_still_gives_a_node_type(schema: Json) -> None:
    """Documents in the world are not all good; what cannot be checked is left to the API."""
    document = document_with(
        {"/a": {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}},
        components={"schemas": {"Self": {"$ref": "#/components/schemas/Self"}}},
    )
    node = OpenApiConnector("api.x", document).node_type("post_a")

    assert () == node.read({"body": "{{ input }}"}).problems
    node.describe()
