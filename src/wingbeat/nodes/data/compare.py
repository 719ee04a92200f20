"""Find out what has changed between two lists."""

from __future__ import annotations

from collections.abc import Awaitable, Hashable
from typing import Annotated, Literal

from pydantic import Field

from wingbeat.sdk import (
    Context,
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
)
from wingbeat.sdk.aside import aside
from wingbeat.sdk.values import evaluate_all, identity, short

MANY = 2_000
PORTS = ("added", "removed", "changed", "same")


class Compare(Parameters):
    """The two lists, and what makes two items one."""

    before: Template[list[Json]] = Field(description="The list as it was.", examples=["{{ nodes.yesterday }}"])
    after: Template[list[Json]] = Field(description="The list as it is.", examples=["{{ input }}"])
    key: Annotated[Expression[Json], item_expression()] = Field(
        description="What identifies an `item` in both lists; it must differ from item to item within each.",
        examples=["item.id"],
    )
    ignore: list[str] = Field(
        default=[],
        max_length=1000,
        description="Fields in which items may differ and still be the same.",
        examples=[["updated_at"]],
    )
    output: Literal["ports", "object"] = Field(
        default="ports",
        description="`ports`: each list leaves through a port of its own. `object`: all together through `out`.",
        examples=["object"],
    )


def run(parameters: Compare, context: Context) -> Outcome | Awaitable[Outcome]:
    """Compare; raises `StepError` (`COMPARE_KEY_REPEATED`) when a key does not identify."""
    del context
    many = len(parameters.before) + len(parameters.after) > MANY
    return aside(lambda: _outcome(parameters), big=many)


def _outcome(parameters: Compare) -> Outcome:
    found = _compare(parameters)
    return Outcome.of(dict(found)) if parameters.output == "object" else Outcome.on(**found)


def _compare(parameters: Compare) -> dict[str, Json]:
    before = _by_key(parameters, parameters.before, "before")
    after = _by_key(parameters, parameters.after, "after")
    ignored = frozenset(parameters.ignore)
    changed: list[Json] = []
    same: list[Json] = []
    for identifier, (key, item) in after.items():
        if identifier not in before:
            continue
        old = before[identifier][1]
        fields = _changed_fields(old, item, ignored)
        if fields is None:
            same.append(item)
        else:
            changed.append({"key": key, "fields": fields, "before": old, "after": item})
    return {
        "added": [item for identifier, (_, item) in after.items() if identifier not in before],
        "removed": [item for identifier, (_, item) in before.items() if identifier not in after],
        "changed": changed,
        "same": same,
    }


def _by_key(parameters: Compare, items: list[Json], which: str) -> dict[Hashable, tuple[Json, Json]]:
    found: dict[Hashable, tuple[Json, Json]] = {}
    for index, (key, item) in enumerate(zip(evaluate_all(parameters.key, items), items, strict=True)):
        identifier = identity(key)
        if identifier in found:
            raise StepError(
                f"Two items of '{which}' have the key {short(key)}, so it does not say which is which.",
                code="COMPARE_KEY_REPEATED",
                remedy="Use a key that differs from item to item, or put a deduplicate before.",
                details={"list": which, "index": index},
            )
        found[identifier] = (key, item)
    return found


def _changed_fields(old: Json, new: Json, ignored: frozenset[str]) -> list[Json] | None:
    """The fields that differ, or None where nothing does; of values without fields an empty list."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return None if identity(old) == identity(new) else []
    names = [name for name in {**old, **new} if name not in ignored]
    changed: list[Json] = [name for name in names if _differs(old, new, name)]
    return changed or None


def _differs(old: JsonObject, new: JsonObject, name: str) -> bool:
    return (name in old) != (name in new) or identity(old.get(name)) != identity(new.get(name))


LIST = {"type": "array"}
TOGETHER = {"required": ["output"], "properties": {"output": {"const": "object"}}}
APART = {"not": TOGETHER}
OLD: Json = [{"id": 1, "price": 5}, {"id": 2, "price": 7}, {"id": 3, "price": 9}]
NEW: Json = [{"id": 2, "price": 8}, {"id": 3, "price": 9}, {"id": 4, "price": 1}]

NODE = NodeType(
    type="data.compare",
    title="Compare",
    help=(
        "Compares two lists item by item, by a key: what came, what went, what changed and in which fields, and what "
        "stayed. All four ports are always taken, if need be with an empty list. Use it to bring two systems to the "
        "same state, or to tell people what is new. Numbers are the same by value (1 and 1.0), null is not the same as "
        "a field that is missing, and the order of the lists does not matter."
    ),
    parameters=Compare,
    run=run,
    outputs=(
        Port("added", "Items of `after` whose key is not in `before`.", LIST, when=APART),
        Port("removed", "Items of `before` whose key is not in `after`.", LIST, when=APART),
        Port(
            "changed",
            "For each item that differs: its `key`, the names of the `fields`, the item `before` and `after`.",
            {
                "type": "array",
                "items": {"type": "object", "required": ["key", "fields", "before", "after"]},
            },
            when=APART,
        ),
        Port("same", "Items of `after` that are as they were.", LIST, when=APART),
        Port(
            "out",
            "With `output: object`: an object with the four lists, by these names.",
            {"type": "object"},
            when=TOGETHER,
        ),
    ),
    examples=(
        Example(
            "prices of two days",
            {"before": "{{ input.old }}", "after": "{{ input.new }}", "key": "item.id"},
            input={"old": OLD, "new": NEW},
            expect={
                "added": [{"id": 4, "price": 1}],
                "removed": [{"id": 1, "price": 5}],
                "changed": [
                    {"key": 2, "fields": ["price"], "before": {"id": 2, "price": 7}, "after": {"id": 2, "price": 8}}
                ],
                "same": [{"id": 3, "price": 9}],
            },
        ),
        Example(
            "all in one object, prices aside",
            {
                "before": [{"id": 1, "price": 5}],
                "after": [{"id": 1, "price": 6}],
                "key": "item.id",
                "ignore": ["price"],
                "output": "object",
            },
            expect={"out": {"added": [], "removed": [], "changed": [], "same": [{"id": 1, "price": 6}]}},
        ),
        Example(
            "a key that occurs twice",
            {"before": [], "after": [{"id": 1}, {"id": 1}], "key": "item.id"},
            expect_error="COMPARE_KEY_REPEATED",
        ),
    ),
)
