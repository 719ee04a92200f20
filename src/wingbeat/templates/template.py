"""What a template is: a workflow with places that are filled in when one is made of it.

`{"$variable": "team"}` stands for the value of a variable, wherever a value may be. An element of a list with `$when`
(or `$unless`) is there only if that variable has a value (or none), so a node that needs a connection may be left out
with the lines to it. Nothing is put into a text: what users give never becomes a part of an expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from uuid import UUID

from wingbeat.core.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wingbeat.core.json_value import Json, JsonObject

VARIABLE, WHEN, UNLESS = "$variable", "$when", "$unless"
MOST_TEXT, MOST_LIST = 10_000, 200
Kind: TypeAlias = Literal[
    "text", "person", "integer", "number", "boolean", "people", "list", "choice", "timezone", "connection"
]


@dataclass(frozen=True, slots=True)
class Variable:
    """Something to fill in. A `person` is named as elsewhere; `people` and `list` are lists of texts.

    A `connection` is the id of one of a `kind`.
    """

    name: str
    label: str
    type: Kind
    description: str = ""
    default: Json = None
    required: bool = True
    choices: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A workflow to begin with; `sample` is what it may be tried with."""

    template_id: str
    name: str
    category: str
    description: str
    workflow: JsonObject
    variables: tuple[Variable, ...] = ()
    sample: Json = None
    tags: tuple[str, ...] = ()
    # Within its category; those of one place are in the order of their names.
    place: int = 0


def read_template(template_id: str, document: dict[str, Any]) -> Template:
    """A template as its file has it."""
    given = {**document, "tags": tuple(document.get("tags", ()))}
    variables = [{**one, "choices": tuple(one.get("choices", ()))} for one in given.pop("variables", ())]
    return Template(template_id, **given, variables=tuple(Variable(**one) for one in variables))


def fill_in(template: Template, name: str, given: Mapping[str, Json]) -> JsonObject:
    """The workflow with the values of its variables, under a name of its own.

    Raises:
        InvalidInput: `TEMPLATE_VARIABLES_INVALID`, with every variable that is missing, unknown or wrong.
    """
    wrong = [f"{one}: there is no such variable" for one in given if one not in {v.name for v in template.variables}]
    values: dict[str, Json] = {}
    for variable in template.variables:
        value = given.get(variable.name)
        values[variable.name] = variable.default if is_empty(value) else value
        if why := fault_of(variable, values[variable.name]):
            wrong.append(f"{variable.name}: {why}")
    if wrong:
        raise InvalidInput(
            f"The template '{template.template_id}' cannot be filled in like this: {'; '.join(wrong)}.",
            code="TEMPLATE_VARIABLES_INVALID",
            remedy="Send a value for each variable that the template requires, of the type that it names.",
            details={"problems": [*wrong]},
        )
    filled = _fill(template.workflow, values)
    assert isinstance(filled, dict)  # noqa: S101 - it was an object, and stays one
    return {**filled, "name": name}


def preview(template: Template) -> JsonObject:
    """The workflow as it would be with what its variables are by default, and null for what has to be filled in."""
    filled = _fill(template.workflow, {one.name: one.default for one in template.variables})
    assert isinstance(filled, dict)  # noqa: S101 - it was an object, and stays one
    return filled


def is_empty(value: Json) -> bool:
    """Whether nothing was said."""
    return value is None or (isinstance(value, str | list) and not value)


def fault_of(variable: Variable, value: Json) -> str:
    """Why it cannot be the value of the variable; empty if it can."""
    if is_empty(value):
        return "it is required" if variable.required else ""
    if variable.type == "choice":
        return "" if value in variable.choices else f"it is none of {', '.join(variable.choices)}"
    fits, why = RULES[variable.type]
    return "" if fits(value) else why


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MOST_TEXT and "\0" not in value


def _are_texts(value: Json) -> bool:
    return isinstance(value, list) and len(value) <= MOST_LIST and all(_is_text(one) for one in value)


def _is_id(value: Json) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


RULES: dict[str, tuple[Callable[[Json], bool], str]] = {
    "text": (_is_text, f"it is no text of up to {MOST_TEXT} characters"),
    "person": (_is_text, "it is nobody's name"),
    "timezone": (_is_text, "it is no name of a time zone"),
    "integer": (lambda value: _is_number(value) and isinstance(value, int), "it is no whole number"),
    "number": (_is_number, "it is no number"),
    "boolean": (lambda value: isinstance(value, bool), "it is neither true nor false"),
    "people": (_are_texts, f"it is no list of up to {MOST_LIST} names"),
    "list": (_are_texts, f"it is no list of up to {MOST_LIST} texts"),
    "connection": (_is_id, "it is no id of a connection"),
}


def _fill(value: Json, values: Mapping[str, Json]) -> Json:
    if isinstance(value, list):
        return [_fill(one, values) for one in value if _stays(one, values)]
    if not isinstance(value, dict):
        return value
    if VARIABLE in value:
        return values[str(value[VARIABLE])]
    return {name: _fill(one, values) for name, one in value.items() if name not in {WHEN, UNLESS}}


def _stays(element: Json, values: Mapping[str, Json]) -> bool:
    if not isinstance(element, dict):
        return True
    wanted, unwanted = element.get(WHEN), element.get(UNLESS)
    return (wanted is None or not is_empty(values[str(wanted)])) and (
        unwanted is None or is_empty(values[str(unwanted)])
    )
