"""What node types that compare values share: when two are the same, their kinds, one expression for many items."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, TypeVar

from wingbeat.core.errors import ExpressionError, LimitReached, StepError
from wingbeat.core.expression.values import described, kind

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from wingbeat.core.json_value import Json
    from wingbeat.sdk.parameters import Expression

__all__ = ["DEEPEST", "described", "digest", "evaluate_all", "identity", "kind", "short", "too_deep"]

T = TypeVar("T")
# JSON that comes from outside nests at most 200 deep.
DEEPEST = 250
LONGEST_EXCERPT = 80


def identity(value: Json, depth: int = 0) -> Hashable:
    """Something that is equal for the same JSON values, and can be a key: 1 and 1.0 are the same, 1 and true are not.

    Raises:
        StepError: `VALUE_TOO_DEEP`.
    """
    value_type = type(value)
    if value_type is str or value is None or value_type is int:
        return value  # type: ignore[return-value] # none of the containers
    if value_type is float:
        return value if value == value else "NaN"  # type: ignore[return-value] # noqa: PLR0124 - NaN is not equal to itself
    if value_type is bool:
        return (bool, value)
    if depth > DEEPEST:
        raise too_deep()
    if isinstance(value, list):
        return (list, *(identity(part, depth + 1) for part in value))
    if isinstance(value, dict):
        return (dict, frozenset((name, identity(part, depth + 1)) for name, part in value.items()))
    return (value_type, repr(value))


def digest(value: Json) -> str:
    """The same 64 characters for the same JSON value, on every machine and for ever.

    Raises:
        StepError: `VALUE_TOO_DEEP`.
    """
    text = json.dumps(_plain(value, 0), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Json, depth: int) -> Json:
    """The value with whole numbers written as such, so that 1 and 1.0 read the same."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if depth > DEEPEST:
        raise too_deep()
    if isinstance(value, list):
        return [_plain(part, depth + 1) for part in value]
    if isinstance(value, dict):
        return {name: _plain(part, depth + 1) for name, part in value.items()}
    return value


def too_deep() -> StepError:
    """The refusal of a value that nests too deep to be compared."""
    return StepError(
        f"A value nests more than {DEEPEST} levels deep.", code="VALUE_TOO_DEEP", remedy="Compare a flatter part of it."
    )


def evaluate_all(expression: Expression[T], items: Sequence[Json]) -> list[T]:
    """What an expression gives for each `item` with its `index`; an error tells in its details which item it was."""
    evaluate = expression.evaluate
    found: list[T] = []
    index = 0
    try:
        for index, item in enumerate(items):
            found.append(evaluate(item=item, index=index))
    except (ExpressionError, LimitReached) as error:
        error.details = {**error.details, "index": index}
        raise
    return found


def short(value: object) -> str:
    """A value as it may stand in a sentence."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST_EXCERPT else f"{text[:LONGEST_EXCERPT]}..."
