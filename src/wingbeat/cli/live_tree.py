"""The tree of nodes that `run` draws in a terminal: what each has done, what it does now, and for how long."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.cli.wording import duration, shorten, visible
from wingbeat.core.status import StepStatus

if TYPE_CHECKING:
    from collections.abc import Collection

    from rich.live import Live
    from rich.text import Text
    from rich.tree import Tree

    from wingbeat.core.json_value import JsonObject
    from wingbeat.core.plan import Plan, PlannedNode, Region
    from wingbeat.storage.journal import JournalRow


class Mark(NamedTuple):
    """How a state looks: a sign, its style, and a word where the sign alone does not say it."""

    sign: str
    style: str
    word: str = ""


NOT_YET = Mark("·", "dim")
RUNNING = Mark("●", "blue", "running")
GOING_ROUND = Mark("◐", "blue", "under way")
WAITING = Mark("◔", "yellow", "waiting")
RETRYING = Mark("◔", "yellow", "tries again soon")
COMPLETED = Mark("✓", "green")
FAILED = Mark("✗", "red")
STOPPED = Mark("■", "yellow", "stopped")
NOT_RUN = Mark("-", "dim", "not run")

BEGINNINGS = {StepStatus.STARTED: RUNNING, StepStatus.WAITING: WAITING, StepStatus.OPENED: GOING_ROUND}
ENDINGS = (StepStatus.COMPLETED, StepStatus.FAILED)
# Leaves room for the figures in a terminal of 80 columns.
NAME_CHARACTERS = 40


@dataclass(slots=True)
class NodeProgress:
    """What a node has done so far; `seconds` is the time that its steps took together.

    `under_way` has the scopes in which it began something that has not ended: what that is, and since when.
    """

    completed: int = 0
    failed: int = 0
    seconds: float = 0.0
    failed_last: bool = False
    under_way: dict[str, tuple[Mark, datetime]] = field(default_factory=dict)

    def take(self, row: JournalRow) -> None:
        """Count what a row tells. A wait and a loop have a row for their beginning and another for their end."""
        status = StepStatus(row.status)
        if status in BEGINNINGS:
            _, since = self.under_way.get(row.scope, (None, row.started_at))
            self.under_way[row.scope] = BEGINNINGS[status], since
        elif status in ENDINGS:
            _, since = self.under_way.pop(row.scope, (None, row.started_at))
            self.seconds += (row.ended_at - since).total_seconds()
            self.failed_last = status is StepStatus.FAILED
            self.failed += self.failed_last
            self.completed += not self.failed_last

    def settle(self, completed: int, failed: int) -> None:
        """Take over the final counts; what another process saw the end of is not under way any more."""
        if (completed, failed) != (self.completed, self.failed):
            self.failed_last = completed == 0
            self.under_way.clear()
        self.completed, self.failed = completed, failed

    def seconds_until(self, now: datetime) -> float:
        """As `seconds`, with what is still under way."""
        return self.seconds + sum((now - since).total_seconds() for _, since in self.under_way.values())

    def mark(self, *, at_work: bool) -> Mark:
        """The state while the execution runs."""
        if self.under_way:
            return next(iter(self.under_way.values()))[0]
        if at_work:
            return RETRYING if self.failed_last else RUNNING
        return self.last_mark(NOT_YET)

    def last_mark(self, otherwise: Mark) -> Mark:
        """What its last step came to."""
        if self.failed_last:
            return FAILED
        return COMPLETED if self.completed else otherwise


class LiveTree:
    """A tree of all nodes, the bodies of loops below their loops, drawn again a few times a second."""

    def __init__(self, plan: Plan, live: Live) -> None:
        self._plan = plan
        self._live = live
        self._nodes = {node_id: NodeProgress() for node_id in plan.nodes}
        self._running: Collection[str] = ()
        self._ended = False
        self._began = time.monotonic()

    def saw(self, row: JournalRow) -> None:
        """Count it; it is drawn with the next picture."""
        self._nodes[row.node_id].take(row)

    def draw(self, running: Collection[str]) -> None:
        """Draw the tree as it is now."""
        self._running = running
        for node_id, progress in self._nodes.items():
            # The end of a loop takes along what its body still had under way, without a row.
            if progress.under_way and node_id not in running and self._plan.nodes[node_id].body is None:
                progress.under_way.clear()
        self._live.update(self._tree(), refresh=True)

    def end(self, states: JsonObject) -> None:
        """Draw it for the last time, in full, with what other processes did of it."""
        self._ended = True
        self._live.vertical_overflow = "visible"
        for node_id, state in states.items():
            if isinstance(state, dict) and node_id in self._nodes:
                self._nodes[node_id].settle(int(str(state["runs"])), int(str(state["failures"])))
        self._live.update(self._tree(), refresh=True)

    def _tree(self) -> Tree:
        from rich.text import Text
        from rich.tree import Tree

        title = Text(visible(self._plan.workflow.name), style="bold", no_wrap=True, overflow="ellipsis")
        title.append(f"  {duration(time.monotonic() - self._began)}", style="not bold dim")
        tree = Tree(title)
        self._add(tree, self._plan.root, datetime.now(UTC))
        return tree

    def _add(self, tree: Tree, region: Region, now: datetime) -> None:
        for node in region.nodes:
            branch = tree.add(self._label(node, now))
            if node.body is not None:
                self._add(branch, node.body, now)

    def _label(self, node: PlannedNode, now: datetime) -> Text:
        """Sign, name, figures, word and type, in this order: what a narrow terminal cuts off is the type."""
        from rich.text import Text

        progress = self._nodes[node.id]
        mark = self._mark(node, progress)
        label = Text(no_wrap=True, overflow="ellipsis")
        label.append(f"{mark.sign} ", style=mark.style)
        label.append(shorten(visible(node.node.name) or node.id, NAME_CHARACTERS))
        figures = [f"{progress.completed:,} times"] if progress.completed > 1 else []
        if progress.completed or progress.failed or progress.under_way:
            figures.append(duration(progress.seconds_until(now)))
        if figures:
            label.append(f"  {', '.join(figures)}")
        if mark.word:
            label.append(f"  {mark.word}", style=mark.style)
        if progress.failed:
            label.append(f"  {progress.failed:,} failed", style="red")
        label.append(f"  {node.node.type}", style="dim")
        return label

    def _mark(self, node: PlannedNode, progress: NodeProgress) -> Mark:
        at_work = node.id in self._running
        if not self._ended:
            return progress.mark(at_work=at_work)
        if progress.under_way:
            return STOPPED
        return progress.last_mark(STOPPED if at_work else NOT_RUN)
