"""Why did it (not) run? The answer, for whoever may see the workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from tests.rig.listening import Listening, trigger, user

from wingbeat.core.access import SERVICE
from wingbeat.core.errors import NotFound
from wingbeat.services.decision_words import OUTCOMES, REASONS, explain
from wingbeat.services.decisions import Decisions
from wingbeat.services.events.events import Occurrence
from wingbeat.storage import decisions as rows
from wingbeat.storage.decision_lists import DecisionFilter
from wingbeat.storage.decisions import Decision, Outcome, TriggerKind
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.paging import Paging

if TYPE_CHECKING:
    import httpx

    from wingbeat.storage.pool import Database

ALL = "/api/v1/decisions"
NEWEST = Paging("-at")
# Ids of one millisecond are in no particular order.
IN_ORDER = """
UPDATE trigger_decisions SET decision_id = ('00000000-0000-7000-8000-' || lpad(place::text, 12, '0'))::uuid
FROM (SELECT decision_id AS old, row_number() OVER (ORDER BY at) AS place FROM trigger_decisions) AS numbered
WHERE decision_id = old
"""


async def decide(database: Database, *made: Decision) -> None:
    """Write decisions."""
    async with database.pool.acquire() as connection:
        for one in made:
            await rows.write(connection, [one])
        await connection.execute(IN_ORDER)


async def test_each_says_why_and_how_to_mend_it(client: httpx.AsyncClient, database: Database) -> None:
    """What fired names its execution; a filter that failed says what it failed over."""
    listening = Listening(database)
    fired = await listening.publish(trigger("event", name="a"))
    broken = await listening.publish(trigger("event", name="a", filter="event.data.total"))
    published = await listening.events().publish(SERVICE, Occurrence("a", {"total": 1}, "shop", "e1"))
    await listening.events().publish(SERVICE, Occurrence("a", {"total": 1}, "shop", "e1"))
    [again, first] = (await client.get(f"/api/v1/workflows/{fired}/decisions")).json()["data"]
    [failed] = (await client.get(f"/api/v1/workflows/{broken}/decisions")).json()["data"]
    execution_id = str(published.executions[0].execution_id)
    assert ("fired", execution_id, "event", "on") == tuple(
        first[name] for name in ("outcome", "execution_id", "kind", "node_id")
    )
    assert ("duplicate", execution_id, "EVENT_CAME_BEFORE") == tuple(
        again[name] for name in ("outcome", "execution_id", "reason")
    )
    assert ("invalid", "CONDITION_NOT_BOOLEAN", {"event": "e1", "name": "a"}) == (
        failed["outcome"],
        failed["reason"],
        {name: failed["detail"][name] for name in ("event", "name")},
    )
    assert "event.data.total" in failed["why"]
    assert all(
        decision["why"] and (decision["remedy"] or decision["outcome"] == "fired") for decision in (first, failed)
    )


async def test_each_filter_narrows_the_list(client: httpx.AsyncClient, database: Database) -> None:
    """By outcome, kind, trigger, node, execution and time; and pages follow one another."""
    workflow_id = await Listening(database).publish(trigger("event", name="a"))
    hook, execution = new_id(), new_id()
    await decide(
        database,
        Decision(workflow_id, TriggerKind.WEBHOOK, Outcome.SIGNATURE_WRONG, hook, "on"),
        Decision(workflow_id, TriggerKind.WEBHOOK, Outcome.DUPLICATE, hook, "on", execution),
        Decision(workflow_id, TriggerKind.SCHEDULE, Outcome.MISSED, node_id="other"),
    )
    address = f"/api/v1/workflows/{workflow_id}/decisions"
    for query, expected in (
        ({}, ["missed", "duplicate", "signature_wrong"]),
        ({"sort": "at"}, ["signature_wrong", "duplicate", "missed"]),
        ({"outcome": ["missed", "duplicate"]}, ["missed", "duplicate"]),
        ({"outcome": ["fired"]}, []),
        ({"kind": "webhook"}, ["duplicate", "signature_wrong"]),
        ({"trigger_id": str(hook)}, ["duplicate", "signature_wrong"]),
        ({"node_id": "other"}, ["missed"]),
        ({"execution_id": str(execution)}, ["duplicate"]),
        ({"since": "2026-01-01T00:00:00Z"}, ["missed", "duplicate", "signature_wrong"]),
        ({"until": "2026-01-01T00:00:00Z"}, []),
    ):
        for where in (address, ALL):
            answer = (await client.get(where, params=query)).json()
            assert (query, expected) == (query, [decision["outcome"] for decision in answer["data"]])
            assert len(expected) == answer["meta"]["total"]
    first = (await client.get(address, params={"per_page": 2})).json()
    rest = (await client.get(address, params={"per_page": 2, "cursor": first["meta"]["next_cursor"]})).json()
    assert ["signature_wrong"] == [decision["outcome"] for decision in rest["data"]]


async def test_an_execution_is_found_by_what_started_it(client: httpx.AsyncClient, database: Database) -> None:
    """What fired has its execution's id."""
    listening = Listening(database)
    await listening.publish(trigger("event", name="a"))
    published = await listening.events().publish(SERVICE, Occurrence("a"))
    query = {"execution_id": str(published.executions[0].execution_id)}
    assert ["fired"] == [one["outcome"] for one in (await client.get(ALL, params=query)).json()["data"]]


async def test_only_who_may_see_a_workflow_sees_why_it_ran(database: Database) -> None:
    """To others it is one that there is not, and what is about it is in no list of theirs."""
    listening = Listening(database)
    own, shared = [
        await listening.publish(trigger("event", name="a"), author=author, community=community)
        for author, community in ((7, 0), (8, 5))
    ]
    await listening.events().publish(SERVICE, Occurrence("a"))
    decisions = Decisions(database)
    for principal, expected in (
        (user(7), {own}),
        (user(7, {5: "viewer"}), {own, shared}),
        (user(9, {5: "member"}), set[UUID]()),
        (SERVICE, {own, shared}),
    ):
        page = await decisions.list(principal, DecisionFilter(), NEWEST)
        assert expected == {decision.workflow_id for decision in page.items}
        assert len(expected) == await decisions.count(principal, DecisionFilter())
    for workflow_id in (shared, new_id()):
        with pytest.raises(NotFound) as refused:
            await decisions.list(user(7), DecisionFilter(workflow_id), NEWEST)
        assert f"There is no workflow {workflow_id}." == refused.value.message


@pytest.mark.parametrize(
    "query",
    [
        {"outcome": "x"},
        {"kind": "x"},
        {"trigger_id": "x"},
        {"since": "x"},
        {"node_id": "\0"},
        {"else": "1"},
        {"sort": "x"},
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    """With what is wrong."""
    assert 400 == (await client.get(ALL, params=query)).status_code


async def test_every_outcome_has_words(database: Database) -> None:
    """For people, and a way to mend it unless nothing is broken."""
    workflow_id = new_id()
    await decide(database, *(Decision(workflow_id, TriggerKind.API, outcome) for outcome in Outcome))
    page = await Decisions(database).list(SERVICE, DecisionFilter(), NEWEST)
    assert set(Outcome) == {Outcome(decision.outcome) for decision in page.items} == set(OUTCOMES)
    without = {Outcome.FIRED, Outcome.DUPLICATE}
    assert without == {Outcome(one.outcome) for one in page.items if not explain(one).remedy}
    assert all(words.why.endswith(".") and words.remedy.endswith(".") for words in REASONS.values())
