"""Inputs that a workflow declares for those who call it, and how a call is checked against them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from wingbeat.core.errors import StepError
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.names import closest
from wingbeat.sdk.parameters import Parameters
from wingbeat.sdk.relevance import matters

LONGEST_LIST = 20


class DeclaredInput(Parameters):
    """One input."""

    name: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        description="Its name in the object that the caller gives.", examples=["order_id"]
    )
    type: Literal["any", "text", "number", "integer", "boolean", "list", "object"] = Field(
        default="any", description="What kind of value it is.", examples=["text"]
    )
    required: bool = Field(default=True, description="Whether every caller has to give it.")
    nullable: bool = Field(default=False, description="Whether null is fine as well.")
    default: JsonValue = Field(
        json_schema_extra=matters(required=False),
        default=None,
        description="What an input that is not required is without the caller.",
        examples=["EUR"],
    )
    description: str = Field(default="", description="What it is for.", examples=["Which order to ship."])


def check_inputs(declared: list[DeclaredInput], given: Json) -> Json:
    """What the workflow gets: the given object with its defaults; anything where nothing is declared.

    Raises:
        StepError: `SUBWORKFLOW_INPUT_INVALID`, naming every input at fault.
    """
    if not declared:
        return given
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise _invalid([f"an object with the inputs is wanted, not {_kind_of(given)}"])
    faults = [fault for one in declared if (fault := _fault(one, given)) is not None]
    names = [one.name for one in declared]
    faults += [_unknown(name, names) for name in given if name not in names]
    if faults:
        raise _invalid(faults)
    return {one.name: given.get(one.name, one.default) for one in declared}


def _fault(one: DeclaredInput, given: JsonObject) -> str | None:
    if one.name not in given:
        return f"{one.name!r} is missing" if one.required else None
    value = given[one.name]
    if one.type == "any" or (value is None and one.nullable):
        return None
    kind = _kind_of(value)
    fits = kind == one.type or (one.type == "number" and kind == "integer")
    return None if fits else f"{one.name!r} is {kind}, not {one.type}"


def _unknown(name: str, names: list[str]) -> str:
    near = closest(name, names)
    return f"{name[:100]!r} is not declared" + (f" (did you mean {near!r}?)" if near else "")


def _kind_of(value: Json) -> str:  # noqa: PLR0911 - one for each kind of JSON
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return "object"


def _invalid(faults: list[str]) -> StepError:
    said = "; ".join(faults[:LONGEST_LIST]) + ("; and more" if len(faults) > LONGEST_LIST else "")
    return StepError(
        f"The inputs do not fit what the workflow declares: {said}.",
        code="SUBWORKFLOW_INPUT_INVALID",
        remedy="See the inputs of the workflow's trigger.workflow.",
        details={"faults": list(faults[:LONGEST_LIST])},
    )
