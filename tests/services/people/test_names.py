"""Whose tasks, questions and notices are: who sees them, does them, and decides, and in whose name."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
from tests.rig.ownership import LEASED, denials, give, put_execution, put_workflow
from tests.rig.people import (
    ADMIN,
    AUTHOR,
    COOK,
    COOKS,
    EDITOR,
    EVERYBODY,
    GARDENERS,
    MEMBER,
    NOBODY,
    OPERATOR,
    STRANGER,
    VIEWER,
    user,
)

from wingbeat.core.access import SERVICE, SYSTEM, Denied, Hidden, Permission, Principal, PrincipalKind
from wingbeat.core.errors import Conflict, Forbidden
from wingbeat.core.json_value import JsonObject
from wingbeat.sdk.approvals import WAIT_KIND
from wingbeat.services.people.approval_links import ApprovalLinks
from wingbeat.services.people.approvals import Approvals, Decision
from wingbeat.services.people.notifications import Notifications
from wingbeat.services.people.tasks import Closing, Tasks
from wingbeat.storage import notifications as notification_rows
from wingbeat.storage.approvals import ApprovalFields, ApprovalFilter
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.notifications import NotificationFields, NotificationFilter
from wingbeat.storage.paging import Paging
from wingbeat.storage.pool import Database
from wingbeat.storage.tasks import TaskFields, TaskFilter, TaskOrigin
from wingbeat.storage.waits import NewWait, open_wait

OPTIONS: list[JsonObject] = [
    {"name": "yes", "label": "Yes", "rejects": False, "comment": "optional"},
    {"name": "no", "label": "No", "rejects": True, "comment": "optional"},
]
FINANCE = Principal(PrincipalKind.USER, 21, "fay", roles=frozenset({"finance"}))
ROOT = Principal(PrincipalKind.USER, 24, "root", unrestricted=True)


@pytest.fixture
def tasks(database: Database) -> Tasks:
    """The use cases of tasks."""
    return Tasks(database)


@pytest.fixture
def approvals(database: Database) -> Approvals:
    """The use cases of approvals."""
    return Approvals(database, ApprovalLinks(b"key", "http://here"))


@pytest.fixture
async def workflow(database: Database) -> UUID:
    """The author's workflow among the gardeners."""
    return await put_workflow(database, author=AUTHOR.user_id, community=GARDENERS)


async def put_task(tasks: Tasks, workflow: UUID | None = None, **fields: str) -> UUID:
    """A task that a step of the workflow made, or of the gardeners."""
    task_id = new_id()
    execution = None if workflow is None else await put_execution(tasks.database, workflow)
    origin = TaskOrigin(workflow, execution, "ask", "", community_id=0 if workflow else GARDENERS)
    await tasks.put(task_id, TaskFields(**{"title": "do it", **fields}), origin, [])  # type: ignore[arg-type] # texts
    return task_id


async def outcome(work: Awaitable[object]) -> str:
    """What became of it."""
    try:
        await work
    except (Denied, Hidden) as error:
        return "denied" if isinstance(error, Denied) else "hidden"
    return "done"


async def test_what_a_step_makes_is_whose_its_workflow_is(tasks: Tasks, workflow: UUID) -> None:
    """Community and author come from the workflow."""
    task = await tasks.get(SYSTEM, await put_task(tasks, workflow))
    assert (GARDENERS, AUTHOR.user_id) == (task.community_id, task.author_id)


async def test_a_workflows_task_is_for_who_may_see_the_workflow(tasks: Tasks, workflow: UUID) -> None:
    """Its doers and its viewers by their roles; nobody else."""
    assigned = await put_task(tasks, workflow, assignee=STRANGER.name)
    seen = {who.name: await outcome(tasks.get(who, assigned)) for who in EVERYBODY}
    assert {SERVICE.name, AUTHOR.name, ADMIN.name, EDITOR.name, OPERATOR.name, VIEWER.name, STRANGER.name} == {
        name for name, came in seen.items() if came == "done"
    }
    assert {"done", "hidden"} == set(seen.values())
    changed = {who.name: await outcome(tasks.change(who, assigned, {"title": "do that"})) for who in EVERYBODY}
    assert {"editing": {SERVICE.name, AUTHOR.name, ADMIN.name, EDITOR.name}} == {
        "editing": {name for name, came in changed.items() if came == "done"}
    }
    for who in (VIEWER, MEMBER, COOK, OPERATOR, STRANGER):
        one = await put_task(tasks, workflow, assignee=STRANGER.name)
        expected = {OPERATOR.name: "done", STRANGER.name: "done", VIEWER.name: "denied"}.get(who.name, "hidden")
        assert (who.name, expected) == (who.name, await outcome(tasks.close(who, one, Closing("done"))))


async def test_a_communitys_task_is_for_who_may_run_things_there(tasks: Tasks) -> None:
    """Without a workflow, those who only look on do not see it."""
    task = await put_task(tasks)
    seen = [who.name for who in EVERYBODY if await outcome(tasks.get(who, task)) == "done"]
    assert [SERVICE.name, ADMIN.name, EDITOR.name, OPERATOR.name] == seen


@pytest.mark.parametrize("assignee", ["18", "sam", "role:finance", "community:8"])
async def test_a_task_is_for_whom_it_names(tasks: Tasks, assignee: str) -> None:
    """By id, by name, by role or by community; handing it on takes it away."""
    names = {STRANGER.name: {"18", "sam"}, FINANCE.name: {"role:finance"}, COOK.name: {"community:8"}}
    task = await put_task(tasks, assignee=assignee)
    for who in (STRANGER, FINANCE, COOK, MEMBER, NOBODY):
        addressed = assignee in names.get(who.name, set())
        page, total = await tasks.list(who, TaskFilter(), Paging("created_at"))
        assert (addressed, int(addressed)) == (task in {one.task_id for one in page.items}, total)
        assert ("done" if addressed else "hidden") == await outcome(tasks.get(who, task))
    (doer,) = (who for who in (STRANGER, FINANCE, COOK) if assignee in names[who.name])
    assert "done" == await outcome(tasks.change(doer, task, {"status": "in_progress"}))
    assert "denied" == await outcome(tasks.change(doer, task, {"title": "less"}))
    assert "done" == await outcome(tasks.change(doer, task, {"assignee": "somebody else"}))
    assert "hidden" == await outcome(tasks.get(doer, task))


async def test_whoever_does_a_task_does_it_as_oneself(tasks: Tasks) -> None:
    """The name in a body counts only if it is the caller's own, or the caller may do everything."""
    task = await put_task(tasks, assignee="sam")
    assert "denied" == await outcome(tasks.close(STRANGER, task, Closing("done", closed_by="ann")))
    assert "open" == (await tasks.get(SYSTEM, task)).status
    assert "sam" == (await tasks.close(STRANGER, task, Closing("done"))).closed_by
    other = await put_task(tasks, assignee="sam")
    assert "18" == (await tasks.close(STRANGER, other, Closing("done", closed_by="18"))).closed_by
    third = await put_task(tasks)
    assert "ann" == (await tasks.close(SERVICE, third, Closing("done", closed_by="ann"))).closed_by


async def test_making_a_task_is_for_who_may_make_things(tasks: Tasks) -> None:
    """In a community its editors; of one's own anybody who is somebody."""
    for who in EVERYBODY:
        made = await outcome(tasks.create(who, TaskFields("new"), TaskOrigin(community_id=GARDENERS)))
        assert ("done" if who in (SERVICE, ADMIN, EDITOR) else "denied") == made
    own = (await tasks.create(STRANGER, TaskFields("own"), TaskOrigin())).task
    assert ["done", "hidden"] == [await outcome(tasks.get(who, own.task_id)) for who in (STRANGER, ADMIN)]


@pytest.mark.parametrize(
    ("owner", "reached"), [((0, 0), False), ((AUTHOR.user_id, 0), True), ((1, GARDENERS), True), ((1, COOKS), False)]
)
async def test_steps_reach_the_tasks_of_their_workflows_owner(
    tasks: Tasks, workflow: UUID, owner: tuple[int, int], reached: bool
) -> None:
    """Any other one is like one that there is not, also by a computed id."""
    task, execution = await put_task(tasks), await put_execution(tasks.database, workflow)
    await give(tasks.database, "tasks", task, author=owner[0], community=owner[1])
    assert ("done" if reached else "hidden") == await outcome(tasks.admit(task, execution))
    assert ([] if reached else [("task.use", "TASK_NOT_FOUND", 0)]) == await denials(tasks.database)


async def ask(approvals: Approvals, workflow: UUID, *approvers: str, needed: int = 2) -> UUID:
    """A question for which a step waits."""
    approval_id, execution = new_id(), await put_execution(approvals.database, workflow)
    fields = ApprovalFields(
        "May we?", "", None, list(OPTIONS), [], approvers, "count", needed, None, workflow, execution, "ask", ""
    )
    await approvals.ask(approval_id, fields)
    async with approvals.database.pool.acquire() as connection:
        await connection.execute(LEASED, execution)
        await open_wait(connection, NewWait(execution, 1, "ask", "", 1, WAIT_KIND, 1, str(approval_id), b"null", None))
    return approval_id


async def test_a_question_is_for_who_is_asked_and_who_sees_the_workflow(approvals: Approvals, workflow: UUID) -> None:
    """And decided by those alone who are asked: an administrator of the community is not."""
    asked = await ask(approvals, workflow, "sam", "role:finance")
    everybody = (*EVERYBODY, FINANCE)
    seen = [who.name for who in everybody if await outcome(approvals.get(who, asked)) == "done"]
    listed = [
        who.name for who in everybody if (await approvals.list(who, ApprovalFilter(), Paging("created_at")))[1] == 1
    ]
    insiders = [AUTHOR.name, ADMIN.name, EDITOR.name, OPERATOR.name, VIEWER.name]
    assert [SERVICE.name, *insiders, STRANGER.name, FINANCE.name] == seen == listed
    for who in (AUTHOR, ADMIN, OPERATOR, VIEWER):
        with pytest.raises(Forbidden) as caught:
            await approvals.decide(who, asked, Decision("", "yes"))
        assert "NOT_AN_APPROVER" == caught.value.code
        assert "denied" == await outcome(approvals.decide(who, asked, Decision("sam", "yes")))
    assert "hidden" == await outcome(approvals.decide(COOK, asked, Decision("sam", "yes")))
    assert not (await approvals.get(SYSTEM, asked)).decisions


async def test_everybody_decides_as_oneself(approvals: Approvals, workflow: UUID) -> None:
    """The name comes from the caller; only who may do everything may say on whose behalf it decides."""
    asked = await ask(approvals, workflow, "sam", "role:finance", "root", "bo", needed=4)
    await approvals.decide(STRANGER, asked, Decision("", "yes"))
    await approvals.decide(FINANCE, asked, Decision("role:finance", "yes"))
    await approvals.decide(ROOT, asked, Decision("", "yes"))
    with pytest.raises(Forbidden) as caught:
        await approvals.decide(SERVICE, asked, Decision("", "yes"))
    assert "NOT_AN_APPROVER" == caught.value.code
    decided = await approvals.decide(SERVICE, asked, Decision("bo", "yes"))
    assert ("decided", ["sam", "role:finance", "root", "bo"]) == (
        decided.stored.status,
        [one.approver for one in decided.decisions],
    )


@pytest.mark.parametrize("first", ["api", "link"])
async def test_who_is_asked_by_several_names_has_one_voice(approvals: Approvals, workflow: UUID, first: str) -> None:
    """As oneself and as one of a role, whichever way comes first."""
    asked = await ask(approvals, workflow, "fay", "role:finance", needed=2)
    if first == "api":
        await approvals.decide(FINANCE, asked, Decision("fay", "yes"))
    else:
        await approvals.decide_by_link(asked, Decision("fay", "yes", way="link"))
    with pytest.raises(Conflict) as caught:
        await approvals.decide(FINANCE, asked, Decision("role:finance", "no"))
    assert "DECISION_MADE" == caught.value.code
    again = await approvals.decide(FINANCE, asked, Decision("role:finance", "yes"))
    assert ("pending", 1) == (again.stored.status, len(again.decisions))
    colleague = Principal(PrincipalKind.USER, 22, "flo", roles=frozenset({"finance"}))
    assert "decided" == (await approvals.decide(colleague, asked, Decision("", "yes"))).stored.status


async def test_a_token_that_may_only_see_does_not_decide_by_the_database(approvals: Approvals, workflow: UUID) -> None:
    """Its scope hides what it may not see, also from a list."""
    asked = await ask(approvals, workflow, "sam")
    blind = user(STRANGER.user_id, STRANGER.name, frozenset({Permission.EXECUTE}))
    assert "hidden" == await outcome(approvals.get(blind, asked))
    assert 0 == (await approvals.list(blind, ApprovalFilter(), Paging("created_at")))[1]


async def test_notices_are_for_their_recipients_alone(database: Database, workflow: UUID) -> None:
    """To see and to mark; somebody else's is like one that there is not."""
    notifications, told = Notifications(database), {}
    execution = await put_execution(database, workflow)
    async with database.pool.acquire() as connection:
        for name in ("sam", "18", "role:finance", "ann", "community:8"):
            told[name] = new_id()
            fields = NotificationFields(name, "Hear", "", "", "info", None, workflow, execution, "tell")
            await notification_rows.insert(connection, told[name], fields)

    async def heard(who: Principal) -> set[str]:
        page, total = await notifications.list(who, NotificationFilter(), Paging("created_at"))
        assert total == len(page.items)
        return {one.recipient for one in page.items}

    assert [{"sam", "18"}, {"role:finance"}, {"ann"}, {"community:8"}, set(), told.keys()] == [
        await heard(who) for who in (STRANGER, FINANCE, AUTHOR, COOK, ADMIN, SERVICE)
    ]
    assert "hidden" == await outcome(notifications.mark_read(ADMIN, told["ann"]))
    assert "denied" == await outcome(notifications.mark_all_read(ADMIN, "ann"))
    assert 0 == await notifications.mark_all_read(ADMIN, "")
    assert (await notifications.mark_read(STRANGER, told["18"])).read_at <= datetime.now(UTC)  # type: ignore[operator] # it is read
    assert [1, 1] == [
        await notifications.mark_all_read(STRANGER, ""),
        await notifications.mark_all_read(SERVICE, "ann"),
    ]
    row = await database.pool.fetchrow("SELECT DISTINCT community_id FROM notifications")
    assert GARDENERS == row["community_id"]


async def test_the_database_hides_what_is_not_the_callers(tasks: Tasks, approvals: Approvals, workflow: UUID) -> None:
    """Even if a service forgot to ask, and it lets no caller write."""
    await put_task(tasks, workflow, assignee="sam")
    await ask(approvals, workflow, "sam")
    counts = "SELECT (SELECT count(*) FROM tasks), (SELECT count(*) FROM approvals)"
    for who, seen in ((STRANGER, 1), (VIEWER, 1), (COOK, 0), (MEMBER, 0)):
        async with tasks.database.scoped(who) as connection:
            assert (seen, seen) == tuple(await connection.fetchrow(counts))
    for table in ("tasks", "approvals", "approval_decisions", "notifications"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with tasks.database.scoped(AUTHOR) as connection:
                await connection.execute(f"DELETE FROM {table}")  # noqa: S608 - one of these
