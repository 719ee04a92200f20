"""Secrets that somebody wrote into the parameters of a node, where whoever sees the workflow sees them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from wingbeat.core.node_kind import ParameterProblem
from wingbeat.sdk.prepare import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from wingbeat.core.json_value import Json
    from wingbeat.sdk.prepare import FieldShape

SECRET_WRITTEN_OUT = "secret_written_out"  # noqa: S105 - the code of a problem


def find_written_secrets(model: type[BaseModel], raw: Json, path: tuple[str, ...] = ()) -> Iterator[ParameterProblem]:
    """The values under names that `NeverLiteral` marks which no template makes; an empty text is none."""
    if not isinstance(raw, dict):
        return
    for key, shape in _fields_with_secrets(model).items():
        yield from _in_field(shape, raw.get(key), (*path, key))


def _in_field(shape: FieldShape, value: Json, path: tuple[str, ...]) -> Iterator[ParameterProblem]:
    if shape.model is not None and isinstance(value, list):
        for index, item in enumerate(value):
            yield from find_written_secrets(shape.model, item, (*path, str(index)))
    elif shape.model is not None:
        yield from find_written_secrets(shape.model, value, path)
    elif isinstance(value, dict):
        for name, given in value.items():
            if name.lower() in shape.never_literal and is_written(given):
                yield _problem(".".join((*path, name)))


def is_written(value: Json) -> bool:
    """Whether a value says something itself."""
    return not (isinstance(value, str) and ("{{" in value or not value.strip()))


@cache
def _fields_with_secrets(model: type[BaseModel]) -> dict[str, FieldShape]:
    """The fields that may hold one: of most models none, and nothing is looked for in them."""
    return {
        key: shape
        for key, shape in shape_of(model).items()
        if shape.never_literal or (shape.model is not None and _holds_secrets(shape.model, frozenset({model})))
    }


def _holds_secrets(model: type[BaseModel], around: frozenset[type[BaseModel]]) -> bool:
    return model not in around and any(
        shape.never_literal or (shape.model is not None and _holds_secrets(shape.model, around | {model}))
        for shape in shape_of(model).values()
    )


def _problem(where: str) -> ParameterProblem:
    return ParameterProblem(
        where,
        SECRET_WRITTEN_OUT,
        f"The parameter '{where}' says who is asking, and that is never written into a workflow.",
        "Store it as a connection and name that in 'connection', or take it from an earlier node.",
    )
