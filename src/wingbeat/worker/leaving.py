"""How executions leave a worker: what is written at their end, and what is said when they may not go on."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from wingbeat.core.errors import Fault
from wingbeat.core.events import StepKey
from wingbeat.core.status import StepStatus
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.journal import Ending

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wingbeat.core.commands import Finish
    from wingbeat.core.execution import Execution
    from wingbeat.core.json_value import JsonObject
    from wingbeat.storage.dispatch import Claimed
    from wingbeat.storage.journal import JournalRow
    from wingbeat.worker.journal_rows import RowMaker


class Left(StrEnum):
    """How a worker came to be rid of an execution."""

    FINISHED = "finished"
    RELEASED = "released"
    LOST = "lost"


def ended_row(rows: RowMaker, sequence: int, finish: Finish) -> JournalRow:
    """The last row of a journal: with which status the execution ends."""
    row = rows.bare(sequence, StepKey("", "", 1), StepStatus.ENDED, finish.error)
    return row._replace(ports=finish.status.value)


def ending_of(claimed: Claimed, execution: Execution, finish: Finish, row: JournalRow) -> Ending:
    """What the execution's own row is filled with at the end; `row` is the journal's last."""
    return Ending(
        claimed.execution_id,
        claimed.epoch,
        finish.status.value,
        encode_json(finish.output),
        row.error,
        sum(execution.runs.values()) + sum(execution.failures.values()),
        encode_json([*dict.fromkeys([*execution.runs, *execution.failures])]),
        encode_json(_node_states(execution)),
        encode_json(execution.root.variables),
        max(row.ended_at, claimed.start_time),
    )


def _node_states(execution: Execution) -> JsonObject:
    names: Iterable[str] = dict.fromkeys([*execution.runs, *execution.failures])
    return {
        name: {
            "status": "completed" if execution.runs.get(name) else "failed",
            "runs": execution.runs.get(name, 0),
            "failures": execution.failures.get(name, 0),
        }
        for name in names
    }


def poisoned(takeovers: int) -> JsonObject:
    """Why an execution is stopped that takes its workers with it."""
    return {
        "code": "EXECUTION_POISONED",
        "message": f"{takeovers} workers in a row died while they ran this execution, and it did not get any further.",
        "fault": Fault.WORKFLOW.value,
        "remedy": "Look at the last step in the journal and at the workers' logs of that time.",
    }


def out_of_time(seconds: float) -> JsonObject:
    """Why an execution is stopped that takes too long."""
    return {
        "code": "LIMIT_TIMEOUT",
        "message": f"The execution has run for {seconds:g} seconds, which is its time-out.",
        "fault": Fault.WORKFLOW.value,
        "remedy": "Find the slow step in the journal, or raise settings.timeout_seconds of the workflow.",
    }
