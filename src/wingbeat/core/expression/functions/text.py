"""Functions on text."""

from __future__ import annotations

import re
import unicodedata

from wingbeat.core.expression.budget import Meter
from wingbeat.core.expression.function import Function, bad_type, bad_value
from wingbeat.core.expression.values import kind, to_text
from wingbeat.core.json_value import Json

_WORD = re.compile(r"[^\W\d_][\w'’]*")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def _title(text: str) -> str:
    return _WORD.sub(lambda word: word.group()[0].upper() + word.group()[1:].lower(), text)


def _split(text: str, separator: str | None = None, limit: int = -1) -> list[str]:
    if separator == "":
        raise bad_value("Cannot split at an empty separator.", "Leave it away to split at spaces, or use `.characters()`.")
    return text.split(separator, limit)


def _join(meter: Meter, values: list[Json], separator: str = "") -> str:
    pieces = [value if type(value) is str else _joinable(meter, value) for value in values]
    meter.make(sum(map(len, pieces)) + len(separator) * len(pieces))
    return separator.join(pieces)


def _joinable(meter: Meter, value: Json) -> str:
    if type(value) in {list, dict}:
        raise bad_type(f"Cannot join a list that holds a value of kind {kind(value)}.", "Pick a field first: `items | pluck('name') | join(', ')`.")
    return to_text(value, meter)


def _replace(meter: Meter, text: str, old: str, new: str, count: int = -1) -> str:
    found = text.count(old)
    meter.make(len(text) + (found if count < 0 else min(found, count)) * max(0, len(new) - len(old)))
    return text.replace(old, new, count)


def _pad(meter: Meter, width: int, fill: str) -> int:
    if len(fill) != 1:
        raise bad_value(f"Can only pad with one character, not with {len(fill)}.", "Give a text of one character.")
    meter.make(max(0, width))
    return width


def _pad_start(meter: Meter, text: str, width: int, fill: str = " ") -> str:
    return text.rjust(_pad(meter, width, fill), fill)


def _pad_end(meter: Meter, text: str, width: int, fill: str = " ") -> str:
    return text.ljust(_pad(meter, width, fill), fill)


def _repeat(meter: Meter, text: str, times: int) -> str:
    meter.make(max(0, len(text) * times))
    return text * times


def _truncate(text: str, length: int, ending: str = "…") -> str:
    if length < len(ending):
        raise bad_value(f"Cannot shorten to {length} characters with an ending of {len(ending)}.", "Give a greater length or a shorter ending.")
    return text if len(text) <= length else text[: length - len(ending)] + ending


def _slugify(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode("ascii")
    return _NOT_SLUG.sub("-", plain.lower()).strip("-")


FUNCTIONS = (
    Function("upper", "text", "", "All letters in upper case.", '"Ada".upper()', "ADA", str.upper),
    Function("lower", "text", "", "All letters in lower case.", '"Ada".lower()', "ada", str.lower),
    Function("title", "text", "", "Every word begins with a capital.", '"they\'re HERE".title()', "They're Here", _title),
    Function("capitalize", "text", "", "The first letter large, all others small.", '"aDA".capitalize()', "Ada", str.capitalize),
    Function("trim", "text", "characters?: text", "Without the spaces (or the given characters) at both ends.", '"  Ada ".trim()', "Ada", str.strip, ("strip",)),
    Function("trim_start", "text", "characters?: text", "Without the spaces (or the given characters) at the start.", '"007".trim_start("0")', "7", str.lstrip, ("lstrip",)),
    Function("trim_end", "text", "characters?: text", "Without the spaces (or the given characters) at the end.", '"a/".trim_end("/")', "a", str.rstrip, ("rstrip",)),
    Function("split", "text", "separator?: text, limit?: integer", "The parts between separators; between runs of spaces when none is given.", '"a,b,c".split(",")', ["a", "b", "c"], _split),
    Function("lines", "text", "", "The lines, without their ends.", r'"a\nb".lines()', ["a", "b"], str.splitlines),
    Function("characters", "text", "", "A list of the single characters.", '"abc".characters()', ["a", "b", "c"], list),
    Function("join", "list", "separator?: text", "The elements as one text; null counts as an empty text.", '["a", 1].join("-")', "a-1", _join, metered=True),
    Function("replace", "text", "old: text, new: text, count?: integer", "With `old` replaced by `new`, everywhere or `count` times.", '"a-b-c".replace("-", "+")', "a+b+c", _replace, metered=True),
    Function("startswith", "text", "prefix: text", "Whether the text begins with `prefix`.", '"Ada".startswith("A")', True, str.startswith, ("starts_with",)),  # noqa: FBT003
    Function("endswith", "text", "suffix: text", "Whether the text ends with `suffix`.", '"a.pdf".endswith(".pdf")', True, str.endswith, ("ends_with",)),  # noqa: FBT003
    Function("contains", "text", "part: text", "Whether `part` occurs in the text.", '"workflow".contains("flow")', True, str.__contains__, ("includes",)),  # noqa: FBT003
    Function("index_of", "text", "part: text", "Where `part` first occurs, counted from 0; -1 if it does not.", '"workflow".index_of("flow")', 4, str.find),
    Function("count", "text", "part: text", "How often `part` occurs.", '"banana".count("an")', 2, str.count),
    Function("slice", "text", "start: integer, end?: integer", "The characters from `start` up to, not including, `end`.", '"workflow".slice(0, 4)', "work", lambda text, start, end=None: text[start:end]),
    Function("first", "text", "", "The first character, or null.", '"Ada".first()', "A", lambda text: text[:1] or None),
    Function("last", "text", "", "The last character, or null.", '"Ada".last()', "a", lambda text: text[-1:] or None),
    Function("length", "text | list | object", "", "How many characters, elements or keys there are.", "[1, 2, 3] | length", 3, len, ("len", "size")),
    Function("reverse", "text", "", "Backwards.", '"abc".reverse()', "cba", lambda text: text[::-1]),
    Function("pad_start", "text", "width: integer, fill?: text", "Filled up at the start to `width` characters.", '"7".pad_start(3, "0")', "007", _pad_start, metered=True),
    Function("pad_end", "text", "width: integer, fill?: text", "Filled up at the end to `width` characters.", '"ab".pad_end(4, ".")', "ab..", _pad_end, metered=True),
    Function("repeat", "text", "times: integer", "The text several times over.", '"ab".repeat(2)', "abab", _repeat, metered=True),
    Function("truncate", "text", "length: integer, ending?: text", "At most `length` characters, with an ending where something was cut off.", '"workflow".truncate(5)', "work…", _truncate),
    Function("remove_prefix", "text", "prefix: text", "Without `prefix`, if the text begins with it.", '"Dr. Who".remove_prefix("Dr. ")', "Who", str.removeprefix),
    Function("remove_suffix", "text", "suffix: text", "Without `suffix`, if the text ends with it.", '"a.pdf".remove_suffix(".pdf")', "a", str.removesuffix),
    Function("slugify", "text", "", "Fit for a URL: small letters, digits and hyphens.", '"Crème Brûlée!".slugify()', "creme-brulee", _slugify),
    Function("text", "any", "", "The value as text: JSON for what is not text, empty for null.", "text(1.5)", "1.5", lambda meter, value: to_text(value, meter), ("str", "string"), metered=True),
)
