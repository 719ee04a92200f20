"""What a test run gives, and who does it: a dry run of a definition without side effects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject


@dataclass(frozen=True, slots=True)
class TracedStep:
    """What one node did, or would have done; `ports` are those that its output left by."""

    node_id: str
    type: str
    scope: str
    attempt: int
    status: str
    ports: list[str]
    input: Json
    output: Json
    error: JsonObject | None
    log: list[Json]
    seconds: float


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """A whole test run: `completed` or `failed`, and every step in the order in which it ended."""

    status: str
    trace: list[TracedStep]
    output: Json
    error: JsonObject | None
    variables: JsonObject = field(default_factory=dict)
    seconds: float = 0.0


class Rehearser(Protocol):
    """Runs a definition with the same engine and no side effects."""

    async def run(
        self, document: JsonObject, trigger_data: Json, variables: JsonObject, trigger_node_id: str | None = None
    ) -> RehearsalReport:
        """Do it.

        Raises:
            InvalidWorkflow: the definition has errors.
            TimeoutError: it took longer than a workflow may.
        """
        ...
