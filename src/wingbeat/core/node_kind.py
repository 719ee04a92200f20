"""What the core must know of a node type to give a graph its meaning. The types themselves live above."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from wingbeat.core.outcome import OUT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wingbeat.core.expression import Reference
    from wingbeat.core.json_value import Json, JsonObject

INPUT = "in"
# The path of a text among the parameters, and how many of a reading's references there are up to its end.
ReferencePlace: TypeAlias = tuple[tuple[str, ...], int]


class Effect(StrEnum):
    """What repeating a step after a crash would do.

    `pure`: free to recompute. `idempotent`: run again with the same idempotency key. `unsafe`: its start is made
    durable first, and after a crash its outcome is unknown.
    """

    PURE = "pure"
    IDEMPOTENT = "idempotent"
    UNSAFE = "unsafe"


class Role(StrEnum):
    """The part that a node plays in the graph."""

    TRIGGER = "trigger"
    STEP = "step"
    LOOP = "loop"
    BREAK = "break"
    CONTINUE = "continue"
    HANDLER = "handler"
    PARALLEL = "parallel"
    END = "end"


class Join(StrEnum):
    """When a node with several incoming connections runs: when all are decided, or with the first that is taken."""

    ALL = "all"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class ParameterProblem:
    """A fault in one parameter. `path` is dotted (`cases.0.value`); `position` an offset into an expression."""

    path: str
    code: str
    message: str
    fix: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a node's parameters say before anything runs.

    `prepared` is for whoever runs the node, opaque to the core. `provides` are the variables that the node sets,
    `takes` its input ports (none for a trigger). `effect` is what this very node does, where that is less than its type
    could. `places` say in which parameters the references stand, in the order of both. `handles` are the nodes whose
    errors the node handles: none named means all that do not come after it, None that it is no handler.
    `limit` is how many of the node's branches may run at once, if not all.
    `collects` makes of what an iteration of a loop came to, its item and its index what the loop keeps of it.
    """

    outputs: tuple[str, ...] = (OUT,)
    takes: tuple[str, ...] = (INPUT,)
    references: tuple[Reference, ...] = ()
    provides: tuple[str, ...] = ()
    join: Join = Join.ALL
    effect: Effect | None = None
    problems: tuple[ParameterProblem, ...] = ()
    prepared: object = field(default=None, compare=False)
    places: tuple[ReferencePlace, ...] = ()
    handles: tuple[str, ...] | None = None
    limit: int | None = None
    collects: Callable[[Json, Json, int], Json] | None = field(default=None, compare=False)

    def parameter_of(self, index: int) -> str | None:
        """The dotted path of the parameter in which the reference of that index stands, where it is known."""
        return next((".".join(path) for path, end in self.places if index < end), None)


class NodeKind(Protocol):
    """A node type, as far as the graph's meaning goes."""

    @property
    def type(self) -> str:
        """Its name, as `condition.if`."""
        ...

    @property
    def role(self) -> Role:
        """The part that its nodes play."""
        ...

    @property
    def effect(self) -> Effect:
        """The worst that its nodes do."""
        ...

    @property
    def addressed(self) -> bool:
        """Whether each of its steps has an address to be called at."""
        ...

    def read(self, parameters: JsonObject) -> Reading:
        """Check and compile the parameters of one node; never raises for bad ones, but lists their problems."""
        ...


Catalog: TypeAlias = "Mapping[str, NodeKind]"
