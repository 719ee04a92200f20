"""What a client sends: into which room it wants, or out of which."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wingbeat.core.errors import InvalidInput

ALL = "executions"
MOST_SEQUENCE = 2**31 - 1


class Room(NamedTuple):
    """One execution, the executions of one workflow, or all."""

    kind: Literal["execution", "workflow", "executions"]
    subject: UUID


NOBODY = UUID(int=0)


class Wish(BaseModel):
    """The first argument of `join` and `leave`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    room: Annotated[str, Field(max_length=80)]
    after_sequence: Annotated[int, Field(ge=0, le=MOST_SEQUENCE)] = 0


def read_wish(sent: object) -> tuple[Room, int]:
    """The room, and after which row of the journal to begin.

    Raises:
        InvalidInput: `ROOM_UNKNOWN`.
    """
    try:
        wish = Wish.model_validate(sent)
        kind, _, subject = wish.room.partition(":")
        if wish.room == ALL:
            return Room("executions", NOBODY), 0
        if kind == "execution":
            return Room("execution", UUID(subject)), wish.after_sequence
        if kind == "workflow":
            return Room("workflow", UUID(subject)), 0
    except (ValidationError, ValueError):
        pass
    raise InvalidInput(
        "This is no room that there is.",
        code="ROOM_UNKNOWN",
        remedy="Send {'room': 'execution:<id>', 'after_sequence': 0}, or a room 'workflow:<id>' or 'executions'.",
    )


class Said(BaseModel):
    """The argument of `present`: which workflow a tab has open, and what is done there."""

    model_config = ConfigDict(extra="forbid", strict=True)

    room: Annotated[str, Field(max_length=80)]
    tab: Annotated[str, Field(min_length=1, max_length=40)]
    editing: bool = False
    node: Annotated[str, Field(max_length=200)] | None = None
    gone: bool = False


def read_presence(sent: object) -> tuple[UUID, Said]:
    """The workflow, and what is said of it.

    Raises:
        InvalidInput: `PRESENCE_UNKNOWN`.
    """
    try:
        said = Said.model_validate(sent)
        kind, _, subject = said.room.partition(":")
        if kind == "workflow":
            return UUID(subject), said
    except (ValidationError, ValueError):
        pass
    raise InvalidInput(
        "This does not say who has which workflow open.",
        code="PRESENCE_UNKNOWN",
        remedy="Send {'room': 'workflow:<id>', 'tab': 'a name of the tab', 'editing': false, 'node': null}.",
    )
