"""CSS selectors over `wingbeat.sdk.html_tree`: each part is one pass over the elements, so that none can explode.

Known are: a tag or `*`, `#id`, `.class`, `[name]` and `[name=value]` with `~= |= ^= $= *=` and `i`, `:first-child`,
`:last-child`, `:only-child`, `:nth-child(2)`, `:nth-child(odd)`, `:nth-child(2n+1)`, `:root`, `:empty`,
`:contains("text")`, `:not(...)` of one such part, the combinators ` `, `>`, `+`, `~`, and `,` between selectors.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from wingbeat.core.errors import StepError
from wingbeat.sdk.html_tree import Element, Tree

LONGEST = 1_000
MOST_PARTS = 50
NAME = r"(?:[A-Za-z0-9_-]|[^\x00-\x7f])+"
TOKENS = re.compile(
    rf"(?P<combine>\s*[>+~,]\s*|\s+)|(?P<tag>\*|{NAME})|\#(?P<id>{NAME})|\.(?P<cls>{NAME})"
    rf"|\[\s*(?P<attribute>{NAME})\s*(?:(?P<operator>[~|^$*]?=)\s*"
    rf"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\]\"']+))\s*(?P<fold>[iI])?\s*)?\]"
    r"|:contains\(\s*(?:\"(?P<text>[^\"]*)\"|'(?P<text2>[^']*)')\s*\)|(?P<not>:not\(\s*)|(?P<close>\s*\))"
    r"|:nth-child\(\s*(?P<nth>[^)]*?)\s*\)|:(?P<pseudo>[a-z-]+)"
)
NTH = re.compile(r"(?:(?P<step>[+-]?[0-9]{0,6})n\s*(?P<offset>[+-]\s*[0-9]{1,6})?|(?P<only>[0-9]{1,6}))")

Test: TypeAlias = Callable[[Tree, int, Element], bool]


class Part(NamedTuple):
    """What an element must be, and how it lies to one that fits the part before."""

    combinator: str
    tests: tuple[Test, ...]


class Selector:
    """A selector that can be read; `select` gives the places of the elements that fit."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise _broken(text, f"it has more than {LONGEST:,} characters")
        self._text = text
        self._place = 0
        self._choices: list[list[Part]] = [[]]
        self._read()

    def select(self, tree: Tree) -> list[int]:
        """The places of the elements that fit one of the choices, in the order of the source."""
        fitting = [_fitting(tree, choice) for choice in self._choices]
        return [place for place in range(len(tree.elements)) if any(choice[place] for choice in fitting)]

    def _read(self) -> None:
        text = self._text.strip()
        self._text = text
        combinator, tests = " ", list[Test]()
        while self._place < len(text):
            found = self._next()
            if (combined := found["combine"]) is None:
                tests.append(self._test(found, first=not tests))
                continue
            self._part(combinator, tests)
            combinator, tests = combined.strip() or " ", []
            if combinator == ",":
                self._choices.append([])
                combinator = " "
        self._part(combinator, tests)

    def _part(self, combinator: str, tests: list[Test]) -> None:
        if not tests:
            raise _broken(self._text, "a part of it is empty")
        if sum(map(len, self._choices)) >= MOST_PARTS:
            raise _broken(self._text, f"it has more than {MOST_PARTS} parts")
        self._choices[-1].append(Part(combinator, tuple(tests)))

    def _next(self) -> re.Match[str]:
        found = TOKENS.match(self._text, self._place)
        if found is None or found.end() == self._place:
            raise _broken(self._text, f"'{self._text[self._place : self._place + 20]}' is not understood")
        self._place = found.end()
        return found

    def _test(self, found: re.Match[str], *, first: bool) -> Test:
        if found["tag"] is not None:
            if not first:
                raise _broken(self._text, "a tag comes first in its part")
            return _tag(found["tag"])
        if found["id"] is not None:
            return _attribute("id", "=", found["id"])
        if found["cls"] is not None:
            return _attribute("class", "~=", found["cls"])
        if found["attribute"] is not None:
            values = (found["double"], found["single"], found["bare"])
            value = next((value for value in values if value is not None), "")
            return _attribute(
                found["attribute"].lower(), found["operator"] or "", value, fold=found["fold"] is not None
            )
        if found["not"] is not None:
            return self._negated()
        return self._pseudo(found)

    def _pseudo(self, found: re.Match[str]) -> Test:
        if found["nth"] is not None:
            return self._nth(found["nth"])
        needle = found["text"] if found["text"] is not None else found["text2"]
        if needle is not None:
            return _contains(needle)
        test = PSEUDO.get(found["pseudo"] or "")
        if test is None:
            raise _broken(self._text, f"'{found[0].strip()}' is not known here")
        return test

    def _negated(self) -> Test:
        tests: list[Test] = []
        while self._place < len(self._text):
            found = self._next()
            if found["close"] is not None and tests:
                kept = tuple(tests)
                return lambda tree, place, element: not all(test(tree, place, element) for test in kept)
            if found["combine"] is not None or found["close"] is not None or found["not"] is not None:
                break
            tests.append(self._test(found, first=not tests))
        raise _broken(self._text, "':not(...)' takes one part without combinators")

    def _nth(self, written: str) -> Test:
        text = {"odd": "2n+1", "even": "2n"}.get(written.lower(), written.lower())
        found = NTH.fullmatch(text)
        if found is None:
            raise _broken(self._text, f"':nth-child({written[:20]})' is not understood")
        if found["only"] is not None:
            only = int(found["only"])
            return lambda _tree, _place, element: element.number == only
        sign = found["step"]
        step = int(f"{sign}1") if sign in {"", "+", "-"} else int(sign)
        offset = int((found["offset"] or "0").replace(" ", ""))
        return lambda _tree, _place, element: _reaches(element.number, step, offset)


def _reaches(number: int, step: int, offset: int) -> bool:
    if step == 0:
        return number == offset
    rounds, rest = divmod(number - offset, step)
    return rest == 0 and rounds >= 0


def _fitting(tree: Tree, parts: list[Part]) -> list[bool]:
    fitting: list[bool] = []
    for number, part in enumerate(parts):
        allowed = RELATIONS[part.combinator](tree, fitting) if number else None
        fitting = [
            (allowed is None or allowed[place]) and all(test(tree, place, element) for test in part.tests)
            for place, element in enumerate(tree.elements)
        ]
    return fitting


def _inside(tree: Tree, fitting: list[bool]) -> list[bool]:
    """An element comes after its parent in the list, so one pass is enough; the same with those beside it."""
    found: list[bool] = []
    for element in tree.elements:
        found.append(element.parent >= 0 and (fitting[element.parent] or found[element.parent]))
    return found


def _after(tree: Tree, fitting: list[bool]) -> list[bool]:
    found: list[bool] = []
    for element in tree.elements:
        found.append(element.previous >= 0 and (fitting[element.previous] or found[element.previous]))
    return found


RELATIONS: dict[str, Callable[[Tree, list[bool]], list[bool]]] = {
    " ": _inside,
    ">": lambda tree, fitting: [one.parent >= 0 and fitting[one.parent] for one in tree.elements],
    "+": lambda tree, fitting: [one.previous >= 0 and fitting[one.previous] for one in tree.elements],
    "~": _after,
}


def _tag(name: str) -> Test:
    if name == "*":
        return lambda _tree, _place, _element: True
    lower = name.lower()
    return lambda _tree, _place, element: element.tag == lower


COMPARE: dict[str, Callable[[str, str], bool]] = {
    "": lambda _has, _wanted: True,
    "=": lambda has, wanted: has == wanted,
    "~=": lambda has, wanted: wanted in has.split(),
    "|=": lambda has, wanted: has == wanted or has.startswith(f"{wanted}-"),
    "^=": lambda has, wanted: bool(wanted) and has.startswith(wanted),
    "$=": lambda has, wanted: bool(wanted) and has.endswith(wanted),
    "*=": lambda has, wanted: bool(wanted) and wanted in has,
}


def _attribute(name: str, operator: str, value: str, *, fold: bool = False) -> Test:
    compare = COMPARE[operator]
    if fold:
        folded = value.casefold()
        return lambda _tree, _place, one: name in one.attributes and compare(one.attributes[name].casefold(), folded)
    return lambda _tree, _place, one: name in one.attributes and compare(one.attributes[name], value)


def _contains(needle: str) -> Test:
    """Where the text occurs is looked up once for the document, not once for each element."""
    known: list[tuple[Tree, list[int]]] = []

    def test(tree: Tree, _place: int, element: Element) -> bool:
        if not known or known[0][0] is not tree:
            known[:] = [(tree, [found.start() for found in re.finditer(re.escape(needle), tree.text)])]
        places = known[0][1]
        at = bisect_left(places, element.text)
        return at < len(places) and places[at] + len(needle) <= element.text_end

    return test


def _is_last(tree: Tree, place: int, element: Element) -> bool:
    del place
    if element.parent < 0:
        return all(other.parent >= 0 for other in tree.elements[element.last + 1 : element.last + 2])
    return tree.elements[element.parent].children == element.number


PSEUDO: dict[str, Test] = {
    "first-child": lambda _tree, _place, element: element.number == 1,
    "last-child": _is_last,
    "only-child": lambda tree, place, element: element.number == 1 and _is_last(tree, place, element),
    "root": lambda _tree, _place, element: element.parent < 0,
    "empty": lambda _tree, _place, element: element.children == 0 and element.text == element.text_end,
}


def _broken(text: str, why: str) -> StepError:
    return StepError(
        f"The selector '{text[:80]}' cannot be used: {why}.",
        code="SELECTOR_INVALID",
        remedy="Use tags, #id, .class, [attribute=value], :first-child, :nth-child(2), :not(...), :contains('text'), "
        "and between them a space, >, +, ~ or a comma.",
    )
