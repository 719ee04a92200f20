"""What steps remember: told once to each, and the same again to the same step."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import uuid4

import pytest
from tests.rig.ownership import put_workflow

from wingbeat.sdk.memory import Turn
from wingbeat.services.executions.memory import BATCH, StepMemory
from wingbeat.storage import memory
from wingbeat.storage.pool import Database

WORKFLOW = str(uuid4())
DAY = 86400.0


@dataclass(frozen=True)
class AStep:
    """A step, as far as its memory goes."""

    idempotency_key: str
    workflow_id: str = WORKFLOW


async def unseen(
    database: Database,
    step: str,
    *keys: str,
    name: str = "set",
    shared: bool = False,
    most: int = 9,
) -> set[str]:
    """What is new to a step."""
    tool = StepMemory(database, AStep(step))
    return await tool.unseen(name, keys, shared=shared, keep_seconds=DAY, most=most)


async def turn(  # noqa: PLR0913 - as the tool
    database: Database, step: str, key: str = "key", *, most: int = 1, window: float = 3600, longest: float = 1e9
) -> Turn:
    """The turn of a step."""
    tool = StepMemory(database, AStep(step))
    return await tool.turn(key, shared=False, most=most, window_seconds=window, longest_wait=longest)


async def test_a_key_is_new_once(database: Database) -> None:
    """For the first step that asks, and again for that one, since it may run again after a crash."""
    assert {"a", "b"} == await unseen(database, "one", "a", "b")
    assert {"c"} == await unseen(database, "two", "a", "b", "c")
    assert {"a", "b"} == await unseen(database, "one", "a", "b", "c")


async def test_sets_and_workflows_have_keys_of_their_own(database: Database) -> None:
    """A set that is shared is another one than a workflow's of the same name."""
    assert {"a"} == await unseen(database, "one", "a")
    assert {"a"} == await unseen(database, "two", "a", name="other")
    assert {"a"} == await unseen(database, "three", "a", shared=True)
    other = StepMemory(database, AStep("four", str(uuid4())))
    assert {"a"} == await other.unseen("set", ["a"], shared=False, keep_seconds=DAY, most=9)


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ((0, 0), (0, 0), True),
        ((11, 0), (11, 0), True),
        ((11, 0), (12, 0), False),
        ((11, 7), (12, 7), True),
        ((11, 7), (11, 8), False),
        ((11, 7), (11, 0), False),
        ((11, 0), (0, 11), False),
        ((0, 0), (11, 0), False),
    ],
)
async def test_workflows_share_with_those_of_their_owner(
    database: Database, first: tuple[int, int], second: tuple[int, int], together: bool
) -> None:
    """Those of one community share their keys and their turns, and those of one author that are in none."""
    workflows = [
        await put_workflow(database, author=author, community=community) for author, community in (first, second)
    ]
    steps = [StepMemory(database, AStep(str(uuid4()), str(workflow))) for workflow in workflows]
    found = [await step.unseen("set", ["a"], shared=True, keep_seconds=DAY, most=9) for step in steps]
    assert [{"a"}, set() if together else {"a"}] == found
    turns = [await step.turn("a", shared=True, most=1, window_seconds=DAY, longest_wait=1) for step in steps]
    assert [True, not together] == [turn.taken for turn in turns]


async def test_a_key_that_has_expired_is_new_again(database: Database) -> None:
    """Whether or not the upkeep was there in between."""
    await unseen(database, "one", "a")
    await database.pool.execute("UPDATE seen_keys SET expires_at = clock_timestamp()")
    assert {"a"} == await unseen(database, "two", "a")
    assert set() == await unseen(database, "three", "a")


async def test_of_two_steps_at_once_one_gets_the_key(database: Database) -> None:
    """Whichever comes first, also with the same keys in another order, and more than go into one statement."""
    keys = [f"key {number}" for number in range(BATCH + 10)]
    found = await asyncio.gather(unseen(database, "one", *keys), unseen(database, "two", *reversed(keys)))
    assert len(keys) == len(found[0]) + len(found[1])
    assert set(keys) == found[0] | found[1]


async def test_a_set_keeps_its_latest_keys(database: Database) -> None:
    """The upkeep forgets the oldest beyond what the set may hold, and what has expired."""
    for number in range(5):
        await unseen(database, f"step {number}", f"key {number}", most=2)
    await unseen(database, "another", "x", name="expired", most=2)
    await database.pool.execute("UPDATE seen_keys SET expires_at = clock_timestamp() WHERE set_name = 'expired'")
    async with database.pool.acquire() as connection:
        assert 4 == await memory.forget(connection)
    assert {"key 2"} == await unseen(database, "later", "key 2", "key 3", "key 4", most=2)
    assert ["set"] == [row["set_name"] for row in await database.pool.fetch("SELECT set_name FROM seen_sets")]


async def test_turns_are_a_window_apart(database: Database) -> None:
    """Two at once, the third a window after the first, and the fourth after the second."""
    turns = [await turn(database, f"step {number}", most=2) for number in range(4)]
    times = [round(one.at - turns[0].at) for one in turns]
    assert [0, 0, 3600, 3600] == times
    assert [0.0, 0.0] == [round(turns[place + 2].at - turns[place].at - 3600, 3) for place in range(2)]


async def test_a_step_keeps_its_turn(database: Database) -> None:
    """However often it runs, and without pushing others back."""
    first = await turn(database, "one")
    second = await turn(database, "two")
    assert [first, second, second] == [
        await turn(database, "one"),
        await turn(database, "two"),
        await turn(database, "two"),
    ]
    assert 2 * 3600 == round((await turn(database, "three")).at - first.at)


async def test_turns_asked_for_at_once_are_all_different(database: Database) -> None:
    """No two steps get one turn."""
    turns = await asyncio.gather(*(turn(database, f"step {number}") for number in range(20)))
    first = min(one.at for one in turns)
    assert list(range(20)) == sorted(round((one.at - first) / 3600) for one in turns)


async def test_a_turn_that_is_too_far_away_is_not_taken(database: Database) -> None:
    """And does not push others back; keys are apart."""
    first = await turn(database, "one")
    refused = await turn(database, "two", longest=60)
    assert (False, 3600) == (refused.taken, round(refused.at - first.at))
    assert 3600 == round((await turn(database, "three")).at - first.at)
    assert (await turn(database, "four", "another key", longest=60)).taken


async def test_old_turns_are_forgotten(database: Database) -> None:
    """A while after they stopped to count."""
    await turn(database, "one")
    async with database.pool.acquire() as connection:
        assert 0 == await memory.forget(connection)
        await connection.execute("UPDATE rate_turns SET expires_at = clock_timestamp()")
        assert 1 == await memory.forget(connection)


@pytest.mark.parametrize("key", ["", "\0", "\ud800", "x" * 1_000_000, "'; DROP TABLE seen_keys; --"])
async def test_any_text_is_a_key(database: Database, key: str) -> None:
    """It is kept as its fingerprint."""
    assert {key} == await unseen(database, "one", key)
    assert set() == await unseen(database, "two", key)
    assert (await turn(database, "one", key)).taken
