"""The tool that sends e-mail through a stored connection."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from wingbeat.sdk.letter import check, compose, message_id, parse_address
from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.json_value import Json
    from wingbeat.sdk.letter import Letter


class RefusedRecipient(NamedTuple):
    """Somebody whom the server did not take the mail for, and what it said."""

    address: str
    status: int
    reason: str


class Delivery(NamedTuple):
    """What the server took. `message_id` is the same whenever one step sends its mail again."""

    message_id: str
    accepted: Sequence[str]
    refused: Sequence[RefusedRecipient] = ()
    response: str = ""


class Mail(Protocol):
    """Sends one e-mail."""

    async def send(self, connection: str, letter: Letter, *, timeout_seconds: float = 30.0, part: str = "") -> Delivery:
        """Hand the letter to the connection's server. A step that sends several says which `part` of it this is.

        Raises `StepError`: `uncertain` where the server may have taken the mail although it did not say so. A server
        that takes it for some recipients only is no error; the delivery says who was refused.
        """
        ...


class ExampleMail:
    """Takes every mail that a server could take, for all but those whom the example's world says it refuses.

    The world: `{"from": "me@example.com", "refused": {"a@example.com": "no such user"}}`.
    """

    def __init__(self, world: Json) -> None:
        held = world if isinstance(world, dict) else {}
        self._from = str(held.get("from", "workflow@example.com"))
        refused = held.get("refused")
        self._refused = refused if isinstance(refused, dict) else {}
        self.sent: list[Letter] = []

    async def send(self, connection: str, letter: Letter, *, timeout_seconds: float = 30.0, part: str = "") -> Delivery:
        """Build the message, as the real one does, and keep the letter."""
        del connection, timeout_seconds, part
        checked = check(letter)
        sender = checked.sender or parse_address("from", self._from)
        identifier = message_id("example", sender.domain)
        compose(checked, sender, identifier, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)).as_bytes()
        self.sent.append(letter)
        refused = [RefusedRecipient(one, 550, str(why)) for one, why in self._refused.items()]
        accepted = [one for one in checked.recipients if one not in self._refused]
        return Delivery(identifier, accepted, refused, "250 OK")


MAIL: Tool[Mail] = Tool("mail", ExampleMail)
