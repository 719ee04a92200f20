"""The answers that executions give while they run: recorded once each, and handed to callers who wait."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.core.errors import StepError
from wingbeat.sdk.responses import response_sent
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.pool import patiently
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.executions.waits import Step
    from wingbeat.storage.pool import Database


MOST_BYTES = 5_000_000


class Given(NamedTuple):
    """An answer: text is sent as it stands, anything else as JSON, null not at all."""

    status: int
    headers: dict[str, str]
    body: Json

    @classmethod
    def of(cls, stored: JsonObject) -> Given:
        """The answer as it is kept."""
        return cls(stored["status"], stored["headers"], stored["body"])  # type: ignore[arg-type] # as `send` wrote it


class Responses:
    """Callers of this process who wait, and the answers for them; those elsewhere look at the execution's row."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._expected: dict[UUID, asyncio.Future[Given]] = {}

    def expect(self, execution_id: UUID) -> None:
        """Somebody waits: from now on the answer is kept for `waiting`, until `forget`."""
        self._expected[execution_id] = asyncio.get_running_loop().create_future()

    def waiting(self, execution_id: UUID) -> asyncio.Future[Given] | None:
        """The answer to come, if it is expected."""
        return self._expected.get(execution_id)

    def forget(self, execution_id: UUID) -> None:
        """Nobody waits any more."""
        self._expected.pop(execution_id, None)

    async def give(self, step: Step, answer: Given) -> None:
        """Record an answer, which then is durable, and hand it over. The same step may do it again."""
        execution_id = UUID(step.execution_id)
        by = f"{step.node_id}:{step.scope}"
        stored = encode_json({**answer._asdict(), "step": by})
        if len(stored) > MOST_BYTES:
            raise StepError(
                f"The answer has {len(stored)} bytes; at most {MOST_BYTES} can be kept.",
                code="RESPONSE_TOO_LARGE",
                remedy="Answer with a link to what is large.",
            )
        earlier = await patiently(lambda: self._record(execution_id, stored))
        if earlier is not None and earlier["step"] != by:
            raise response_sent(str(earlier["step"]).partition(":")[0])
        if earlier is not None:
            answer = Given.of(earlier)
        expected = self._expected.get(execution_id)
        if expected is not None and not expected.done():
            expected.set_result(answer)

    async def _record(self, execution_id: UUID, stored: bytes) -> JsonObject | None:
        """What was recorded before, if anything was."""
        earlier: JsonObject | None = await load("starts").respond(
            self.database.pool, execution_id=execution_id, response=stored
        )
        return earlier


@dataclass(frozen=True, slots=True)
class StepResponses:
    """The tool `responses` of one step; implements `wingbeat.sdk.responses.Responses`."""

    responses: Responses
    step: Step

    async def send(self, status: int, headers: JsonObject, body: Json) -> None:
        """Record the answer, and give it to whoever waits."""
        await self.responses.give(self.step, Given(status, {name: str(value) for name, value in headers.items()}, body))
