"""Events and commands start whom they concern, once, and nobody else."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from tests.rig.listening import Listening, trigger, user
from tests.rig.ownership import put_execution, put_workflow

from wingbeat.core.access import SERVICE, SYSTEM, Permission, Principal, PrincipalKind
from wingbeat.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from wingbeat.core.json_value import Json
from wingbeat.services.events.events import Command, Occurrence, Published
from wingbeat.services.events.listeners import Listeners
from wingbeat.services.permissions.principal_record import read_principal, write_principal
from wingbeat.storage import pool
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.events import EventFilter
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.paging import Paging
from wingbeat.storage.pool import Database

PAID = Occurrence("order.paid", {"total": 120}, "shop", "e1")
OPERATOR = {5: "operator"}


@pytest.fixture
def listening(database: Database) -> Listening:
    """This test's installation."""
    return Listening(database)


def named(published: Published) -> list[UUID]:
    """The workflows that an event started."""
    return sorted(begun.workflow_id for begun in published.executions)


# What an event starts.


async def test_an_event_starts_every_workflow_that_listens(listening: Listening) -> None:
    """Each trigger whose pattern fits and whose filter holds, with the event as its data; the others leave no trace."""
    wanted = [
        await listening.publish(trigger("event", name=name, **more))
        for name, more in (
            ("order.paid", {}),
            ("order.*", {"filter": "event.data.total > 100"}),
            ("**", {"filter": "trigger.source == input.source and event.id == 'e1'"}),
        )
    ]
    for name, condition in (("order.sent", "true"), ("order", "true"), ("order.*", "event.data.total > 500")):
        await listening.publish(trigger("event", name=name, filter=condition))
    published = await listening.events().publish(SERVICE, PAID)
    rows = await listening.database.pool.fetch("SELECT trigger_data, trigger_kind, trigger_id FROM workflow_executions")
    data = {"id": "e1", "name": "order.paid", "type": "order.paid", "source": "shop", "data": {"total": 120}}
    assert (sorted(wanted), 3, False) == (named(published), published.event.started, published.replayed)
    assert [({**data, "subject": None, "time": None}, "event", published.event.event_id)] * 3 == [
        tuple(r) for r in rows
    ]
    assert {("fired", "")} == {(outcome, reason) for _, outcome, reason in await listening.decisions()}
    # Each says what it listens to, and what it started last.
    [shown] = await Listeners(listening.database).list(SERVICE, wanted[1])
    assert ("event", "order.*", "event.data.total > 100") == (shown.kind, shown.pattern, shown.filter)
    assert shown.last_execution_id in {one.execution_id for one in published.executions}
    with pytest.raises(NotFound):
        await Listeners(listening.database).list(Principal(PrincipalKind.USER, 77), wanted[1])


async def test_each_trigger_of_a_workflow_starts_it(listening: Listening) -> None:
    """Two that listen to the same event are two executions."""
    workflow_id = await listening.publish(trigger("event", "one", name="a"), trigger("event", "two", name="*"))
    published = await listening.events().publish(SERVICE, Occurrence("a"))
    assert [(workflow_id, "one"), (workflow_id, "two")] == sorted(begun[:2] for begun in published.executions)


async def test_a_filter_sees_the_variables_of_its_workflow(listening: Listening) -> None:
    """As they are in the published revision."""
    listener = trigger("event", name="a", filter="event.data > least")
    wanted = await listening.publish(listener, global_variables={"least": 3})
    await listening.publish(listener, global_variables={"least": 5})
    assert [wanted] == named(await listening.events().publish(SERVICE, Occurrence("a", 4)))


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("event.data.missing > 1", "EXPRESSION_KEY_MISSING"),
        ("event.data", "CONDITION_NOT_BOOLEAN"),
        ("event.data < 'text'", "EXPRESSION_TYPE"),
    ],
)
async def test_a_filter_that_fails_starts_nothing_and_says_why(
    listening: Listening, condition: str, reason: str
) -> None:
    """Its workflow has a decision for it; others go on as if nothing had happened."""
    broken = await listening.publish(trigger("event", name="a", filter=condition))
    whole = await listening.publish(trigger("event", name="a"))
    assert [whole] == named(await listening.events().publish(SERVICE, Occurrence("a", {"total": 1})))
    assert {(broken, "invalid", reason), (whole, "fired", "")} == set(await listening.decisions())


async def test_a_workflow_that_is_switched_off_has_a_decision(listening: Listening) -> None:
    """It would have been meant."""
    workflow_id = await listening.publish(trigger("event", name="a"))
    await listening.database.pool.execute("UPDATE workflows SET enabled = false")
    assert [] == named(await listening.events().publish(SERVICE, Occurrence("a")))
    assert [(workflow_id, "disabled", "WORKFLOW_DISABLED")] == await listening.decisions()


# Once.


async def test_the_same_event_again_has_the_same_answer_and_starts_nothing(listening: Listening) -> None:
    """Also where workflows have begun to listen since; each that it had started hears that it came again."""
    workflow_id = await listening.publish(trigger("event", name="order.*"))
    events = listening.events()
    first = await events.publish(SERVICE, PAID)
    await listening.publish(trigger("event", name="order.*"))
    again = await events.publish(SERVICE, PAID)
    assert (False, True, first.executions) == (first.replayed, again.replayed, again.executions)
    assert (first.event.event_id, 1) == (again.event.event_id, again.event.repeats)
    assert [workflow_id] == await listening.started()
    assert ["fired", "duplicate"] == [outcome for _, outcome, _ in await listening.decisions()]


@pytest.mark.parametrize(
    "other",
    [
        Occurrence("order.paid", {"total": 1}, "shop", "e1"),
        Occurrence("order.sent", {"total": 120}, "shop", "e1"),
        Occurrence("order.paid", {"total": 120}, "shop", "e1", subject="x"),
        Occurrence("order.paid", {"total": 120}, "shop", "e1", time="2026-05-01T09:30:00Z"),
        Occurrence("order.paid", {"total": 120}, "shop", "e1", extensions={"more": 1}),
    ],
)
async def test_another_event_under_the_same_id_is_refused(listening: Listening, other: Occurrence) -> None:
    """Whatever differs, and nothing is changed."""
    await listening.publish(trigger("event", name="**"))
    await listening.events().publish(SERVICE, PAID)
    with pytest.raises(Conflict) as refused:
        await listening.events().publish(SERVICE, other)
    assert ("EVENT_ID_REUSED", 1) == (refused.value.code, len(await listening.started()))


async def test_an_id_means_something_to_its_source_and_its_publisher_alone(listening: Listening) -> None:
    """Others may use it for something else; without one, no two events are the same."""
    await listening.publish(trigger("event", name="a"), community=5)
    events = listening.events()
    for principal, source, community in (
        (SERVICE, "one", None),
        (SERVICE, "two", None),
        (SERVICE, "two", 5),
        (user(1, OPERATOR), "one", None),
        (user(2, OPERATOR), "one", None),
    ):
        occurrence = Occurrence("a", source, source, "e1", community_id=community)
        assert 1 == (await events.publish(principal, occurrence)).event.started
    for _ in range(2):
        assert not (await events.publish(SERVICE, Occurrence("a"))).replayed


async def test_fifty_at_the_same_moment_are_one(listening: Listening) -> None:
    """All have the same answer, and each workflow has one execution."""
    for _ in range(3):
        await listening.publish(trigger("event", name="order.*"))
    events = listening.events(most_at_once=2)
    answers = await asyncio.gather(*(events.publish(SERVICE, PAID) for _ in range(50)))
    assert [49, 1] == [sum(answer.replayed is replayed for answer in answers) for replayed in (True, False)]
    assert {(answers[0].event.event_id, 3)} == {(one.event.event_id, one.event.started) for one in answers}
    assert 3 == len(await listening.started())


async def test_more_than_one_transaction_takes_reaches_everybody_once(listening: Listening) -> None:
    """Whatever the number of those who listen, and of those at a time."""
    wanted = sorted([await listening.publish(trigger("event", name="a")) for _ in range(7)])
    for most in (1, 2, 7, 8):
        published = await listening.events(most).publish(SERVICE, Occurrence("a"))
        assert (wanted, 7, True) == (named(published), published.event.started, bool(published.event.delivered_at))


# Whom it reaches.


async def test_an_event_reaches_what_its_publisher_may_run(listening: Listening) -> None:
    """Its own workflows, those of communities in which it operates, those that it was granted; no others."""
    listener = trigger("event", name="a")
    own = await listening.publish(listener, author=7)
    shared = await listening.publish(listener, community=5)
    granted = await listening.publish(listener, author=8)
    seen = await listening.publish(listener, author=8)
    await listening.database.pool.execute(
        "INSERT INTO workflow_permissions (workflow_id, user_id, can_execute, can_view)"
        " VALUES ($1, 7, true, false), ($2, 7, false, true)",
        granted,
        seen,
    )
    await listening.publish(listener, author=8)
    await listening.publish(listener, community=6)
    everybody: dict[str, tuple[Principal, list[UUID]]] = {
        "operator": (user(7, {5: "operator", 6: "viewer"}), [own, shared, granted]),
        "member": (user(7, {5: "member"}), [own, granted]),
        "stranger": (user(9), []),
        "token for reading": (user(7, {5: "admin"}, Permission.VIEW), []),
    }
    for who, (principal, wanted) in everybody.items():
        assert (who, sorted(wanted)) == (who, named(await listening.events().publish(principal, Occurrence("a"))))
    assert 6 == (await listening.events().publish(SERVICE, Occurrence("a"))).event.started


async def test_an_event_for_a_community_reaches_its_workflows_alone(listening: Listening) -> None:
    """Whoever publishes it; and nobody is heard where it may run nothing."""
    listener = trigger("event", name="a")
    wanted = await listening.publish(listener, community=5, author=7)
    await listening.publish(listener, author=7)
    for principal in (SERVICE, user(7, OPERATOR)):
        published = await listening.events().publish(principal, Occurrence("a", community_id=5))
        assert [wanted] == named(published)
    for stranger in (user(7), user(7, {5: "viewer"}), user(7, {6: "admin"})):
        with pytest.raises(Forbidden) as refused:
            await listening.events().publish(stranger, Occurrence("a", community_id=5))
        assert "PERMISSION_DENIED" == refused.value.code
    refusals = "SELECT count(*) FROM audit_log WHERE category = 'AUTHZ' AND result = 'PERMISSION_DENIED'"
    assert 3 == await listening.database.pool.fetchval(refusals)


@pytest.mark.parametrize("walls", ["the services alone", "both walls"])
async def test_an_event_is_seen_by_its_publisher_and_by_the_community_that_it_was_for(
    listening: Listening, walls: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To all others it is an event that there is not; and of what it led to, each sees its own."""
    if walls == "the services alone":
        monkeypatch.setattr(pool, "begin_scoped", lambda connection, _: connection.transaction())
    shared = await listening.publish(trigger("event", name="a"), community=5)
    private = await listening.publish(trigger("event", name="a"), community=5, author=7)
    await listening.database.pool.execute("UPDATE workflows SET community_id = 0 WHERE workflow_id = $1", private)
    events = listening.events()
    publisher, viewer, stranger = user(7, OPERATOR), user(8, {5: "viewer"}), user(9, {6: "admin"})
    alone = (await events.publish(publisher, Occurrence("a"))).event.event_id
    told = (await events.publish(publisher, Occurrence("a", community_id=5))).event.event_id
    seen = {
        who: {event.event_id for event in (await events.list(principal, EventFilter(), Paging("-received_at"))).items}
        for who, principal in (
            ("publisher", publisher),
            ("viewer", viewer),
            ("stranger", stranger),
            ("service", SERVICE),
        )
    }
    assert {"publisher": {alone, told}, "viewer": {told}, "stranger": set(), "service": {alone, told}} == seen
    assert {shared, private} == {one.workflow_id for one in (await events.get(publisher, alone)).led}
    assert {shared} == {one.workflow_id for one in (await events.get(viewer, told)).led}
    assert [1, 0] == [await events.count(principal, EventFilter()) for principal in (viewer, stranger)]
    await wake(listening.database, alone, [await put_execution(listening.database, one) for one in (shared, private)])
    await listening.database.pool.execute("UPDATE events SET community_id = 5 WHERE event_id = $1", alone)
    led = (await events.get(viewer, alone)).led
    assert [(shared, "fired"), (shared, "woken")] == [(one.workflow_id, one.outcome) for one in led]
    for event_id in (alone, told, new_id()):
        with pytest.raises(NotFound) as refused:
            await events.get(stranger, event_id)
        assert (f"There is no event {event_id}.", "EVENT_NOT_FOUND") == (refused.value.message, refused.value.code)


async def wake(database: Database, event_id: UUID, executions: list[UUID]) -> None:
    """Have the event have woken these."""
    await database.pool.executemany(
        "INSERT INTO event_wakes (event_id, wait_id, execution_id, node_id) VALUES ($1, $2, $3, 'step')",
        [(event_id, new_id(), execution_id) for execution_id in executions],
    )


async def test_an_event_wakes_what_its_publisher_may_run(listening: Listening) -> None:
    """Waits of executions of others go on waiting, whatever they are called."""
    database = listening.database
    own, shared = await put_workflow(database, author=7), await put_workflow(database, community=5)
    seen, foreign = await put_workflow(database, community=6), await put_workflow(database, author=8)
    waiting = {await put_execution(database, one): one for one in (own, shared, seen, foreign)}
    await database.pool.executemany(
        "INSERT INTO workflow_waits (wait_id, execution_id, node_id, scope, attempt, kind, key, opening)"
        " VALUES ($1, $2, 'step', '', 1, 'event', 'a', $3)",
        [(new_id(), execution_id, encode_json({"name": "a"})) for execution_id in waiting],
    )
    published = await listening.events().publish(user(7, {5: "operator", 6: "viewer"}), Occurrence("a"))
    woken = await database.pool.fetch("SELECT execution_id FROM event_wakes")
    assert ({own, shared}, 2) == ({waiting[row["execution_id"]] for row in woken}, published.event.woken)


def test_a_publisher_is_kept_as_it_was() -> None:
    """What is delivered later is delivered with its rights."""
    for principal in (SYSTEM, user(7, {5: "admin"}, Permission.EXECUTE), user(0)):
        assert principal == read_principal(write_principal(principal))


# What cannot be kept.


@pytest.mark.parametrize(
    "occurrence",
    [
        Occurrence(""),
        Occurrence("a" * 201),
        Occurrence("a\0"),
        Occurrence("a", source="\0"),
        Occurrence("a", {"x": "\0"}),
        Occurrence("a", "\ud800"),
        Occurrence("a", id="\0"),
        Occurrence("a", float("nan")),
    ],
)
async def test_what_cannot_be_kept_is_refused(listening: Listening, occurrence: Occurrence) -> None:
    """And nothing is left of it."""
    await listening.publish(trigger("event", name="**"))
    with pytest.raises(InvalidInput):
        await listening.events().publish(SERVICE, occurrence)
    assert ([], 0) == (await listening.started(), await listening.database.pool.fetchval("SELECT count(*) FROM events"))


# Commands.


SHOUT: dict[str, Any] = {"name": "So", "aliases": ["shout"], "arguments": [{"name": "user"}]}


@pytest.mark.parametrize(
    ("command", "heard"),
    [
        (Command("!so @ann"), True),
        (Command("  !SHOUT @ann "), True),
        (Command(command="so", arguments={"user": "@ann"}), True),
        (Command(command="SO"), True),
        (Command("!so", platform="twitch"), True),
        (Command("!so", platform="irc"), False),
        (Command("/so"), False),
        (Command("so"), False),
        (Command("!sorry"), False),
        (Command("say !so"), False),
        (Command("!"), False),
        (Command(""), False),
        (Command("!" + "s" * 10_000), False),
    ],
)
async def test_a_command_starts_whoever_listens_to_it(listening: Listening, command: Command, heard: bool) -> None:
    """By name or alias, with its prefix, where it is heard; whatever else people say is not kept."""
    workflow_id = await listening.publish(trigger("command", **SHOUT, platforms=["twitch", "discord"]))
    await listening.publish(trigger("command", name="other"))
    found = await listening.events().command(SERVICE, command)
    assert ([workflow_id] if heard else None) == (None if found is None else named(found))
    assert int(heard) == await listening.database.pool.fetchval("SELECT count(*) FROM events")


async def test_a_message_is_a_command_once(listening: Listening) -> None:
    """By its id in its channel; another channel has ids of its own."""
    await listening.publish(trigger("command", name="so"))
    events = listening.events()
    message = Command("!so", platform="irc", channel="#a", message_id="1", user={"name": "ann"}, extra={"mod": True})
    first, again = await events.command(SERVICE, message), await events.command(SERVICE, message)
    assert first is not None
    assert again is not None
    assert (first.executions, True) == (again.executions, again.replayed)
    assert await events.command(SERVICE, Command("!so", platform="irc", channel="#b", message_id="1")) is not None
    with pytest.raises(Conflict):
        await events.command(SERVICE, Command("!so now", platform="irc", channel="#a", message_id="1"))
    rows = await listening.database.pool.fetch("SELECT trigger_data FROM workflow_executions")
    data: list[Json] = [row["trigger_data"] for row in rows]
    whole = {"mod": True, "text": "!so", "platform": "irc", "channel": "#a", "user": {"name": "ann"}, "message_id": "1"}
    assert (2, True) == (len(data), whole in data)


async def test_a_command_reaches_what_its_publisher_may_run(listening: Listening) -> None:
    """As an event does."""
    own = await listening.publish(trigger("command", name="so"), author=7)
    await listening.publish(trigger("command", name="so"), author=8)
    found = await listening.events().command(user(7), Command("!so"))
    assert found is not None
    assert [own] == named(found)
    assert await listening.events().command(user(9), Command("!so")) is None
