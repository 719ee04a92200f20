"""The nodes of a workflow with what is known about each, and what they make together; `drawing` fills it in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wingbeat.core.graph import OnError
from wingbeat.core.node_kind import Reading, Role
from wingbeat.core.outcome import ERROR

if TYPE_CHECKING:
    from wingbeat.core.graph import Connection, Node, Workflow
    from wingbeat.core.node_kind import NodeKind

ROOT = ""


@dataclass(slots=True)
class Place:
    """One node of the drawing with what is known about it.

    `loop` is the id of the loop whose body it is in, or ''. `handles` are the nodes whose errors it handles.
    """

    node: Node
    kind: NodeKind | None
    reading: Reading
    index: int
    incoming: list[Connection] = field(default_factory=list)
    outgoing: list[Connection] = field(default_factory=list)
    loop: str = ROOT
    depth: int = 0
    handles: list[str] = field(default_factory=list)

    @property
    def role(self) -> Role:
        """A step, where the type is unknown."""
        return self.kind.role if self.kind else Role.STEP

    @property
    def outputs(self) -> tuple[str, ...]:
        """Every port that a connection may leave from."""
        if self.node.on_error is OnError.BRANCH:
            return (*self.reading.outputs, ERROR)
        return self.reading.outputs


@dataclass(slots=True)
class Drawing:
    """The places by id, an order in which every node follows its sources, or the ids of a cycle instead.

    `leaving` are the connections that lead into another region than the one that they come from, each with the loop in
    which they begin.
    """

    workflow: Workflow
    places: dict[str, Place]
    order: list[str] = field(default_factory=list)
    cycle: list[str] = field(default_factory=list)
    leaving: list[tuple[Connection, str]] = field(default_factory=list)
