"""Bring several branches together, and say how their values combine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from itertools import zip_longest
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wingbeat.sdk import (
    Arrival,
    Carries,
    Context,
    Example,
    Expression,
    Join,
    Json,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    StepError,
    item_expression,
    matters,
    needed,
)
from wingbeat.sdk.values import digest, identity


class Merge(Parameters):
    """How to combine."""

    mode: Literal["all", "any", "append", "combine", "by_key", "by_position"] = Field(
        default="all",
        description=(
            "`all`: an object with each branch's value by the id of the node it came from. `any`: the value of the "
            "first branch that arrives; the others are cancelled. `append`: one list with the items of all. "
            "`combine`: one object with the fields of all. `by_key`: lists of objects, joined where `key` is the "
            "same. `by_position`: lists of objects, joined where the place is the same. Where fields clash, the later "
            "connection wins."
        ),
        examples=["append"],
    )
    key: Annotated[Expression[Json] | None, item_expression()] = Field(
        json_schema_extra=needed(mode="by_key"),
        default=None,
        description="For `by_key`: what identifies an `item`.",
        examples=["item.id"],
    )
    keep: Literal["all", "matched"] = Field(
        json_schema_extra=matters(mode=("by_key", "by_position")),
        default="all",
        description="For `by_key` and `by_position`: keep every item, or only those that all branches have.",
        examples=["matched"],
    )

    @model_validator(mode="after")
    def _key_fits(self) -> Self:
        if (self.mode == "by_key") != (self.key is not None):
            raise ValueError("'key' belongs to the mode 'by_key', which needs it")
        return self


def run(parameters: Merge, context: Context) -> Outcome:
    """Combine what arrived; raises `StepError` for a value that does not fit the mode."""
    combine = COMBINE[parameters.mode]
    return Outcome.of(combine(parameters, context.arrivals))


def _all(parameters: Merge, arrivals: Sequence[Arrival]) -> Json:
    """By node id; a node that arrives through several ports gives an object by port."""
    del parameters
    times = Counter(arrival.node_id for arrival in arrivals)
    combined: dict[str, Json] = {}
    for node_id, port, value, _ in arrivals:
        if times[node_id] == 1:
            combined[node_id] = value
            continue
        ports = combined.setdefault(node_id, {})
        if isinstance(ports, dict):
            ports[port] = value
    return combined


def _any(parameters: Merge, arrivals: Sequence[Arrival]) -> Json:
    del parameters
    return next((arrival.value for arrival in arrivals), None)


def _append(parameters: Merge, arrivals: Sequence[Arrival]) -> Json:
    del parameters
    combined: list[Json] = []
    for arrival in arrivals:
        combined.extend(arrival.value if isinstance(arrival.value, list) else [arrival.value])
    return combined


def _combine(parameters: Merge, arrivals: Sequence[Arrival]) -> Json:
    combined: dict[str, Json] = {}
    for arrival in arrivals:
        combined.update(_object(parameters, arrival, arrival.value))
    return combined


def _by_key(parameters: Merge, arrivals: Sequence[Arrival]) -> Json:
    """In the order in which keys first appear; within one branch, the later of two items with one key wins."""
    joined: dict[Hashable, dict[str, Json]] = {}
    times: Counter[Hashable] = Counter()
    for arrival in arrivals:
        found: set[Hashable] = set()
        for index, item in enumerate(_list(parameters, arrival)):
            key = _key(parameters, item, index)
            joined.setdefault(key, {}).update(_object(parameters, arrival, item))
            found.add(key)
        times.update(found)
    kept = [item for key, item in joined.items() if parameters.keep == "all" or times[key] == len(arrivals)]
    return list(kept)


def _key(parameters: Merge, item: Json, index: int) -> Hashable:
    """Any JSON value may be a key: 1 and 1.0 are the same, 1 and true are not."""
    value = parameters.key.evaluate(item=item, index=index) if parameters.key else None
    return (type(value), digest(value)) if isinstance(value, list | dict) else identity(value)


def _by_position(parameters: Merge, arrivals: Sequence[Arrival]) -> Json:
    lists = [[_object(parameters, arrival, item) for item in _list(parameters, arrival)] for arrival in arrivals]
    places = zip(*lists, strict=False) if parameters.keep == "matched" else zip_longest(*lists, fillvalue={})
    return [{name: value for part in place for name, value in part.items()} for place in places]


def _list(parameters: Merge, arrival: Arrival) -> list[Json]:
    if isinstance(arrival.value, list):
        return arrival.value
    raise _fault(parameters, arrival, "a list of objects")


def _object(parameters: Merge, arrival: Arrival, value: Json) -> dict[str, Json]:
    if isinstance(value, dict):
        return value
    raise _fault(parameters, arrival, "an object" if parameters.mode == "combine" else "a list of objects")


def _fault(parameters: Merge, arrival: Arrival, needed: str) -> StepError:
    return StepError(
        f"The mode '{parameters.mode}' needs {needed} from each branch; '{arrival.node_id}' gave something else.",
        code="MERGE_VALUE_UNFIT",
        remedy="Put a transform before the merge, or choose the mode 'all' or 'append', which take any value.",
        details={"node": arrival.node_id, "port": arrival.port},
    )


COMBINE: dict[str, Callable[[Merge, Sequence[Arrival]], Json]] = {
    "all": _all,
    "any": _any,
    "append": _append,
    "combine": _combine,
    "by_key": _by_key,
    "by_position": _by_position,
}


def join(parameters: JsonObject) -> Join:
    """`any` runs with the first branch; the others wait until all are decided."""
    return Join.FIRST if parameters.get("mode") == "any" else Join.ALL


JOINED = (
    Carries("inputs", joined="by_node", when={"properties": {"mode": {"const": "all"}}}),
    Carries("inputs", joined="first", when={"properties": {"mode": {"const": "any"}}}),
    Carries("inputs", joined="list", when={"properties": {"mode": {"const": "append"}}}),
    Carries("inputs", joined="fields", when={"properties": {"mode": {"const": "combine"}}}),
)
STOCK = Arrival("stock", "out", [{"id": 1, "stock": 5}, {"id": 2, "stock": 0}])
PRICES = Arrival("prices", "out", [{"id": 2, "price": 9}, {"id": 3, "price": 4}])

NODE = NodeType(
    type="flow.merge",
    title="Merge",
    help=(
        "Brings branches together and combines their values; only branches that were taken count. Any node may have "
        "several incoming connections and runs when all are decided: use a merge where their values are to become one, "
        "or where the first to arrive is enough. What comes out depends on the mode."
    ),
    parameters=Merge,
    run=run,
    join=join,
    outputs=(Port(help="The combined value.", carries=JOINED),),
    examples=(
        Example(
            "an object by node",
            {"mode": "all"},
            arrivals=(Arrival("a", "out", 1), Arrival("b", "true", [2])),
            expect={"out": {"a": 1, "b": [2]}},
        ),
        Example("the first one", {"mode": "any"}, arrivals=(Arrival("fast", "out", "x"),), expect={"out": "x"}),
        Example(
            "one list",
            {"mode": "append"},
            arrivals=(Arrival("a", "out", [1, 2]), Arrival("b", "out", 3)),
            expect={"out": [1, 2, 3]},
        ),
        Example(
            "one object; the later wins",
            {"mode": "combine"},
            arrivals=(Arrival("a", "out", {"x": 1, "y": 1}), Arrival("b", "out", {"y": 2})),
            expect={"out": {"x": 1, "y": 2}},
        ),
        Example(
            "join two lists by a key",
            {"mode": "by_key", "key": "item.id", "keep": "matched"},
            arrivals=(STOCK, PRICES),
            expect={"out": [{"id": 2, "stock": 0, "price": 9}]},
        ),
        Example(
            "join two lists by position",
            {"mode": "by_position"},
            arrivals=(Arrival("a", "out", [{"x": 1}, {"x": 2}]), Arrival("b", "out", [{"y": 3}])),
            expect={"out": [{"x": 1, "y": 3}, {"x": 2}]},
        ),
        Example(
            "a number has no fields",
            {"mode": "combine"},
            arrivals=(Arrival("a", "out", {"x": 1}), Arrival("b", "out", 2)),
            expect_error="MERGE_VALUE_UNFIT",
        ),
    ),
)
