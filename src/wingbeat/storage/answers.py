"""What people answer when an execution rests with a question: rows of its journal, and what of the question is left."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from wingbeat.core.errors import Conflict, InvalidInput, NotFound
from wingbeat.core.names import closest
from wingbeat.core.outcome import OUT
from wingbeat.core.status import StepStatus
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import Json, JsonObject

OUTCOME_UNKNOWN = "STEP_OUTCOME_UNKNOWN"
BREAKPOINT = "BREAKPOINT"


class Place(NamedTuple):
    """Which of the steps that the question is about; without a scope, all of that node."""

    node_id: str
    scope: str | None = None

    def fits(self, step: dict[str, Any]) -> bool:
        """Whether it is this step of a question."""
        return step["node"] == self.node_id and self.scope in {None, step["scope"]}


class Decision(StrEnum):
    """What a person decides about a step whose worker died: run it again, count it as failed, or as done."""

    RETRY = "retry"
    FAIL = "fail"
    COMPLETE = "complete"


class Answer(NamedTuple):
    """A decision; with `complete`, what the step gave, and the port that it leaves by. `place` is None for all."""

    decision: Decision
    output: Json = None
    port: str = OUT
    place: Place | None = None


class Going(NamedTuple):
    """How to go on from a breakpoint: with `stepping`, to the next step. `edit` may have `input` and `variables`."""

    stepping: bool = False
    place: Place | None = None
    edit: JsonObject | None = None


async def answer(
    connection: asyncpg.Connection, execution_id: UUID, question: JsonObject | None, given: Answer | Going | None
) -> JsonObject | None:
    """Write what a person answers to the question of a paused execution; returns what of it is still open.

    Raises:
        Conflict: `DECISION_NEEDED` or `NOTHING_TO_DECIDE`: the question needs another answer, or there is none.
        NotFound: `STEP_NOT_ASKED_ABOUT`.
        InvalidInput: `STEP_NEEDED`, for an edit where several steps have stopped.
    """
    asked = None if question is None else question.get("code")
    if asked == OUTCOME_UNKNOWN and question is not None:
        return await _decide(connection, execution_id, question, given)
    if isinstance(given, Answer):
        raise _nothing_to_decide(execution_id)
    if asked == BREAKPOINT and question is not None:
        await _release(connection, execution_id, question, given or Going())
    elif given is not None and (given.edit or given.place):
        raise _nothing_to_decide(execution_id)
    return None


def _nothing_to_decide(execution_id: UUID) -> Conflict:
    return Conflict(
        f"The execution {execution_id} has no such question open.",
        code="NOTHING_TO_DECIDE",
        remedy="Resume it without a decision. An edit is for a step before which it has stopped.",
    )


async def _decide(
    connection: asyncpg.Connection, execution_id: UUID, question: JsonObject, given: Answer | Going | None
) -> JsonObject | None:
    """Write what a person found out about steps whose outcome was not known."""
    if not isinstance(given, Answer):
        raise Conflict(
            f"The execution {execution_id} rests because the outcome of a step is not known.",
            code="DECISION_NEEDED",
            remedy="Look at the other system, then `retry` it, or count it as failed (`fail`) or done (`complete`).",
            details={"question": question},
        )
    chosen, others = _choose(question, given.place)
    done = given.decision is Decision.COMPLETE
    for step in chosen:
        error: JsonObject = {name: value for name, value in question.items() if name != "steps"}
        await load("endings").answer(
            connection,
            execution_id=execution_id,
            node_id=step["node"],
            scope=step["scope"],
            attempt=step["attempt"],
            status=_ANSWERS[given.decision].value,
            ports=given.port if done else None,
            output=encode_json(given.output) if done else None,
            error=encode_json({**error, **step}) if given.decision is Decision.FAIL else None,
        )
    return {**question, "steps": cast("Json", others)} if others else None


async def _release(connection: asyncpg.Connection, execution_id: UUID, question: JsonObject, going: Going) -> None:
    """Let stopped steps run; the others stop again."""
    chosen, _ = _choose(question, going.place)
    if going.edit and len(chosen) > 1:
        raise InvalidInput(
            f"The execution has stopped before {len(chosen)} steps, and an edit is for one of them.",
            code="STEP_NEEDED",
            remedy="Name it by 'node' and 'scope'.",
            details={"steps": [{"node": step["node"], "scope": step["scope"]} for step in chosen]},
        )
    for step in chosen:
        await load("endings").answer(
            connection,
            execution_id=execution_id,
            node_id=step["node"],
            scope=step["scope"],
            attempt=step["attempt"],
            status=StepStatus.RELEASED.value,
            ports=None,
            output=encode_json(going.edit or {}),
            error=None,
        )


def _choose(question: JsonObject, place: Place | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The steps of the question that are meant, and the others."""
    steps = cast("list[dict[str, Any]]", question["steps"])
    if place is None:
        return steps, []
    chosen = [step for step in steps if place.fits(step)]
    if chosen:
        return chosen, [step for step in steps if not place.fits(step)]
    known = [step["node"] if place.scope is None else f"{step['node']} {step['scope']}" for step in steps]
    near = closest(place.node_id if place.scope is None else f"{place.node_id} {place.scope}", known)
    raise NotFound(
        f"The execution does not ask about a step of {place.node_id!r:.120} there.",
        code="STEP_NOT_ASKED_ABOUT",
        remedy=f"Did you mean {near!r}?" if near else "Its error names the steps that it asks about.",
        details={"steps": [{"node": step["node"], "scope": step["scope"]} for step in steps]},
    )


_ANSWERS = {
    Decision.RETRY: StepStatus.CLEARED,
    Decision.FAIL: StepStatus.FAILED,
    Decision.COMPLETE: StepStatus.COMPLETED,
}
