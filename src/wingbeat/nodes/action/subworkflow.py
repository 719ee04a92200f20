"""Run another workflow: once, or once for each item of a list; wait for its output, or not."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wingbeat.sdk import (
    GIVEN,
    LEFT_OUT,
    Await,
    Context,
    Effect,
    Example,
    Json,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    Result,
    Signal,
    StepError,
    Template,
    drawn_as,
    matters,
)
from wingbeat.sdk.children import CHILDREN, Child, ChildrenWanted, Family

SHIP = "019a0000-0000-7000-8000-000000000002"


class Subworkflow(Parameters):
    """Which workflow, with what, and how."""

    workflow_id: Template[str] = Field(
        json_schema_extra=drawn_as("workflow"),
        description="The id of the workflow to run. It has to be published.",
        examples=[SHIP],
    )
    revision: int | None = Field(
        default=None,
        ge=1,
        description="A revision of it to run; the published one, if it is left out.",
        examples=[3],
    )
    input: Template[Json] = Field(
        json_schema_extra=matters(items=LEFT_OUT),
        default=None,
        description="What the workflow is given: an object with the inputs that its trigger.workflow declares. The "
        "node's own input, if it is left out.",
        examples=[{"order_id": "{{ input.id }}"}],
    )
    items: Template[list[Json]] = Field(
        default=[],
        description="With a list, the workflow runs once for each item, which is then its input; `input` is not used.",
        examples=["{{ input.orders }}"],
    )
    concurrency: int = Field(
        json_schema_extra=matters(items=GIVEN),
        default=10,
        ge=1,
        le=1000,
        description="For how many items it runs at the same time.",
        examples=[5],
    )
    wait: bool = Field(
        default=True, description="Whether to wait for the end and go on with the output, or to go on at once."
    )
    on_failure: Literal["fail", "collect"] = Field(
        json_schema_extra=matters(items=GIVEN, wait=True),
        default="fail",
        description="What a failed run for an item means. `fail`: this step fails at once, and runs that are under way "
        "are cancelled. `collect`: the others go on, and its place in the list holds `error`.",
        examples=["collect"],
    )

    @property
    def several(self) -> bool:
        """Whether there is a list to go through, be it empty."""
        return "items" in self.model_fields_set


async def run(parameters: Subworkflow, context: Context) -> Result:
    """Start the children, each once however often this runs, and wait for them if that is wanted."""
    children = context.use(CHILDREN)
    wanted = _wanted(parameters, context)
    if not parameters.wait:
        ids = await children.start(wanted)
        return Outcome.of({"execution_ids": list(ids)} if parameters.several else {"execution_id": ids[0]})
    return await _conclude(parameters, context, await children.run(wanted))


async def resume(parameters: Subworkflow, context: Context, signal: Signal) -> Result:
    """Look at the children that have ended, and go on waiting if not all have."""
    children = context.use(CHILDREN)
    try:
        family = await children.go_on(signal)
    except StepError:
        # The next ones cannot be started.
        await children.cancel()
        raise
    return await _conclude(parameters, context, family)


async def rehearse(parameters: Subworkflow, context: Context) -> Result:
    """Say what would be run."""
    wanted = _wanted(parameters, context)
    context.log("would run another workflow", workflow_id=wanted.workflow_id, times=len(wanted.inputs))
    said: list[Json] = [{"rehearsed": True, "workflow_id": wanted.workflow_id, "input": one} for one in wanted.inputs]
    return Outcome.of(said if parameters.several else said[0])


def _wanted(parameters: Subworkflow, context: Context) -> ChildrenWanted:
    once = parameters.input if "input" in parameters.model_fields_set else context.input
    return ChildrenWanted(
        workflow_id=parameters.workflow_id,
        inputs=parameters.items if parameters.several else [once],
        revision=parameters.revision,
        concurrency=parameters.concurrency if parameters.several else 1,
        eager=parameters.several and parameters.on_failure == "fail",
    )


async def _conclude(parameters: Subworkflow, context: Context, family: Family) -> Result:
    bad = [child for child in family.ended if child.status != "completed"]
    if bad and not (parameters.on_failure == "collect" and parameters.several):
        if family.wait is not None:
            await context.use(CHILDREN).cancel()
        raise _failed(bad[0], several=parameters.several)
    if family.wait is not None:
        return Await(family.wait, soon=family.soon)
    outputs = [child.output if child.status == "completed" else _describe(child) for child in family.ended]
    return Outcome.of(outputs if parameters.several else outputs[0])


def _describe(child: Child) -> JsonObject:
    error = child.error or {"code": "EXECUTION_CANCELLED", "message": "The execution was cancelled."}
    return {"error": error, "execution_id": child.execution_id, "status": child.status}


def _failed(child: Child, *, several: bool) -> StepError:
    which = f" for item {child.number}" if several else ""
    said = f": {child.error['message']}" if child.error and isinstance(child.error.get("message"), str) else "."
    return StepError(
        f"The workflow that was run{which} has {child.status}{said}"
        if child.status == "failed"
        else f"The workflow that was run{which} was {child.status}.",
        code="SUBWORKFLOW_FAILED",
        remedy=f"Look at the execution {child.execution_id}.",
        details={
            "execution_id": child.execution_id,
            "status": child.status,
            "index": child.number,
            "cause": child.error,
        },
    )


NODE = NodeType(
    type="action.subworkflow",
    title="Sub-workflow",
    help=(
        "Runs another workflow as an execution of its own, once or once for each item of a list, and goes on with "
        "its output when it has ended. While it waits, this execution is a row and no memory. Each of the children "
        "starts exactly once, whatever happens to the machines. If one fails or is cancelled, this step fails with "
        "SUBWORKFLOW_FAILED and the child's error as its `details.cause`; it is not tried again. When this execution "
        "is cancelled or ends in another way, the children that it waits for are cancelled. Parent and children show "
        "each other (`parent_execution_id`, `root_execution_id`, `children`), and `GET "
        "/api/v1/executions?root_execution_id=` lists all of one trace. How deep workflows may call one another is "
        "the operator's SUBWORKFLOW_MAX_DEPTH. Without `wait` the output is `execution_id`, or for a list "
        "`execution_ids`."
    ),
    parameters=Subworkflow,
    run=run,
    resume=resume,
    rehearse=rehearse,
    effect=Effect.IDEMPOTENT,
    uses=(CHILDREN,),
    outputs=(Port(help="What the workflow gave; with `items` a list of that, in their order."),),
    examples=(
        Example(
            "run another workflow and use its output",
            {"workflow_id": SHIP, "input": {"order_id": "{{ input.id }}"}},
            input={"id": 7},
            world={"children": [{"output": {"tracking": "X7"}}]},
            expect={"out": {"tracking": "X7"}},
        ),
        Example(
            "one for each item, failures collected",
            {"workflow_id": SHIP, "items": "{{ input }}", "concurrency": 2, "on_failure": "collect"},
            input=[1, 2],
            world={"children": [{"output": "one"}, {"error": {"code": "NO", "message": "It cannot."}}]},
            expect={
                "out": [
                    "one",
                    {
                        "error": {"code": "NO", "message": "It cannot."},
                        "execution_id": "00000000-0000-7000-8000-000000000001",
                        "status": "failed",
                    },
                ]
            },
        ),
        Example(
            "go on at once",
            {"workflow_id": SHIP, "wait": False},
            input={"id": 7},
            expect={"out": {"execution_id": "00000000-0000-7000-8000-000000000000"}},
        ),
        Example(
            "the other workflow fails",
            {"workflow_id": SHIP},
            world={"children": [{"error": {"code": "NO", "message": "It cannot."}}]},
            expect_error="SUBWORKFLOW_FAILED",
        ),
    ),
)
