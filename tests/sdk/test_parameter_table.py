"""The table of parameters: one row for each, with words for what fits."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field

from wingbeat.sdk import Expression, Json, Parameters, Template, item_expression
from wingbeat.sdk.parameter_table import ParameterRow, list_parameters


class Part(Parameters):
    """A nested model."""

    when: Annotated[Expression[bool] | None, item_expression()] = None


class Whole(Parameters):
    """One field of each kind."""

    plain: str = Field(description="Some text.", examples=["a"])
    bounded: int = Field(default=1, ge=1, le=1000)
    above: float = Field(default=1, gt=0)
    short: Annotated[list[str], Field(min_length=1, max_length=3)] = Field(default=[])
    choice: Literal["a", "b"] = "a"
    anything: Template[Json] = None
    amount: Template[float | None] = None
    named: Template[dict[str, str]] = Field(default={})
    part: Part = Part()
    parts: list[Part] = Field(default=[])


ROWS = {row.path: row for row in list_parameters(Whole.model_json_schema())}


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("plain", "literal", "text"),
        ("bounded", "literal", "whole number (at least 1, at most 1,000)"),
        ("above", "literal", "number (more than 0)"),
        ("short", "literal", "list of texts (1 to 3 items)"),
        ("choice", "literal", "`a` or `b`"),
        ("anything", "template", "any JSON"),
        ("amount", "template", "number or null"),
        ("named", "template", "object of texts"),
        ("part", "fields", "object"),
        ("part.when", "expression", "text or null"),
        ("parts", "fields", "list of objects"),
        ("parts[].when", "expression", "text or null"),
    ],
)
def test_every_parameter_has_a_kind_and_a_type_in_words(path: str, kind: str, words: str) -> None:
    """Those inside of objects and lists too."""
    assert (kind, words) == (ROWS[path].kind, ROWS[path].type)


def test_a_row_says_all_that_is_known() -> None:
    """What must be given, what stands otherwise, and the names that the node itself gives."""
    assert ROWS["plain"] == ParameterRow("plain", "literal", "text", True, None, "Some text.", (), ("a",))
    assert (False, 1) == (ROWS["bounded"].required, ROWS["bounded"].default)
    assert ROWS["parts[].when"].names == ("item", "index")
