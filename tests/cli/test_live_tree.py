"""The tree that `run` draws: marks, counts and times from the rows of a journal."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from rich.console import Console
from rich.live import Live
from tests.rig.program import transform, workflow

from wingbeat.cli.live_tree import LiveTree, NodeProgress
from wingbeat.core.document import parse_workflow
from wingbeat.core.plan import make_plan
from wingbeat.core.status import StepStatus
from wingbeat.discovery import discover_node_types
from wingbeat.storage.journal import JournalRow

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LOOP = {"id": "each", "type": "loop.foreach", "parameters": {"items": "{{ [1, 2] }}"}}
PAUSE = {"id": "pause", "type": "flow.delay", "parameters": {"seconds": 5}}
IN_LOOP = workflow(
    LOOP, PAUSE, transform(1), connections=(("start", "each"), ("each.body", "pause"), ("start", "made"))
)


def row(node_id: str, status: StepStatus, seconds: float, scope: str = "", *, took: float = 0.0) -> JournalRow:
    """A row that ends so many seconds after noon."""
    ended = NOON + timedelta(seconds=seconds)
    return JournalRow(UUID(int=1), 1, node_id, scope, 1, status.value, ended - timedelta(seconds=took), ended, 1)


class Screen:
    """A tree on a terminal of this test's own."""

    def __init__(self) -> None:
        self._file = io.StringIO()
        console = Console(file=self._file, width=80, force_terminal=False)
        catalog = discover_node_types().types
        self._live = Live(console=console, auto_refresh=False)
        self.tree = LiveTree(make_plan(parse_workflow(IN_LOOP), catalog), self._live)
        self._console = console

    def line_of(self, node_id: str) -> str:
        """The last line drawn of a node, from its sign on."""
        self._file.seek(0)
        self._file.truncate()
        self._console.print(self._live.renderable)
        found = next(line for line in self._file.getvalue().splitlines() if f" {node_id}  " in line)
        return found.lstrip("│├└─ ")


@pytest.mark.parametrize("beginning", [StepStatus.WAITING, StepStatus.OPENED, StepStatus.STARTED])
def test_a_time_goes_from_the_row_that_begins_a_step_to_the_row_that_ends_it(beginning: StepStatus) -> None:
    """Each of the two rows alone tells of an instant."""
    progress = NodeProgress()

    progress.take(row("pause", beginning, 0))
    progress.take(row("pause", StepStatus.COMPLETED, 7, took=0.5))

    assert (1, 7.0, {}) == (progress.completed, progress.seconds, progress.under_way)


def test_what_is_under_way_counts_up_to_now() -> None:
    """Steps in several scopes are added up."""
    progress = NodeProgress()
    progress.take(row("pause", StepStatus.WAITING, 1, "each:0"))
    progress.take(row("pause", StepStatus.WAITING, 2, "each:1"))

    assert 7.0 == progress.seconds_until(NOON + timedelta(seconds=5))


def test_a_loop_under_way_a_wait_and_what_comes_later_look_different() -> None:
    """By their signs, and by a word."""
    screen = Screen()
    screen.tree.saw(row("each", StepStatus.OPENED, 0))
    screen.tree.saw(row("pause", StepStatus.WAITING, 0, "each:0"))

    screen.tree.draw({"pause"})

    shown = [screen.line_of(name) for name in ("each", "pause", "made")]
    assert ["◐", "◔", "·"] == [line[0] for line in shown]
    assert "under way" in shown[0]
    assert "waiting" in shown[1]


def test_at_the_end_what_never_ran_and_what_was_stopped_say_so() -> None:
    """Neither looks like something that may still come."""
    screen = Screen()
    screen.tree.saw(row("each", StepStatus.OPENED, 0))

    screen.tree.end({"start": {"status": "completed", "runs": 1, "failures": 0}})

    assert "✓" == screen.line_of("start")[0]
    assert screen.line_of("each").startswith("■ each")
    assert "stopped" in screen.line_of("each")
    assert "- pause  not run  flow.delay" == screen.line_of("pause").rstrip()


def test_a_failure_that_is_tried_again_is_no_failure_yet() -> None:
    """It shows as waiting, with the number of failures."""
    screen = Screen()
    screen.tree.saw(row("made", StepStatus.FAILED, 1, took=1))

    screen.tree.draw({"made"})
    trying = screen.line_of("made")
    screen.tree.draw(())
    failed = screen.line_of("made")

    assert "◔ made  1.00 s  tries again soon  1 failed  data.transform" == trying.rstrip()
    assert "✗ made  1.00 s  1 failed  data.transform" == failed.rstrip()
