"""Leave out what is there twice, or what was there before."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Hashable, Sequence
from inspect import isawaitable
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from wingbeat.sdk import (
    Carries,
    Context,
    Effect,
    Example,
    Expression,
    Json,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    StepError,
    Template,
    item_expression,
    matters,
    needed,
)
from wingbeat.sdk.aside import aside
from wingbeat.sdk.memory import MEMORY
from wingbeat.sdk.values import digest, evaluate_all, identity

T = TypeVar("T")
MANY = 2_000
MOST_REMEMBERED = 100_000
LONGEST = 10 * 366 * 86400


class Deduplicate(Parameters):
    """The list, and what makes two items the same."""

    items: Template[list[Json]] = Field(description="The list to go through.", examples=["{{ input }}"])
    key: Annotated[Expression[Json] | None, item_expression()] = Field(
        default=None,
        description="What identifies an `item`; without it, items are the same when all of them is.",
        examples=["item.id"],
    )
    keep: Literal["first", "last"] = Field(
        default="first", description="Which of several with one key in the list stays, in its place.", examples=["last"]
    )
    against: Literal["input", "earlier"] = Field(
        default="input",
        description="`input`: within the list. `earlier`: also against what earlier executions of this node saw.",
        examples=["earlier"],
    )
    memory: str = Field(
        json_schema_extra=needed(against="earlier"),
        default="",
        max_length=200,
        description="For `earlier`: the name of what is remembered. Nodes that give the same name share it.",
        examples=["orders"],
    )
    scope: Literal["workflow", "global"] = Field(
        json_schema_extra=matters(against="earlier"),
        default="workflow",
        description="For `earlier`: this workflow's memory, or that of all of its community, else of its author.",
        examples=["global"],
    )
    keep_days: float = Field(
        json_schema_extra=matters(against="earlier"),
        default=30,
        gt=0,
        le=LONGEST / 86400,
        description="For `earlier`: for how long a key counts as seen.",
        examples=[1],
    )
    most: int = Field(
        json_schema_extra=matters(against="earlier"),
        default=100_000,
        ge=1,
        le=10_000_000,
        description="For `earlier`: how many keys are remembered at most; the oldest are forgotten, within an hour.",
        examples=[10_000],
    )

    @model_validator(mode="after")
    def _remembers_by_name(self) -> Self:
        if (self.against == "earlier") != bool(self.memory):
            raise ValueError("'memory' belongs to 'against: earlier', which needs it")
        return self


async def run(parameters: Deduplicate, context: Context) -> Outcome:
    """Divide the items; raises `StepError` (`DEDUPLICATE_TOO_MANY`) for more than can be remembered at once."""
    count = len(parameters.items)
    if parameters.against == "input":
        return await _within(parameters)
    if count > MOST_REMEMBERED:
        raise StepError(
            f"There are {count:,} items, and at most {MOST_REMEMBERED:,} are compared with earlier ones.",
            code="DEDUPLICATE_TOO_MANY",
            remedy="Go through it in batches, with a split before and a loop.",
        )
    keys = await _awaited(aside(lambda: [digest(value) for value in _values(parameters)], big=count > MANY))
    unseen = await context.use(MEMORY).unseen(
        parameters.memory,
        list(dict.fromkeys(keys)),
        shared=parameters.scope == "global",
        keep_seconds=parameters.keep_days * 86400,
        most=parameters.most,
    )
    return _divide(parameters, keys, unseen)


async def rehearse(parameters: Deduplicate, context: Context) -> Outcome:
    """Compare within the list, and remember nothing."""
    if parameters.against == "earlier":
        context.log("would also leave out what earlier executions saw")
    return await _within(parameters)


async def _within(parameters: Deduplicate) -> Outcome:
    def work() -> Outcome:
        return _divide(parameters, [identity(value) for value in _values(parameters)], None)

    return await _awaited(aside(work, big=len(parameters.items) > MANY))


async def _awaited(work: T | Awaitable[T]) -> T:
    return await work if isawaitable(work) else work


def _values(parameters: Deduplicate) -> list[Json]:
    return parameters.items if parameters.key is None else evaluate_all(parameters.key, parameters.items)


def _divide(parameters: Deduplicate, keys: Sequence[Hashable], unseen: Collection[Hashable] | None) -> Outcome:
    places = range(len(keys)) if parameters.keep == "last" else range(len(keys) - 1, -1, -1)
    # The last one to be written stays.
    chosen = {keys[place]: place for place in places}
    unique: list[Json] = []
    repeated: list[Json] = []
    for place, (key, item) in enumerate(zip(keys, parameters.items, strict=True)):
        stays = chosen[key] == place and (unseen is None or key in unseen)
        (unique if stays else repeated).append(item)
    return Outcome.on(unique=unique, repeated=repeated)


def effect_of(parameters: JsonObject) -> Effect:
    """Only what is remembered outlives the step."""
    return Effect.IDEMPOTENT if parameters.get("against") == "earlier" else Effect.PURE


LIST = {"type": "array"}
SEEN_SEVEN = {"memory": {"seen": [digest(7)]}}

NODE = NodeType(
    type="data.deduplicate",
    title="Deduplicate",
    help=(
        "Leaves out repeated items: within a list, or also those that earlier executions saw, so that each order, "
        "message or file of a feed is worked on once. What is new leaves through `unique`, the rest through "
        "`repeated`; both are always taken, if need be with an empty list. An item counts as seen as soon as this step "
        "is done, whatever happens after it; a step that runs again after a crash finds its own items new. Keys may be "
        "any JSON (1 and 1.0 are the same, 1 and true are not) and are kept as fingerprints."
    ),
    parameters=Deduplicate,
    run=run,
    rehearse=rehearse,
    effect=Effect.IDEMPOTENT,
    effect_of=effect_of,
    uses=(MEMORY,),
    outputs=(
        Port("unique", "The items that are new.", LIST, carries=(Carries("list", "items"),)),
        Port("repeated", "The others.", LIST, carries=(Carries("list", "items"),)),
    ),
    examples=(
        Example(
            "the last state of each order",
            {"items": "{{ input }}", "key": "item.id", "keep": "last"},
            input=[{"id": 1, "state": "new"}, {"id": 2, "state": "new"}, {"id": 1, "state": "paid"}],
            expect={
                "unique": [{"id": 2, "state": "new"}, {"id": 1, "state": "paid"}],
                "repeated": [{"id": 1, "state": "new"}],
            },
        ),
        Example(
            "only what no execution of the last week has seen",
            {"items": "{{ input }}", "key": "item.id", "against": "earlier", "memory": "orders", "keep_days": 7},
            input=[{"id": 7}, {"id": 8}],
            world=SEEN_SEVEN,
            expect={"unique": [{"id": 8}], "repeated": [{"id": 7}]},
        ),
        Example(
            "any JSON",
            {"items": [1, 1.0, True, "1", [1], [1.0]]},
            expect={"unique": [1, True, "1", [1]], "repeated": [1.0, [1.0]]},
        ),
    ),
)
