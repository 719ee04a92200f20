"""The Router: the service of the operator's that runs modules and chat commands, at the address in ROUTER_URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias, cast

from wingbeat.core.errors import StepError
from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject

Target: TypeAlias = Literal["modules", "commands"]


class Router(Protocol):
    """Carries out one request for the step; its execution, workflow and node go along, and its idempotency key."""

    async def execute(self, target: Target, request: JsonObject, *, timeout_seconds: float) -> Json:
        """`POST /api/v1/<target>/execute`; gives the answer's `data`, or the answer where it has none.

        Raises:
            StepError: `ROUTER_UNREACHABLE`, `ROUTER_TIMEOUT`, `ROUTER_UNAUTHORIZED`, `ROUTER_REFUSED`, `ROUTER_BUSY`,
                `ROUTER_FAILED` or `ROUTER_ANSWER_INVALID`; `retryable` and `uncertain` as they are.
        """
        ...


class ExampleRouter:
    """Stands in for the Router in examples: the world holds what it answers to each request, in order.

    An answer `{"error": CODE}` is the error that it ends in.
    """

    def __init__(self, world: Json) -> None:
        self._answers = list(world) if isinstance(world, list) else []
        self.requests: list[tuple[Target, JsonObject]] = []

    async def execute(self, target: Target, request: JsonObject, *, timeout_seconds: float) -> Json:
        """The next answer that the world holds."""
        del timeout_seconds
        self.requests.append((target, request))
        answer: Json = self._answers.pop(0) if self._answers else {"error": "ROUTER_UNREACHABLE"}
        if isinstance(answer, dict) and "error" in answer:
            code = cast("str", answer["error"])
            raise StepError("The Router of the example says no.", code=code, remedy="Change the example's world.")
        return answer


ROUTER: Final[Tool[Router]] = Tool("router", ExampleRouter)
