"""What steps give: big, odd and impossible values, and what the database does not take."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from tests.rig.engine import START, Engine, idle, node, until

from wingbeat.core.errors import StepError
from wingbeat.core.json_value import Json
from wingbeat.core.outcome import Outcome
from wingbeat.sdk import Context
from wingbeat.worker import runner

END = node("end", "flow.end", output="{{ input }}")
STEP = node("step", "test.immediate", name="step", on_error="continue")


def deep(levels: int) -> Json:
    """Lists in lists."""
    value: Json = 1
    for _ in range(levels):
        value = [value]
    return value


def cyclic() -> Json:
    """A list that contains itself."""
    value: list[Json] = []
    value.append(value)
    return value


IMPOSSIBLE: dict[str, Callable[[], object]] = {
    "U+0000": lambda: "a\0b",
    "U+0000 in a key": lambda: {"a\0b": 1},
    "NaN": lambda: [float("nan")],
    "infinity": lambda: {"a": float("-inf")},
    "half a surrogate pair": lambda: "\ud800",
    "half a surrogate pair in a key": lambda: {"\udfff": 1},
    "a number with 5,000 digits": lambda: 10**5000,
    "a set": lambda: {1},
    "a tuple in a list": lambda: [(1, 2)],
    "an object": object,
    "a list that contains itself": cyclic,
    "100,000 lists in lists": lambda: deep(100_000),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
async def test_a_value_that_cannot_be_stored_fails_its_step_alone(engine: Engine, what: str) -> None:
    """The step has an error that says why, the execution goes on by the node's policy, and so do all others."""
    value = IMPOSSIBLE[what]()
    engine.probes.immediate["step"] = lambda _: Outcome.of(value)  # type: ignore[arg-type] # that is the point
    worker = await engine.worker()
    execution_id = await engine.start(await engine.publish(START, STEP, END))
    other = await engine.start(await engine.publish(START, END), "x")
    row = await engine.ended(execution_id)
    assert ("completed", "JSON_NOT_STORABLE") == (row["status"], row["final_output"]["error"]["code"])
    assert "completed" == (await engine.ended(other))["status"]
    await idle(worker)


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
async def test_an_error_that_quotes_an_impossible_text_is_still_recorded(engine: Engine, text: str) -> None:
    """What cannot be stored is left out of the error's words; the step fails with its own code."""

    def fail(_context: Context) -> Outcome:
        raise StepError(f"bad: {text}", code="BAD", details={"text": text})

    engine.probes.immediate["step"] = fail
    await engine.worker()
    row = await engine.ended(await engine.start(await engine.publish(START, STEP, END)))
    assert ("completed", "BAD") == (row["status"], row["final_output"]["error"]["code"])


async def test_an_error_is_the_same_after_a_crash(engine: Engine) -> None:
    """The keys of its details keep their order, and its numbers their form, as an output's do."""

    async def fail(_context: Context) -> Outcome:
        raise StepError("bad", code="BAD", details={"z": 1e22, "a": -0.0, "list": [{"y": 1, "b": 2}]})

    engine.probes.waiting["fail"] = fail
    gate = engine.probes.gate()
    failing = node("step", "test.waiting", name="fail", on_error="continue")
    workflow_id = await engine.publish(START, failing, node("held", "test.waiting", name="gate"), END)
    first = await engine.worker()
    execution_id = await engine.start(workflow_id)
    await gate.reached()
    await engine.kill(first)
    await engine.worker()
    await gate.reached(2)
    gate.opened.set()
    details = (await engine.ended(execution_id))["final_output"]["error"]["details"]
    assert '{"z": 1e+22, "a": -0.0, "list": [{"y": 1, "b": 2}]}' == json.dumps(details)


@pytest.mark.parametrize("value", [2**63, -(10**300), 1e308, "\u2028\u202e", {"__proto__": 1, "": None}, deep(150)])
async def test_an_odd_value_passes_unchanged(engine: Engine, value: Json) -> None:
    """Numbers of any size, strange characters and keys come out as they went in, also after a replay."""
    gate = engine.probes.gate()
    engine.probes.immediate["step"] = lambda _: Outcome.of(value)
    workflow_id = await engine.publish(START, STEP, node("wait", "test.waiting", name="gate"), END)
    first = await engine.worker()
    execution_id = await engine.start(workflow_id)
    await gate.reached()
    await until(lambda: _rows(engine, 2), "the step is recorded")
    await engine.kill(first)
    gate.opened.set()
    await engine.worker()
    assert value == (await engine.ended(execution_id))["final_output"]


async def _rows(engine: Engine, count: int) -> bool:
    return await engine.count("SELECT count(*) FROM workflow_execution_steps") == count


async def test_a_big_value_is_a_blob_and_comes_back(engine: Engine, tmp_path: Path) -> None:
    """Above the threshold the row refers to the blob store, and whoever goes on reads it from there."""
    value: Json = {"text": "x" * 50_000}
    gate = engine.probes.gate()
    engine.probes.immediate["step"] = lambda _: Outcome.of(value)
    size = node("size", "data.transform", value="{{ nodes.step.text | length }}")
    workflow_id = await engine.publish(START, STEP, node("wait", "test.waiting", name="gate"), size, END)
    first = await engine.worker(blob_threshold_bytes=10_000)
    execution_id = await engine.start(workflow_id)
    await gate.reached()
    await until(lambda: _rows(engine, 2), "the step is recorded")
    row = (await engine.journal(execution_id))[1]
    assert row["output"] is None
    assert value == json.loads((tmp_path / "blobs" / row["output_blob"]).read_bytes())
    await engine.kill(first)
    gate.opened.set()
    await engine.worker(blob_threshold_bytes=10_000)
    assert 50_000 == (await engine.ended(execution_id))["final_output"]


async def test_a_row_that_the_database_refuses_ends_its_execution_alone(engine: Engine) -> None:
    """The execution fails and says why; the others of the same commit are recorded as if nothing had been."""
    await engine.database.pool.execute(
        "ALTER TABLE workflow_execution_steps ADD CHECK (node_id <> 'step' OR coalesce(output::text, '') <> '\"no\"')"
    )
    engine.probes.immediate["step"] = lambda context: Outcome.of(context.input)
    workflow_id = await engine.publish(START, STEP, END)
    ids = [await engine.start(workflow_id, "no" if n == 3 else n) for n in range(8)]
    worker = await engine.worker()
    for n, execution_id in enumerate(ids):
        row = await engine.ended(execution_id)
        expected = ("failed", "JOURNAL_REFUSED") if n == 3 else ("completed", None)
        assert expected == (row["status"], (row["error"] or {}).get("code"))
    await idle(worker)
    assert "completed" == (await engine.ended(await engine.start(workflow_id, 9)))["status"]


async def test_a_node_type_that_is_installed_nowhere_fails_the_execution(engine: Engine) -> None:
    """After it went round for long enough; the error says which type is missing."""
    engine.probes.immediate["step"] = lambda context: Outcome.of(context.input)
    workflow_id = await engine.publish(START, STEP, END)
    execution_id = await engine.start(workflow_id)
    await engine.database.pool.execute(
        "UPDATE workflow_revisions SET definition = replace(definition::text, 'test.immediate', 'acme.gone')::json"
    )
    await engine.database.pool.execute(
        "UPDATE workflow_executions SET deferred_since = clock_timestamp() - interval '11 minutes'"
    )
    await engine.worker()
    row = await engine.ended(execution_id)
    assert "failed" == row["status"]
    assert "acme.gone" in str(row["error"])


@pytest.mark.parametrize("error", [ValueError("a\0b"), RecursionError(), MemoryError(), KeyError("\ud800")])
async def test_a_node_type_with_a_fault_fails_its_step(engine: Engine, error: Exception) -> None:
    """Whatever it raises, the step fails, the error says that the node type is broken, and the worker goes on."""

    def fail(_context: Context) -> Outcome:
        raise error

    engine.probes.immediate["step"] = fail
    await engine.worker()
    row = await engine.ended(await engine.start(await engine.publish(START, STEP, END)))
    assert ("completed", "NODE_TYPE_BROKEN") == (row["status"], row["final_output"]["error"]["code"])


async def interrupted(engine: Engine, value: Json) -> tuple[UUID, Path]:
    """An execution whose worker died after a big output was recorded; its id and where its blob is."""
    gate = engine.probes.gate()
    engine.probes.immediate["step"] = lambda _: Outcome.of(value)
    size = node("size", "data.transform", value="{{ nodes.step.text | length }}")
    workflow_id = await engine.publish(START, STEP, node("wait", "test.waiting", name="gate"), size, END)
    worker = await engine.worker(blob_threshold_bytes=10_000)
    execution_id = await engine.start(workflow_id)
    await gate.reached()
    await until(lambda: _rows(engine, 2), "the step is recorded")
    await engine.kill(worker)
    gate.opened.set()
    return execution_id, Path((await engine.journal(execution_id))[1]["output_blob"])


async def test_a_blob_store_that_is_away_is_waited_for(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a blob cannot be read the execution rests, and it goes on when it can."""
    monkeypatch.setattr(runner, "TRY_LATER_SECONDS", 0.05)
    execution_id, name = await interrupted(engine, {"text": "x" * 50_000})
    folder = (tmp_path / "blobs" / name).parent
    aside = folder.rename(folder.with_name("aside"))
    folder.touch()
    await engine.worker(blob_threshold_bytes=10_000)
    await engine.reaches(execution_id, "waiting")
    folder.unlink()
    aside.rename(folder)
    assert 50_000 == (await engine.ended(execution_id))["final_output"]


async def test_a_blob_that_is_gone_fails_the_execution(engine: Engine, tmp_path: Path) -> None:
    """What was recorded and is no longer there cannot be made up: the execution fails and says which blob."""
    execution_id, name = await interrupted(engine, {"text": "x" * 50_000})
    (tmp_path / "blobs" / name).unlink()
    await engine.worker(blob_threshold_bytes=10_000)
    row = await engine.ended(execution_id)
    assert ("failed", "BLOB_MISSING") == (row["status"], row["error"]["code"])


async def test_a_long_journal_is_read_in_pages(engine: Engine) -> None:
    """An execution with more rows than a page goes on after a crash where it was."""
    gate = engine.probes.gate()
    each = node("each", "loop.foreach", items="{{ range(700) }}", collect="none")
    count = node("count", "data.variable", name="counted", operation="increment", value="{{ item }}")
    wait = node("wait", "test.waiting", name="gate")
    report = node("end", "flow.end", output="{{ counted }}")
    workflow_id = await engine.publish(
        START, each, count, wait, report, connections="start>each, each.body>count, each.done>wait, wait>end"
    )
    first = await engine.worker()
    execution_id = await engine.start(workflow_id, variables={"counted": 0})
    await gate.reached()
    await until(lambda: _rows(engine, 703), "the loop is recorded")
    await engine.kill(first)
    gate.opened.set()
    await engine.worker()
    row = await engine.ended(execution_id)
    assert (sum(range(700)), 706) == (row["final_output"], len(await engine.journal(execution_id)))


async def test_a_line_of_a_log_fails_no_step(engine: Engine) -> None:
    """Whatever characters it holds: what the step did is done."""

    def act(context: Context) -> Outcome:
        fields: dict[str, Json] = {"n\0": ["\0", {"x": "\ud800"}], "m": 1}
        context.log("a\0b\ud800", **fields)
        return Outcome.of("done")

    engine.probes.immediate["act"] = act
    workflow_id = await engine.publish(START, node("log", "test.immediate", name="act"))
    await engine.worker()
    execution_id = await engine.start(workflow_id)
    assert "completed" == (await engine.ended(execution_id))["status"]
    logged = [row["log"] for row in await engine.journal(execution_id) if row["log"] is not None]
    odd = "\N{REPLACEMENT CHARACTER}"
    assert logged == [[{"message": f"a{odd}b?", "fields": {f"n{odd}": [odd, {"x": "?"}], "m": 1}}]]
