"""What becomes of a start when the limits of its workflow are reached."""

from __future__ import annotations

import pytest

from wingbeat.core.document import parse_workflow, workflow_to_json
from wingbeat.core.graph import Overflow, WorkflowSettings
from wingbeat.core.json_value import JsonObject
from wingbeat.core.overflow import Guard, Ruling, Standing, check_overflow, rule
from wingbeat.core.problems import InvalidWorkflow, Severity

QUEUE, DROP, REPLACE = Overflow.QUEUE, Overflow.DROP, Overflow.REPLACE


@pytest.mark.parametrize(
    ("guard", "standing", "expected"),
    [
        (Guard(DROP, max_concurrent=2), Standing(going_on=1), Ruling.ADMIT),
        (Guard(DROP, max_concurrent=2), Standing(going_on=2), Ruling.TOO_MANY),
        (Guard(DROP, max_per_minute=3), Standing(admitted=1, unadmitted=1), Ruling.ADMIT),
        (Guard(DROP, max_per_minute=3), Standing(admitted=1, unadmitted=2), Ruling.TOO_FAST),
        (Guard(REPLACE, max_concurrent=2), Standing(going_on=1), Ruling.ADMIT),
        (Guard(REPLACE, max_concurrent=2), Standing(going_on=2), Ruling.REPLACE_OLDEST),
        (Guard(REPLACE, max_per_minute=1), Standing(admitted=1), Ruling.ADMIT),
        (Guard(REPLACE, max_per_minute=1), Standing(admitted=1, queued=1), Ruling.REPLACE_QUEUED),
        (Guard(REPLACE, max_queued=1), Standing(queued=1), Ruling.REPLACE_QUEUED),
        (Guard(QUEUE, max_queued=1), Standing(queued=0), Ruling.ADMIT),
        (Guard(QUEUE, max_queued=1), Standing(queued=1), Ruling.QUEUE_FULL),
        (Guard(QUEUE, 2, max_queued=1), Standing(running=1, queued=1), Ruling.ADMIT),
        (Guard(QUEUE, 2, max_queued=1), Standing(running=2, queued=1), Ruling.QUEUE_FULL),
        (Guard(QUEUE, 2, 5, max_queued=0), Standing(running=0, queued=1, admitted=4), Ruling.QUEUE_FULL),
        (Guard(QUEUE, 1, max_queued=0), Standing(running=0, queued=0), Ruling.ADMIT),
        (Guard(QUEUE, 1, max_queued=0), Standing(running=1, queued=0), Ruling.QUEUE_FULL),
    ],
)
def test_a_start_is_ruled_by_what_is_there(guard: Guard, standing: Standing, expected: Ruling) -> None:
    """Those that may begin at once are not in the way of others yet."""
    assert expected is rule(guard, standing)


def test_limits_alone_are_no_guard() -> None:
    """They queue, where executions are claimed."""
    assert Guard.of(WorkflowSettings(max_concurrent=1, max_per_minute=1)) is None


def document(**settings: object) -> JsonObject:
    """A workflow with these settings."""
    nodes = [{"id": "start", "type": "trigger.manual"}, {"id": "end", "type": "flow.end"}]
    return {"name": "w", "nodes": nodes, "connections": [{"from": "start", "to": "end"}], "settings": settings}  # type: ignore[dict-item] # JSON


def test_settings_come_back_as_they_were_written() -> None:
    """All of them, through the definition and through the row."""
    given = {
        "max_concurrent": 2, "max_per_minute": 30, "overflow": "replace", "max_queued": 5, "debounce_seconds": 2.5,
        "debounce_max_seconds": 60, "debounce_key": "data.order", "trigger_priorities": {"start": 7},
    }  # fmt: skip
    workflow = parse_workflow(document(**given))
    assert given == workflow_to_json(workflow)["settings"]
    guard = Guard.of(workflow.settings)
    assert guard is not None
    assert guard == Guard.read(guard.to_json())


def test_other_names_of_limits_are_understood() -> None:
    """As definitions of other engines have them; both at once are refused."""
    settings = parse_workflow(document(rateLimitMaxConcurrent=3, rateLimitPerMinute=60)).settings
    assert (3, 60) == (settings.max_concurrent, settings.max_per_minute)
    with pytest.raises(InvalidWorkflow, match="rateLimitMaxConcurrent"):
        parse_workflow(document(rateLimitMaxConcurrent=3, max_concurrent=4))


@pytest.mark.parametrize(
    "settings",
    [
        {"overflow": "explode"},
        {"max_queued": -1},
        {"debounce_seconds": 0},
        {"debounce_seconds": 1e6},
        {"debounce_key": 5},
        {"trigger_priorities": []},
        {"trigger_priorities": {"start": 5000}},
    ],
)
def test_settings_that_cannot_be_are_refused(settings: JsonObject) -> None:
    """When the definition is read."""
    with pytest.raises(InvalidWorkflow) as refused:
        parse_workflow(document(**settings))
    (problem,) = refused.value.problems
    assert str(problem.parameter).startswith(f"settings.{next(iter(settings))}")


def test_what_cannot_work_is_found_when_it_is_checked() -> None:
    """A key that cannot be read, a trigger that there is not, and a policy without a limit, which is a warning."""
    given = {"overflow": "drop", "debounce_key": "data.", "trigger_priorities": {"nowhere": 1}}
    found = {problem.code: problem.severity for problem in check_overflow(parse_workflow(document(**given)))}
    assert found == {
        "expression_invalid": Severity.ERROR,
        "overflow_without_limit": Severity.WARNING,
        "unknown_trigger": Severity.ERROR,
    }
