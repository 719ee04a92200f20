"""Reads HTML into a flat list of elements, in time that grows with the text alone, however it is nested or broken.

It follows the rules that pages rely on (void elements, ends that may be left out, raw text) and no others; nothing is
carried out and nothing is fetched. An element's text and source are slices, so that taking them costs no walk.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass, field

from wingbeat.core.errors import StepError

MOST_CHARACTERS = 5_000_000
MOST_ELEMENTS = 200_000
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)")
ATTRIBUTE = re.compile(r"""[\s/]*+([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>]*+))?""")
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
RAW = frozenset(("script", "style"))
TEXT_ONLY = frozenset(("textarea", "title", *RAW))
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
CELLS = frozenset(("td", "th"))
ROWS = CELLS | {"tr"}
PARTS = ROWS | {"tbody", "thead", "tfoot"}
TERMS = frozenset(("dt", "dd"))
# What a tag that opens brings to its end, where it has been left open.
ENDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(BLOCKS - PARTS - TERMS - {"li", "br"}, frozenset(("p",))),
    **dict.fromkeys(CELLS, CELLS),
    **dict.fromkeys(TERMS, TERMS | {"p"}),
    **dict.fromkeys(("tbody", "thead", "tfoot"), PARTS),
    "tr": ROWS,
    "li": frozenset(("li", "p")),
    "option": frozenset(("option",)),
}


@dataclass(slots=True)
class Element:
    """One element. `parent` and `previous` (the element before it in the same parent) are places in the list, or -1.

    `last` is the place of the last element inside. The others are offsets: `start` to `end` in the source, `inner` to
    `inner_end` without its own tags, `text` to `text_end` in the tree's text.
    """

    tag: str
    attributes: dict[str, str]
    parent: int
    previous: int
    number: int
    start: int
    inner: int
    text: int
    text_end: int = 0
    inner_end: int = 0
    end: int = 0
    last: int = 0
    children: int = 0
    latest: int = -1


@dataclass(slots=True)
class Tree:
    """A document: its source, its text, and its elements in the order of the source."""

    source: str
    text: str = ""
    elements: list[Element] = field(default_factory=list)


def read_html(source: str) -> Tree:
    """The tree of a document or a fragment.

    Raises:
        StepError: `HTML_TOO_LARGE`.
    """
    if len(source) > MOST_CHARACTERS:
        raise too_large(f"{MOST_CHARACTERS:,} characters")
    reader = _Reader(source)
    reader.read()
    return reader.tree


def too_large(limit: str) -> StepError:
    """The refusal of HTML beyond a limit."""
    return StepError(f"The HTML has more than {limit}.", code="HTML_TOO_LARGE", remedy="Take a part of it at a time.")


class _Reader:
    def __init__(self, source: str) -> None:
        self.tree = Tree(source)
        self._open: list[int] = []
        self._opened: Counter[str] = Counter()
        self._pieces: list[str] = []
        self._length = 0
        self._top = Element("", {}, -1, -1, 0, 0, 0, 0)

    def read(self) -> None:
        source, place = self.tree.source, 0
        while place < len(source):
            found = source.find("<", place)
            if found < 0:
                break
            self._say(source[place:found])
            place = self._markup(found)
        self._say(source[place:])
        while self._open:
            self._close(len(source), len(source))
        self.tree.text = "".join(self._pieces)

    def _markup(self, place: int) -> int:
        """Take what begins with `<` here; where it ends."""
        source = self.tree.source
        if source.startswith("<!--", place):
            return _after(source, "-->", place + 4)
        if source.startswith(("<!", "<?"), place):
            return _after(source, ">", place + 2)
        found = TAG.match(source, place)
        if found is None:
            self._say("<")
            return place + 1
        name = found[2].lower()
        attributes, end = _attributes(source, found.end())
        if found[1]:
            self._end_tag(name, place, end)
            return end
        self._open_tag(name, attributes, place, end)
        return self._raw(name, end) if name in TEXT_ONLY else end

    def _open_tag(self, name: str, attributes: dict[str, str], place: int, end: int) -> None:
        elements = self.tree.elements
        if len(elements) == MOST_ELEMENTS:
            raise too_large(f"{MOST_ELEMENTS:,} elements")
        ends = ENDS.get(name)
        while ends and self._open and elements[self._open[-1]].tag in ends:
            self._close(place, place)
        if name in BLOCKS:
            self._add("\n")
        parent = self._open[-1] if self._open else -1
        around = elements[parent] if parent >= 0 else self._top
        around.children += 1
        made = Element(name, attributes, parent, around.latest, around.children, place, end, self._length)
        around.latest = len(elements)
        elements.append(made)
        self._open.append(len(elements) - 1)
        self._opened[name] += 1
        if name in VOID:
            self._close(end, end)

    def _end_tag(self, name: str, place: int, end: int) -> None:
        """Close up to the innermost element of that name; one that nobody opened says nothing."""
        if not self._opened[name]:
            return
        while self.tree.elements[self._open[-1]].tag != name:
            self._close(place, place)
        self._close(place, end)

    def _close(self, inner_end: int, end: int) -> None:
        elements = self.tree.elements
        closed = elements[self._open.pop()]
        self._opened[closed.tag] -= 1
        closed.inner_end, closed.end, closed.text_end = inner_end, end, self._length
        closed.last = len(elements) - 1
        if closed.tag in BLOCKS:
            self._add("\n")

    def _raw(self, name: str, place: int) -> int:
        """Take the text of an element in which a tag is no tag, and its end."""
        source = self.tree.source
        found = re.compile(f"</{name}[^>]*+>?", re.IGNORECASE).search(source, place)
        start, end = found.span() if found else (len(source), len(source))
        if name not in RAW:
            self._say(source[place:start])
        self._close(start, end)
        return end

    def _say(self, text: str) -> None:
        if text:
            self._add(unescape(text))

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)


def _after(source: str, mark: str, place: int) -> int:
    found = source.find(mark, place)
    return len(source) if found < 0 else found + len(mark)


def _attributes(source: str, place: int) -> tuple[dict[str, str], int]:
    """The attributes from here on, the first of two with one name, and where the tag ends."""
    attributes: dict[str, str] = {}
    while (found := ATTRIBUTE.match(source, place)) is not None:
        value = found[2] or ""
        if value[:1] in {'"', "'"} and value[-1:] == value[:1] and len(value) > 1:
            value = value[1:-1]
        attributes.setdefault(found[1].lower(), unescape(value))
        place = found.end()
    return attributes, _after(source, ">", place)


def unescape(text: str) -> str:
    """Text with its entities replaced; one with a number of thousands of digits stays as it is."""
    if "&" not in text:
        return text
    try:
        return html.unescape(text)
    except ValueError:
        return text


def one_line(text: str) -> str:
    """Text as it reads on a page, in one line."""
    return " ".join(text.split())


def lines(text: str) -> str:
    """Text as it reads on a page, with a line for each block."""
    return "\n".join(line for line in map(one_line, text.split("\n")) if line)
