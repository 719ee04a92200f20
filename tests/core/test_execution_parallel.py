"""Branches of which only some run at once."""

from __future__ import annotations

import pytest
from tests.core.driver import Driver, node, plan_of, run, start, value, workflow

from wingbeat.core.json_value import Json, JsonObject


def branches(limit: int | None, *more: JsonObject, ways: tuple[str, ...] = (), seconds: int = 10) -> JsonObject:
    """Three branches of a delay and a value each, which meet again."""
    names: list[Json] = ["a", "b", "c"]
    nodes = [start(), node("p", "flow.parallel", branches=names, limit=limit), value("end", "{{ input }}"), *more]
    for name in "abc":
        nodes += [node(f"nap_{name}", "flow.delay", seconds=seconds), value(name, name)]
    return workflow(nodes, "start -> p", *(f"p.{name} -> nap_{name} -> {name} -> end" for name in "abc"), *ways)


def assert_survives_crashes(driver: Driver) -> None:
    """From every prefix of the journal it comes to the same end by the same way."""
    for after in range(1, len(driver.journal) + 1):
        again = driver.crashed(after).work()
        assert (driver.journal, driver.finish) == (again.journal, again.finish)


@pytest.mark.parametrize(("limit", "seconds"), [(None, 10), (1, 30), (2, 20), (3, 10), (100, 10)])
def test_so_many_branches_run_at_once(limit: int | None, seconds: int) -> None:
    """Whatever the limit, all of them run, and what follows waits for all."""
    driver = run(branches(limit))
    assert ({"a": "a", "b": "b", "c": "c"}, 1_000.0 + seconds) == (driver.output, driver.now)
    assert_survives_crashes(driver)


def test_a_branch_without_nodes_takes_no_time() -> None:
    """It leads straight to what comes after all branches."""
    nodes = [start(), node("p", "flow.parallel", branches=["x", "y"], limit=1), value("v"), value("end")]
    assert {"p": 5, "v": 5} == run(workflow(nodes, "start -> p.x -> end", "p.y -> v -> end"), 5).output


def test_a_branch_that_fails_and_is_handled_makes_room() -> None:
    """Its nodes are decided, and that is what counts."""
    nodes = [start(), node("p", "flow.parallel", branches=["x", "y"], limit=1), node("bad", "test.fail")]
    nodes += [value("after"), value("v"), node("h", "flow.error_handler", nodes=["bad", "v"])]
    driver = run(workflow(nodes, "start -> p.x -> bad -> after", "p.y -> v"))
    assert ["start", "p", "v", "h"] == driver.ran()
    assert_survives_crashes(driver)


def test_a_race_that_is_won_makes_room_for_nothing() -> None:
    """What was held is skipped like what had begun."""
    document = branches(1, node("first", "flow.merge", mode="any"), ways=("a -> first", "b -> first", "c -> first"))
    connections = document["connections"]
    assert isinstance(connections, list)
    document["connections"] = [one for one in connections if isinstance(one, dict) and one["to"] != "end"]
    driver = run(document)
    assert ("a", 1_010.0) == (driver.output["first"] if isinstance(driver.output, dict) else driver.output, driver.now)
    assert_survives_crashes(driver)


def test_in_a_loop_each_iteration_has_its_own_branches() -> None:
    """A limit holds within one iteration."""
    nodes = [start(), node("l", "loop.foreach", items=[1, 2], concurrency=2, collect="none")]
    nodes += [node("p", "flow.parallel", branches=["x", "y"], limit=1)]
    nodes += [node(name, "flow.delay", seconds=10) for name in "xy"]
    driver = run(workflow(nodes, "start -> l.body -> p.x -> x", "p.y -> y"))
    assert 1_020.0 == driver.now
    assert_survives_crashes(driver)


def test_branches_that_need_each_other_are_none() -> None:
    """A node to which other ways lead as well belongs to no branch, so nothing waits in a circle."""
    nodes = [
        start(),
        *(node(name, "flow.parallel", branches=["x", "y"], limit=1) for name in "pq"),
        value("v"),
        value("w"),
    ]
    driver = run(workflow(nodes, "start -> p", "start -> q", "p.x -> v", "q.y -> v", "q.x -> w", "p.y -> w"))
    assert {"v", "w"} <= {*driver.ran()}
    assert [(), ()] == [
        plan_of(workflow(nodes, "start -> p", "p.x -> v", "start -> v")).nodes[name].branches for name in "vw"
    ]
