"""Reads an SQL text as far as it must be: to find parameters, and to see where a second statement would begin.

Strings, quoted names and comments are passed over as each database reads them. Parameters are turned into the form that
the database's driver binds; no value is ever written into a text.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.errors import StepError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from wingbeat.core.json_value import Json

LONGEST_TEXT = 1_000_000
SHOWN = 60
# They would end the transaction that the statement runs in, or wait for data that nobody sends.
REFUSED_WORDS = frozenset(
    {"begin", "start", "commit", "rollback", "abort", "end", "savepoint", "release", "prepare", "xa", "copy", "load"}
)


class Dialect(StrEnum):
    """Whose SQL it is."""

    POSTGRESQL = "postgresql"
    MYSQL = "mysql"
    SQLITE = "sqlite"


class Bound(NamedTuple):
    """A text with places for its parameters, the name for each place, and the word that the statement begins with."""

    text: str
    names: tuple[str, ...]
    word: str


_NAME = r"(?P<word>[^\W\d][\w$]*)"
_PARAMETER = r"(?P<cast>::|:=)|:(?P<parameter>[A-Za-z_][A-Za-z0-9_]*)"
_REST = r"(?P<number>\d[\w.]*)|(?P<end>;)|(?P<space>\s+)|(?P<other>.)"
_LINE_COMMENT = r"(?P<comment>--[^\n]*)"
_TOKENS = {
    Dialect.POSTGRESQL: (
        r"(?P<string>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
        r"|(?P<dollar>\$(?:[^\W\d]\w*)?\$)|(?P<own>\$\d+)"
        rf"|{_LINE_COMMENT}|(?P<block>/\*)"
    ),
    Dialect.MYSQL: (
        r"(?P<string>'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`]|``)*`)"
        r"|(?P<comment>--(?=\s|\Z)[^\n]*|\#[^\n]*|/\*(?!M?!).*?\*/)|(?P<block>/\*)|(?P<own>\?)"
    ),
    Dialect.SQLITE: (
        r"(?P<string>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\[[^\]]*\])"
        rf"|{_LINE_COMMENT}|(?P<plain>/\*.*?\*/)|(?P<block>/\*)|(?P<own>\?\d*|[@$]\w+)"
    ),
}
TOKENS = {dialect: re.compile(f"{own}|{_NAME}|{_PARAMETER}|{_REST}", re.DOTALL) for dialect, own in _TOKENS.items()}
OPEN_QUOTES = frozenset("'\"`")


class _Reading:
    """One way through a text."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text = text
        self.dialect = dialect
        self.pieces: list[str] = []
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}
        self.word = ""
        self.ended = False

    def read(self) -> Bound:
        position = 0
        while position < len(self.text):
            found = TOKENS[self.dialect].match(self.text, position)
            if found is None:  # pragma: no cover - `other` takes any character
                raise _invalid(self.text, position, "it cannot be read")
            end = self._take(found)
            if found.lastgroup != "parameter":
                self.pieces.append(self.text[position:end])
            position = end
        if not self.word:
            raise _invalid(self.text, 0, "there is no statement in it")
        return Bound("".join(self.pieces), tuple(self.names), self.word)

    def _take(self, found: re.Match[str]) -> int:
        """Take in one token; gives where it ends."""
        kind, start = found.lastgroup, found.start()
        if kind in {"space", "comment", "plain"}:
            return found.end()
        if kind == "dollar":
            return self._after(found.group(), found.end(), start)
        if kind == "block":
            return self._after_comment(start)
        if kind == "end":
            self.ended = True
            return found.end()
        if self.ended:
            raise StepError(
                "The SQL holds several statements.",
                code="SQL_SEVERAL_STATEMENTS",
                remedy="Give one statement; the operation 'transaction' takes a list of them.",
                details={"position": start},
            )
        self._take_word(found)
        return found.end()

    def _take_word(self, found: re.Match[str]) -> None:
        match found.lastgroup:
            case "own":
                raise _invalid(self.text, found.start(), "parameters are written as :name")
            case "other" if found.group() in OPEN_QUOTES:
                raise _invalid(self.text, found.start(), "a quote is never closed")
            case "parameter":
                self._place(found["parameter"])
            case "word":
                self.word = self.word or found.group().lower()
            case _:
                pass
        if not self.word and found.lastgroup != "other":
            self.word = found.group().lower()

    def _place(self, name: str) -> None:
        if self.dialect is not Dialect.POSTGRESQL:
            self.names.append(name)
            self.pieces.append("?")
            return
        if name not in self._numbers:
            self.names.append(name)
            self._numbers[name] = len(self.names)
        self.pieces.append(f"${self._numbers[name]}")

    def _after(self, tag: str, position: int, start: int) -> int:
        end = self.text.find(tag, position)
        if end < 0:
            raise _invalid(self.text, start, "a quote is never closed")
        self.word = self.word or tag
        return end + len(tag)

    def _after_comment(self, start: int) -> int:
        """PostgreSQL's comments nest. MySQL runs what is in some of its comments, so these are refused."""
        if self.dialect is Dialect.MYSQL and self.text.find("*/", start) >= 0:
            raise _invalid(self.text, start, "comments that the database runs are not possible")
        depth, position = 0, start
        for mark in re.finditer(r"/\*|\*/", self.text[start:]):
            depth += 1 if mark.group() == "/*" else -1
            position = start + mark.end()
            if depth == 0:
                return position
        raise _invalid(self.text, start, "a comment is never closed")


def bind(text: str, dialect: Dialect) -> Bound:
    """Find the parameters of one statement.

    Raises:
        StepError: `SQL_TEXT_INVALID`, `SQL_SEVERAL_STATEMENTS` or `SQL_STATEMENT_REFUSED`.
    """
    if len(text) > LONGEST_TEXT:
        raise _invalid(text, 0, f"it has more than {LONGEST_TEXT} characters")
    if "\0" in text:
        raise _invalid(text, text.index("\0"), "it holds the character U+0000")
    bound = _Reading(text, dialect).read()
    if bound.word in REFUSED_WORDS:
        raise StepError(
            f"A statement that begins with {bound.word.upper()} cannot be run by a node.",
            code="SQL_STATEMENT_REFUSED",
            remedy="A node's statements run in a transaction of their own; use 'transaction' for several.",
        )
    return bound


def values_for(bound: Bound, parameters: Mapping[str, Json]) -> list[Json]:
    """The values for the places, in their order.

    Raises:
        StepError: `SQL_PARAMETER_MISSING` or `SQL_PARAMETER_UNUSED`, which names the parameter.
    """
    for name in _missing(bound.names, parameters):
        raise StepError(
            f"The SQL asks for ':{name}', and 'parameters' has no '{name}'.",
            code="SQL_PARAMETER_MISSING",
            remedy="Give it in 'parameters'; null is possible too.",
            details={"parameter": name},
        )
    for name in _missing(parameters, frozenset(bound.names)):
        raise StepError(
            f"'parameters' has '{name[:SHOWN]}', and the SQL does not ask for it.",
            code="SQL_PARAMETER_UNUSED",
            remedy="Write it as :name, outside of quotes, or take it away.",
            details={"parameter": name[:SHOWN]},
        )
    return [parameters[name] for name in bound.names]


def _missing(wanted: Iterable[str], there: Container[str]) -> Iterator[str]:
    return (name for name in wanted if name not in there)


def _invalid(text: str, position: int, why: str) -> StepError:
    return StepError(
        f"The SQL cannot be used: {why}, at {position}: {text[position : position + SHOWN]!r}.",
        code="SQL_TEXT_INVALID",
        remedy="Correct the text of the statement.",
        details={"position": position},
    )
