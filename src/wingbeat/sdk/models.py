"""The tool that asks a language model through a stored connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from wingbeat.core.errors import StepError
from wingbeat.sdk.schema_check import read_schema
from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject


class Question(NamedTuple):
    """What to ask. With a `schema` (of an object) the answer is such an object, else it is text.

    `corrections` says how often the model may try again when its answer does not fit the schema. `token_budget` holds
    for everything together: what is sent and what comes, in all tries.
    """

    instructions: str
    prompt: str
    schema: JsonObject | None = None
    model: str | None = None
    temperature: float | None = None
    most_tokens: int = 1024
    token_budget: int | None = None
    corrections: int = 2


class Answer(NamedTuple):
    """What the model gave, and what it took; `cost` is there if the connection says what tokens cost."""

    value: Json
    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    requests: int = 1
    cost: float | None = None


class Models(Protocol):
    """Asks a model."""

    async def ask(self, connection: str, question: Question, *, timeout_seconds: float = 60.0) -> Answer:
        """Ask, and check the answer against the schema; raises `StepError`, `retryable` where another try may help."""
        ...


class ExampleModels:
    """Gives the answers that an example's world holds, in order, and checks them as the real one does.

    The world: `[{"value": {"label": "praise"}}, {"value": "a text"}, {"error": "AI_RATE_LIMITED"}]`.
    """

    def __init__(self, world: Json) -> None:
        self._answers = list(world) if isinstance(world, list) else []
        self.asked: list[Question] = []

    async def ask(self, connection: str, question: Question, *, timeout_seconds: float = 60.0) -> Answer:
        """Give the next answer."""
        del connection, timeout_seconds
        self.asked.append(question)
        held = self._answers.pop(0) if self._answers else {}
        answer = held if isinstance(held, dict) else {}
        if "error" in answer:
            raise StepError("The example's model does not answer.", code=str(answer["error"]), remedy="Ask later.")
        value = answer.get("value", "")
        if question.schema is not None and not read_schema(question.schema).check(value, 1).valid:
            raise unfit_answer("the example's answer does not fit")
        return Answer(value, question.model or "example", 100, 20)


def unfit_answer(why: str) -> StepError:
    """What to say when the model does not give what was asked for, however often."""
    return StepError(
        f"The model's answer does not fit: {why}.",
        code="AI_ANSWER_UNFIT",
        remedy="Make the schema or the instructions simpler, use another model, or allow more corrections.",
        retryable=True,
    )


MODELS: Tool[Models] = Tool("models", ExampleModels)
