"""A node type: what it reads out of parameters, faulty ones included, and how it describes itself."""

from __future__ import annotations

import pytest

from wingbeat.sdk import (
    Arrival,
    Context,
    Effect,
    Example,
    HttpResponse,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    Role,
    Template,
)
from wingbeat.sdk.testing import check_example


class Copies(Parameters):
    """How often."""

    ways: list[str]
    text: Template[str] = ""


def run(parameters: Copies, context: Context) -> Outcome:
    """Take every way."""
    del context
    return Outcome(parameters.text, tuple(parameters.ways))


def first_way(parameters: JsonObject) -> tuple[str, ...]:
    """A variable, or an error that only faulty parameters can cause."""
    named = parameters["ways"]
    if not isinstance(named, list):
        raise TypeError
    return (str(named[0]),)


COPIES = NodeType(
    type="test.copies",
    title="Copies",
    help="Copies.",
    parameters=Copies,
    run=run,
    provides=first_way,
    outputs=(Port("<way>", "One for each.", {"type": "string"}, each="ways[]"),),
    effect=Effect.UNSAFE,
    effect_of=lambda raw: Effect.UNSAFE if raw.get("text") else Effect.PURE,
    examples=(Example("one", {"ways": ["a"], "text": "{{ input }}"}, input="x", expect={"a": "x"}),),
)


def test_ports_and_effect_follow_from_the_parameters() -> None:
    """One node may do less than its type could, and has the ports that its parameters name."""
    reading = COPIES.read({"ways": ["a", "b"]})
    assert (reading.outputs, reading.effect, reading.takes) == (("a", "b"), Effect.PURE, ("in",))


def test_a_fault_elsewhere_leaves_the_ports_known() -> None:
    """One bad expression must not make every connection of the node look wrong."""
    reading = COPIES.read({"ways": ["a", "b"], "text": "{{ ( }}"})
    assert (reading.outputs, len(reading.problems), reading.prepared) == (("a", "b"), 1, None)


def test_parameters_of_a_wrong_shape_are_faults_and_no_crash() -> None:
    """There are the ports that can be told, and one fault does not show as several."""
    for raw in ({}, {"ways": 5}, {"ways": None}):
        reading = COPIES.read(dict(raw))
        assert (reading.outputs, len(reading.problems)) == ((), 1)


def test_a_type_whose_own_code_fails_is_not_hidden() -> None:
    """Good parameters and a failing `provides` are the author's mistake, and show."""
    broken = NodeType("test.x", "X", "X.", Parameters, run, (), provides=first_way)
    with pytest.raises(KeyError):
        broken.read({})


def test_a_trigger_takes_nothing() -> None:
    """Nothing can be connected to a trigger."""
    assert NodeType("test.t", "T", "T.", Parameters, run, (), role=Role.TRIGGER).read({}).takes == ()


def test_the_description_is_complete() -> None:
    """A client that knows nothing of the type finds its ports, parameters and examples."""
    described = COPIES.describe()
    assert described["outputs"] == [
        {"name": "<way>", "help": "One for each.", "schema": {"type": "string"}, "each": "ways[]"}
    ]
    assert described["outputs_from_parameters"] is True
    assert described["examples"] == [
        {"title": "one", "parameters": {"ways": ["a"], "text": "{{ input }}"}, "input": "x", "expect": {"a": "x"}}
    ]


def test_the_description_of_an_example_holds_what_it_saw() -> None:
    """Variables, trigger data, values that arrived and answers, where there are any."""
    seen = Example(
        "all",
        {"ways": ["a"]},
        expect={"a": ""},
        variables={"total": 1},
        nodes={"before": 2},
        trigger=3,
        arrivals=(Arrival("before", "out", 4),),
        answers=(HttpResponse(200, {}, b"5", "https://example.com"),),
    )
    described = NodeType("test.seen", "Seen", "Seen.", Copies, run, (seen,)).describe()
    assert described["examples"] == [
        {
            "title": "all",
            "parameters": {"ways": ["a"]},
            "input": None,
            "variables": {"total": 1},
            "nodes": {"before": 2},
            "trigger": 3,
            "arrivals": [{"node": "before", "port": "out", "value": 4}],
            "answers": [{"status": 200, "body": "5"}],
            "expect": {"a": ""},
        }
    ]


@pytest.mark.parametrize(
    "example",
    [
        Example("wrong value", {"ways": ["a"], "text": "x"}, expect={"a": "y"}),
        Example("wrong port", {"ways": ["a"], "text": "x"}, expect={"b": "x"}),
        Example("no error", {"ways": ["a"], "text": "x"}, expect_error="ANY"),
        Example("unexpected error", {"ways": ["a"], "text": "{{ absent }}"}, expect={"a": "x"}),
        Example("bad parameters", {"ways": 1}, expect={}),
    ],
)
def test_examples_that_do_not_hold_are_found(example: Example) -> None:
    """An example is a test: one that says something else than what happens fails."""
    with pytest.raises(AssertionError):
        check_example(COPIES, example)
