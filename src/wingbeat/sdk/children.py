"""Starting other workflows from a step, and waiting for their ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from wingbeat.core.errors import StepError
from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.sdk.waits import Signal


class ChildrenWanted(NamedTuple):
    """The executions that a step wants: one for each of the `inputs`, at most `concurrency` of them at the same time.

    Without a `revision` it is the published one. `eager`: the step wants to hear of each end, not only of the last.
    """

    workflow_id: str
    inputs: Sequence[Json]
    revision: int | None = None
    concurrency: int = 1
    eager: bool = False


class Child(NamedTuple):
    """How a child ended: `completed` with its output; `failed` or `cancelled`, perhaps with an error."""

    number: int
    execution_id: str
    status: str
    output: Json
    error: JsonObject | None


class Family(NamedTuple):
    """How far the children of a step are.

    With a `wait` some still run, and `ended` holds only those that did not complete. Without, it holds all, in order.
    """

    ended: tuple[Child, ...]
    wait: str | None = None
    soon: bool = False


class Children(Protocol):
    """Starts children, each exactly once, however often the step runs."""

    async def run(self, wanted: ChildrenWanted) -> Family:
        """Start them, to wait for their ends; raises `StepError` where they cannot be started."""
        ...

    async def go_on(self, signal: Signal) -> Family:
        """What has become of them when the wait is over; the next ones are started."""
        ...

    async def start(self, wanted: ChildrenWanted) -> tuple[str, ...]:
        """Start them and do not wait; gives the ids of their executions."""
        ...

    async def cancel(self) -> None:
        """Cancel those that still run."""
        ...


class ExampleChildren:
    """Children for the examples of node types: the world says how each ends, in order."""

    def __init__(self, world: Json) -> None:
        self._world = world if isinstance(world, list) else []
        self.wanted: list[ChildrenWanted] = []

    async def run(self, wanted: ChildrenWanted) -> Family:
        """All have ended at once."""
        self.wanted.append(wanted)
        if not self._world and wanted.inputs:
            raise StepError(
                f"There is no workflow {wanted.workflow_id}.", code="SUBWORKFLOW_NOT_FOUND", remedy="Check the id."
            )
        return Family(tuple(_child(index, said) for index, said in enumerate(self._world[: len(wanted.inputs)])))

    async def go_on(self, signal: Signal) -> Family:
        """Nothing is left."""
        del signal
        return Family(())

    async def start(self, wanted: ChildrenWanted) -> tuple[str, ...]:
        """Ids that count up."""
        self.wanted.append(wanted)
        return tuple(f"00000000-0000-7000-8000-{index:012d}" for index in range(len(wanted.inputs)))

    async def cancel(self) -> None:
        """Nothing runs."""


def _child(index: int, said: Json) -> Child:
    given = said if isinstance(said, dict) else {}
    error = given.get("error")
    status = "failed" if error is not None else "completed"
    identity = f"00000000-0000-7000-8000-{index:012d}"
    return Child(index, identity, status, given.get("output"), error if isinstance(error, dict) else None)


CHILDREN: Tool[Children] = Tool("children", cast("type[Children]", ExampleChildren))
