"""Answering whoever started an execution and waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from wingbeat.core.errors import StepError
from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject


class Responses(Protocol):
    """The one answer of an execution."""

    async def send(self, status: int, headers: JsonObject, body: Json) -> None:
        """Record the answer, and give it to whoever waits.

        Raises:
            StepError: `RESPONSE_SENT`, when another step has answered.
        """
        ...


class ExampleResponses:
    """Keeps the answer in the examples of node types."""

    def __init__(self, world: Json) -> None:
        self._sent = isinstance(world, dict) and world.get("sent") is True

    async def send(self, status: int, headers: JsonObject, body: Json) -> None:
        """Refuse a second answer."""
        del status, headers, body
        if self._sent:
            raise response_sent("another")
        self._sent = True


def response_sent(node_id: str) -> StepError:
    """The refusal of a second answer."""
    return StepError(
        f"The execution has answered already, in the step {node_id!r}.",
        code="RESPONSE_SENT",
        remedy="Let one node answer, or one in each branch of which only one is taken.",
    )


RESPONSES: Tool[Responses] = Tool("responses", cast("type[Responses]", ExampleResponses))
