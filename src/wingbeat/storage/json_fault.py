"""Find the first fault of a JSON text and its place (line, column, path).

Slow, and only used on texts that are known to have one: json_text.py is what reads.
"""

from __future__ import annotations

import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, NamedTuple, Never

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject

MAX_DEPTH = 200
# Where Python itself stops reading decimal digits.
MAX_DIGITS = 4300
# How much of a key and of a path a message shows.
SHOWN_CHARACTERS = 60
SHOWN_STEPS = 20

SPACE = re.compile(r"[ \t\n\r]*")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
WORD = re.compile(r"[-+]?[A-Za-z_]+")
HALF_PAIR = re.compile("[\ud800-\udfff]")
LITERALS = frozenset({"true", "false", "null"})
NOT_A_NUMBER = frozenset({"NaN", "Infinity", "-Infinity", "nan", "inf", "-inf"})


class Fault(NamedTuple):
    """What is wrong and where: line and column count from 1, the path is like `nodes[3].name`."""

    code: str
    reason: str
    remedy: str
    line: int | None
    column: int | None
    path: str

    def sentence(self) -> str:
        """One sentence for people."""
        place = f" at line {self.line}, column {self.column}" if self.line is not None else ""
        inside = f" (in {self.path})" if self.path else ""
        return f"The JSON text cannot be used{place}{inside}: {self.reason}."

    def details(self) -> JsonObject:
        """What is known of the place."""
        found: dict[str, Json] = {"line": self.line, "column": self.column, "path": self.path or None}
        return {name: value for name, value in found.items() if value is not None}


def find_fault(raw: bytes) -> Fault | None:
    """The first fault, or None if there is none."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        reason = f"byte {error.start} (0x{raw[error.start]:02x}) is not UTF-8"
        return Fault("JSON_NOT_UTF8", reason, "Save it as UTF-8.", *line_and_column(before, len(before)), "")
    try:
        Scanner(text).scan()
    except FaultFound as found:
        return found.fault
    return None


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Both from 1."""
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


class FaultFound(Exception):
    """Ends the scan."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


class Level:
    """A list or an object that is open: its keys so far, and where in it the scan is."""

    def __init__(self, *, is_object: bool) -> None:
        self.is_object = is_object
        self.keys: set[str] = set()
        self.place: str | int = "" if is_object else 0


class Scanner:
    """Goes through a text once, without recursion; raises FaultFound at the first fault."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.levels: list[Level] = []

    def scan(self) -> None:
        """The whole text: one value, and nothing after it."""
        self.value()
        while self.levels:
            self.after_value()
        if self.peek():
            self.fault("JSON_SYNTAX", "something follows after the end of the value", "Remove it; send one value only.")

    def peek(self) -> str:
        """The next character that is not white space, or the empty text at the end."""
        self.position = SPACE.match(self.text, self.position).end()  # type: ignore[union-attr]
        return self.text[self.position : self.position + 1]

    def value(self) -> None:
        """A value, or the start of a list or object."""
        match self.peek():
            case "{":
                self.open(is_object=True)
            case "[":
                self.open(is_object=False)
            case '"':
                self.string()
            case "":
                self.fault("JSON_SYNTAX", "it ends where a value is expected", "Send the whole text.")
            case _:
                self.scalar()

    def open(self, *, is_object: bool) -> None:
        """Enter a list or an object, up to its first value or past its end."""
        if len(self.levels) == MAX_DEPTH:
            self.fault("JSON_TOO_DEEP", f"lists and objects are nested deeper than {MAX_DEPTH}", "Flatten it.")
        self.position += 1
        self.levels.append(Level(is_object=is_object))
        if self.peek() == ("}" if is_object else "]"):
            self.position += 1
            self.levels.pop()
            return
        if is_object:
            self.key()
        self.value()

    def after_value(self) -> None:
        """The comma and the next value, or the end of the innermost list or object."""
        level = self.levels[-1]
        end = "}" if level.is_object else "]"
        character = self.peek()
        if character == end:
            self.position += 1
            self.levels.pop()
            return
        if character != ",":
            self.fault("JSON_SYNTAX", f"a comma or {end} is expected here", "Put it there.")
        self.position += 1
        if self.peek() == end:
            self.fault("JSON_SYNTAX", f"a comma stands before {end}", "Remove the comma.")
        if isinstance(level.place, int):
            level.place += 1
        else:
            self.key()
        self.value()

    def key(self) -> None:
        """A key and its colon."""
        if self.peek() != '"':
            self.fault("JSON_SYNTAX", "a key in double quotes is expected here", "Put keys in double quotes.")
        start = self.position
        key = self.string()
        level = self.levels[-1]
        if key in level.keys:
            self.position = start
            shown = key if len(key) <= SHOWN_CHARACTERS else key[:SHOWN_CHARACTERS] + "..."
            self.fault("JSON_DUPLICATE_KEY", f'the key "{shown}" is there twice', "Keep one of the two.")
        level.keys.add(key)
        level.place = key
        if self.peek() != ":":
            self.fault("JSON_SYNTAX", "a colon is expected after the key", "Put it there.")
        self.position += 1

    def string(self) -> str:
        """A text in double quotes."""
        start = self.position
        try:
            value, self.position = scanstring(self.text, start + 1, True)  # noqa: FBT003 -- takes no keyword
        except ValueError as error:
            self.position = getattr(error, "pos", start)
            self.fault(
                "JSON_SYNTAX", f"the text is not valid: {str(error).partition(':')[0]}", "Mend its quotes or escapes."
            )
        text = str(value)
        if "\x00" in text:
            self.position = start
            self.fault(
                "JSON_ZERO_CHARACTER", "a text holds U+0000, which cannot be stored", "Remove it, or send base64."
            )
        if HALF_PAIR.search(text):
            self.position = start
            self.fault("JSON_HALF_SURROGATE", "a text holds half a surrogate pair", "Send both halves, or neither.")
        return text

    def scalar(self) -> None:
        """A number, true, false or null."""
        if word := WORD.match(self.text, self.position):
            if word.group() in LITERALS:
                self.position = word.end()
                return
            if word.group() in NOT_A_NUMBER:
                self.fault("JSON_NOT_A_NUMBER", f"{word.group()} is not JSON", "Use null, or a text.")
            self.fault("JSON_SYNTAX", f"{word.group()[:40]} is not a value", "Use true, false, null, or double quotes.")
        number = NUMBER.match(self.text, self.position)
        if number is None:
            self.fault("JSON_SYNTAX", f"a value cannot start with {self.peek()}", "Use double quotes for texts.")
        self.number(number)

    def number(self, number: re.Match[str]) -> None:
        """A number that can be kept as it is."""
        fraction, exponent = number.groups()
        if fraction is None and exponent is None:
            if len(number.group()) > MAX_DIGITS:
                self.fault(
                    "JSON_NUMBER_TOO_LONG", f"a whole number has more than {MAX_DIGITS} digits", "Send it as text."
                )
        elif float(number.group()) in (float("inf"), float("-inf")):
            self.fault("JSON_NUMBER_TOO_LARGE", f"{number.group()[:40]} is beyond 1.8e308", "Send it as text.")
        if self.text[number.end() : number.end() + 1].isdigit():
            self.fault("JSON_SYNTAX", "a number starts with 0", "Remove the leading zeros.")
        self.position = number.end()

    def fault(self, code: str, reason: str, remedy: str) -> Never:
        """End the scan at the present position."""
        line, column = line_and_column(self.text, self.position)
        raise FaultFound(Fault(code, reason, remedy, line, column, self.path()))

    def path(self) -> str:
        """The way from the top to the present position."""
        steps = [f"[{level.place}]" if isinstance(level.place, int) else f".{level.place}" for level in self.levels]
        return "".join(steps[:SHOWN_STEPS]).removeprefix(".") + ("..." if len(steps) > SHOWN_STEPS else "")
