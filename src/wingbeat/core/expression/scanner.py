"""From the text of an expression to text that the standard library's parser may see: as long, and plain ASCII.

The parser never sees what a user wrote inside quotes, nor unusual letters, keywords used as field names, line breaks or
`??`: each is replaced by a stand-in of the same length, and the real value is kept by its position. So positions stay
right, and no oddity of the host language's tokens (prefixes, escapes, look-alikes, comments) can matter.

Most sources hold nothing of the kind, and one regular expression tells: they are their own stand-in.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from wingbeat.core.errors import ExpressionError

MAX_LENGTH = 65_536
MAX_TOKENS = 10_000
MAX_NESTING = 64

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<name>[^\W\d]\w*)
    |(?P<number>0[xX][0-9a-fA-F]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)
    |(?P<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
    |(?P<operator>\?\?|\?\.|&&|\|\||===|!==|==|!=|<=|>=|:=|=>|->|<<|>>|\*\*|//|[-+*/%<>=.,:|()\[\]{}])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
# Short enough that brackets cannot nest too deep, without counting them.
_PLAIN_LENGTH = 2 * MAX_NESTING
# Words that mean the same to the scanner and to the parser: ASCII names without a leading `__`, decimal numbers, texts
# of harmless characters, and operators. Nothing here may run into a name or a number, nor text into text.
_PLAIN = re.compile(
    r"""(?:[ ]++
    |(?!__)[A-Za-z_][A-Za-z0-9_]*+(?!['"])
    |[-+*/%<>,:()\[\]{}|=]
    |\.(?![0-9])
    |[0-9]++(?:\.[0-9]++)?(?![A-Za-z0-9_.])
    |(?:'[A-Za-z0-9_ .,:;/+-]*+'|"[A-Za-z0-9_ .,:;/+-]*+")(?![ ]*+['"])
    |!=)*+""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "\n": ""}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_KEYWORDS = frozenset(keyword.kwlist)

_REFUSED = {
    "&&": "Write `and`.",
    "||": "Write `or`, or `??` for a default.",
    "!": "Write `not`.",
    "===": "Write `==`.",
    "!==": "Write `!=`.",
    "?": "Write `this if condition else that`, or `value ?? default`.",
    "?.": "Write `.` and give a default at the end: `a.b.c ?? null`.",
    ":=": "Nothing can be assigned here; use a `data.variable` node.",
    "=>": "Write a comprehension: `[x.name for x in items]`.",
    "->": "Write a comprehension: `[x.name for x in items]`.",
    "=": "Compare with `==`; nothing can be assigned here.",
    "`": "Use ' or \" for text, and `+` to put texts together.",
    "$": "Names need no `$`.",
    "#": "Comments are not possible here.",
    ";": "Write one expression.",
    "\\": "Remove it; an expression may continue on the next line as it is.",
    "@": "Write a number operation: + - * / // % **.",
    "&": "Write `and`.",
    "^": "Write `**` for a power.",
    "~": "Write `not`.",
    "<<": "Write `* 2 ** n`.",
    ">>": "Write `// 2 ** n`.",
    "'": "Close the text with ', and write line breaks as \\n.",
    '"': 'Close the text with ", and write line breaks as \\n.',
}


class Scanned(NamedTuple):
    """`code` is for the parser; `texts`, `names` and `defaults` (the `??`) say what the source says, by position.

    `texts` is None when the code itself holds them. `origin` is the offset in the source of where the code begins,
    `end` that after the last character of the expression (the `}}` when it was scanned inside a template).
    """

    code: str
    origin: int
    end: int
    texts: Mapping[int, str] | None = None
    names: Mapping[int, str] = MappingProxyType({})
    defaults: frozenset[int] = frozenset()


def invalid(message: str, position: int, remedy: str = "", code: str = "EXPRESSION_INVALID") -> ExpressionError:
    """A refusal of the source at a position."""
    return ExpressionError(message, code=code, remedy=remedy, position=position)


def scan_plain(source: str, start: int = 0, *, in_template: bool = False) -> Scanned | None:
    """The expression as it stands, when it needs no stand-ins; None when only `scan` can tell.

    Brackets are not looked at. When the parser accepts the code they are in order, and the `}}` taken for the end of a
    template is its end; when it does not, `scan` says why.
    """
    end = source.find("}}", start) if in_template else len(source)
    if not 0 < end - start <= _PLAIN_LENGTH or _PLAIN.fullmatch(source, start, end) is None:
        return None
    code = source[start:end].lstrip()
    return Scanned(code, end - len(code), end)


def scan(source: str, start: int = 0, *, in_template: bool = False) -> Scanned:
    """Read tokens from `start` to the end, or in a template to the `}}` that closes it. Raises ExpressionError."""
    return _Scanner(source, start, in_template=in_template).run()


class _Scanner:
    """One pass over one source."""

    def __init__(self, source: str, start: int, *, in_template: bool) -> None:
        self.source = source
        self.start = start
        self.in_template = in_template
        self.code: list[str] = []
        self.texts: dict[int, str] = {}
        self.names: dict[int, str] = {}
        self.defaults: set[int] = set()
        self.open: list[tuple[str, int]] = []
        self.previous = ""

    def run(self) -> Scanned:
        position = self.start
        match = _TOKEN.match(self.source, position)
        count = 0
        while match is not None:
            lexeme = match.group()
            if lexeme == "}" and self.in_template and not self.open:
                return self._close_template(position)
            count += 1
            if count > MAX_TOKENS or match.end() - self.start > MAX_LENGTH:
                raise invalid(
                    f"The expression is longer than {MAX_LENGTH:,} characters or {MAX_TOKENS:,} words.",
                    position, "Split it over several nodes.", "EXPRESSION_TOO_LONG",
                )  # fmt: skip
            self._accept(match.lastgroup or "other", lexeme, position)
            position = match.end()
            match = _TOKEN.match(self.source, position)
        if self.in_template:
            raise invalid(
                "A `{{` is never closed.", self.start - 2,
                "Close it with `}}`, or write `{{ '{{' }}` for the two characters themselves.", "EXPRESSION_UNCLOSED",
            )  # fmt: skip
        return self._finish(position)

    def _close_template(self, position: int) -> Scanned:
        if self.source[position : position + 2] != "}}":
            raise invalid("A `}` closes nothing.", position, "Close the template with `}}`.")
        return self._finish(position)

    def _finish(self, end: int) -> Scanned:
        if self.open:
            bracket, position = self.open[-1]
            raise invalid(f"`{bracket}` is never closed.", position, f"Add `{_CLOSING[bracket]}`.")
        code = f"({''.join(self.code)})"  # In brackets, an expression may begin with a space.
        return Scanned(code, self.start - 1, end, self.texts, self.names, frozenset(self.defaults))

    def _accept(self, group: str, lexeme: str, position: int) -> None:
        if group == "space":
            self.code.append(" " * len(lexeme))
            return
        if group == "name":
            self.code.append(self._name(lexeme, position))
        elif group == "text":
            self.code.append(self._text(lexeme, position))
        elif group == "operator":
            self.code.append(self._operator(lexeme, position))
        elif group == "number":
            self.code.append(self._number(lexeme, position))
        else:
            remedy = _REFUSED.get(lexeme, "Put it in quotes if it belongs to a text.")
            raise invalid(f"The character {lexeme!r} has no meaning here.", position, remedy)
        self.previous = lexeme if group == "operator" else group

    def _name(self, lexeme: str, position: int) -> str:
        following = self.source[position + len(lexeme) : position + len(lexeme) + 1]
        if following in {"'", '"'} and lexeme not in _KEYWORDS and following:
            if lexeme in {"r", "R"} and self.previous != "text":
                return " "  # The text that follows is read raw.
            raise invalid(
                f"A text cannot begin with `{lexeme}{following}`.", position,
                "Leave the letters away; put texts together with `+`.", "EXPRESSION_NOT_ALLOWED",
            )  # fmt: skip
        if self.previous == "number" and not self.source[position - 1 : position].isspace():
            raise invalid("A number and a name run together.", position, "Put a space or an operator between them.")
        if lexeme.startswith("__"):
            raise invalid(
                f"The name {lexeme!r} is not allowed.", position,
                f"If it is a key of your data, write [{lexeme!r}].", "EXPRESSION_NOT_ALLOWED",
            )  # fmt: skip
        if not lexeme.isascii() or (self.previous == "." and lexeme in _KEYWORDS):
            self.names[position] = lexeme
            return "v" + "_" * (len(lexeme) - 1)
        return lexeme

    def _text(self, lexeme: str, position: int) -> str:
        if self.previous == "text":
            raise invalid("Two texts follow one another.", position, "Put `+` between them.")
        raw = self.source[max(self.start, position - 1) : position] in {"r", "R"}
        value = lexeme[1:-1] if raw and self.code[-1] == " " else _unescape(lexeme[1:-1], position)
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise invalid(
                "The text holds half of a character (a lone surrogate).",
                position,
                "Write both \\u halves, or the character.",
            )
        self.texts[position] = value
        return f"'{'_' * (len(lexeme) - 2)}'"

    def _number(self, lexeme: str, position: int) -> str:
        if self.previous == "name" and self.source[position - 1 : position].isalnum():
            raise invalid("A name and a number run together.", position, "Put a space or an operator between them.")
        if self.previous == ".":
            raise invalid(
                "A field name cannot begin with a digit.", position, "Write [0] for a place in a list, ['0'] for a key."
            )
        if not lexeme.isascii():
            raise invalid("Only the digits 0 to 9 make a number.", position)
        return lexeme

    def _operator(self, lexeme: str, position: int) -> str:
        if lexeme in _CLOSING:
            self.open.append((lexeme, position))
            if len(self.open) > MAX_NESTING:
                raise invalid(
                    f"Brackets nest more than {MAX_NESTING} deep.",
                    position,
                    "Write a flatter expression.",
                    "EXPRESSION_TOO_DEEP",
                )
        elif lexeme in ")]}":
            if not self.open or _CLOSING[self.open.pop()[0]] != lexeme:
                raise invalid(f"`{lexeme}` closes nothing.", position, "Remove it, or add the bracket that it closes.")
        elif lexeme == "=" and self.open and self.open[-1][0] == "(":
            return lexeme  # A named argument, or the parser's syntax error.
        elif lexeme in _REFUSED:
            raise invalid(f"`{lexeme}` is not an operator here.", position, _REFUSED[lexeme], "EXPRESSION_NOT_ALLOWED")
        if lexeme == "??":
            self.defaults.add(position)
            return "| "
        return lexeme


def _unescape(text: str, position: int) -> str:
    """The characters that a text stands for; an unknown escape keeps its backslash, since patterns use many."""
    if "\\" not in text:
        return text
    value = _ESCAPE.sub(_unescape_one, text)
    if value.isascii():
        return value
    # Two \u halves make one character, as in JSON.
    try:
        return value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise invalid(
            "The text holds half of a character (a lone surrogate).",
            position,
            "Write both \\u halves, or the character.",
        ) from None


def _unescape_one(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    if code:
        return chr(int(code, 16))
    character = match.group(3)
    if character in "\\'\"/":
        return str(character)
    return _SIMPLE_ESCAPES.get(character, "\\" + character)
