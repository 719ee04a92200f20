"""The tool with which a step starts children and waits for them; see children.py for how they come into being."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import Conflict, NotFound, PlatformError, StepError, WingbeatError
from wingbeat.sdk.children import Child, ChildrenWanted, Family
from wingbeat.sdk.declared_inputs import DeclaredInput, check_inputs
from wingbeat.services.executions.children import MOST_CHILDREN, Call, Callee
from wingbeat.storage import children as rows
from wingbeat.storage import control
from wingbeat.storage.children import ParentStep
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.pool import patiently

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.plan import PlannedNode
    from wingbeat.sdk.waits import Signal
    from wingbeat.services.executions.children import Called, ChildStarter
    from wingbeat.services.executions.waits import LeasedStep
    from wingbeat.storage.children import ChildResult

TRIGGER = "trigger.workflow"


@dataclass(frozen=True, slots=True)
class StepChildren:
    """The tool `children` of one step; implements `wingbeat.sdk.children.Children`."""

    starter: ChildStarter
    step: LeasedStep

    async def run(self, wanted: ChildrenWanted) -> Family:
        """Start them, to wait for their ends."""
        if not wanted.inputs:
            return Family(())
        call = await self._call(wanted, waits=True)
        called = await self.starter.bring_about(call)
        if called.found:
            return await self._go_on()
        return Family((), str(called.wait), called.soon)

    async def go_on(self, signal: Signal) -> Family:
        """What has become of them when the wait is over; the next ones are started."""
        if isinstance(signal.value, dict):
            return Family((Child(0, **cast("Any", signal.value)),))
        return await self._go_on()

    async def start(self, wanted: ChildrenWanted) -> tuple[str, ...]:
        """Start them and do not wait."""
        if not wanted.inputs:
            return ()
        called = await self.starter.bring_about(await self._call(wanted, waits=False))
        return tuple(str(child.execution_id) for child in sorted(called.known))

    async def cancel(self) -> None:
        """Cancel those that still run."""
        step = self._of()

        async def cancel_all() -> None:
            async with self.starter.database.pool.acquire() as connection:
                for child in await rows.running_of_step(connection, step):
                    with suppress(Conflict, NotFound):
                        await control.cancel(connection, child)

        await patiently(cancel_all)

    def _of(self) -> ParentStep:
        return ParentStep(UUID(self.step.execution_id), self.step.node_id, self.step.scope)

    async def _go_on(self) -> Family:
        step = self._of()
        opening = cast("dict[str, Any]", await patiently(lambda: self._first_opening(step)))
        wanted = ChildrenWanted(
            opening["workflow_id"],
            opening.get("inputs", ()),
            opening["revision"],
            opening["concurrency"],
            opening["eager"],
        )
        # When all have been started, it does not matter what has become of the workflow.
        callee = await self._find(wanted) if wanted.inputs else None
        call = self._make_call(callee, wanted, opening["count"], waits=True, first=False)
        called = await self.starter.bring_about(call)
        return await self._family(step, called, eager=wanted.eager)

    async def _family(self, step: ParentStep, called: Called, *, eager: bool) -> Family:
        if called.wait is not None and not eager:
            return Family((), str(called.wait), called.soon)
        only_bad = called.wait is not None
        results = await patiently(lambda: self._results(step, only_bad=only_bad))
        ended = tuple(Child(one.number, str(one.execution_id), one.status, one.output, one.error) for one in results)
        return Family(ended, str(called.wait) if called.wait is not None else None, called.soon)

    async def _first_opening(self, step: ParentStep) -> Json:
        async with self.starter.database.pool.acquire() as connection:
            return await rows.first_opening(connection, step)

    async def _results(self, step: ParentStep, *, only_bad: bool) -> list[ChildResult]:
        async with self.starter.database.pool.acquire() as connection:
            return await rows.read_results(connection, step, only_bad=only_bad)

    async def _call(self, wanted: ChildrenWanted, *, waits: bool) -> Call:
        if len(wanted.inputs) > MOST_CHILDREN:
            raise StepError(
                f"One step starts at most {MOST_CHILDREN} executions, not {len(wanted.inputs)}.",
                code="SUBWORKFLOW_TOO_MANY",
                remedy="Go through the list in a loop, or call for batches of it.",
            )
        callee = await self._find(wanted)
        checked = [check_inputs(_declared(callee.trigger), given) for given in wanted.inputs]
        return self._make_call(callee, wanted._replace(inputs=checked), len(checked), waits=waits, first=True)

    def _make_call(
        self, callee: Callee | None, wanted: ChildrenWanted, count: int, *, waits: bool, first: bool
    ) -> Call:
        opening: JsonObject = {
            "workflow_id": wanted.workflow_id,
            "revision": callee.revision if callee is not None else wanted.revision,
            "count": count,
            "concurrency": wanted.concurrency,
            "eager": wanted.eager,
        }
        if first and waits and wanted.concurrency < count:
            opening["inputs"] = list(wanted.inputs)
        return Call(
            step=self._of(),
            epoch=self.step.epoch,
            attempt=self.step.attempt,
            callee=callee,
            total=count,
            concurrency=wanted.concurrency,
            eager=wanted.eager,
            waits=waits,
            inputs=_encoded(wanted.inputs),
            opening=encode_json(opening),
            fresh=first and waits,
        )

    async def _find(self, wanted: ChildrenWanted) -> Callee:
        """The workflow as it can be called now."""
        try:
            workflow_id = UUID(wanted.workflow_id)
        except ValueError:
            raise StepError(
                f"{wanted.workflow_id[:100]!r} is no id of a workflow.",
                code="SUBWORKFLOW_NOT_FOUND",
                remedy="Give the id as the list of workflows shows it.",
            ) from None
        starter = self.starter
        try:
            caller = UUID(self.step.execution_id)
            startable = await patiently(lambda: starter.startable.find(SYSTEM, workflow_id, caller=caller))
            revision = wanted.revision or startable.revision
            plan = await patiently(lambda: starter.plans.get(workflow_id, revision))
        except WingbeatError as error:
            raise _uncallable(workflow_id, wanted.revision, error) from error
        trigger = next((one for one in plan.triggers if one.node.type == TRIGGER and not one.node.disabled), None)
        trigger = trigger or plan.trigger(None)
        if trigger is None:
            raise StepError(
                f"Every trigger of the workflow {workflow_id} is disabled.",
                code="SUBWORKFLOW_NOT_CALLABLE",
                remedy="Enable its trigger.workflow.",
            )
        return Callee(workflow_id, revision, plan, trigger, startable.limited)


def _declared(trigger: PlannedNode) -> list[DeclaredInput]:
    if trigger.node.type != TRIGGER:
        return []
    listed = trigger.node.parameters.get("inputs", [])
    return [DeclaredInput.model_validate(one) for one in listed] if isinstance(listed, list) else []


def _encoded(inputs: Sequence[Json]) -> dict[int, bytes]:
    return {index: encode_json(value) for index, value in enumerate(inputs)}


def _uncallable(workflow_id: UUID, revision: int | None, error: WingbeatError) -> StepError:
    missing = isinstance(error, NotFound)
    code = "SUBWORKFLOW_NOT_FOUND" if missing else "SUBWORKFLOW_NOT_CALLABLE"
    if isinstance(error, PlatformError) and error.code == "REVISION_MISSING":
        return StepError(
            f"The workflow {workflow_id} has no revision {revision}.",
            code="SUBWORKFLOW_REVISION_UNKNOWN",
            remedy="Leave the revision out to call the published one.",
        )
    return StepError(
        f"The workflow {workflow_id} cannot be called: {error.message}",
        code=code,
        remedy=error.remedy,
        details={"cause": error.to_json()},
    )
