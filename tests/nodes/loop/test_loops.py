"""The loops: what they open."""

from __future__ import annotations

from typing import cast

import pytest

from wingbeat.core.checks import validate
from wingbeat.core.document import parse_workflow
from wingbeat.core.errors import StepError
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.node_kind import Catalog
from wingbeat.nodes.loop import foreach, while_
from wingbeat.nodes.trigger import manual
from wingbeat.sdk import AfterBreak, Example, OpenLoop
from wingbeat.sdk.prepare import Prepared, prepare
from wingbeat.sdk.testing import ExampleContext, ExampleNames, run_example


def test_foreach_opens_what_its_parameters_say() -> None:
    """List, concurrency, collection and what a break does."""
    raw = {"items": [1, 2], "concurrency": 3, "collect": "none", "after_break": "cancel"}
    expected = OpenLoop(items=[1, 2], concurrency=3, collect=False, after_break=AfterBreak.CANCEL)
    assert expected == run_example(foreach.NODE, Example("", raw))


def test_foreach_needs_at_least_one_at_a_time() -> None:
    """No concurrency would never end."""
    faults = [foreach.NODE.read({"items": [], "concurrency": count}).problems[0].path for count in (0, -1, 1001)]
    assert faults == ["concurrency"] * 3


def test_while_asks_anew_each_time() -> None:
    """The same prepared parameters give another answer when the variables have changed."""
    prepared: Prepared = prepare(while_.While, {"condition": "n < 2"})[0]
    runs = [cast("while_.While", prepared.resolve(ExampleNames({"n": n}))) for n in (0, 1, 2)]
    answers = [while_.again(parameters, ExampleContext()) for parameters in runs]
    assert answers == [True, True, False]


def test_while_opens_a_loop_without_a_list() -> None:
    """One round at a time, and nothing collected unless asked for."""
    assert OpenLoop(items=None, collect=False) == run_example(while_.NODE, Example("", {"condition": "True"}))


def test_while_may_count_its_own_rounds_outside_of_every_loop() -> None:
    """The condition is asked in the round that would follow: `index` and `loop` are there, while `item` is not."""
    catalog: Catalog = {"trigger.manual": manual.NODE, "loop.while": while_.NODE}

    def codes(condition: str) -> list[str]:
        nodes: list[Json] = [
            {"id": "start", "type": "trigger.manual"},
            {"id": "again", "type": "loop.while", "parameters": {"condition": condition}},
        ]
        connections: list[Json] = [{"from": "start", "to": "again"}]
        workflow = parse_workflow({"name": "counted", "nodes": nodes, "connections": connections})
        return [problem.code for problem in validate(workflow, catalog)]

    assert codes("index < 3 and loop.first") == []
    assert codes("item < 3") == ["name_outside_loop"]


@pytest.mark.parametrize(
    "given",
    [
        None,
        5,
        "text",
        {},
        {"stream": {}, "count": 1},
        {"stream": {"chunks": -1}, "count": 1},
        {"stream": {"chunks": True}, "count": 1},
        {"stream": {"chunks": 1}, "count": "many"},
        {"stream": [], "count": 1},
        {"stream": {"chunks": 1}, "count": 1, "more": 1},
    ],
)
def test_foreach_goes_through_lists_and_streams_alone(given: Json) -> None:
    """Anything else fails the step before the loop is opened."""
    with pytest.raises(StepError) as caught:
        run_example(foreach.NODE, Example("", {"items": "{{ input }}"}, input=given))
    assert "PARAMETER_INVALID" == caught.value.code


@pytest.mark.parametrize(
    "raw",
    [
        {"items": 5},
        {"items": {}},
        {"items": [], "batch_size": 0},
        {"items": [], "order": "random"},
        {"items": [], "collect": "some"},
        {"items": [], "collect_value": "result +"},
        {"items": [], "collect_value": "nodes.a"},
        {"items": [], "collect_value": "loop.index"},
        {"items": [], "on_item_error": "maybe"},
    ],
)
def test_foreach_refuses_what_means_nothing(raw: JsonObject) -> None:
    """When the workflow is checked."""
    assert foreach.NODE.read(raw).problems
