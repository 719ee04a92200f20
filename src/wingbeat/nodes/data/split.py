"""Make many out of one: batches of a list, an item for each element of a field, pieces of a text."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Literal, Self

from pydantic import Field, model_validator

from wingbeat.sdk import (
    Context,
    Example,
    Json,
    NodeType,
    Outcome,
    Parameters,
    Port,
    StepError,
    Template,
    matters,
    needed,
)
from wingbeat.sdk.aside import aside
from wingbeat.sdk.exact_json import write_json
from wingbeat.sdk.values import described

MOST_PIECES = 1_000_000
MOST_BYTES = 64 * 2**20
LONG_TEXT = 100_000


class Split(Parameters):
    """What to split, and how."""

    mode: Literal["batches", "field", "text"] = Field(
        description=(
            "`batches`: a list into lists of `size` items. `field`: an object, or a list of objects, into one object "
            "for each element of the list in `field`. `text`: a text into pieces at each `separator`."
        ),
        examples=["batches"],
    )
    value: Template[Json] = Field(description="The list, object or text to split.", examples=["{{ input }}"])
    size: int | None = Field(
        json_schema_extra=needed(mode="batches"),
        default=None,
        ge=1,
        le=1_000_000,
        description="For `batches`: items in each; the last may have less.",
        examples=[50],
    )
    field: str | None = Field(
        json_schema_extra=needed(mode="field"),
        default=None,
        min_length=1,
        description="For `field`: the field that holds a list.",
        examples=["lines"],
    )
    others: Literal["keep", "drop"] = Field(
        json_schema_extra=matters(mode="field"),
        default="keep",
        description="For `field`: whether each object keeps the other fields, or only the element comes out.",
        examples=["drop"],
    )
    separator: str | None = Field(
        json_schema_extra=needed(mode="text"),
        default=None,
        min_length=1,
        max_length=1000,
        description="For `text`: where to cut.",
        examples=[",", "\n"],
    )
    trim: bool = Field(
        json_schema_extra=matters(mode="text"),
        default=False,
        description="For `text`: take white space off both ends of each piece.",
    )
    skip_empty: bool = Field(
        json_schema_extra=matters(mode="text"),
        default=False,
        description="For `text`: leave out pieces without a character.",
    )

    @model_validator(mode="after")
    def _belongs(self) -> Self:
        needed = {"batches": "size", "field": "field", "text": "separator"}
        for mode, name in needed.items():
            if (self.mode == mode) != (getattr(self, name) is not None):
                raise ValueError(f"'{name}' belongs to the mode '{mode}', which needs it")
        return self


def run(parameters: Split, context: Context) -> Outcome | Awaitable[Outcome]:
    """Split; raises `StepError` for a value of another kind than the mode takes, and for too many pieces."""
    del context
    value = parameters.value
    if parameters.mode == "batches":
        return Outcome.of(_batches(value, parameters.size or 1))
    if parameters.mode == "field":
        many = isinstance(value, list) and len(value) > MOST_PIECES // 1000
        return aside(lambda: Outcome.of(_elements(value, parameters)), big=many)
    big = isinstance(value, str) and len(value) > LONG_TEXT
    return aside(lambda: Outcome.of(_pieces(value, parameters)), big=big)


def _batches(value: Json, size: int) -> list[Json]:
    if not isinstance(value, list):
        raise _unfit("batches", "a list", value)
    return [value[start : start + size] for start in range(0, len(value), size)]


def _elements(value: Json, parameters: Split) -> list[Json]:
    name = parameters.field or ""
    found: list[Json] = []
    size = 0
    for part in value if isinstance(value, list) else [value]:
        if not isinstance(part, dict):
            raise _unfit("field", "an object or a list of objects", part)
        elements = part.get(name)
        if elements is None:
            continue
        if not isinstance(elements, list):
            raise _unfit("field", f"a list in the field '{name}'", elements)
        others = {key: other for key, other in part.items() if key != name}
        if parameters.others == "keep":
            size += _size(others) * len(elements)
        if size > MOST_BYTES or len(found) + len(elements) > MOST_PIECES:
            raise _too_many()
        found += elements if parameters.others == "drop" else [{**others, name: element} for element in elements]
    return found


def _size(value: Json) -> int:
    return len(write_json(value))


def _pieces(value: Json, parameters: Split) -> list[Json]:
    if not isinstance(value, str):
        raise _unfit("text", "a text", value)
    separator = parameters.separator or ""
    if value.count(separator) >= MOST_PIECES:
        raise _too_many()
    pieces = value.split(separator)
    if parameters.trim:
        pieces = [piece.strip() for piece in pieces]
    return [piece for piece in pieces if piece or not parameters.skip_empty]


def _unfit(mode: str, needed: str, value: Json) -> StepError:
    return StepError(
        f"The mode '{mode}' needs {needed}, and got {described(value)}.",
        code="SPLIT_VALUE_UNFIT",
        remedy="Choose the mode that fits the value, or put a transform before.",
        details={"parameter": "value"},
    )


def _too_many() -> StepError:
    return StepError(
        f"Splitting would give more than {MOST_PIECES:,} pieces or {MOST_BYTES // 2**20} MB.",
        code="SPLIT_TOO_LARGE",
        remedy="Split a part at a time, or use `others: drop`.",
    )


NODE = NodeType(
    type="data.split",
    title="Split",
    help=(
        "Makes a list out of one value: batches of a long list, an object for each element of a list inside one, "
        "or the pieces of a text. Use it before a loop: to send fifty rows at a time, or to go through the lines of "
        "orders. Where the field is missing or null, there is no item. At most a million pieces come out."
    ),
    parameters=Split,
    run=run,
    outputs=(Port(help="The batches, objects or pieces.", schema={"type": "array"}),),
    examples=(
        Example(
            "batches of two",
            {"mode": "batches", "value": "{{ input }}", "size": 2},
            input=[1, 2, 3],
            expect={"out": [[1, 2], [3]]},
        ),
        Example(
            "an object for each line of an order",
            {"mode": "field", "value": "{{ input }}", "field": "lines"},
            input={"order": 7, "lines": ["a", "b"]},
            expect={"out": [{"order": 7, "lines": "a"}, {"order": 7, "lines": "b"}]},
        ),
        Example(
            "the words of a list in a text",
            {"mode": "text", "value": "{{ input }}", "separator": ",", "trim": True, "skip_empty": True},
            input="red, green,, blue",
            expect={"out": ["red", "green", "blue"]},
        ),
        Example(
            "a number has no pieces",
            {"mode": "text", "value": "{{ input }}", "separator": ","},
            input=5,
            expect_error="SPLIT_VALUE_UNFIT",
        ),
    ),
)
