"""Turn XML into JSON and JSON into XML."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Literal, Self
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from pydantic import Field, model_validator

from wingbeat.sdk import (
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
from wingbeat.sdk.values import described

BIG = 20_000
MOST_CHARACTERS = 10_000_000
MOST_PARTS = 1_000_000
# JSON from outside nests at most 200 deep, and an element may need two levels.
DEEPEST = 90
NAME = re.compile(r"[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?")
UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ATTRIBUTE, TEXT = "@", "#text"


class Xml(Parameters):
    """Which way."""

    operation: Literal["parse", "build"] = Field(
        description="`parse`: an object from XML. `build`: XML from an object with one field, the root element.",
        examples=["parse"],
    )
    text: Template[str] = Field(
        json_schema_extra=drawn_as("long-text") | needed(operation="parse"),
        default="",
        description="For `parse`: the XML.",
        examples=["{{ input.body }}"],
    )
    value: Template[Json] = Field(
        json_schema_extra=needed(operation="build"),
        default=None,
        description="For `build`: the object.",
        examples=[{"order": {"@id": 7, "line": ["a", "b"]}}],
    )
    lists: list[str] = Field(
        json_schema_extra=matters(operation="parse"),
        default=[],
        max_length=1000,
        description="For `parse`: elements that always give a list, even if there is only one.",
        examples=[["line"]],
    )
    indent: bool = Field(
        json_schema_extra=matters(operation="build"),
        default=False,
        description="For `build`: put each element on a line of its own.",
    )

    @model_validator(mode="after")
    def _has_it(self) -> Self:
        needed = "text" if self.operation == "parse" else "value"
        if needed not in self.model_fields_set:
            raise ValueError(f"'{self.operation}' needs '{needed}'")
        return self


def run(parameters: Xml, context: Context) -> Outcome | Awaitable[Outcome]:
    """Convert; raises `StepError` for what is not well-formed, has a document type, or is beyond the limits."""
    del context
    if parameters.operation == "build":
        return aside(lambda: Outcome.of(_Builder(indent=parameters.indent).build(parameters.value)), big=True)
    text = parameters.text
    if len(text) > MOST_CHARACTERS:
        raise _too_large(f"is longer than {MOST_CHARACTERS:,} characters")
    return aside(lambda: Outcome.of(_Parser(frozenset(parameters.lists)).parse(text)), big=len(text) > BIG)


def parse_xml(text: str, lists: frozenset[str] = frozenset()) -> Json:
    """The object that an XML text stands for; raises `StepError` as the node does."""
    if len(text) > MOST_CHARACTERS:
        raise _too_large(f"is longer than {MOST_CHARACTERS:,} characters")
    return _Parser(lists).parse(text)


def build_xml(value: Json, *, indent: bool = False) -> str:
    """The XML text of an object; raises `StepError` as the node does."""
    return _Builder(indent=indent).build(value)


class _Open:
    """An element whose end has not come yet."""

    __slots__ = ("fields", "pieces")

    def __init__(self, fields: JsonObject) -> None:
        self.fields = fields
        self.pieces: list[str] = []

    def value(self) -> Json:
        """Its text if it has nothing else, null if it has not even that, else an object."""
        text = "".join(self.pieces).strip()
        if not self.fields:
            return text or None
        return {**self.fields, TEXT: text} if text else self.fields


class _Parser:
    """What happens while the text is read; a document type ends it before anything in it is looked at."""

    def __init__(self, lists: frozenset[str]) -> None:
        self._lists = lists
        self._open = [_Open({})]
        self._left = MOST_PARTS

    def parse(self, text: str) -> Json:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.EntityDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._say
        try:
            parser.Parse(text.removeprefix("\ufeff").encode(), True)  # noqa: FBT003 - expat takes it by place
        except (expat.ExpatError, UnicodeEncodeError) as error:
            raise _malformed(error) from error
        return self._open[0].fields

    def _start(self, _name: str, attributes: dict[str, str]) -> None:
        self._left -= 1 + len(attributes)
        if self._left < 0:
            raise _too_large(f"has more than {MOST_PARTS:,} elements and attributes")
        if len(self._open) > DEEPEST:
            raise _too_large(f"nests more than {DEEPEST} deep")
        self._open.append(_Open({f"{ATTRIBUTE}{key}": value for key, value in attributes.items()}))

    def _end(self, name: str) -> None:
        value = self._open.pop().value()
        fields = self._open[-1].fields
        known = fields.get(name)
        if isinstance(known, list):
            known.append(value)
        elif name in fields:
            fields[name] = [known, value]
        else:
            fields[name] = [value] if name in self._lists else value

    def _say(self, text: str) -> None:
        self._open[-1].pieces.append(text)


def _refuse_doctype(*_declared: object) -> None:
    raise StepError(
        "The XML has a document type (<!DOCTYPE ...>), in which entities can be declared; such XML is not read.",
        code="XML_DOCTYPE_REFUSED",
        remedy="Ask for the document without one; a declaration of the encoding (<?xml ...?>) is fine.",
    )


def _malformed(error: Exception) -> StepError:
    where: JsonObject = {}
    if isinstance(error, expat.ExpatError):
        where = {"line": error.lineno, "column": error.offset + 1}
        why = f"{expat.ErrorString(error.code)} in line {error.lineno}, column {error.offset + 1}"
    else:
        why = "it holds half of a character (a lone surrogate)"
    return StepError(
        f"The text is no well-formed XML: {why}.",
        code="XML_MALFORMED",
        remedy="Look at what came in: an error page or an empty answer is no XML, and HTML is for the HTML node.",
        details=where,
    )


class _Builder:
    def __init__(self, *, indent: bool) -> None:
        self._indent = indent
        self._pieces: list[str] = []
        self._left = MOST_CHARACTERS

    def build(self, value: Json) -> str:
        if not isinstance(value, dict) or len(value) != 1:
            fields = f"an object with {len(value)} fields" if isinstance(value, dict) else described(value)
            raise _unfit(f"XML has one root element, so it is built from an object with one field, not from {fields}")
        ((name, root),) = value.items()
        if isinstance(root, list):
            raise _unfit("XML has one root element, and a list would be several")
        self._element(name, root, 0)
        return "".join(self._pieces)

    def _element(self, name: str, value: Json, depth: int) -> None:
        if depth > DEEPEST:
            raise _too_large(f"would nest more than {DEEPEST} deep")
        _check_name(name)
        fields = value if isinstance(value, dict) else {TEXT: value}
        written = (f" {_name(key)}={quoteattr(_text(part))}" for key, part in fields.items() if key[:1] == ATTRIBUTE)
        children = [(key, part) for key, part in fields.items() if key[:1] != ATTRIBUTE and key != TEXT]
        text = escape(_text(fields.get(TEXT)))
        start = f"<{name}{''.join(written)}"
        if not text and not children:
            self._write(f"{start}/>", depth)
            return
        if not children:
            self._write(f"{start}>{text}</{name}>", depth)
            return
        self._write(f"{start}>{text}", depth)
        for key, part in children:
            for one in part if isinstance(part, list) else [part]:
                if isinstance(one, list):
                    raise _unfit(f"the field '{key[:80]}' holds a list in a list, which XML does not have")
                self._element(key, one, depth + 1)
        self._write(f"</{name}>", depth)

    def _write(self, text: str, depth: int) -> None:
        if self._indent:
            text = f"{'  ' * depth}{text}\n"
        self._left -= len(text)
        if self._left < 0:
            raise _too_large(f"would be longer than {MOST_CHARACTERS:,} characters")
        self._pieces.append(text)


def _name(key: str) -> str:
    return _check_name(key[1:])


def _check_name(name: str) -> str:
    if NAME.fullmatch(name) is None:
        raise _unfit(f"'{name[:80]}' is no name that XML allows")
    return name


def _text(value: Json) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            text = value
        case int() | float():
            return repr(value)
        case _:
            raise _unfit(f"a text or an attribute cannot be {described(value)}")
    found = UNWRITABLE.search(text)
    if found is not None:
        raise _unfit(f"a text holds the character U+{ord(found[0]):04X}, which XML does not have")
    return text


def _unfit(why: str) -> StepError:
    return StepError(
        f"The value cannot be written as XML: {why}.",
        code="XML_VALUE_UNFIT",
        remedy="Shape it with a transform before; this node's page says how attributes, texts and lists are given.",
        details={"parameter": "value"},
    )


def _too_large(why: str) -> StepError:
    return StepError(f"The XML {why}.", code="XML_TOO_LARGE", remedy="Take a smaller document, or a part of it.")


NODE = NodeType(
    type="data.xml",
    title="XML",
    help=(
        "Converts between XML and JSON, in one way for both directions. An element is a field; an attribute is a field "
        "with `@` before its name; elements of one name become a list; an element with nothing but text is that text, "
        "an empty one null; text beside attributes or elements is the field `#text`. All values read are texts. "
        "Prefixes stay part of the name (`soap:Body`), comments and processing instructions are left out, and the "
        "order among elements of different names is not kept. A document type is refused, and with it every entity "
        "beside `&amp;` and its like. Limits: ten million characters, a million elements and attributes, 90 levels."
    ),
    parameters=Xml,
    run=run,
    outputs=(Port(help="The object, or the XML as text."),),
    examples=(
        Example(
            "an order",
            {"operation": "parse", "text": "{{ input }}", "lists": ["line"]},
            input='<order id="7"><line>Tea</line><note kind="gift">For Ann</note><sent/></order>',
            expect={
                "out": {
                    "order": {"@id": "7", "line": ["Tea"], "note": {"@kind": "gift", "#text": "For Ann"}, "sent": None}
                }
            },
        ),
        Example(
            "the other way",
            {"operation": "build", "value": {"order": {"@id": "{{ input.id }}", "line": "{{ input.lines }}"}}},
            input={"id": 7, "lines": ["Tea & milk", "Sugar"]},
            expect={"out": '<order id="7"><line>Tea &amp; milk</line><line>Sugar</line></order>'},
        ),
        Example(
            "a document that declares entities",
            {"operation": "parse", "text": "{{ input }}"},
            input='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
            expect_error="XML_DOCTYPE_REFUSED",
        ),
        Example(
            "no XML at all", {"operation": "parse", "text": "{{ input }}"}, input="ok", expect_error="XML_MALFORMED"
        ),
    ),
)
