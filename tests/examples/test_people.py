"""The examples in which people decide and do things, run for real: what they would do is done by the tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.examples.test_examples import read
from tests.rig.engine import until

from wingbeat.bootstrap import Platform, open_platform
from wingbeat.core.access import SYSTEM
from wingbeat.services.executions.start_requests import StartRequest
from wingbeat.services.people.approvals import Decision, ShownApproval
from wingbeat.services.people.tasks import Closing
from wingbeat.settings import load_settings
from wingbeat.storage.approvals import ApprovalFilter
from wingbeat.storage.notifications import NotificationFilter
from wingbeat.storage.paging import Paging
from wingbeat.storage.tasks import StoredTask, TaskFilter
from wingbeat.storage.workflows import WorkflowFields

NEWEST = Paging("-created_at")
People = Callable[[Platform], Awaitable[None]]


async def play(dsn: str, folder: Path, name: str, data: Any, people: People) -> tuple[Any, list[str]]:  # noqa: ANN401
    """Run an example while people do their part; its output, and the titles of what everybody was told."""
    settings = load_settings({"DATABASE_URI": dsn, "WINGBEAT_DATA_DIR": str(folder)})
    async with open_platform(settings, run_worker=True) as platform:
        created = await platform.workflows.create(SYSTEM, WorkflowFields(read(name)))
        workflow_id = created.workflow.header.workflow_id
        await platform.workflows.publish(SYSTEM, workflow_id)
        waiting = asyncio.create_task(platform.starter.start_and_wait(SYSTEM, StartRequest(workflow_id, data), 60))
        await people(platform)
        summary = await waiting
        told, _ = await platform.notifications.list(SYSTEM, NotificationFilter(), Paging("created_at"))
    assert summary.status == "completed", summary.error
    return summary.output, [one.title for one in told.items]


async def decide(platform: Platform, approver: str, option: str, **given: Any) -> None:  # noqa: ANN401 - of a decision
    """Decide the newest question that somebody is asked, once there is one."""

    async def look() -> list[ShownApproval]:
        page, _ = await platform.approvals.list(SYSTEM, ApprovalFilter(approver=approver, open_only=True), NEWEST)
        return page.items

    (asked,) = await until(look, f"{approver} is asked")
    await platform.approvals.decide(SYSTEM, asked.stored.approval_id, Decision(approver, option, way="app", **given))


async def nobody(_platform: Platform) -> None:
    """Nothing is for people."""


EXPENSE = {"employee": "ann@example.com", "manager": "bo@example.com", "amount": 120, "reason": "Shoes"}


async def test_a_small_expense_is_paid(database_dsn: str, tmp_path: Path) -> None:
    """Nobody is asked."""
    output, told = await play(database_dsn, tmp_path, "expense-approval.json", {**EXPENSE, "amount": 50}, nobody)
    assert (True, ["Your expense of 50 will be paid"]) == (output["approved"], told)


@pytest.mark.parametrize(("option", "approved"), [("approved", True), ("rejected", False)])
async def test_the_manager_decides_about_an_expense(
    database_dsn: str, tmp_path: Path, option: str, approved: bool
) -> None:
    """What is approved becomes a task; whoever says no says why."""

    async def manager(platform: Platform) -> None:
        await decide(platform, "bo@example.com", option, comment="Not shoes")
        tasks, _ = await platform.tasks.list(SYSTEM, TaskFilter(label="expenses"), NEWEST)
        assert len(tasks.items) <= 1

    output, told = await play(database_dsn, tmp_path, "expense-approval.json", EXPENSE, manager)
    last = "will be paid" if approved else "was not approved"
    assert (approved, ["Pay 120 to ann@example.com?", f"Your expense of 120 {last}"]) == (output["approved"], told)


@pytest.mark.parametrize(("days", "agrees"), [("3", True), ("12", True), ("12", False)])
async def test_time_off(database_dsn: str, tmp_path: Path, days: str, agrees: bool) -> None:
    """One manager decides; for a long time the whole board does too, and one who says no is enough."""

    async def people(platform: Platform) -> None:
        await decide(platform, "lee@example.com", "approved", fields={"stand_in": "Jo"})
        if days == "12":
            await decide(platform, "nia@example.com", "approved")
            await decide(platform, "max@example.com", "approved" if agrees else "rejected")

    sent = {"employee": "ann@example.com", "first_day": "2030-07-01", "days": days}
    output, told = await play(database_dsn, tmp_path, "time-off.json", sent, people)
    assert (agrees, agrees) == (output["granted"], f"Enjoy your {days} days off" in told)
    if agrees:
        assert "Jo" == output["stand_in"]


async def test_three_people_prepare_a_first_day(database_dsn: str, tmp_path: Path) -> None:
    """At the same time and in any order; when all is done, the team is told."""

    async def people(platform: Platform) -> None:
        async def look() -> list[StoredTask]:
            page, _ = await platform.tasks.list(SYSTEM, TaskFilter(statuses=["open"], label="onboarding"), NEWEST)
            return page.items if len(page.items) == 3 else []

        tasks = {task.assignee: task.task_id for task in await until(look, "there are three tasks")}
        results = {"office": {"room": "north"}, "it": {"serial": "A-1"}, "people": None}
        for who, result in results.items():
            closing = Closing("done", result, who)  # type: ignore[arg-type] # one of the results
            await platform.tasks.close(SYSTEM, tasks[f"{who}@example.com"], closing)

    sent = {"name": "Ada", "first_day": "2100-01-04"}
    output, told = await play(database_dsn, tmp_path, "onboarding.json", sent, people)
    assert ({"serial": "A-1", "room": "north"}, ["Ada joins us on 2100-01-04"]) == (output, told)
