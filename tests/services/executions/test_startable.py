"""Looking workflows up before a start: shared by those who ask together, and never older than the question."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from tests.rig.engine import START, Engine, node

from wingbeat.core.access import SYSTEM, Hidden
from wingbeat.core.errors import DatabaseUnavailable
from wingbeat.services.executions.startable import Startable, StartableWorkflows

END = node("end", "flow.end", output="{{ input }}")
REVISE = "UPDATE workflows SET published_revision = 7 WHERE workflow_id = $1"


async def test_all_who_ask_together_get_their_own_answer(engine: Engine) -> None:
    """Several workflows, one of which there is not, asked for at once: each answer is about the right one."""
    first, second, missing = await engine.publish(START, END), await engine.publish(START, END), uuid4()
    lookups = StartableWorkflows(engine.database)
    answers = await asyncio.gather(
        *(lookups.find(SYSTEM, one) for one in (first, second, missing, first)), return_exceptions=True
    )
    assert [Startable, Startable, Hidden, Startable] == [type(answer) for answer in answers]


async def test_a_change_shows_while_earlier_questions_are_answered(engine: Engine) -> None:
    """Whoever asks after a change has been made never gets what was read before it."""
    workflow_id = await engine.publish(START, END)
    lookups = StartableWorkflows(engine.database)
    earlier = [asyncio.create_task(lookups.find(SYSTEM, workflow_id)) for _ in range(5)]
    await asyncio.sleep(0)  # They have asked.
    await engine.database.pool.execute(REVISE, workflow_id)
    assert 7 == (await lookups.find(SYSTEM, workflow_id)).revision
    await asyncio.gather(*earlier)


async def test_who_gives_up_does_not_take_the_answer_from_others(engine: Engine) -> None:
    """One of two who wait for the same answer is cancelled; the other gets it."""
    workflow_id = await engine.publish(START, END)
    lookups = StartableWorkflows(engine.database)
    impatient, patient = (asyncio.create_task(lookups.find(SYSTEM, workflow_id)) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert 1 == (await patient).revision


async def test_everybody_hears_that_the_database_is_gone(engine: Engine) -> None:
    """A failed look-up fails for all who wait for it, and says why."""
    lookups = StartableWorkflows(engine.database)
    await engine.database.close()
    answers = await asyncio.gather(*(lookups.find(SYSTEM, uuid4()) for _ in range(3)), return_exceptions=True)
    assert [DatabaseUnavailable] * 3 == [type(answer) for answer in answers]
    with pytest.raises(DatabaseUnavailable):
        await lookups.find(SYSTEM, uuid4())
