"""Runs one execution in this process and follows it to its end, through restarts of the database and other workers."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from wingbeat.bootstrap import open_platform
from wingbeat.cli.documents import STANDARD_INPUT
from wingbeat.cli.outcome import Outcome
from wingbeat.cli.progress import open_view
from wingbeat.cli.reporting import FAILED, say
from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import Conflict, DatabaseUnavailable
from wingbeat.core.status import ExecutionStatus, StepStatus
from wingbeat.services.executions.start_requests import StartRequest
from wingbeat.services.registration import id_for, register
from wingbeat.storage.control import BREAKPOINT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from uuid import UUID

    from wingbeat.bootstrap import Platform
    from wingbeat.cli.loop import Stopping
    from wingbeat.cli.progress import View
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.executions.forks import ForkRequest
    from wingbeat.settings import Settings
    from wingbeat.storage.control import Going
    from wingbeat.storage.executions import StoredExecution
    from wingbeat.storage.journal import JournalRow
    from wingbeat.worker.runner import Runner

# The end is told by the worker in this process; another one that took over is asked this often.
LOOK_SECONDS = 0.5
DRAW_SECONDS = 0.1
# After the result is shown: for steps of other executions that this process took on meanwhile.
GRACE_SECONDS = 30.0
INTERRUPTED = 130
# It rests at a breakpoint.
STOPPED = 3


class Following:
    """Watches the worker of this process for what happens to one execution, whose id may only be known later."""

    def __init__(self, workflow_id: UUID, view: View) -> None:
        self.execution_id: UUID | None = None
        self.moved = asyncio.Event()
        self._workflow_id = workflow_id
        self._view = view
        self._early: list[tuple[Runner, JournalRow]] = []
        self._runner: Runner | None = None
        self._away = False

    def saw(self, runner: Runner, row: JournalRow) -> None:
        """A row on its way into the journal."""
        if runner.claimed.workflow_id != self._workflow_id:
            return
        if self.execution_id is None:
            self._early.append((runner, row))
        elif row.execution_id == self.execution_id:
            self._runner = runner
            self._take(row)

    def is_about(self, execution_id: UUID) -> None:
        """From now on, this is the one."""
        self.execution_id = execution_id
        for runner, row in self._early:
            if row.execution_id == execution_id:
                self._runner = runner
                self._take(row)
        self._early.clear()

    async def read(self, platform: Platform, execution_id: UUID) -> StoredExecution | None:
        """The execution; None while the database is away, of which the person is told."""
        try:
            found = (await platform.executions.get(SYSTEM, execution_id)).execution
        except DatabaseUnavailable as error:
            if not self._away:
                say(f"{error.message} Waiting for it; Ctrl-C gives up.")
            self._away = True
            return None
        self._away = False
        return found

    async def draw(self) -> None:
        """Show again and again which nodes are at work, until cancelled."""
        while True:
            self._view.draw(self._runner.open_nodes if self._runner is not None else set())
            await asyncio.sleep(DRAW_SECONDS)

    def _take(self, row: JournalRow) -> None:
        if row.status == StepStatus.ENDED:
            self.moved.set()
        else:
            self._view.saw(row)


async def execute(  # noqa: PLR0913 - what the command was given
    settings: Settings,
    name: str,
    definition: JsonObject,
    trigger_data: Json,
    stopping: Stopping,
    *,
    breakpoints: Sequence[str] = (),
    as_json: bool,
) -> Outcome:
    """Publish the definition, run it once, and show what it came to."""
    workflow_id = id_for("file", _place(name), str(definition.get("name", "")))
    async with open_platform(settings, run_worker=True, grace_seconds=GRACE_SECONDS) as platform:
        revision = await register(platform.database, workflow_id, definition)
        request = StartRequest(workflow_id, trigger_data, breakpoints=[{"node": one} for one in breakpoints])

        async def begin() -> UUID:
            return (await platform.starter.start_and_wait(SYSTEM, request, 0)).execution_id

        return await _follow(platform, workflow_id, revision, begin, stopping, as_json=as_json)


async def fork(settings: Settings, request: ForkRequest, stopping: Stopping, *, as_json: bool) -> Outcome:
    """Make a fork, run it, and show what it came to."""
    async with open_platform(settings, run_worker=True, grace_seconds=GRACE_SECONDS) as platform:
        started = await platform.forks.fork(SYSTEM, request)
        header = (await platform.executions.get(SYSTEM, started.execution_id)).execution.header

        async def begin() -> UUID:
            return started.execution_id

        return await _follow(platform, header.workflow_id, header.revision, begin, stopping, as_json=as_json)


async def resume(settings: Settings, execution_id: UUID, going: Going, stopping: Stopping, *, as_json: bool) -> Outcome:
    """Let an execution go on from where it stopped, and show what it came to."""
    async with open_platform(settings, run_worker=True, grace_seconds=GRACE_SECONDS) as platform:
        header = (await platform.executions.get(SYSTEM, execution_id)).execution.header

        async def begin() -> UUID:
            await platform.executions.resume(SYSTEM, execution_id, going)
            return execution_id

        return await _follow(platform, header.workflow_id, header.revision, begin, stopping, as_json=as_json)


async def _follow(  # noqa: PLR0913 - what is followed, and how
    platform: Platform,
    workflow_id: UUID,
    revision: int,
    begin: Callable[[], Awaitable[UUID]],
    stopping: Stopping,
    *,
    as_json: bool,
) -> Outcome:
    """Let an execution begin, and follow it to its end or to where it stops."""
    plan = await platform.plans.get(workflow_id, revision)
    with open_view(plan, as_json=as_json) as view:
        following = Following(workflow_id, view)
        if platform.worker is not None:
            platform.worker.watchers.add(following.saw)
        stopping.take_charge()
        execution_id = await begin()
        following.is_about(execution_id)
        drawing = asyncio.create_task(following.draw())
        try:
            outcome = await _await_end(platform, following, execution_id, stopping)
        finally:
            drawing.cancel()
        view.end(outcome.states)
    outcome.show(as_json=as_json)
    return outcome


def _place(name: str) -> str:
    """One name for one file, however it was reached."""
    return name if name == STANDARD_INPUT else os.path.realpath(name)


async def _await_end(platform: Platform, following: Following, execution_id: UUID, stopping: Stopping) -> Outcome:
    interruption = asyncio.create_task(stopping.wanted())
    cancelled = False
    try:
        while True:
            found = await following.read(platform, execution_id)
            if found is not None and ExecutionStatus(found.header.status).terminal:
                return _outcome(found, INTERRUPTED if cancelled else None)
            if found is not None and has_stopped(found):
                return _outcome(found, STOPPED)
            moved = asyncio.create_task(following.moved.wait())
            waited = {moved} if cancelled else {moved, interruption}
            await asyncio.wait(waited, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            moved.cancel()
            following.moved.clear()
            if interruption.done() and not cancelled:
                await _cancel(platform, execution_id)
                cancelled = True
    finally:
        interruption.cancel()


async def _cancel(platform: Platform, execution_id: UUID) -> None:
    with suppress(Conflict):  # It was faster.
        await platform.executions.cancel(SYSTEM, execution_id)


def has_stopped(found: StoredExecution) -> bool:
    """Whether it has come to a breakpoint."""
    return found.header.status == ExecutionStatus.PAUSED and (found.error or {}).get("code") == BREAKPOINT


def _outcome(found: StoredExecution, exit_status: int | None) -> Outcome:
    header = found.header
    if exit_status is None or header.status not in {ExecutionStatus.CANCELLED, ExecutionStatus.PAUSED}:
        exit_status = 0 if header.status == ExecutionStatus.COMPLETED else FAILED
    return Outcome(
        header.status,
        header.execution_id,
        found.final_output,
        found.error,
        header.nodes_executed or 0,
        header.execution_time_seconds or 0.0,
        found.node_states,
        exit_status,
    )
