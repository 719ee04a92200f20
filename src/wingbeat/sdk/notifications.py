"""The tool that tells people something in the app: one row for each of them, until it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias, cast

from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.json_value import Json

Level: TypeAlias = Literal["info", "success", "warning", "error"]


class Note(NamedTuple):
    """What to tell."""

    title: str
    text: str = ""
    link: str = ""
    level: Level = "info"
    data: Json = None


class Notifications(Protocol):
    """Tells people, each once however often the step runs."""

    async def tell(self, recipients: Sequence[str], note: Note, *, turn: str = "") -> list[str]:
        """Tell each of them, and give the ids of the notifications. A step that tells more than one thing says which.

        Raises:
            StepError: `JSON_NOT_STORABLE`.
        """
        ...


class ExampleNotifications:
    """Keeps what it is to tell, for the examples of node types."""

    def __init__(self, world: Json) -> None:
        del world
        self.told: list[tuple[str, Note]] = []

    async def tell(self, recipients: Sequence[str], note: Note, *, turn: str = "") -> list[str]:
        """Count the ids up."""
        del turn
        first = len(self.told)
        self.told.extend((one, note) for one in recipients)
        return [f"00000000-0000-7000-8000-{number:012d}" for number in range(first, len(self.told))]


NOTIFICATIONS: Tool[Notifications] = Tool("notifications", cast("type[Notifications]", ExampleNotifications))
