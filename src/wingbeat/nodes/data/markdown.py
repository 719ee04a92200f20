"""Turn Markdown into HTML or plain text, and HTML into Markdown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from pydantic import Field

from wingbeat.sdk import Context, Example, NodeType, Outcome, Parameters, Port, StepError, Template, drawn_as
from wingbeat.sdk.aside import aside
from wingbeat.sdk.clean_html import clean_html
from wingbeat.sdk.html_tree import lines, read_html

BIG = 5_000
MOST_CHARACTERS = 100_000
# The converter calls itself for each level.
DEEPEST = 150


class Markdown(Parameters):
    """Which way."""

    operation: Literal["to_html", "to_text", "from_html"] = Field(
        description=(
            "`to_html`: HTML from Markdown; HTML inside of it stays text. `to_text`: the text that a reader sees, "
            "without marks. `from_html`: Markdown from HTML."
        ),
        examples=["to_html"],
    )
    text: Template[str] = Field(
        json_schema_extra=drawn_as("long-text"), description="The Markdown, or the HTML.", examples=["{{ input.body }}"]
    )


def run(parameters: Markdown, context: Context) -> Outcome | Awaitable[Outcome]:
    """Convert; raises `StepError` for a text that is too long or too deep."""
    del context
    text = parameters.text
    if len(text) > MOST_CHARACTERS:
        raise _too_large(f"is longer than {MOST_CHARACTERS:,} characters")
    return aside(lambda: Outcome.of(OPERATIONS[parameters.operation](text)), big=len(text) > BIG)


def _to_html(text: str) -> str:
    """By CommonMark, with tables and strikethrough as on GitHub; links that are code do not become links."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only workflows that use Markdown pay for it

    renderer = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    rendered: str = renderer.render(text)
    return clean_html(rendered)


def _to_text(text: str) -> str:
    return lines(read_html(_to_html(text)).text)


def _from_html(text: str) -> str:
    from markdownify import markdownify  # noqa: PLC0415 - the same

    cleaned = clean_html(text)
    depth = [0]
    for element in read_html(cleaned).elements:
        depth.append(depth[element.parent + 1] + 1)
    if max(depth) > DEEPEST:
        raise _too_large(f"nests more than {DEEPEST} deep")
    # The line break keeps the parser from warning of text that is an address and nothing else.
    converted: str = markdownify(f"\n{cleaned}", heading_style="ATX", bullets="-")
    return converted.strip()


OPERATIONS: dict[str, Callable[[str], str]] = {"to_html": _to_html, "to_text": _to_text, "from_html": _from_html}


def _too_large(why: str) -> StepError:
    return StepError(
        f"The text {why}.",
        code="MARKDOWN_TOO_LARGE",
        remedy="Convert a part of it at a time.",
        details={"parameter": "text"},
    )


NODE = NodeType(
    type="data.markdown",
    title="Markdown",
    help=(
        "Converts between Markdown, HTML and plain text. Markdown is CommonMark with tables and ~~strikethrough~~. "
        "HTML that comes out can be shown to anybody: tags inside the Markdown stay text, and links that are code are "
        "no links. HTML that goes in loses scripts and the like. At most 100,000 characters are converted."
    ),
    parameters=Markdown,
    run=run,
    outputs=(Port(help="The text.", schema={"type": "string"}),),
    examples=(
        Example(
            "a message for a mail",
            {"operation": "to_html", "text": "Hello **{{ input }}**"},
            input="Ann",
            expect={"out": "<p>Hello <strong>Ann</strong></p>\n"},
        ),
        Example(
            "a page as Markdown",
            {"operation": "from_html", "text": "{{ input }}"},
            input="<h1>News</h1><ul><li>Rain<li><a href='https://example.com/'>Sun</a></ul>",
            expect={"out": "# News\n\n- Rain\n- [Sun](https://example.com/)"},
        ),
        Example(
            "only the words",
            {"operation": "to_text", "text": "# News\n\nIt *rains*."},
            expect={"out": "News\nIt rains."},
        ),
        Example(
            "a number is taken as its text",
            {"operation": "to_text", "text": "{{ input }}"},
            input=5,
            expect={"out": "5"},
        ),
        Example(
            "nothing to convert",
            {"operation": "to_html", "text": "{{ input }}"},
            input=None,
            expect_error="PARAMETER_INVALID",
        ),
    ),
)
