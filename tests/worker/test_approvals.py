"""Approvals in executions: decided once and by the right people, escalated, expired; and never lost in a crash."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tests.rig.connections import KEYS
from tests.rig.engine import START, Engine, node, until
from tests.worker.test_waits import dies_instead_of_write

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import Conflict, Forbidden, InvalidInput, WingbeatError
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.services.people.approval_links import PURPOSE, ApprovalLinks
from wingbeat.services.people.approvals import Approvals, Decision, ShownApproval
from wingbeat.storage import control
from wingbeat.storage.approvals import ApprovalFilter
from wingbeat.storage.paging import Paging

PORTS = ("approved", "rejected", "expired")


def approvals(engine: Engine) -> Approvals:
    """The use cases, with the keys of the engine."""
    return Approvals(engine.database, ApprovalLinks(KEYS.derive(PURPOSE), "http://127.0.0.1:8070"))


async def begin(engine: Engine, *ports: str, **parameters: Json) -> UUID:
    """An execution that asks, and ends with the port and the output."""
    ends = [node(f"end_{port}", "flow.end", output=[port, "{{ input }}"]) for port in ports or PORTS]
    question: JsonObject = {"title": "Pay {{ input.amount }}?", "approvers": ["ada", "bo", "cy"], **parameters}
    connections = ", ".join(["start>ask", *(f"ask.{port}>end_{port}" for port in ports or PORTS)])
    workflow_id = await engine.publish(
        START, node("ask", "action.approval", **question), *ends, connections=connections
    )
    return await engine.start(workflow_id, {"amount": 12})


async def asked(engine: Engine, level: int = 0) -> ShownApproval:
    """The one question, once it is there and has come to a level of escalation."""

    async def look() -> ShownApproval | None:
        page, _ = await approvals(engine).list(SYSTEM, ApprovalFilter(), Paging("created_at"))
        return next((shown for shown in page.items if shown.stored.level >= level), None)

    found = await until(look, "there is a question")
    assert found is not None
    return found


async def decide(engine: Engine, approver: str, option: str = "approved", **given: Any) -> ShownApproval:  # noqa: ANN401
    """Decide the one question."""
    shown = await asked(engine)
    return await approvals(engine).decide(SYSTEM, shown.stored.approval_id, Decision(approver, option, **given))


async def result(engine: Engine, execution_id: UUID) -> tuple[str, Any]:
    """The port and the output."""
    row: asyncpg.Record = await engine.ended(execution_id)
    port, output = row["final_output"]
    return port, output


async def test_the_first_decision_counts(engine: Engine) -> None:
    """The step goes on by the option's port, and says who decided what, why, and how."""
    await engine.worker()
    execution_id = await begin(engine)
    await engine.reaches(execution_id, "waiting")
    await decide(engine, "bo", "rejected", comment=" too dear ", way="app")
    port, output = await result(engine, execution_id)
    (decision,) = output["decisions"]
    del decision["decided_at"]
    assert ("rejected", "decided", "rejected", ["ada", "cy"]) == (
        port, output["status"], output["outcome"], output["undecided"],
    )  # fmt: skip
    assert {"approver": "bo", "option": "rejected", "comment": "too dear", "fields": {}, "way": "app"} == decision


async def test_two_last_approvers_at_once(engine: Engine) -> None:
    """All three decide in the same moment: each decision counts, and the step goes on once."""
    await engine.worker()
    execution_id = await begin(engine, rule="all")
    await engine.reaches(execution_id, "waiting")
    await asyncio.gather(*(decide(engine, approver) for approver in ("ada", "bo", "cy")))
    port, output = await result(engine, execution_id)
    assert ("approved", {"ada", "bo", "cy"}, []) == (
        port, {one["approver"] for one in output["decisions"]}, output["undecided"],
    )  # fmt: skip


async def test_each_decides_once(engine: Engine) -> None:
    """The same again is no harm; another decision, a stranger's, or one after the end is refused."""
    await engine.worker()
    execution_id = await begin(engine, rule="count", needed=2)
    await engine.reaches(execution_id, "waiting")
    await decide(engine, "ada")
    assert 1 == len((await decide(engine, "ada")).decisions)
    refused: list[tuple[Any, type[WingbeatError], str]] = [
        (("ada", "rejected"), Conflict, "DECISION_MADE"),
        (("eve", "approved"), Forbidden, "NOT_AN_APPROVER"),
        (("bo", "maybe"), InvalidInput, "OPTION_UNKNOWN"),
    ]
    for (approver, option), kind, code in refused:
        with pytest.raises(kind) as caught:
            await decide(engine, approver, option)
        assert code == caught.value.code
    await decide(engine, "bo")
    with pytest.raises(Conflict) as late:
        await decide(engine, "cy", "rejected")
    assert ("APPROVAL_DECIDED", "approved") == (late.value.code, (await result(engine, execution_id))[0])


async def test_options_fields_and_comments(engine: Engine) -> None:
    """Options of one's own, with a form whose values come out typed; saying no needs none."""
    await engine.worker()
    execution_id = await begin(
        engine, "some", "none", "expired",
        options=[{"name": "some", "comment": "none"}, {"name": "none", "rejects": True, "comment": "required"}],
        form=[{"name": "amount", "type": "number", "required": True}],
    )  # fmt: skip
    await engine.reaches(execution_id, "waiting")
    for option, given, code in (
        ("some", {}, "DECISION_INVALID"),
        ("some", {"fields": {"amount": "x"}}, "DECISION_INVALID"),
        ("some", {"fields": {"amount": "1"}, "comment": "!"}, "DECISION_INVALID"),
        ("none", {}, "COMMENT_MISSING"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await decide(engine, "ada", option, **given)
        assert code == refused.value.code
    await decide(engine, "ada", "some", fields={"amount": "7.5"})
    port, output = await result(engine, execution_id)
    assert ("some", {"amount": 7.5}) == (port, output["decisions"][0]["fields"])


@pytest.mark.parametrize("default", ["expired", "rejected"])
async def test_a_question_expires_after_its_escalations(engine: Engine, default: str) -> None:
    """First the boss is asked too, then others instead, and in the end it goes the way that was said."""
    await engine.worker()
    escalations: list[Json] = [
        {"after_seconds": 0.05, "approvers": ["boss"]},
        {"after_seconds": 0.1},
        {"after_seconds": 0.15, "approvers": ["board"], "instead": True},
        {"after_seconds": 999},
    ]
    execution_id = await begin(engine, escalations=escalations, expires_in_seconds=0.2, on_expiry=default)
    port, output = await result(engine, execution_id)
    shown = await asked(engine, 3)
    assert (default, "expired", ["board"], 3) == (port, output["status"], output["undecided"], shown.stored.level)
    assert (None if default == "expired" else default) == output["outcome"]
    with pytest.raises(Conflict) as late:
        await decide(engine, "board")
    assert "APPROVAL_EXPIRED" == late.value.code


async def test_those_who_are_asked_later_decide(engine: Engine) -> None:
    """After an escalation the new approver's decision counts, and what was decided before stays."""
    await engine.worker()
    escalations: list[Json] = [{"after_seconds": 0.05, "approvers": ["boss"], "instead": True}]
    execution_id = await begin(engine, rule="all", approvers=["ada", "bo"], escalations=escalations)
    await asked(engine, 1)
    with pytest.raises(Forbidden):
        await decide(engine, "bo")
    await decide(engine, "boss")
    assert "approved" == (await result(engine, execution_id))[0]


async def test_a_decision_between_two_turns_is_not_lost(engine: Engine) -> None:
    """The worker dies after the first time ran out and before it waits again; meanwhile somebody decides."""
    worker = await engine.worker()
    execution_id = await begin(engine, escalations=[{"after_seconds": 3600}])
    await engine.reaches(execution_id, "waiting")
    await engine.kill(worker)
    await engine.database.pool.execute("UPDATE workflow_waits SET resolved_at = clock_timestamp(), outcome = 'expired'")
    await decide(engine, "cy")
    await engine.database.pool.execute("UPDATE workflow_executions SET wake_at = clock_timestamp()")
    await engine.worker()
    assert "approved" == (await result(engine, execution_id))[0]


@pytest.mark.parametrize("writes", range(1, 5))
async def test_a_worker_that_dies_at_any_write_asks_once(engine: Engine, writes: int) -> None:
    """It dies instead of its n-th write, before or after the decision; the outcome is the same."""
    worker = await engine.worker()
    await dies_instead_of_write(engine, worker, writes)
    execution_id = await begin(engine)
    await engine.worker()
    await decide(engine, "ada")
    assert "approved" == (await result(engine, execution_id))[0]
    assert 1 == await engine.count("SELECT count(*) FROM approvals")


async def test_what_nobody_waits_for_is_in_no_list_and_takes_no_decision(engine: Engine) -> None:
    """A cancelled execution asks nothing any more; its question is kept."""
    await engine.worker()
    execution_id = await begin(engine, approvers=["ada", "bo"], rule="all")
    await engine.reaches(execution_id, "waiting")
    todo = ApprovalFilter(approver="ada", open_only=True)

    async def listed() -> int:
        return len((await approvals(engine).list(SYSTEM, todo, Paging("expires_at")))[0].items)

    before = await listed()
    await engine.control(control.cancel, execution_id)
    with pytest.raises(Conflict) as refused:
        await decide(engine, "ada")
    assert (1, 0, "APPROVAL_WITHDRAWN") == (before, await listed(), refused.value.code)


async def test_the_links_are_in_the_wait(engine: Engine) -> None:
    """Each leads to the question, in the name of its approver."""
    await engine.worker()
    execution_id = await begin(engine)
    await engine.reaches(execution_id, "waiting")
    opening: Any = await engine.database.pool.fetchval("SELECT opening FROM workflow_waits")
    found = {name: await approvals(engine).open_link(url.rpartition("/")[2]) for name, url in opening["links"].items()}
    assert {"ada": "ada", "bo": "bo", "cy": "cy"} == {name: approver for name, (_, approver) in found.items()}


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"approvers": "{{ input.nothing }}"}, "PARAMETER_INVALID"),
        ({"approvers": " "}, "APPROVERS_MISSING"),
        ({"approvers": ["ada", "ada"], "rule": "count", "needed": 2}, "APPROVERS_TOO_FEW"),
        ({"title": "{{ 'a\\x00b' }}"}, "JSON_NOT_STORABLE"),
        ({"title": "{{ 'x' * 501 if false else input.long }}"}, "PARAMETER_INVALID"),
        ({"expires_in_seconds": "{{ 0 - 1 }}"}, "PARAMETER_INVALID"),
    ],
)
async def test_what_cannot_be_asked_is_an_error_of_the_step(engine: Engine, parameters: JsonObject, code: str) -> None:
    """Hostile values end in a typed error, and nobody is asked."""
    await engine.worker()
    fields: JsonObject = {"title": "-", "approvers": ["ada"], **parameters}
    question = node("ask", "action.approval", **fields)
    workflow_id = await engine.publish(START, question)
    row = await engine.ended(await engine.start(workflow_id, {"nothing": None, "long": "x" * 501}))
    assert (code, 0) == (row["error"]["code"], await engine.count("SELECT count(*) FROM approvals"))
