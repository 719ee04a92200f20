"""What must hold for each built-in node type, whatever it does."""

from __future__ import annotations

import inspect
import json
from contextlib import nullcontext, suppress
from typing import Any

import jsonschema_rs
import pytest

from wingbeat.bootstrap import discover_node_types
from wingbeat.core.errors import StepError
from wingbeat.sdk import Effect, Example, NodeType, Role
from wingbeat.sdk.code import CODE, CodeRunner
from wingbeat.sdk.testing import check_example, outcome_of, run_example

BUILT_IN = [kind for kind in discover_node_types().types.values() if kind.run.__module__.startswith("wingbeat.nodes.")]
EXAMPLES = [(kind, example) for kind in BUILT_IN for example in kind.examples]
each_type = pytest.mark.parametrize("kind", BUILT_IN, ids=[kind.type for kind in BUILT_IN])


def test_the_types_of_the_engine_are_there() -> None:
    """Real work needs at least these."""
    expected = {
        "action.http_request",
        "code.javascript",
        "code.python",
        "condition.filter",
        "condition.if",
        "condition.switch",
        "data.transform",
        "data.variable",
        "flow.ab_split",
        "flow.delay",
        "flow.end",
        "flow.error_handler",
        "flow.fallback",
        "flow.merge",
        "flow.parallel",
        "flow.stop_and_error",
        "loop.break",
        "loop.continue",
        "loop.foreach",
        "loop.while",
        "trigger.manual",
        "trigger.webhook",
    }
    assert expected == expected & {kind.type for kind in BUILT_IN}


@pytest.mark.parametrize(
    ("kind", "example"), EXAMPLES, ids=[f"{kind.type}-{example.title}" for kind, example in EXAMPLES]
)
def test_examples_hold(kind: NodeType, example: Example, code: CodeRunner) -> None:
    """What an example says is what happens; code really runs."""
    check_example(kind, example, tools={CODE.name: code} if CODE in kind.uses else None)


@each_type
def test_it_has_help_and_examples(kind: NodeType) -> None:
    """A type says what it is for, and shows at least two uses."""
    assert kind.title
    assert len(kind.help) > 80
    assert len(kind.examples) >= 2
    assert [True] * len(kind.outputs) == [bool(port.help) for port in kind.outputs]


@each_type
def test_its_file_is_where_its_name_says(kind: NodeType) -> None:
    """`loop.while` lives in `nodes/loop/while_.py`."""
    assert f"wingbeat.nodes.{kind.type}" == kind.run.__module__.rstrip("_")


@each_type
def test_every_parameter_says_what_it_is(kind: NodeType) -> None:
    """Each parameter has a description and, unless it is a yes or no, an example; nested ones too."""
    for name, described in parameters_of(kind):
        assert (name, True) == (name, bool(described.get("description")))
        assert (name, True) == (name, bool(described.get("examples")) or described.get("type") == "boolean")


@each_type
def test_its_description_is_data(kind: NodeType) -> None:
    """The description survives JSON unchanged."""
    described = kind.describe()
    assert described == json.loads(json.dumps(described))


@each_type
def test_its_schema_is_valid_and_self_contained(kind: NodeType) -> None:
    """The JSON Schema needs nothing from elsewhere, and accepts the parameters of every example."""
    schema: Any = kind.describe()["parameters"]
    references = [part["$ref"] for part in walk(schema) if "$ref" in part]
    assert [True] * len(references) == [reference.startswith("#/$defs/") for reference in references]
    validator = jsonschema_rs.Draft202012Validator(schema)
    for example in kind.examples:
        assert (example.title, True) == (example.title, validator.is_valid(dict(example.parameters)))


@each_type
def test_an_effect_can_be_rehearsed(kind: NodeType) -> None:
    """Whatever does something outside says what it would do, or ends in the same error, and reaches no network."""
    if kind.effect is Effect.PURE:
        return
    assert kind.rehearse is not None
    for example in kind.examples:
        offline = Example(example.title, example.parameters, input=example.input, trigger=example.trigger)
        with suppress(StepError) if example.expect_error else nullcontext():
            port = kind.read(dict(example.parameters)).outputs[0]
            assert port in outcome_of(run_example(kind, offline, rehearse=True))


@each_type
@pytest.mark.parametrize(
    "raw", [{}, {"unknown": 1}, None, [], "text", {"items": None}, {"cases": [None]}, {"branches": [[]]}, {"mode": []}]
)
def test_hostile_parameters_never_crash_the_reading(kind: NodeType, raw: Any) -> None:  # noqa: ANN401 - anything
    """Reading lists faults, it does not raise; what is not an object is a fault too."""
    reading = kind.read(raw)
    assert bool(reading.problems) == (reading.prepared is None)
    assert raw == {} or reading.problems


@each_type
def test_pure_types_need_no_waiting(kind: NodeType) -> None:
    """The engine runs pure nodes inline, so they must not be coroutines; but code runs in another process."""
    assert (kind.effect is Effect.PURE and CODE not in kind.uses) != inspect.iscoroutinefunction(kind.run)


@each_type
def test_roles_and_ports_fit(kind: NodeType) -> None:
    """A loop has its two ports, an end and a break none."""
    names = {port.name for port in kind.outputs}
    expected = {Role.LOOP: {"body", "done"}, Role.END: set(), Role.BREAK: set()}.get(kind.role, names)
    assert expected == names


def parameters_of(kind: NodeType) -> list[tuple[str, dict[str, Any]]]:
    """Every parameter by name, those of nested models included."""
    schema: Any = kind.describe()["parameters"]
    return [found for part in walk(schema) if "properties" in part for found in part["properties"].items()]


def walk(schema: object) -> list[dict[str, Any]]:
    """Every object in a schema; conditions on fields, which are marks of our own, describe no fields."""
    if isinstance(schema, dict):
        parts = [part for keyword, part in schema.items() if not keyword.startswith("x-wingbeat")]
        return [schema, *(found for part in parts for found in walk(part))]
    if isinstance(schema, list):
        return [found for part in schema for found in walk(part)]
    return []
