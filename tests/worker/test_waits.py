"""Steps that wait for something from outside: opened once, resolved once, and gone on from exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

import pytest
from tests.rig.engine import START, Engine, idle, node, retry, statuses, until

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import Conflict, NotFound, StepError
from wingbeat.core.json_value import Json
from wingbeat.sdk import WAITS, Await, Context, Outcome, Result, Signal
from wingbeat.services.executions.forks import ForkRequest
from wingbeat.services.executions.signals import Signals
from wingbeat.storage import control, waits
from wingbeat.storage.waits import forget, wake_missed
from wingbeat.worker.awaited import MOST_EARLY
from wingbeat.worker.runner import Runner
from wingbeat.worker.waiting import WaitReader

STEP = node("step", "test.waiting", name="outside")
END = node("end", "flow.end", output="{{ input }}")


def waits_for(engine: Engine, seconds: float | None = None) -> None:
    """`outside` waits for the key of its execution and scope, and gives what came."""

    async def run(context: Context) -> Result:
        due = None if seconds is None else context.now.timestamp() + seconds
        opened = await context.use(WAITS).open(
            kind="test", key=context.idempotency_key, opening={"from": "run"}, until=due
        )
        return Await(opened.wait, opened.until)

    def resume(context: Context, signal: Signal) -> Result:
        return Outcome.of([signal.kind, signal.value, signal.opening, context.input])

    engine.probes.waiting["outside"] = run
    engine.probes.resuming["outside"] = resume


async def resolve(engine: Engine, execution_id: UUID, value: Json = "hello") -> None:
    """Give the step what it waits for."""
    await Signals(engine.database).resolve_by_key("test", f"{execution_id}:step:", value)


async def opened(engine: Engine, execution_id: UUID) -> UUID:
    """The wait of an execution, once it is there."""

    async def look() -> UUID | None:
        found: UUID | None = await engine.database.pool.fetchval(
            "SELECT wait_id FROM workflow_waits WHERE execution_id = $1", execution_id
        )
        return found

    found = await until(look, "the wait is open")
    assert found is not None
    return found


CAME = ["resolved", "hello", {"from": "run"}, "in"]


async def test_a_wait_is_a_row_and_no_memory(engine: Engine) -> None:
    """Without a time it lets go at once, and another worker goes on with what came."""
    waits_for(engine)
    worker = await engine.worker()
    execution_id = await engine.start(await engine.publish(START, STEP, END), "in")
    row = await engine.reaches(execution_id, "waiting")
    assert (None, None) == (row["wake_at"], row["worker_id"])
    await idle(worker)
    await engine.kill(worker)
    await resolve(engine, execution_id)
    await engine.worker()
    row = await engine.ended(execution_id)
    assert ("completed", CAME) == (row["status"], row["final_output"])
    assert ["completed", "waiting", "completed", "completed", "ended"] == statuses(await engine.journal(execution_id))


async def test_only_the_first_of_many_counts(engine: Engine) -> None:
    """Ten who resolve at once: one is taken, nine are refused, and the step goes on once."""
    waits_for(engine)
    await engine.worker()
    execution_id = await engine.start(await engine.publish(START, STEP, END), "in")
    await engine.reaches(execution_id, "waiting")
    came = await asyncio.gather(
        *(resolve(engine, execution_id, number) for number in range(10)), return_exceptions=True
    )
    refused = [error.code for error in came if isinstance(error, Conflict)]
    row = await engine.ended(execution_id)
    assert {"WAIT_RESOLVED", "EXECUTION_ENDED"} >= set(refused)
    assert (9, came.index(None)) == (len(refused), row["final_output"][1])
    assert 1 == len(engine.probes.keys("resume outside"))


async def test_nobody_can_resolve_what_is_not_there(engine: Engine) -> None:
    """An unknown key or id is missing."""
    with pytest.raises(NotFound):
        await Signals(engine.database).resolve(UUID(int=1), None)
    with pytest.raises(NotFound):
        await Signals(engine.database).resolve_by_key("test", "unknown", None)


async def test_a_wait_expires(engine: Engine) -> None:
    """When nothing comes in time, the step hears so; what comes later is refused."""
    waits_for(engine, 0.05)
    await engine.worker()
    execution_id = await engine.start(await engine.publish(START, STEP, END), "in")
    row = await engine.ended(execution_id)
    assert ["expired", None, {"from": "run"}, "in"] == row["final_output"]
    with pytest.raises(Conflict):
        await resolve(engine, execution_id)


async def test_what_comes_after_the_time_is_refused_even_if_nobody_woke_yet(engine: Engine) -> None:
    """The time is part of the wait, not of the worker that looks at the clock."""
    waits_for(engine, 3600)
    await engine.worker()
    execution_id = await engine.start(await engine.publish(START, STEP, END), "in")
    await engine.reaches(execution_id, "waiting")
    await engine.database.pool.execute("UPDATE workflow_waits SET expires_at = clock_timestamp()")
    with pytest.raises(Conflict) as refused:
        await resolve(engine, execution_id)
    assert "WAIT_EXPIRED" == refused.value.code


async def how_it_failed(engine: Engine, execution_id: UUID) -> str | None:
    """Whether a step of it waited before it failed."""
    statuses = [row["status"] for row in await engine.journal(execution_id)]
    if "failed" not in statuses:
        return None
    return "after a wait" if "waiting" in statuses else "at once"


async def test_a_step_that_waits_too_long_has_failed(engine: Engine) -> None:
    """The node's time-out holds while it waits: the error port is taken at once, and what comes later is refused."""
    waits_for(engine, 3600)
    await engine.worker()
    hold = node("hold", "test.waiting", name="hold")
    connections = "start>step, step>end, step.error>hold, hold>end"
    execution_id, gate = UUID(int=0), engine.probes.gate("hold")
    for seconds in (0.1, 5.0, 50.0):  # On a busy machine the time may be up before it waits.
        gate = engine.probes.gate("hold")
        step = {**STEP, "timeout_seconds": seconds, "on_error": "branch", "retry": retry(1)}
        execution_id = await engine.start(await engine.publish(START, step, hold, END, connections=connections), "in")
        await gate.reached()
        if await until(partial(how_it_failed, engine, execution_id), "the failure is written") == "after a wait":
            break
        gate.opened.set()
    with pytest.raises(Conflict) as refused:
        await resolve(engine, execution_id)
    gate.opened.set()
    await engine.ended(execution_id)
    (error,) = [row["error"] for row in await engine.journal(execution_id) if row["status"] == "failed"]
    assert ("WAIT_WITHDRAWN", "STEP_TIMEOUT", None) == (refused.value.code, error["code"], error["retry_at"])
    assert [] == engine.probes.keys("resume outside")


async def test_a_delay_in_a_loop_is_cut_off_by_its_time_out(engine: Engine) -> None:
    """Also where the wait is only a time, at any depth; the loop fails and names the step as the cause."""
    await engine.worker()
    loop = node("loop", "loop.foreach", items=[1, 2])
    delay = {**node("delay", "flow.delay", seconds=3600), "timeout_seconds": 0.05}
    workflow_id = await engine.publish(START, loop, delay, connections="start>loop, loop.body>delay")
    row = await engine.ended(await engine.start(workflow_id))
    assert ("failed", "STEP_TIMEOUT", "delay") == (row["status"], row["error"]["code"], row["error"]["node"])


async def test_the_time_of_a_step_counts_from_its_beginning(engine: Engine) -> None:
    """However often it goes on waiting, and whoever runs it: the first deadline stays."""
    waits_for(engine, 3600)
    worker = await engine.worker()
    step = {**STEP, "timeout_seconds": 600}
    execution_id = await engine.start(await engine.publish(START, step, END), "in")
    await engine.reaches(execution_id, "waiting")
    await idle(worker)
    await engine.kill(worker)

    async def again(context: Context, signal: Signal) -> Result:
        opened = await context.use(WAITS).open(kind="test", key="again", opening=signal.value, until=None, turn=2)
        return Await(opened.wait, opened.until)

    engine.probes.resuming["outside"] = again
    await resolve(engine, execution_id)
    await engine.worker()

    async def deadlines() -> list[float]:
        rows = [row for row in await engine.journal(execution_id) if row["status"] == "waiting"]
        return [row["output"]["deadline"] for row in rows] if len(rows) == 2 else []

    first, second = await until(deadlines, "it waits again")
    assert first == second


async def test_resolving_and_expiring_at_once_is_decided_by_the_row(engine: Engine) -> None:
    """The worker's clock says that the time is up, but somebody was first: what they sent counts."""
    waits_for(engine, 3600)
    await engine.worker()
    execution_id = await engine.start(await engine.publish(START, STEP, END), "in")
    await engine.reaches(execution_id, "waiting")
    await engine.control(control.pause, execution_id)
    await resolve(engine, execution_id)
    await engine.database.pool.execute(
        "UPDATE workflow_execution_steps SET output = jsonb_set(output::jsonb, '{until}', '1') WHERE status = 'waiting'"
    )
    await engine.control(control.resume, execution_id)
    assert CAME == (await engine.ended(execution_id))["final_output"]


@pytest.mark.parametrize("when", ["before it is in the journal", "while another branch runs"])
async def test_what_comes_while_a_worker_holds_the_execution_is_heard(engine: Engine, when: str) -> None:
    """The worker is told, and finds it even if the step says only afterwards that it waits."""
    waits_for(engine)
    hold = engine.probes.gate("hold")
    wait = engine.probes.waiting["outside"]

    async def run(context: Context) -> Result:
        result = await wait(context)
        if when == "before it is in the journal":
            await hold(context)
        return result

    engine.probes.waiting["outside"] = run
    await engine.worker()
    other = node("other", "test.waiting", name="hold")
    step = {**STEP, "on_error": "stop"}
    join = node("join", "flow.merge", mode="all")
    workflow_id = await engine.publish(
        START, step, other, join, END, connections="start>step, start>other, step>join, other>join, join>end"
    )
    execution_id = await engine.start(workflow_id, "in")
    await opened(engine, execution_id)
    await hold.reached()
    if when == "while another branch runs":
        await until(lambda: _waits_in_the_journal(engine), "the step waits")
    await resolve(engine, execution_id)
    if when == "while another branch runs":
        await until(lambda: _resumed(engine), "it is resumed while the other branch runs")
    hold.opened.set()
    assert "completed" == (await engine.ended(execution_id))["status"]
    assert 1 == len(engine.probes.keys("resume outside"))


async def _waits_in_the_journal(engine: Engine) -> bool:
    return await engine.count("SELECT count(*) FROM workflow_execution_steps WHERE status = 'waiting'") == 1


async def _resumed(engine: Engine) -> bool:
    return len(engine.probes.keys("resume outside")) == 1


async def test_a_notice_that_is_lost_is_made_up_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that did not hear of it sees it when it lets go of the execution, and looks from time to time."""
    waits_for(engine)
    monkeypatch.setattr(Runner, "signal", lambda *_: None)
    gate = engine.probes.gate("hold")
    await engine.worker()
    other = node("other", "test.waiting", name="hold")
    workflow_id = await engine.publish(
        START, STEP, other, END, connections="start>step, start>other, step>end, other>end"
    )
    execution_id = await engine.start(workflow_id, "in")
    await until(lambda: _waits_in_the_journal(engine), "the step waits")
    await gate.reached()
    await resolve(engine, execution_id)
    gate.opened.set()
    assert "completed" == (await engine.ended(execution_id))["status"]


async def test_a_paused_execution_keeps_what_came(engine: Engine) -> None:
    """It goes on with it when it is resumed, and not before."""
    waits_for(engine)
    await engine.worker()
    execution_id = await engine.start(await engine.publish(START, STEP, END), "in")
    await engine.reaches(execution_id, "waiting")
    await engine.control(control.pause, execution_id)
    await resolve(engine, execution_id)
    assert "paused" == await engine.status(execution_id)
    await engine.control(control.resume, execution_id)
    assert CAME == (await engine.ended(execution_id))["final_output"]


async def test_resolving_and_cancelling_at_once_leaves_one_end(engine: Engine) -> None:
    """Whoever is second is refused, or what came first is cancelled: there is one last row."""
    waits_for(engine)
    await engine.worker()
    workflow_id = await engine.publish(START, STEP, END)
    for _ in range(5):
        execution_id = await engine.start(workflow_id, "in")
        await engine.reaches(execution_id, "waiting")
        await asyncio.gather(
            resolve(engine, execution_id), engine.control(control.cancel, execution_id), return_exceptions=True
        )
        await engine.ended(execution_id)
        with pytest.raises(Conflict):
            await resolve(engine, execution_id)


async def test_what_is_not_waited_for_any_more_takes_nothing(engine: Engine) -> None:
    """A branch that lost against another one: its wait says so."""
    waits_for(engine)
    gate = engine.probes.gate("hold")
    await engine.worker()
    fast = node("fast", "test.waiting", name="hold")
    first = node("first", "flow.merge", mode="any")
    later = node("later", "flow.delay", seconds=3600)
    workflow_id = await engine.publish(
        START, STEP, fast, first, later, connections="start>step, start>fast, step>first, fast>first, first>later"
    )
    execution_id = await engine.start(workflow_id, "in")
    await until(lambda: _waits_in_the_journal(engine), "the step waits")
    gate.opened.set()
    await engine.reaches(execution_id, "waiting")
    with pytest.raises(Conflict) as refused:
        await resolve(engine, execution_id)
    assert "WAIT_WITHDRAWN" == refused.value.code


async def test_a_step_may_wait_again(engine: Engine) -> None:
    """An escalation: what was opened first has expired, and the second turn brings the answer."""

    async def run(context: Context) -> Result:
        opened = await context.use(WAITS).open(
            kind="test", key=context.idempotency_key, until=context.now.timestamp() + 0.01
        )
        return Await(opened.wait, opened.until)

    async def again(context: Context) -> Result:
        opened = await context.use(WAITS).open(kind="test", key=context.idempotency_key, turn=2)
        return Await(opened.wait)

    def resume(context: Context, signal: Signal) -> Result:
        return again(context) if signal.kind == "expired" else Outcome.of(signal.value)  # type: ignore[return-value]

    engine.probes.waiting["outside"] = run
    engine.probes.resuming["outside"] = resume
    await engine.worker()
    execution_id = await engine.start(await engine.publish(START, STEP, END))
    await engine.reaches(execution_id, "waiting")
    await resolve(engine, execution_id, "second")
    assert "second" == (await engine.ended(execution_id))["final_output"]
    assert 2 == statuses(await engine.journal(execution_id)).count("waiting")


async def test_a_step_may_fail_after_it_waited(engine: Engine) -> None:
    """What comes may be unfit: the step fails as any other, and its error port is taken."""
    waits_for(engine)

    def refuse(_context: Context, signal: Signal) -> Result:
        raise StepError(f"unfit: {signal.value}", code="UNFIT", retryable=True)

    engine.probes.resuming["outside"] = refuse
    await engine.worker()
    step = {**STEP, "on_error": "continue"}
    execution_id = await engine.start(await engine.publish(START, step, END))
    await engine.reaches(execution_id, "waiting")
    await resolve(engine, execution_id)
    assert "UNFIT" == (await engine.ended(execution_id))["final_output"]["error"]["code"]


async def test_a_node_type_that_cannot_go_on_says_so(engine: Engine) -> None:
    """A resume that gives what it must not is the node type's fault, and the execution ends."""
    waits_for(engine)
    engine.probes.resuming["outside"] = lambda _context, _signal: 7  # type: ignore[return-value,assignment]
    await engine.worker()
    execution_id = await engine.start(await engine.publish(START, STEP, END))
    await engine.reaches(execution_id, "waiting")
    await resolve(engine, execution_id)
    assert "NODE_TYPE_BROKEN" == (await engine.ended(execution_id))["error"]["code"]


async def test_a_step_that_is_run_again_finds_its_own_wait(engine: Engine) -> None:
    """The worker dies after the wait was opened and before the journal said so; what came meanwhile is not lost."""
    waits_for(engine)
    hold = engine.probes.gate("hold")
    wait = engine.probes.waiting["outside"]

    async def run(context: Context) -> Result:
        result = await wait(context)
        await hold(context)
        return result

    engine.probes.waiting["outside"] = run
    worker = await engine.worker()
    execution_id = await engine.start(await engine.publish(START, STEP, END), "in")
    await hold.reached()
    await engine.kill(worker)
    await resolve(engine, execution_id)
    hold.opened.set()
    await engine.worker()
    assert CAME == (await engine.ended(execution_id))["final_output"]
    assert 1 == await engine.count("SELECT count(*) FROM workflow_waits")


@pytest.mark.parametrize("writes", range(1, 6))
async def test_a_worker_that_dies_at_any_write_changes_nothing(engine: Engine, writes: int) -> None:
    """It dies instead of its n-th write to the journal; another one takes over, and the outcome is the same."""
    waits_for(engine)
    worker = await engine.worker()
    await dies_instead_of_write(engine, worker, writes)
    execution_id = await engine.start(await engine.publish(START, STEP, END), "in")
    other = await engine.worker()
    wait = await opened(engine, execution_id)
    await Signals(engine.database).resolve(wait, "hello")
    row = await engine.ended(execution_id)
    assert ("completed", CAME) == (row["status"], row["final_output"])
    await idle(other)


async def dies_instead_of_write(engine: Engine, worker: object, number: int) -> None:
    """Let a worker die when it is about to write for the n-th time."""
    journal = worker._journal  # type: ignore[attr-defined]
    write: Callable[..., Awaitable[object]] = journal._attempt
    done = 0

    async def attempt(batch: object) -> object:
        nonlocal done
        done += 1
        if done >= number:
            asyncio.get_running_loop().create_task(engine.kill(worker))  # type: ignore[arg-type]
            await asyncio.Event().wait()
        return await write(batch)

    journal._attempt = attempt


async def test_what_sleeps_by_mistake_is_woken(engine: Engine) -> None:
    """A safety net: an execution that waits for what was resolved a while ago."""
    waits_for(engine)
    await engine.worker()
    execution_id = await engine.start(await engine.publish(START, STEP, END), "in")
    await engine.reaches(execution_id, "waiting")
    await engine.database.pool.execute(
        "UPDATE workflow_waits SET outcome = 'resolved', resolution = '\"hello\"',"
        " resolved_at = clock_timestamp() - interval '10 seconds'"
    )
    async with engine.database.pool.acquire() as connection, connection.transaction():
        assert 1 == await wake_missed(connection, 10)
    assert CAME == (await engine.ended(execution_id))["final_output"]


async def test_a_fork_waits_for_itself(engine: Engine) -> None:
    """The wait of the execution that it comes from is not its own: the step opens another one."""

    async def run(context: Context) -> Result:
        return Await((await context.use(WAITS).open(kind="test", key=context.execution_id)).wait)

    engine.probes.waiting["outside"] = run
    engine.probes.resuming["outside"] = lambda _context, signal: Outcome.of(signal.value)
    await engine.worker()
    execution_id = await engine.start(await engine.publish(START, STEP, END))
    await engine.reaches(execution_id, "waiting")
    await engine.control(control.cancel, execution_id)
    fork = (await engine.forks().fork(SYSTEM, ForkRequest(execution_id))).execution_id
    await engine.reaches(fork, "waiting")
    with pytest.raises(Conflict):
        await Signals(engine.database).resolve_by_key("test", str(execution_id), "late")
    await Signals(engine.database).resolve_by_key("test", str(fork), "mine")
    assert "mine" == (await engine.ended(fork))["final_output"]


async def test_waits_of_ended_executions_are_forgotten_in_time(engine: Engine) -> None:
    """What was sent to them is kept no longer than their steps."""
    waits_for(engine)
    await engine.worker()
    execution_id = await engine.start(await engine.publish(START, STEP, END), "in")
    await engine.reaches(execution_id, "waiting")
    everything = UUID(int=2**128 - 1)
    async with engine.database.pool.acquire() as connection:
        await forget(connection, everything)
        assert 1 == await engine.count("SELECT count(*) FROM workflow_waits")
        await resolve(engine, execution_id)
        await engine.ended(execution_id)
        await forget(connection, everything)
    assert 0 == await engine.count("SELECT count(*) FROM workflow_waits")


async def test_what_a_dead_worker_had_no_time_to_withdraw_is_withdrawn(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal says that a step is not waited for any more; nobody can answer it, whoever runs the execution."""
    waits_for(engine)
    other, later = engine.probes.gate("other"), engine.probes.gate("later")
    workflow_id = await engine.publish(
        START,
        STEP,
        node("other", "test.waiting", name="other"),
        node("first", "flow.merge", mode="any"),
        node("later", "test.waiting", name="later"),
        END,
        connections="start>step, start>other, step>first, other>first, first>later, later>end",
    )
    dying = asyncio.Event()

    async def hang(*_: object) -> None:
        dying.set()
        await asyncio.Event().wait()

    first = await engine.worker()
    with monkeypatch.context() as patched:
        patched.setattr(WaitReader, "withdraw", hang)
        execution_id = await engine.start(workflow_id, "in")
        await opened(engine, execution_id)
        other.opened.set()
        await dying.wait()
        await engine.kill(first)
    entered = later.entered
    await engine.worker()
    await later.reached(entered + 1)
    with pytest.raises(Conflict) as caught:
        await resolve(engine, execution_id)
    assert "WAIT_WITHDRAWN" == caught.value.code
    later.opened.set()
    assert ["completed", "in"] == await engine.fields(
        (await engine.ended(execution_id))["execution_id"], "status", "final_output"
    )


@pytest.mark.parametrize("dies", [False, True])
async def test_nothing_waits_for_a_step_that_has_failed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, *, dies: bool
) -> None:
    """It had opened a wait before it failed, and the workflow goes on: also where its worker died in that moment."""

    async def fail(context: Context) -> Outcome:
        await context.use(WAITS).open(kind="test", key=context.idempotency_key)
        raise StepError("It did not work out.", remedy="None.")

    engine.probes.waiting["fail"] = fail
    later, dying = engine.probes.gate("later"), asyncio.Event()
    step = {**node("step", "test.waiting", name="fail"), "on_error": "continue"}
    workflow_id = await engine.publish(START, step, node("later", "test.waiting", name="later"), END)

    async def hang(*_: object) -> None:
        dying.set()
        await asyncio.Event().wait()

    first, entered = await engine.worker(), 0
    with monkeypatch.context() as patched:
        if dies:
            patched.setattr(WaitReader, "withdraw", hang)
        execution_id = await engine.start(workflow_id, "in")
        if dies:
            await dying.wait()
            await later.reached()
            await engine.kill(first)
            entered = later.entered
            await engine.worker()
    await later.reached(entered + 1)

    async def withdrawn() -> bool:
        return 1 == await engine.count("SELECT count(*) FROM workflow_waits WHERE outcome = 'withdrawn'")

    await until(withdrawn, "it is not waited for any more")
    later.opened.set()
    assert "completed" == (await engine.ended(execution_id))["status"]


async def test_a_worker_that_lost_its_execution_opens_no_wait_for_it(engine: Engine) -> None:
    """The one that has it now may have given up the step: nobody would withdraw what comes after that."""
    hold = engine.probes.gate("hold")
    refused: list[str] = []

    async def run(context: Context) -> Outcome:
        await hold(context)
        try:
            await context.use(WAITS).open(kind="test", key=context.idempotency_key)
        except StepError as error:
            refused.append(error.code)
        return Outcome.of(None)

    engine.probes.waiting["late"] = run
    await engine.worker()
    execution_id = await engine.start(await engine.publish(START, node("step", "test.waiting", name="late"), END))
    await hold.reached()
    await engine.take_away(execution_id)
    hold.opened.set()

    async def was_refused() -> bool:
        return bool(refused)

    await until(was_refused, "it is refused")
    assert (["EXECUTION_ENDED"], 0) == (refused, await engine.count("SELECT count(*) FROM workflow_waits"))


async def test_what_comes_while_a_wait_is_withdrawn_is_gone_on_with(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An execution that is about to sleep has nothing to do; until then, what comes gives it something to do."""
    withdrawing, go_on = asyncio.Event(), asyncio.Event()

    async def withdraw(*_: object) -> None:
        withdrawing.set()
        await go_on.wait()

    monkeypatch.setattr(WaitReader, "withdraw", withdraw)
    waits_for(engine)
    outside = ("a", "b", "c", "d")
    steps = [node(name, "test.waiting", name="outside") for name in outside]
    await engine.worker()
    workflow_id = await engine.publish(
        START,
        *steps,
        node("first", "flow.merge", mode="any"),
        node("next", "data.transform", value="{{ input }}"),
        connections="start>a, start>b, start>c, start>d, a>first, b>first, c>next",
    )
    execution_id = await engine.start(workflow_id)
    await engine.reaches(execution_id, "waiting")
    await Signals(engine.database).resolve_by_key("test", f"{execution_id}:a:", None)
    async with asyncio.timeout(100):
        await withdrawing.wait()
    await Signals(engine.database).resolve_by_key("test", f"{execution_id}:c:", None)

    async def resumed() -> bool:
        return len(engine.probes.keys("resume outside")) == 2

    await until(resumed, "what came for the other step is seen")
    go_on.set()

    async def went_on() -> bool:
        return "next" in {row["node_id"] for row in await engine.journal(execution_id)}

    await until(went_on, "the step after it runs though others still wait")


async def test_notices_that_come_too_late_are_not_kept_for_ever(engine: Engine) -> None:
    """A loop with a million iterations that wait leaves no more behind than one with a thousand."""
    gate = engine.probes.gate()
    worker = await engine.worker()
    execution_id = await engine.start(await engine.publish(START, node("hold", "test.waiting", name="gate"), END))
    await gate.reached()
    runner = worker._running[execution_id][0]
    for number in range(2 * MOST_EARLY):
        runner.signal(str(number))
        runner.deliver(str(number), Signal("resolved", None, None))
    awaited = runner._awaited
    assert (0, MOST_EARLY, MOST_EARLY) == (len(awaited._asking), len(awaited._early), len(awaited._signals))
    gate.opened.set()
    await engine.ended(execution_id)


async def test_a_race_that_is_decided_while_the_execution_sleeps_withdraws_the_other(engine: Engine) -> None:
    """The worker that goes on has not begun to listen for it, and withdraws it all the same."""
    waits_for(engine)
    await engine.worker()
    workflow_id = await engine.publish(
        START,
        *(node(name, "test.waiting", name="outside") for name in ("a", "b", "c")),
        node("first", "flow.merge", mode="any"),
        connections="start>a, start>b, start>c, a>first, b>first",
    )
    execution_id = await engine.start(workflow_id)
    await engine.reaches(execution_id, "waiting")
    await Signals(engine.database).resolve_by_key("test", f"{execution_id}:a:", None)

    async def withdrawn() -> bool:
        found = await engine.database.pool.fetch("SELECT node_id FROM workflow_waits WHERE outcome = 'withdrawn'")
        return ["b"] == [row["node_id"] for row in found]

    await until(withdrawn, "the other is not waited for any more")


async def test_what_is_withdrawn_while_another_resolves_it_waits_its_turn(engine: Engine) -> None:
    """Both want the wait and the execution, and take them in the same order."""
    engine.probes.gate()
    execution_id = await engine.start(await engine.publish(START, node("step", "test.waiting", name="gate")))
    await engine.worker()
    await engine.reaches(execution_id, "running")
    pool = engine.database.pool
    for step, kind in (("call", "children"), ("event", "event")):
        await pool.execute(
            "INSERT INTO workflow_waits (wait_id, execution_id, node_id, scope, attempt, kind, key, target)"
            " VALUES (gen_random_uuid(), $1, $2, '', 1, $3, 'a', 1)",
            execution_id,
            step,
            kind,
        )

    async def withdraw() -> None:
        async with pool.acquire() as connection:
            await waits.withdraw(connection, [("call", ""), ("event", "")], execution_id, 1)

    async def is_held_up() -> bool:
        return await engine.count("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0

    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM workflow_executions WHERE execution_id = $1 FOR UPDATE", execution_id)
        withdrawing = asyncio.create_task(withdraw())
        await until(is_held_up, "the withdrawal wants the execution")
        [wait] = await waits.find_open(connection, "event", ["a"], UUID(int=0))
        await waits.resolve(connection, await waits.find(connection, wait[0]), "first")
    await withdrawing
    found = await pool.fetch("SELECT outcome FROM workflow_waits ORDER BY node_id")
    assert ["withdrawn", "resolved"] == [row["outcome"] for row in found]
