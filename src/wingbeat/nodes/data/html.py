"""Take values out of HTML, make HTML out of values, and take out of it what could act."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Awaitable, Callable
from typing import Literal, Self

from pydantic import Field, model_validator

from wingbeat.sdk import (
    LEFT_OUT,
    Context,
    Example,
    Json,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    StepError,
    Template,
    drawn_as,
    matters,
    needed,
)
from wingbeat.sdk.aside import aside
from wingbeat.sdk.clean_html import clean_html
from wingbeat.sdk.exact_json import write_json
from wingbeat.sdk.html_tree import Element, Tree, lines, one_line, read_html
from wingbeat.sdk.selector import Selector
from wingbeat.sdk.values import described

BIG = 20_000
MOST_OUTPUT = 20_000_000
MOST_ROWS = 100_000
PLACEHOLDER = re.compile(r"\$\{\s*([A-Za-z_][\w.-]{0,200})\s*\}")
Give = Literal["text", "html", "inner_html", "attribute"]


class Extracted(Parameters):
    """One field of the object that is made of each element found."""

    name: str = Field(min_length=1, description="The field's name.", examples=["title"])
    selector: str = Field(
        default="",
        description="What to look for inside the element, as a CSS selector; empty for the element itself.",
        examples=["h2 > a"],
    )
    give: Give = Field(default="text", description="As for the node.", examples=["attribute"])
    attribute: str = Field(
        json_schema_extra=needed(give="attribute"),
        default="",
        description="The attribute's name, for `give: attribute`.",
        examples=["href"],
    )
    every: bool = Field(default=False, description="A list of all that fit, instead of the first (null if none).")


class Html(Parameters):
    """What to do, with what."""

    operation: Literal["extract", "from_table", "generate", "to_table", "to_text", "sanitise"] = Field(
        description=(
            "`extract`: values of the elements that `selector` finds. `from_table`: a list of objects from the first "
            "table that `selector` finds, by its headings. `generate`: HTML from `template`. `to_table`: a table from "
            "a list of objects. `to_text`: what a reader sees, a line for each block. `sanitise`: the HTML without "
            "scripts, event handlers, frames and addresses that are code."
        ),
        examples=["extract"],
    )
    html: Template[str] = Field(
        json_schema_extra=drawn_as("html") | needed(operation=("extract", "from_table", "to_text", "sanitise")),
        default="",
        description="The HTML to read; not for `generate` and `to_table`.",
        examples=["{{ input.body }}"],
    )
    selector: str = Field(
        json_schema_extra=needed(operation="extract") | matters(operation=("extract", "from_table")),
        default="",
        description=(
            "For `extract` and `from_table` (there `table` without one): a CSS selector of tags, `#id`, `.class`, "
            "`[attribute=value]` (also `~= |= ^= $= *=`), `:first-child`, `:last-child`, `:only-child`, "
            "`:nth-child(2n+1)`, `:root`, `:empty`, `:contains('text')`, `:not(...)`, joined by a space, `>`, `+`, `~` "
            "or a comma."
        ),
        examples=["ul.news > li"],
    )
    give: Give = Field(
        json_schema_extra=matters(operation="extract", fields=LEFT_OUT),
        default="text",
        description="For `extract`: the text in one line, the HTML with or without the element, or an attribute.",
        examples=["inner_html"],
    )
    attribute: str = Field(
        json_schema_extra=needed(operation="extract", give="attribute"),
        default="",
        description="For `give: attribute`: its name. Without that attribute: null.",
        examples=["href"],
    )
    fields: list[Extracted] = Field(
        json_schema_extra=matters(operation="extract"),
        default=[],
        max_length=100,
        description="For `extract`: make an object of each element found, with these fields, instead of one value.",
        examples=[[{"name": "title", "selector": "h2"}]],
    )
    every: bool = Field(
        json_schema_extra=matters(operation="extract"),
        default=True,
        description="For `extract`: all that fit, or only the first (null if none).",
    )
    template: str = Field(
        json_schema_extra=drawn_as("html") | needed(operation="generate"),
        default="",
        max_length=1_000_000,
        description=(
            "For `generate`: HTML in which `${name}`, or `${person.name}`, stands for a value of `values`. Values are "
            "escaped, so that they are text and nothing else. Not a template of `{{ }}`."
        ),
        examples=["<p>Dear ${name}, your order ${order.id} is on its way.</p>"],
    )
    values: Template[dict[str, Json]] = Field(
        json_schema_extra=matters(operation="generate"),
        default={},
        description="For `generate`: the values.",
        examples=[{"name": "{{ input.name }}"}],
    )
    items: Template[list[Json]] = Field(
        json_schema_extra=needed(operation="to_table") | matters(operation=("generate", "to_table")),
        default=[],
        description=(
            "For `generate`: objects for each of which the template is filled in once; their fields come before "
            "`values`. For `to_table`: the rows."
        ),
        examples=["{{ input.lines }}"],
    )
    columns: list[str] = Field(
        json_schema_extra=matters(operation="to_table"),
        default=[],
        description="For `to_table`: the fields to show; without it all.",
        examples=[["name", "price"]],
    )
    sanitise: bool = Field(
        json_schema_extra=matters(operation="generate"),
        default=True,
        description="For `generate`: take out of the result what could act, as `sanitise` does.",
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        needs = {"extract": "selector", "generate": "template", "to_table": "items"}
        name = needs.get(self.operation)
        if name is not None and name not in self.model_fields_set:
            raise ValueError(f"'{self.operation}' needs '{name}'")
        if name not in {"template", "items"} and "html" not in self.model_fields_set:
            raise ValueError(f"'{self.operation}' needs 'html'")
        given = [(self.give, self.attribute), *((part.give, part.attribute) for part in self.fields)]
        if any((give == "attribute") != bool(attribute) for give, attribute in given):
            raise ValueError("'attribute' belongs to 'give: attribute', which needs it")
        try:
            for written in (self.selector, *(part.selector for part in self.fields)):
                if written:
                    Selector(written)
        except StepError as error:
            raise ValueError(f"{error.message.rstrip('.')}. {error.remedy}") from error
        return self


def run(parameters: Html, context: Context) -> Outcome | Awaitable[Outcome]:
    """Do it; raises `StepError` for HTML beyond the limits and values that do not fit."""
    del context
    size = len(parameters.html) + len(parameters.template) * max(1, len(parameters.items))
    big = size > BIG or len(parameters.items) > BIG // 100
    return aside(lambda: Outcome.of(OPERATIONS[parameters.operation](parameters)), big=big)


def _extract(parameters: Html) -> Json:
    tree = read_html(parameters.html)
    places = Selector(parameters.selector).select(tree)
    if not parameters.every:
        places = places[:1]
    taker = _Taker(tree)
    if not parameters.fields:
        found = [taker.value(tree.elements[place], parameters) for place in places]
    else:
        inside = [Selector(part.selector).select(tree) if part.selector else None for part in parameters.fields]
        found = [
            {
                part.name: taker.field(part, place, within)
                for part, within in zip(parameters.fields, inside, strict=True)
            }
            for place in places
        ]
    return found if parameters.every else next(iter(found), None)


class _Taker:
    """Takes values out of a tree, and counts their size: nested elements hold the same text again and again."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._left = MOST_OUTPUT

    def field(self, part: Extracted, place: int, within: list[int] | None) -> Json:
        elements = self._tree.elements
        if within is None:
            return self.value(elements[place], part)
        first, last = bisect_right(within, place), bisect_right(within, elements[place].last)
        if part.every:
            return [self.value(elements[found], part) for found in within[first:last]]
        return self.value(elements[within[first]], part) if first < last else None

    def value(self, element: Element, wanted: Html | Extracted) -> Json:
        tree = self._tree
        if wanted.give == "attribute":
            value = element.attributes.get(wanted.attribute.lower())
        elif wanted.give == "text":
            value = one_line(tree.text[element.text : element.text_end])
        elif wanted.give == "html":
            value = tree.source[element.start : element.end]
        else:
            value = tree.source[element.inner : element.inner_end]
        self._left -= 10 + len(value or "")
        if self._left < 0:
            raise _too_much()
        return value


def _from_table(parameters: Html) -> Json:
    """Headings are the cells of the first row; a row with fewer cells leaves out the last fields.

    A heading that is empty, or there before, gets the number of its column.
    """
    tree = read_html(parameters.html)
    elements = tree.elements
    table = next((place for place in Selector(parameters.selector or "table").select(tree)), None)
    if table is None:
        return []
    inside = range(table + 1, elements[table].last + 1)
    rows: dict[int, list[Json]] = {place: [] for place in inside if elements[place].tag == "tr"}
    taker = _Taker(tree)
    text = Extracted(name="cell")
    for place in inside:
        element = elements[place]
        if element.tag in {"td", "th"} and element.parent in rows:
            rows[element.parent].append(taker.value(element, text))
    listed = [cells for cells in rows.values() if cells]
    names: list[str] = []
    for number, cell in enumerate(listed[0] if listed else (), 1):
        name = str(cell) or f"column_{number}"
        names.append(name if name not in names else f"{name}_{number}")
    return [dict(zip(names, cells, strict=False)) for cells in listed[1:]]


def _generate(parameters: Html) -> Json:
    values = parameters.values
    if "items" not in parameters.model_fields_set:
        filled = _fill(parameters.template, values, MOST_OUTPUT)
    else:
        pieces: list[str] = []
        left = MOST_OUTPUT
        for item in parameters.items:
            if not isinstance(item, dict):
                raise _unfit("items", f"needs objects, and one of them is {described(item)}")
            pieces.append(_fill(parameters.template, {**values, **item}, left))
            left -= len(pieces[-1])
        filled = "".join(pieces)
    return clean_html(filled) if parameters.sanitise else filled


def _fill(template: str, values: JsonObject, most: int) -> str:
    pieces: list[str] = []
    end = 0
    for found in PLACEHOLDER.finditer(template):
        pieces += (template[end : found.start()], _escaped(_look_up(found[1], values)))
        end = found.end()
        most -= len(pieces[-1]) + len(pieces[-2])
        if most < 0:
            raise _too_much()
    pieces.append(template[end:])
    return "".join(pieces)


def _look_up(path: str, values: JsonObject) -> Json:
    found: Json = values
    for name in path.split("."):
        if not isinstance(found, dict) or name not in found:
            known = ", ".join(sorted(found)[:8]) if isinstance(found, dict) else ""
            raise StepError(
                f"The template asks for '{path[:80]}', and there is no '{name[:80]}'.",
                code="HTML_VALUE_MISSING",
                remedy=f"Give it in 'values'. There is: {known[:200] or 'nothing'}.",
                details={"name": path[:200]},
            )
        found = found[name]
    return found


def _escaped(value: Json) -> str:
    """As text: nothing for null, JSON for what is no text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return html.escape(value)
    return html.escape(write_json(value).decode())


def _to_table(parameters: Html) -> Json:
    rows = parameters.items
    if len(rows) > MOST_ROWS:
        raise _too_much()
    objects = [row for row in rows if isinstance(row, dict)]
    if len(objects) != len(rows):
        raise _unfit("items", "needs objects")
    columns = parameters.columns or list(dict.fromkeys(name for row in objects for name in row))
    if len(columns) * (len(rows) + 1) > MOST_OUTPUT // 20:
        raise _too_much()
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    body = (f"<tr>{''.join(f'<td>{_escaped(row.get(name))}</td>' for name in columns)}</tr>" for row in objects)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


OPERATIONS: dict[str, Callable[[Html], Json]] = {
    "extract": _extract,
    "from_table": _from_table,
    "generate": _generate,
    "to_table": _to_table,
    "to_text": lambda parameters: lines(read_html(parameters.html).text),
    "sanitise": lambda parameters: clean_html(parameters.html),
}


def _unfit(parameter: str, why: str) -> StepError:
    return StepError(
        f"'{parameter}' {why}.",
        code="HTML_VALUE_UNFIT",
        remedy="Make objects of them with a transform before.",
        details={"parameter": parameter},
    )


def _too_much() -> StepError:
    return StepError(
        f"More than {MOST_OUTPUT // 1_000_000} MB would come out.",
        code="HTML_OUTPUT_TOO_LARGE",
        remedy="Choose elements that do not hold each other, or take fewer at a time.",
    )


PAGE = "<ul class=news><li><a href='/1'>Rain &amp; snow</a> today<li><a href='/2'>Sun</a></ul>"

NODE = NodeType(
    type="data.html",
    title="HTML",
    help=(
        "Reads and makes HTML. It takes texts, attributes or whole objects out of a page by CSS selectors, reads a "
        "table as a list of objects, fills in a template with values that are escaped, makes a table from a list, "
        "gives the text that a reader sees, or takes out what could act. Nothing is loaded and no script runs. Broken "
        "HTML is read as browsers do, roughly. At most five million characters are read, two million sanitised."
    ),
    parameters=Html,
    run=run,
    outputs=(Port(help="The values, objects or HTML."),),
    examples=(
        Example(
            "the links of a page as objects",
            {
                "operation": "extract",
                "html": "{{ input }}",
                "selector": "ul.news > li",
                "fields": [
                    {"name": "title", "selector": "a"},
                    {"name": "link", "selector": "a", "give": "attribute", "attribute": "href"},
                ],
            },
            input=PAGE,
            expect={"out": [{"title": "Rain & snow", "link": "/1"}, {"title": "Sun", "link": "/2"}]},
        ),
        Example(
            "the first text that fits",
            {"operation": "extract", "html": "{{ input }}", "selector": "li:nth-child(2)", "every": False},
            input=PAGE,
            expect={"out": "Sun"},
        ),
        Example(
            "a letter; what somebody typed stays text",
            {"operation": "generate", "template": "<p>Dear ${name},</p>", "values": {"name": "{{ input }}"}},
            input="<b>Ann</b> & Bob",
            expect={"out": "<p>Dear &lt;b&gt;Ann&lt;/b&gt; &amp; Bob,</p>"},
        ),
        Example(
            "a list as a table",
            {"operation": "to_table", "items": [{"name": "Tea", "price": 3}, {"name": "Milk"}]},
            expect={
                "out": "<table><thead><tr><th>name</th><th>price</th></tr></thead><tbody>"
                "<tr><td>Tea</td><td>3</td></tr><tr><td>Milk</td><td></td></tr></tbody></table>"
            },
        ),
        Example(
            "a table as a list",
            {"operation": "from_table", "html": "<table><tr><th>name<th>price<tr><td>Tea<td>3</table>"},
            expect={"out": [{"name": "Tea", "price": "3"}]},
        ),
        Example(
            "what a stranger wrote",
            {"operation": "sanitise", "html": "{{ input }}"},
            input="Hello <b onclick='steal()'>you</b><script>steal()</script>",
            expect={"out": "Hello <b>you</b>"},
        ),
        Example(
            "a value that is not there",
            {"operation": "generate", "template": "<p>${name}</p>", "values": {}},
            expect_error="HTML_VALUE_MISSING",
        ),
    ),
)
