"""What `run` shows while an execution runs: a live tree of its nodes in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from wingbeat.cli.reporting import say
from wingbeat.core.status import StepStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from rich.console import RenderableType
    from rich.live import Live
    from rich.tree import Tree

    from wingbeat.core.plan import Plan, PlannedNode, Region
    from wingbeat.storage.journal import JournalRow

WORDS = {
    StepStatus.STARTED: "started",
    StepStatus.COMPLETED: "completed",
    StepStatus.FAILED: "failed",
    StepStatus.WAITING: "waits",
    StepStatus.OPENED: "goes through its items",
    StepStatus.ROUND: "decides on another round",
}


class View(Protocol):
    """What is told of every row."""

    def saw(self, row: JournalRow) -> None:
        """Something happened."""
        ...

    def draw(self, running: Collection[str]) -> None:
        """Some time has passed; these nodes are at work."""
        ...


@contextmanager
def open_view(plan: Plan, *, as_json: bool) -> Iterator[View]:
    """The view that fits where the output goes."""
    if as_json or not sys.stdout.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.live import Live

    console = Console()
    with Live(console=console, auto_refresh=False, vertical_overflow="ellipsis") as live:
        view = LiveTree(plan, live)
        try:
            yield view
        finally:
            view.draw(())


class Lines:
    """Lines on standard error: of a node in a loop, at its 1st, 10th, 100th ... run."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], int] = {}

    def saw(self, row: JournalRow) -> None:
        """Print it."""
        key = (row.node_id, row.status)
        count = self._seen[key] = self._seen.get(key, 0) + 1
        if count > 1 and not _is_power_of_ten(count):
            return
        times = f" ({count} times)" if count > 1 else ""
        scope = f" in {row.scope}" if row.scope and count == 1 else ""
        say(f"{row.node_id}{scope}: {WORDS.get(StepStatus(row.status), row.status)}{times}")

    def draw(self, running: Collection[str]) -> None:
        """Nothing moves."""


@dataclass(slots=True)
class NodeProgress:
    """What a node has done so far; `seconds` is the time that its steps took together."""

    completed: int = 0
    failed: int = 0
    seconds: float = 0.0
    waiting: bool = False
    last: StepStatus | None = field(default=None)


class LiveTree:
    """A tree of all nodes, the bodies of loops below their loops, drawn again a few times a second."""

    def __init__(self, plan: Plan, live: Live) -> None:
        self._plan = plan
        self._live = live
        self._nodes: dict[str, NodeProgress] = {}
        self._began = time.monotonic()

    def saw(self, row: JournalRow) -> None:
        """Count it; it is drawn with the next picture."""
        node = self._nodes.setdefault(row.node_id, NodeProgress())
        node.last = StepStatus(row.status)
        node.waiting = node.last is StepStatus.WAITING
        node.seconds += (row.ended_at - row.started_at).total_seconds()
        if node.last is StepStatus.COMPLETED:
            node.completed += 1
        elif node.last is StepStatus.FAILED:
            node.failed += 1

    def draw(self, running: Collection[str]) -> None:
        """Draw the tree as it is now."""
        self._live.update(self._tree(running), refresh=True)

    def _tree(self, running: Collection[str]) -> RenderableType:
        from rich.markup import escape
        from rich.tree import Tree

        tree = Tree(f"[bold]{escape(self._plan.workflow.name)}[/] [dim]{time.monotonic() - self._began:.1f} s[/]")
        self._add(tree, self._plan.root, running)
        return tree

    def _add(self, tree: Tree, region: Region, running: Collection[str]) -> None:
        for node in region.nodes:
            branch = tree.add(self._label(node, running))
            if node.body is not None:
                self._add(branch, node.body, running)

    def _label(self, node: PlannedNode, running: Collection[str]) -> str:
        from rich.markup import escape

        progress = self._nodes.get(node.id, NodeProgress())
        name = escape(node.node.name or node.id)
        mark, style = _mark(progress, at_work=node.id in running)
        counts = [f"{progress.completed} times"] if progress.completed > 1 else []
        if progress.failed:
            counts.append(f"[red]{progress.failed} failed[/]")
        if progress.completed or progress.failed:
            counts.append(f"{progress.seconds:.2f} s")
        return f"[{style}]{mark}[/] {name} [dim]{escape(node.node.type)}[/] {', '.join(counts)}".rstrip()


def _mark(progress: NodeProgress, *, at_work: bool) -> tuple[str, str]:
    """A sign and its style."""
    if at_work:
        return ("◔", "yellow") if progress.waiting else ("●", "blue")
    if progress.failed and progress.last is StepStatus.FAILED:
        return "✗", "red"
    return ("✓", "green") if progress.completed else ("·", "dim")


def _is_power_of_ten(count: int) -> bool:
    return str(count).strip("0") == "1"
