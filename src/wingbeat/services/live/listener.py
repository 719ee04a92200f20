"""What somebody who watches has to offer; what carries the events there is not known here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from wingbeat.core.access import Principal
    from wingbeat.services.live.story import Event


class Listener(Protocol):
    """Somebody who watches."""

    @property
    def principal(self) -> Principal:
        """Who it is, as that was last verified."""

    def ready(self) -> bool:
        """Whether it takes more now; if not, it is told later, in fewer words."""

    async def hear(self, event: Event) -> None:
        """Take an event in, without waiting for whoever reads it."""
