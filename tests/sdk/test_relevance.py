"""Fields that say for which values of others they matter, of the built-in node types and of one's own."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import Field

from wingbeat.discovery import discover_node_types
from wingbeat.sdk import GIVEN, LEFT_OUT, NodeType, Outcome, Parameters, matters, needed
from wingbeat.sdk.prepare import shape_of
from wingbeat.sdk.relevance import EMPTY, NEEDED, WHEN, conditions, does_matter

TYPES = discover_node_types().types


def run(_parameters: Parameters, _context: object) -> Outcome:
    """Nothing."""
    return Outcome.of(None)


def models_of(model: type[Parameters]) -> list[type[Parameters]]:
    """The model, and those of its fields."""
    inner = [shape.model for shape in shape_of(model).values() if shape.model is not None]
    return [model, *(deeper for one in inner for deeper in models_of(one) if one is not model)]  # type: ignore[arg-type]


def defaults_of(schema: dict[str, Any]) -> dict[str, Any]:
    """By the names of the fields."""
    return {name: field["default"] for name, field in schema.get("properties", {}).items() if "default" in field}


def choices_of(field: dict[str, Any], schema: dict[str, Any]) -> list[Any]:
    """The values that a field can have; none where any will do."""
    if "$ref" in field:
        field = schema["$defs"][field["$ref"].rpartition("/")[2]]
    return [False, True] if field.get("type") == "boolean" else field.get("enum", [])


@pytest.mark.parametrize("name", sorted(TYPES))
def test_conditions_name_values_that_there_are(name: str) -> None:
    """A choice that was renamed would hide its fields for good."""
    for model in models_of(TYPES[name].parameters):
        schema = model.model_json_schema(by_alias=True)
        for said in conditions(model).values():
            for rule in said.values():
                for other, condition in rule["properties"].items():
                    named = condition.get("enum", condition.get("not", {}).get("enum"))
                    known = choices_of(schema["properties"][other], schema) or EMPTY
                    assert [value for value in named if value not in known] == []


@pytest.mark.parametrize("name", sorted(TYPES))
def test_examples_give_what_matters_and_all_that_is_needed(name: str) -> None:
    """What an example gives must show in the form, and what the form asks for must be enough."""
    kind = TYPES[name]
    defaults = defaults_of(kind.parameters.model_json_schema(by_alias=True))
    for example in kind.examples:
        given = example.parameters
        said = conditions(kind.parameters)
        idle = [one for one in given if one in said and not does_matter(said[one][WHEN], given, defaults)]
        asked = [one for one, rules in said.items() if NEEDED in rules and does_matter(rules[NEEDED], given, defaults)]
        assert (idle, [one for one in asked if one not in given]) == ([], [])


class Sending(Parameters):
    """Parameters for the tests."""

    by: Literal["mail", "chat"] = "mail"
    to: str = Field(json_schema_extra=needed(by="mail"), default="")
    channel: str = Field(json_schema_extra=needed(by="chat") | matters(), default="")
    copy_to: str = Field(json_schema_extra=matters(to=GIVEN, by=("mail", "chat")), default="")
    usual: bool = Field(json_schema_extra=matters(to=LEFT_OUT), default=True)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, ["to", "channel", "usual"]),
        ({"to": "ada"}, ["to", "channel", "copy_to"]),
        ({"by": "chat"}, ["channel", "usual"]),
        ({"by": "chat", "to": "{{ input }}"}, ["channel", "copy_to"]),
    ],
)
def test_a_field_matters_with_the_values_of_others(given: dict[str, Any], shown: list[str]) -> None:
    """One of several values, all of several fields; what is left out has its default."""
    defaults = defaults_of(Sending.model_json_schema())
    assert shown == [name for name, said in conditions(Sending).items() if does_matter(said[WHEN], given, defaults)]


def test_a_field_goes_by_fields_beside_it_alone() -> None:
    """A condition on what is not there would hide it for good."""

    class Wrong(Parameters):
        """Goes by nothing."""

        text: str = Field(json_schema_extra=matters(mode="text"), default="")

    with pytest.raises(TypeError, match="'text' of Wrong goes by 'mode'"):
        NodeType("test.x", "X", "X.", Wrong, run, ())
