"""New executions that keep a part of another one's journal: with real workers, and through crashes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from tests.rig.engine import START, Engine, node, retry, statuses, until
from tests.worker.test_waits import resolve, waits_for

from wingbeat.core.access import SYSTEM, Hidden
from wingbeat.core.errors import Conflict, InvalidInput, NotFound, StepError, WingbeatError
from wingbeat.core.json_value import Json
from wingbeat.core.outcome import Outcome
from wingbeat.sdk import Context
from wingbeat.services.executions.forks import ForkRequest, Given
from wingbeat.services.workflows import Workflows
from wingbeat.storage import control, partitions
from wingbeat.storage import workflows as rows
from wingbeat.storage.workflows import WorkflowFields

END = node("end", "flow.end", output="{{ input }}")
LOOP = node("each", "loop.foreach", items=["a", "b", "c"], concurrency=3)


def made(node_id: str, value: Json = "{{ input }}", **fields: Json) -> dict[str, Json]:
    """A node that gives a value."""
    return node(node_id, "data.transform", value=value, **fields)


async def fork(engine: Engine, execution_id: UUID, node_id: str | None = None, **given: Any) -> UUID:  # noqa: ANN401
    """The id of a new fork."""
    return (await engine.forks().fork(SYSTEM, ForkRequest(execution_id, node_id, **given))).execution_id


async def ran(engine: Engine, execution_id: UUID) -> list[str]:
    """The steps whose outcomes the journal tells of, in order."""
    found = [one for one in await engine.journal(execution_id) if one["status"] in {"completed", "failed"}]
    return [f"{one['node_id']}@{one['scope']}" if one["scope"] else one["node_id"] for one in found]


async def recorded(engine: Engine, execution_id: UUID, step: str) -> bool:
    """Whether the step's outcome is in the journal."""
    return step in await ran(engine, execution_id)


def fails_until(engine: Engine, name: str, times: int) -> list[str]:
    """A behaviour that fails so many times for the item 'b', and the keys with which it was called."""
    keys: list[str] = []

    async def act(context: Context) -> Outcome:
        keys.append(context.idempotency_key)
        if context.input == "b" and sum(key == context.idempotency_key for key in keys) <= times:
            raise StepError("Not yet.", code="NOT_YET")
        return Outcome.of(f"{context.input}!")

    engine.probes.waiting[name] = act
    return keys


class TestRetry:
    """Another try keeps all that had completed."""

    async def test_only_what_failed_runs_again(self, engine: Engine) -> None:
        """Two of three parallel iterations had completed; the third runs again, with the key that it had."""
        keys = fails_until(engine, "work", 1)
        await engine.worker()
        step = node("step", "test.waiting", name="work", retry=retry(1))
        workflow_id = await engine.publish(
            START, LOOP, step, END, connections="start>each, each.body>step, each.done>end"
        )
        original = await engine.start(workflow_id)
        assert "failed" == (await engine.ended(original))["status"]
        before = await engine.journal(original)
        done = len(keys)
        again = await fork(engine, original)
        row = await engine.ended(again)
        assert ("completed", ["a!", "b!", "c!"]) == (row["status"], row["final_output"])
        assert (original, "step", "each:1") == (row["forked_from"], row["forked_node_id"], row["forked_scope"])
        assert {f"{original}:step:each:1"} <= {*keys[done:]}
        assert before == await engine.journal(original)

    async def test_a_second_retry_keeps_the_keys_of_the_first_execution(self, engine: Engine) -> None:
        """The other side must be able to tell that it is asked for the same thing."""
        keys = fails_until(engine, "work", 2)
        await engine.worker()
        step = node("step", "test.waiting", name="work", retry=retry(1))
        execution_id = original = await engine.start(await engine.publish(START, step, END), "b")
        for _ in range(2):
            assert "failed" == (await engine.ended(execution_id))["status"]
            execution_id = await fork(engine, execution_id)
        assert "completed" == (await engine.ended(execution_id))["status"]
        assert [f"{original}:step:"] * 3 == keys

    async def test_a_cancelled_execution_goes_on_where_it_was(self, engine: Engine) -> None:
        """Nothing failed there: what had not completed runs again."""
        gate = engine.probes.gate()
        await engine.worker()
        workflow_id = await engine.publish(START, made("first", 1), node("step", "test.waiting", name="gate"), END)
        original = await engine.start(workflow_id)
        await gate.reached()
        await engine.cancel(original)
        gate.opened.set()
        row = await engine.ended(await fork(engine, original))
        assert ("completed", 1, None) == (row["status"], row["final_output"], row["forked_node_id"])

    async def test_there_is_nothing_to_retry_in_one_that_completed(self, engine: Engine) -> None:
        """The refusal says what to do instead."""
        await engine.worker()
        original = await engine.start(await engine.publish(START, END))
        await engine.ended(original)
        assert "NOTHING_TO_RETRY" == await refused(engine, original)

    async def test_what_a_limit_stopped_goes_on_under_a_newer_version(self, engine: Engine) -> None:
        """The raised limit counts from there."""
        await engine.worker()
        nodes = [START, made("first", 1), made("second", 2), END]
        workflow_id = await engine.publish(*nodes, total_operations=3)
        original = await engine.start(workflow_id)
        assert "LIMIT_TOTAL_OPERATIONS" == (await engine.ended(original))["error"]["code"]
        await republish(engine, workflow_id, settings={"total_operations": 10})
        row = await engine.ended(await fork(engine, original, revision="latest"))
        assert ("completed", 2, 2) == (row["status"], row["final_output"], row["revision"])


class TestFork:
    """A fork keeps what does not follow from its step."""

    async def chain(self, engine: Engine) -> UUID:
        """An ended execution of three steps in a row."""
        await engine.worker()
        workflow_id = await engine.publish(START, made("a", 1), made("b", "{{ input + 1 }}"), made("c"))
        original = await engine.start(workflow_id, {"n": 5})
        await engine.ended(original)
        return original

    async def test_from_a_step_as_it_was(self, engine: Engine) -> None:
        """Same output; the rows before it are copies, with their inputs."""
        original = await self.chain(engine)
        forked = await fork(engine, original, "c")
        row = await engine.ended(forked)
        assert ("completed", 2, 4) == (row["status"], row["final_output"], row["nodes_executed"])
        before, after = await engine.journal(original), await engine.journal(forked)
        assert [(one["sequence"], one["output"], one["inputs"]) for one in before[:4]] == [
            (one["sequence"], one["output"], one["inputs"]) for one in after[:4]
        ]

    async def test_with_another_output(self, engine: Engine) -> None:
        """The step does not run; what follows does."""
        forked = await fork(engine, await self.chain(engine), "a", output=Given(41))
        assert 42 == (await engine.ended(forked))["final_output"]
        assert ["start", "a", "b", "c"] == await ran(engine, forked)

    async def test_with_another_input(self, engine: Engine) -> None:
        """The journal says that somebody gave it, and the step's row refers to that."""
        forked = await fork(engine, await self.chain(engine), "b", new_input=Given(10))
        assert 11 == (await engine.ended(forked))["final_output"]
        journal = await engine.journal(forked)
        released = next(one for one in journal if one["status"] == "released")
        step = next(one for one in journal if one["node_id"] == "b" and one["status"] == "completed")
        assert ({"input": 10}, [released["sequence"]]) == (released["output"], step["inputs"])

    async def test_with_another_input_of_the_trigger(self, engine: Engine) -> None:
        """That is what the execution is started with, wherever it is looked at."""
        await engine.worker()
        original = await engine.start(await engine.publish(START, made("a", "{{ trigger.n + input.n }}")), {"n": 1})
        await engine.ended(original)
        row = await engine.ended(await fork(engine, original, "start", new_input=Given({"n": 2})))
        assert ({"n": 2}, 4) == (row["trigger_data"], row["final_output"])

    async def test_in_an_iteration(self, engine: Engine) -> None:
        """Earlier ones are kept, and numbers stay without gaps."""
        await engine.worker()
        workflow_id = await engine.publish(
            START, {**LOOP, "parameters": {"items": [1, 2, 3]}}, made("x"), made("y"), END,
            connections="start>each, each.body>x, x>y, each.done>end",
        )  # fmt: skip
        original = await engine.start(workflow_id)
        await engine.ended(original)
        forked = await fork(engine, original, "x", scope="each:1", output=Given("new"))
        row = await engine.ended(forked)
        assert [1, "new", 3] == row["final_output"]
        assert "each:1" == row["forked_scope"]

    async def test_a_crash_loses_nothing_of_it(self, engine: Engine) -> None:
        """What it brought along is not run again, by whichever worker."""
        gate = engine.probes.gate()
        first = await engine.worker()
        workflow_id = await engine.publish(START, made("a", 1), node("b", "test.waiting", name="gate"), END)
        original = await engine.start(workflow_id)
        await gate.reached(1)
        await until(lambda: recorded(engine, original, "a"), "the first step is recorded")
        await engine.cancel(original)
        forked = await fork(engine, original, "b", new_input=Given("edited"))
        await gate.reached(2)
        await engine.kill(first)
        gate.opened.set()
        await engine.worker()
        assert "edited" == (await engine.ended(forked))["final_output"]
        assert 1 == (await ran(engine, forked)).count("a")

    async def test_of_one_that_waits_while_that_goes_on(self, engine: Engine) -> None:
        """A timer that both wait for is due for both; unless the original is to be cancelled."""
        await engine.worker()
        delay = node("wait", "flow.delay", seconds=3600)
        branch = made("side", 1)
        workflow_id = await engine.publish(START, delay, branch, END, connections="start>wait, start>side, wait>end")
        original = await engine.start(workflow_id)
        await engine.reaches(original, "waiting")
        forked = await fork(engine, original, "side")
        assert (await engine.row(original))["wake_at"] == (await engine.reaches(forked, "waiting"))["wake_at"]
        assert "waiting" == await engine.status(original)
        await fork(engine, original, "side", cancel_original=True)
        assert "cancelled" == await engine.status(original)

    async def test_what_it_waits_for_from_outside_is_asked_for_anew(self, engine: Engine) -> None:
        """The answer to the original is not its own."""
        waits_for(engine)
        await engine.worker()
        step = node("step", "test.waiting", name="outside")
        workflow_id = await engine.publish(START, step, made("side"), connections="start>step, start>side")
        original = await engine.start(workflow_id, "in")
        await engine.reaches(original, "waiting")
        forked = await fork(engine, original, "side")
        await engine.reaches(forked, "waiting")
        await resolve(engine, original, "one")
        await resolve(engine, forked, "another")
        ends = [(await engine.ended(one))["final_output"]["step"][1] for one in (original, forked)]
        assert ["one", "another"] == ends

    async def test_big_values_stay_while_a_fork_refers_to_them(self, engine: Engine) -> None:
        """Also where a fork of a fork does, and nothing is left of the steps of those between."""
        await engine.worker(blob_threshold_bytes=1024)
        workflow_id = await engine.publish(START, made("big", "x" * 5000), made("c", "{{ input | length }}"))
        original = await engine.start(workflow_id)
        await engine.ended(original)
        middle = await fork(engine, original, "c")
        await engine.ended(middle)
        last = await fork(engine, middle, "c")
        assert 5000 == (await engine.ended(last))["final_output"]
        assert [] == await without_steps(engine, original, drop=(original, middle))
        assert [original] == await without_steps(engine, original, drop=(original, middle, last))

    async def test_the_same_key_leads_to_the_same_fork(self, engine: Engine) -> None:
        """And with another request it is refused."""
        original = await self.chain(engine)
        first = await engine.forks().fork(SYSTEM, ForkRequest(original, "b", idempotency_key="k"))
        again = await engine.forks().fork(SYSTEM, ForkRequest(original, "b", idempotency_key="k"))
        assert (first.execution_id, True) == (again.execution_id, again.replayed)
        assert "IDEMPOTENCY_KEY_REUSED" == await refused(engine, original, "c", idempotency_key="k")

    async def test_a_newer_version_must_fit_what_is_kept(self, engine: Engine) -> None:
        """The refusal names the node, and nothing is made."""
        original = await self.chain(engine)
        workflow_id = (await engine.row(original))["workflow_id"]
        await republish(engine, workflow_id, without="b")
        with pytest.raises(Conflict) as caught:
            await fork(engine, original, "c", revision="latest")
        assert ("FORK_INCOMPATIBLE", "b") == (caught.value.code, caught.value.details["node"])
        assert 1 == await engine.count("SELECT count(*) FROM workflow_executions")
        assert "completed" == (await engine.ended(await fork(engine, original, "a", revision=2)))["status"]

    async def test_refusals_say_what_there_is(self, engine: Engine) -> None:
        """Each with a code of its own, and what was probably meant."""
        await engine.worker()
        yes = node("if", "condition.if", condition="true")
        nodes = (START, LOOP, made("step"), yes, made("never"))
        workflow_id = await engine.publish(
            *nodes, connections="start>each, each.body>step, each.done>if, if.false>never"
        )
        original = await engine.start(workflow_id)
        await engine.ended(original)
        refusals = [
            await refusal(engine, original, "stpe", scope="each:0"),
            await refusal(engine, original, "step"),
            await refusal(engine, original, "step", scope="eahc:1"),
            await refusal(engine, original, "step", scope="each:7"),
            await refusal(engine, original, "never"),
            await refusal(engine, original, "if", output=Given(1), port="ture"),
            await refusal(engine, original, "if", revision=9),
            await refusal(engine, UUID(int=1), "if"),
        ]
        assert [
            (NotFound, "NODE_UNKNOWN", "Did you mean 'step'?"),
            (InvalidInput, "SCOPE_NEEDED", "Give the scope of one of its steps."),
            (NotFound, "SCOPE_UNKNOWN", "Did you mean 'each:1'?"),
            (NotFound, "SCOPE_UNKNOWN", "Did you mean 'each:2'?"),
            (Conflict, "STEP_NEVER_RAN", "Fork from a node that ran."),
            (InvalidInput, "OUTPUT_UNFIT", "Did you mean 'true'?"),
            (NotFound, "REVISION_UNKNOWN", "It was executed as revision 1; published is 1."),
            (Hidden, "EXECUTION_NOT_FOUND", "List the executions of its workflow to find its id."),
        ] == [(type(one), one.code, one.remedy) for one in refusals]

    async def test_one_that_runs_is_left_alone(self, engine: Engine) -> None:
        """Its journal is being written."""
        gate = engine.probes.gate()
        await engine.worker()
        original = await engine.start(await engine.publish(START, node("step", "test.waiting", name="gate")))
        await gate.reached()
        assert "EXECUTION_RUNNING" == await refused(engine, original, "start")

    async def test_a_paused_one_can_be_forked_where_it_stands(self, engine: Engine) -> None:
        """A step that is next, and has no row yet, is a place to begin as well."""
        gate = engine.probes.gate()
        worker = await engine.worker()
        workflow_id = await engine.publish(START, node("step", "test.waiting", name="gate"), made("next"), END)
        original = await engine.start(workflow_id, 1)
        await gate.reached()
        await engine.control(control.pause, original)
        await engine.hears_of_pause(worker, original)
        gate.opened.set()
        await engine.reaches(original, "paused")
        assert 7 == (await engine.ended(await fork(engine, original, "next", new_input=Given(7))))["final_output"]

    async def test_an_unsafe_step_that_was_under_way_is_not_repeated_unasked(self, engine: Engine) -> None:
        """Beside the forked step it may have had its effect: the node says what happens then."""
        gate = engine.probes.gate()
        await engine.worker()
        pay = node("pay", "test.waiting", name="gate", effect="unsafe")
        workflow_id = await engine.publish(START, pay, made("side"), connections="start>pay, start>side")
        original = await engine.start(workflow_id)
        await gate.reached()
        await engine.cancel(original)
        forked = await fork(engine, original, "side")
        assert "STEP_OUTCOME_UNKNOWN" == (await engine.ended(forked))["error"]["code"]
        assert ["started", "failed"] == statuses(
            [one for one in await engine.journal(forked) if one["node_id"] == "pay"]
        )


async def test_a_long_journal_is_forked_at_once(engine: Engine) -> None:
    """Rows are copied by the database, in portions; numbers and inputs fit the new journal."""
    await engine.worker()
    items = node("each", "loop.foreach", items="{{ range(3000) }}", concurrency=20, collect="none")
    workflow_id = await engine.publish(
        START, items, made("x", 1), made("y", 2), END, connections="start>each, each.body>x, x>y, each.done>end"
    )
    original = await engine.start(workflow_id)
    assert "completed" == (await engine.ended(original))["status"]
    forked = await fork(engine, original, "y", scope="each:2500")
    row = await engine.ended(forked)
    assert ("completed", {"iterations": 3000}) == (row["status"], row["final_output"])


async def without_steps(engine: Engine, execution_id: UUID, drop: Sequence[UUID]) -> list[UUID]:
    """The execution, if its blobs could go once the steps of these were gone."""
    async with engine.database.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("DELETE FROM workflow_execution_steps WHERE execution_id = ANY($1)", drop)
        found = await partitions.without_steps(connection, [execution_id])
        await transaction.rollback()
    return found


async def refusal(engine: Engine, execution_id: UUID, node_id: str | None = None, **given: Any) -> WingbeatError:  # noqa: ANN401
    """The error of a fork that is refused."""
    with pytest.raises(WingbeatError) as caught:
        await fork(engine, execution_id, node_id, **given)
    return caught.value


async def refused(engine: Engine, execution_id: UUID, node_id: str | None = None, **given: Any) -> str:  # noqa: ANN401
    """Its code."""
    return (await refusal(engine, execution_id, node_id, **given)).code


async def republish(engine: Engine, workflow_id: UUID, without: str = "", settings: Json = None) -> None:
    """The next version of a workflow: without a node whose neighbours are connected instead, or with other settings."""
    workflows = Workflows(engine.database, engine.catalog, engine.limits)
    found = await workflows.get(SYSTEM, workflow_id)
    definition: Any = found.definition
    before = next((one["from"] for one in definition["connections"] if one["to"] == without), None)
    changed = {
        **definition,
        "nodes": [one for one in definition["nodes"] if one["id"] != without],
        "connections": [
            {**one, "from": before if one["from"] == without else one["from"]}
            for one in definition["connections"]
            if one["to"] != without
        ],
        "settings": settings or definition["settings"],
    }
    async with engine.database.pool.acquire() as connection, connection.transaction():
        await rows.update(connection, workflow_id, WorkflowFields(changed))
    await workflows.publish(SYSTEM, workflow_id)
