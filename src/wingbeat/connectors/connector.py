"""What every description of another system gives: node types by the names of its operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from wingbeat.sdk import NodeType


class Skipped(NamedTuple):
    """An operation that gives no node type, and why."""

    operation: str
    why: str


class Connector(Protocol):
    """The node types of one system, `<prefix>.<operation>`."""

    @property
    def operations(self) -> tuple[str, ...]:
        """The names of those that can be used."""
        ...

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """Those that cannot."""
        ...

    def title(self, operation: str) -> str:
        """What people call one operation; raises `KeyError`."""
        ...

    def node_type(self, operation: str) -> NodeType:
        """The node type of one operation; raises `KeyError`."""
        ...
