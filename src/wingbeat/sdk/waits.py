"""Waiting for something from outside: a person, another system, another execution.

A step opens a wait and returns `Await`. The execution then is a row and no memory. When the wait is resolved, or its
time has come, the node type's `resume` says what the step comes to: an `Outcome`, or `Await` once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, cast

from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json


class Signal(NamedTuple):
    """What ended a wait: with `resolved`, what came from outside; with `expired`, that nothing came in time.

    `opening` is what the step kept when it opened the wait.
    """

    kind: Literal["resolved", "expired"]
    value: Json
    opening: Json


class Opened(NamedTuple):
    """A wait that is open, for `Await(opened.wait, opened.until)`."""

    wait: str
    until: float | None
    opening: Json


class Waits(Protocol):
    """Where steps open what they wait for."""

    @property
    def address_key(self) -> str:
        """The `key` under which whoever calls the step's own address finds its wait; of a node type `addressed`."""
        ...

    async def open(
        self, *, kind: str, key: str, opening: Json = None, until: float | None = None, turn: int = 1
    ) -> Opened:
        """Open a wait, which survives whatever happens to this process.

        It is resolved from outside by its id, or by its `kind` and `key`, which is what it is known by there: a hashed
        token, the id of a task. `until` is in seconds since the epoch. A step that runs again after a crash gets the
        wait that it opened before, with the opening and the time of then: whatever it does besides should carry the
        step's idempotency key. A step that waits a second time for the same `kind`, as after an escalation, counts
        its `turn` up.
        """
        ...


class ExampleWaits:
    """Opens waits in the examples of node types."""

    def __init__(self, world: Json) -> None:
        del world
        self.address_key = "example"
        self.opened: list[tuple[str, str]] = []

    async def open(
        self, *, kind: str, key: str, opening: Json = None, until: float | None = None, turn: int = 1
    ) -> Opened:
        """Remember it."""
        del turn
        self.opened.append((kind, key))
        return Opened("00000000-0000-7000-8000-00000000000a", until, opening)


WAITS: Tool[Waits] = Tool("waits", cast("type[Waits]", ExampleWaits))
