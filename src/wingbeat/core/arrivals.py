"""What came over a connection to a node."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json


class Arrived(NamedTuple):
    """A value that came over a taken connection: `order` is its place among the target's, `sequence` its row."""

    order: int
    node_id: str
    port: str
    value: Json
    sequence: int


class ArrivedError(Arrived):
    """A value that stands for an error: what came before it has failed."""

    __slots__ = ()
