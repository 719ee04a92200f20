"""Validation: every fault with its place, and schemas that would run for ever or fetch something."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.data.validate import NODE
from wingbeat.sdk import Example
from wingbeat.sdk.testing import outcome_of, run_example

TREE = {"type": "object", "properties": {"n": {"type": "integer"}, "c": {"type": "array", "items": {"$ref": "#"}}}}
TWICE = {"properties": {"a": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}}


def checked(schema: Any, value: Any, **raw: Any) -> Any:  # noqa: ANN401 - any JSON
    """What comes out, the schema coming in with the value."""
    raw = {"value": "{{ input.value }}", "schema": "{{ input.schema }}", **raw}
    return outcome_of(run_example(NODE, Example("", raw, input={"schema": schema, "value": value})))


def nested(depth: int, key: str = "a") -> Any:  # noqa: ANN401 - any JSON
    """An object in an object in an object."""
    value: Any = {}
    for _ in range(depth):
        value = {key: value}
    return value


@pytest.mark.parametrize(
    ("schema", "value", "paths"),
    [
        ({"items": {"type": "integer"}}, [1, "a", None], ["[1]", "[2]"]),
        ({"properties": {"a b": {"items": {"minimum": 0}}}}, {"a b": [-1]}, ["['a b'][0]"]),
        (TREE, {"n": "x", "c": [{"c": [{"n": 1.5}]}]}, ["n", "c[0].c[0].n"]),
        ({"properties": {"__proto__": {"type": "integer"}}}, {"__proto__": "x"}, ["__proto__"]),
        ({"format": "email"}, "nobody", [""]),
        (False, 1, [""]),
        ({"pattern": "^(a+)+$"}, "a" * 100_000 + "b", [""]),
    ],
)
def test_every_fault_is_listed_with_its_place(schema: Any, value: Any, paths: list[str]) -> None:  # noqa: ANN401 - any JSON
    """And its message is short, whatever the value."""
    found = checked(schema, value)["invalid"]
    assert sorted(paths) == sorted(error["path"] for error in found["errors"])
    assert max(len(error["message"]) for error in found["errors"]) < 400


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (True, None),
        (TREE, {"n": 10**30, "c": []}),
        ({"type": "integer"}, 10**4000),
        ({}, nested(180)),
        (TREE, {"c": [{"n": 1}] * 10_000}),
    ],
)
def test_what_fits_goes_through_valid(schema: Any, value: Any) -> None:  # noqa: ANN401 - any JSON
    """Unchanged."""
    assert {"valid": value} == checked(schema, value)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "numbr"},
        {"$ref": "#/nowhere"},
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"$ref": "http://169.254.169.254/latest"},
        {"$ref": "file:///etc/passwd"},
        {"$schema": "http://example.com/mine"},
        {"pattern": "(?=x)"},
        {"pattern": "((a{1,100}){1,100}){1,100}"},
        {"$dynamicRef": "#x"},
        {"properties": {"a": {"$id": "http://example.com/"}}},
        {"minimum": "1"},
    ],
)
def test_a_schema_that_cannot_be_used_is_found_when_it_is_saved(schema: Any) -> None:  # noqa: ANN401 - any JSON
    """Nothing is fetched, and no pattern can explode."""
    assert ["schema"] == [problem.path for problem in NODE.read({"value": 1, "schema": schema}).problems]


def doubling(levels: int) -> Any:  # noqa: ANN401 - any JSON
    """A schema of a few hundred characters that applies its last part 2 to the power of `levels` times."""
    two = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}, {"$ref": f"#/$defs/a{n + 1}"}]} for n in range(levels)}
    return {"$ref": "#/$defs/a0", "$defs": {**two, f"a{levels}": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (doubling(40), "x"),
        (TWICE, nested(60)),
        (nested(150, "not"), 1),
        ({"enum": ["x" * 600_000]}, 1),
        ({"allOf": [{"pattern": f"a{number}"} for number in range(10_000)]}, "a" * 10_000_000),
        ({"items": {"enum": list(range(100_000))}}, ["x"] * 100_000),
    ],
)
def test_a_schema_that_would_run_for_ever_is_refused(schema: Any, value: Any) -> None:  # noqa: ANN401 - any JSON
    """Whether it is the schema alone or the schema with this value."""
    with pytest.raises(StepError) as caught:
        checked(schema, value)
    assert caught.value.code in {"PARAMETER_INVALID", "SCHEMA_TOO_COSTLY"}


def test_of_a_huge_value_the_first_fault_is_told() -> None:
    """Listing a million takes long; that it is not all is said."""
    found = checked({"items": {"type": "integer"}}, ["x"] * 1_000_000)["invalid"]
    assert (1, False) == (len(found["errors"]), found["complete"])


def test_as_many_faults_as_wanted_are_listed() -> None:
    """And that there are more."""
    found = checked({"items": {"type": "integer"}}, ["x"] * 10, most_errors=3)["invalid"]
    assert (3, False) == (len(found["errors"]), found["complete"])


def test_half_a_character_is_a_typed_error() -> None:
    """No schema can say anything about it."""
    with pytest.raises(StepError) as caught:
        checked({"maxLength": 1}, "\ud800")
    assert "VALUE_NOT_JSON" == caught.value.code


def test_a_failure_carries_the_faults() -> None:
    """For whoever handles the error."""
    with pytest.raises(StepError) as caught:
        checked({"items": {"type": "integer"}}, ["a", "b"], on_invalid="fail")
    errors: Any = caught.value.details["errors"]
    assert ("VALUE_INVALID", 2) == (caught.value.code, len(errors))


@pytest.mark.parametrize("schema", [None, "text", 5, []])
def test_what_is_no_schema_is_a_typed_error(schema: Any) -> None:  # noqa: ANN401 - any JSON
    """A template may give anything."""
    with pytest.raises(StepError) as caught:
        checked(schema, 1)
    assert "SCHEMA_INVALID" == caught.value.code
