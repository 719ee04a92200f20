"""Loops whose results leave memory in chunks, and loops that go through such a stream."""

from __future__ import annotations

from typing import Any

import pytest
from tests.core.driver import CATALOG, Driver, node, plan_of, run, start, value, workflow

from wingbeat.core.checks import validate_document
from wingbeat.core.collected import CHUNK
from wingbeat.core.commands import Load, Spill
from wingbeat.core.errors import StepError
from wingbeat.core.events import ChunkLoaded, ChunkSpilled
from wingbeat.core.json_value import Json, JsonObject

MANY = 2 * CHUNK + 50


def spilling(count: int = MANY, **fields: Json) -> JsonObject:
    """A loop that doubles numbers and stores them."""
    each = node("each", "loop.foreach", **{"items": f"{{{{ range({count}) }}}}", "collect": "blob", **fields})
    return workflow([start(), each, value("double", "{{ item * 2 }}")], "start -> each.body -> double")


def assert_survives(driver: Driver, step: int = 97) -> None:
    """From prefixes of the journal, and from around every chunk, it comes to the same end and the same chunks."""
    chunks = {place for place, event in enumerate(driver.journal) if isinstance(event, ChunkSpilled | ChunkLoaded)}
    places = {*range(1, len(driver.journal) + 1, step), *chunks, *(place + 1 for place in chunks), len(driver.journal)}
    for after in sorted(places):
        again = driver.crashed(after)
        again.chunks = dict(driver.chunks)
        again.work()
        assert (driver.journal, driver.finish, driver.chunks) == (again.journal, again.finish, again.chunks)


@pytest.mark.parametrize("concurrency", [1, 100])
@pytest.mark.parametrize("count", [0, 1, CHUNK, CHUNK + 1, MANY])
def test_results_leave_memory_in_chunks(count: int, concurrency: int) -> None:
    """What is left is a reference, and the chunks hold all results in order."""
    driver = run(spilling(count, concurrency=concurrency))
    output: Any = driver.output
    assert (count, -(-count // CHUNK)) == (output["count"], output["stream"]["chunks"])
    assert [2 * number for number in range(count)] == driver.stream(output)


def test_a_crash_anywhere_writes_the_same_chunks() -> None:
    """A chunk that is written again is the same."""
    assert_survives(run(spilling()))


def test_results_in_the_order_of_completion() -> None:
    """Every chunk but the last is full."""
    driver = run(spilling(concurrency=7, order="completion"))
    assert {2 * number for number in range(MANY)} == {*driver.stream(driver.output)}
    assert [CHUNK, CHUNK, 50] == [len(values) for values in driver.chunks.values()]
    assert_survives(driver)


def test_failed_and_skipped_iterations_leave_gaps() -> None:
    """Chunks may be shorter then; the count is of what there is."""
    each = node(
        "each", "loop.foreach", items=[1, "a", 3], collect="blob", on_item_error="continue", failed_items="leave_out"
    )
    driver = run(workflow([start(), each, value("v", "{{ item * 1.0 }}")], "start -> each.body -> v"))
    assert (2, [1.0, 3.0]) == (driver.output["count"], driver.stream(driver.output))  # type: ignore[index, call-overload]


@pytest.mark.parametrize(("batch", "concurrency"), [(None, 1), (None, 7), (3, 2), (CHUNK + 7, 1), (10_000, 1)])
def test_a_loop_goes_through_a_stream(batch: int | None, concurrency: int) -> None:
    """Chunk by chunk, in order, in batches of any size."""
    document = spilling()
    nodes: Any = document["nodes"]
    nodes += [node("again", "loop.foreach", items="{{ input }}", batch_size=batch, concurrency=concurrency)]
    nodes += [value("v", "{{ [index, item] }}")]
    document = workflow(nodes, "start -> each.body -> double", "each.done -> again.body -> v")
    driver = run(document)
    items: list[Any] = [2 * number for number in range(MANY)]
    if batch is not None:
        items = [items[begin : begin + batch] for begin in range(0, MANY, batch)]
    assert [[index, item] for index, item in enumerate(items)] == driver.output
    assert_survives(driver)


def test_a_loop_that_is_left_needs_no_more_of_its_stream() -> None:
    """What was asked for is not waited for."""
    nodes: Any = spilling()["nodes"]
    nodes += [node("again", "loop.foreach", items="{{ input }}", collect="none"), node("stop", "loop.break")]
    driver = run(workflow(nodes, "start -> each.body -> double", "each.done -> again.body -> stop"))
    assert {"iterations": 1} == driver.output
    assert_survives(driver)


@pytest.mark.parametrize("kind", [Spill, Load])
def test_a_store_that_does_not_answer_fails_the_loop(kind: type) -> None:
    """Where it stands; its own policy decides."""
    nodes: Any = spilling()["nodes"]
    nodes += [node("again", "loop.foreach", items="{{ input }}", on_error="branch"), value("v"), value("end", "saved")]
    nodes[1]["on_error"] = "branch"
    ways = ("start -> each.body -> double", "each.done -> again.body -> v", "each.error -> end", "again.error -> end")
    driver = Driver(plan_of(workflow(nodes, *ways))).start()
    while not (found := [one for one in driver.execution.open.values() if isinstance(one, kind)]):
        driver.step()
    driver.fail(found[0].key, StepError("Gone.", code="BLOB_MISSING"))
    assert "saved" == driver.work().output


def test_only_what_is_asked_for_is_kept() -> None:
    """An expression of the result, the item and the index."""
    each = node("each", "loop.foreach", items=[5, 6], collect_value="result.a + item + index")
    assert [10, 12] == run(workflow([start(), each, value("v", {"a": 5})], "start -> each.body -> v")).output


def test_an_expression_that_fails_fails_its_iteration() -> None:
    """Without a row of its own: a replay finds the same."""
    fields: JsonObject = {"items": [5, 6], "collect_value": "1 // (item - 5)"}
    each = node("each", "loop.foreach", **fields)
    driver = run(workflow([start(), each, value("v")], "start -> each.body -> v"))
    assert "failed" == driver.status
    assert_survives(driver, 1)
    each = node("each", "loop.foreach", on_item_error="continue", **fields)
    output: Any = run(workflow([start(), each, value("v")], "start -> each.body -> v")).output
    assert (True, 1) == ("error" in output[0], output[1])


def test_an_expression_sees_nothing_else() -> None:
    """What is there when an iteration has ended is said when the workflow is checked."""
    each = node("each", "loop.foreach", items=[5], collect_value="trigger.x")
    problems = validate_document(workflow([start(), each, value("v")], "start -> each.body -> v"), CATALOG)
    assert [("parameter_invalid", "collect_value", 0)] == [(one.code, one.parameter, one.position) for one in problems]
