"""What is left of an event when the process dies that took it in."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from signal import SIGKILL
from uuid import UUID

import pytest
from tests.rig.engine import START, Engine, node
from tests.rig.listening import Listening, trigger, user

from wingbeat.core.access import SERVICE
from wingbeat.services.events.events import Occurrence, make
from wingbeat.storage.subscriptions import EVENT
from wingbeat.worker.fanout import Fanout

DYING = Path(__file__).parents[1] / "rig" / "dying_publisher.py"
UNDELIVERED = "SELECT count(*) FROM events WHERE delivered_at IS NULL"
WORKFLOWS, WAITS, AT_ONCE = 5, 3, 2


async def listen(engine: Engine) -> tuple[set[UUID], list[UUID]]:
    """Workflows that an event starts, and executions that wait for it."""
    wait = node("step", "flow.wait_for_event", name="a.*")
    waiting = [await engine.start(await engine.publish(START, wait), None) for _ in range(WAITS)]
    for execution_id in waiting:
        await engine.reaches(execution_id, "waiting")
    listening = Listening(engine.database)
    return {await listening.publish(trigger("event", name="a.b")) for _ in range(WORKFLOWS)}, waiting


async def started(engine: Engine) -> Counter[UUID]:
    """How many executions of each workflow the event started."""
    rows = await engine.database.pool.fetch("SELECT workflow_id FROM workflow_executions WHERE trigger_kind = 'event'")
    return Counter(row["workflow_id"] for row in rows)


async def die_while_publishing(engine: Engine, transaction: int, moment: str) -> None:
    """Have a process publish the event that is killed in one of its transactions, before or after its commit."""
    arguments = (engine.database.dsn, str(transaction), moment, str(AT_ONCE))
    process = await asyncio.create_subprocess_exec(sys.executable, str(DYING), *arguments)
    assert -SIGKILL == await process.wait()


@pytest.mark.parametrize(
    ("transaction", "moment", "left"),
    [(1, "before", 0), (1, "after", 1), (2, "before", 1), (3, "before", 1), (4, "before", 1), (4, "after", 0)],
)
async def test_an_event_is_whole_whenever_its_publisher_dies(
    engine: Engine, transaction: int, moment: str, left: int
) -> None:
    """A worker goes on with it, or nothing is left of it and it is sent again: each is reached once."""
    await engine.worker()
    workflows, waiting = await listen(engine)
    await die_while_publishing(engine, transaction, moment)
    assert left == await engine.database.pool.fetchval(UNDELIVERED)
    fanouts = [Fanout(engine.events()) for _ in range(2)]
    await asyncio.gather(*(fanout.run_once(0.0) for fanout in fanouts))
    published = await engine.events().publish(SERVICE, Occurrence("a.b", None, "test", "e1"))
    assert (WORKFLOWS, WAITS) == (published.event.started, published.event.woken)
    assert dict.fromkeys(workflows, 1) == await started(engine)
    for execution_id in waiting:
        assert "e1" == (await engine.ended(execution_id))["final_output"]["id"]
    assert WAITS == await engine.database.pool.fetchval("SELECT count(*) FROM event_wakes")


async def test_what_an_event_started_does_not_hear_of_it_again(engine: Engine) -> None:
    """It may wait for the next one before the last transaction of this one."""
    wait = node("step", "flow.wait_for_event", name="a")
    for _ in range(2):
        await engine.publish(trigger("event", name="a"), wait)
    await engine.worker()
    events = replace(engine.events(), most_at_once=1)
    event, _ = await events._begin(SERVICE, make(SERVICE, EVENT, ("a", "test", "e1"), {"name": "a"}, None))
    [row] = await engine.database.pool.fetch("SELECT execution_id FROM workflow_executions")
    await engine.reaches(row["execution_id"], "waiting")
    done = await events.finish(event.event_id)
    assert done is not None
    assert (2, 0) == (done.started, done.woken)
    assert "waiting" == await engine.status(row["execution_id"])


async def test_what_others_are_at_is_left_alone(engine: Engine) -> None:
    """For a while; and what is whole needs nobody."""
    await Listening(engine.database).publish(trigger("event", name="a"))
    events = engine.events()
    await events.publish(SERVICE, Occurrence("a"))
    assert 0 == await Fanout(events).run_once(0.0)
    await engine.database.pool.execute("UPDATE events SET delivered_at = NULL")
    assert 0 == await Fanout(events).run_once()
    assert 1 == await Fanout(events).run_once(0.0)


async def test_it_is_finished_in_the_name_of_its_publisher(engine: Engine) -> None:
    """Not with the rights of whoever finishes it."""
    listening = Listening(engine.database)
    await listening.publish(trigger("event", name="a"), author=8)
    own = await listening.publish(trigger("event", name="a"), author=7)
    await listening.events().publish(user(7), Occurrence("a"))
    await engine.database.pool.execute("DELETE FROM workflow_executions")
    await engine.database.pool.execute(
        "UPDATE events SET delivered_at = NULL, after_workflow = '00000000-0000-0000-0000-000000000000'"
    )
    await Fanout(engine.events()).run_once(0.0)
    assert {own: 1} == await started(engine)


async def test_one_that_cannot_be_delivered_does_not_hold_up_the_others(engine: Engine) -> None:
    """As when another release of this wrote down who published it."""
    listening = Listening(engine.database)
    own = await listening.publish(trigger("event", name="a"))
    for identifier in ("e1", "e2"):
        await listening.events().publish(SERVICE, Occurrence("a", None, "test", identifier))
    await engine.database.pool.execute("DELETE FROM workflow_executions")
    await engine.database.pool.execute(
        "UPDATE events SET delivered_at = NULL, after_workflow = '00000000-0000-0000-0000-000000000000',"
        " principal = CASE WHEN id = 'e1' THEN '[]' ELSE principal END"
    )
    assert 1 == await Fanout(engine.events()).run_once(0.0)
    assert {own: 1} == await started(engine)
    assert 1 == await engine.count(UNDELIVERED)
