"""For which values of other fields a field matters, said as data: whoever draws a form shows what does something."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from wingbeat.sdk.port import satisfies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel, JsonValue

WHEN, NEEDED = "x-wingbeat-when", "x-wingbeat-needed-when"
EMPTY: tuple[JsonValue, ...] = (None, "", [], {})


class Said(Enum):
    """Whether another field has any value, whichever."""

    GIVEN = "given"
    LEFT_OUT = "left out"


GIVEN, LEFT_OUT = Said.GIVEN, Said.LEFT_OUT
Values = Said | str | bool | tuple[str, ...]


def matters(**others: Values) -> dict[str, JsonValue]:
    """The field does something only with these values of others: `Field(json_schema_extra=matters(mode="by_key"))`.

    Several values of one field are alternatives; several fields must all fit. The names are those of the schema. What
    stands in a field that does not matter is refused or passed over by the node type itself, as it likes.
    """
    return {WHEN: _condition(others)}


def needed(**others: Values) -> dict[str, JsonValue]:
    """The field must be given with these values of others, and does nothing with others.

    One that does something with more of them says that after it: `needed(mode="a") | matters(mode=("a", "b"))`; with
    all of them, `needed(mode="a") | matters()`.
    """
    return {**matters(**others), NEEDED: _condition(others)}


def _condition(others: Mapping[str, Values]) -> dict[str, JsonValue]:
    return {"properties": {name: _among(values) for name, values in others.items()}}


def _among(values: Values) -> JsonValue:
    match values:
        case Said.GIVEN:
            return {"not": {"enum": list(EMPTY)}}
        case Said.LEFT_OUT:
            return {"enum": list(EMPTY)}
        case tuple():
            return {"enum": list(values)}
        case _:
            return {"enum": [values]}


def conditions(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """What the fields of a model say of when they matter and are needed, by their names in the schema."""
    found: dict[str, dict[str, Any]] = {}
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra
        said = {key: extra[key] for key in (WHEN, NEEDED) if key in extra} if isinstance(extra, dict) else {}
        if said:
            found[info.alias or name] = said
    return found


def does_matter(condition: Mapping[str, Any], parameters: Mapping[str, Any], defaults: Mapping[str, Any]) -> bool:
    """Whether (raw) parameters fit a condition; what they leave out has its default."""
    names = condition["properties"]
    return satisfies({name: parameters.get(name, defaults.get(name)) for name in names}, condition)
