"""Functions on text."""

from __future__ import annotations

import re
import unicodedata

from wingbeat.core.expression.budget import Meter
from wingbeat.core.expression.function import Function, bad_type, bad_value
from wingbeat.core.expression.values import kind, to_text
from wingbeat.core.json_value import Json

_WORD = re.compile(r"[^\W\d_][\w'\u2019]*")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def _title(text: str) -> str:
    return _WORD.sub(lambda word: word.group()[0].upper() + word.group()[1:].lower(), text)


def _split(text: str, separator: str | None = None, limit: int = -1) -> list[str]:
    if separator == "":
        raise bad_value(
            "Cannot split at an empty separator.", "Leave it away to split at spaces, or use `.characters()`."
        )
    return text.split(separator, limit)


def _join(meter: Meter, values: list[Json], separator: str = "") -> str:
    pieces = [value if type(value) is str else _joinable(meter, value) for value in values]
    meter.make(sum(map(len, pieces)) + len(separator) * len(pieces))
    return separator.join(pieces)


def _joinable(meter: Meter, value: Json) -> str:
    if type(value) in {list, dict}:
        raise bad_type(
            f"Cannot join a list that holds a value of kind {kind(value)}.",
            "Pick a field first: `items | pluck('name') | join(', ')`.",
        )
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
        raise bad_value(
            f"Cannot shorten to {length} characters with an ending of {len(ending)}.",
            "Give a greater length or a shorter ending.",
        )
    return text if len(text) <= length else text[: length - len(ending)] + ending


def _slugify(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode("ascii")
    return _NOT_SLUG.sub("-", plain.lower()).strip("-")


# fmt: off
FUNCTIONS = (
    Function(
        "upper", "text", "", "All letters in upper case.",
        example='"Ada".upper()', result="ADA", run=str.upper,
    ),
    Function(
        "lower", "text", "", "All letters in lower case.",
        example='"Ada".lower()', result="ada", run=str.lower,
    ),
    Function(
        "title", "text", "", "Every word begins with a capital.",
        example='"they\'re HERE".title()', result="They're Here", run=_title,
    ),
    Function(
        "capitalize", "text", "", "The first letter large, all others small.",
        example='"aDA".capitalize()', result="Ada", run=str.capitalize,
    ),
    Function(
        "trim", "text", "characters?: text", "Without the spaces (or the given characters) at both ends.",
        example='"  Ada ".trim()', result="Ada", run=str.strip, aliases=("strip",),
    ),
    Function(
        "trim_start", "text", "characters?: text", "Without the spaces (or the given characters) at the start.",
        example='"007".trim_start("0")', result="7", run=str.lstrip, aliases=("lstrip",),
    ),
    Function(
        "trim_end", "text", "characters?: text", "Without the spaces (or the given characters) at the end.",
        example='"a/".trim_end("/")', result="a", run=str.rstrip, aliases=("rstrip",),
    ),
    Function(
        "split", "text", "separator?: text, limit?: integer",
        "The parts between separators; between runs of spaces when none is given.",
        example='"a,b,c".split(",")', result=["a", "b", "c"], run=_split,
    ),
    Function(
        "lines", "text", "", "The lines, without their ends.",
        example=r'"a\nb".lines()', result=["a", "b"], run=str.splitlines,
    ),
    Function(
        "characters", "text", "", "A list of the single characters.",
        example='"abc".characters()', result=["a", "b", "c"], run=list,
    ),
    Function(
        "join", "list", "separator?: text", "The elements as one text; null counts as an empty text.",
        example='["a", 1].join("-")', result="a-1", run=_join, metered=True,
    ),
    Function(
        "replace", "text", "old: text, new: text, count?: integer",
        "With `old` replaced by `new`, everywhere or `count` times.",
        example='"a-b-c".replace("-", "+")', result="a+b+c", run=_replace, metered=True,
    ),
    Function(
        "startswith", "text", "prefix: text", "Whether the text begins with `prefix`.",
        example='"Ada".startswith("A")', result=True, run=str.startswith, aliases=("starts_with",),
    ),
    Function(
        "endswith", "text", "suffix: text", "Whether the text ends with `suffix`.",
        example='"a.pdf".endswith(".pdf")', result=True, run=str.endswith, aliases=("ends_with",),
    ),
    Function(
        "contains", "text", "part: text", "Whether `part` occurs in the text.",
        example='"workflow".contains("flow")', result=True, run=str.__contains__, aliases=("includes",),
    ),
    Function(
        "index_of", "text", "part: text", "Where `part` first occurs, counted from 0; -1 if it does not.",
        example='"workflow".index_of("flow")', result=4, run=str.find,
    ),
    Function(
        "count", "text", "part: text", "How often `part` occurs.",
        example='"banana".count("an")', result=2, run=str.count,
    ),
    Function(
        "slice", "text", "start: integer, end?: integer", "The characters from `start` up to, not including, `end`.",
        example='"workflow".slice(0, 4)', result="work", run=lambda text, start, end=None: text[start:end],
    ),
    Function(
        "first", "text", "", "The first character, or null.",
        example='"Ada".first()', result="A", run=lambda text: text[:1] or None,
    ),
    Function(
        "last", "text", "", "The last character, or null.",
        example='"Ada".last()', result="a", run=lambda text: text[-1:] or None,
    ),
    Function(
        "length", "text | list | object", "", "How many characters, elements or keys there are.",
        example="[1, 2, 3] | length", result=3, run=len, aliases=("len", "size"),
    ),
    Function(
        "reverse", "text", "", "Backwards.",
        example='"abc".reverse()', result="cba", run=lambda text: text[::-1],
    ),
    Function(
        "pad_start", "text", "width: integer, fill?: text", "Filled up at the start to `width` characters.",
        example='"7".pad_start(3, "0")', result="007", run=_pad_start, metered=True,
    ),
    Function(
        "pad_end", "text", "width: integer, fill?: text", "Filled up at the end to `width` characters.",
        example='"ab".pad_end(4, ".")', result="ab..", run=_pad_end, metered=True,
    ),
    Function(
        "repeat", "text", "times: integer", "The text several times over.",
        example='"ab".repeat(2)', result="abab", run=_repeat, metered=True,
    ),
    Function(
        "truncate", "text", "length: integer, ending?: text",
        "At most `length` characters, with an ending where something was cut off.",
        example='"workflow".truncate(5)', result="work…", run=_truncate,
    ),
    Function(
        "remove_prefix", "text", "prefix: text", "Without `prefix`, if the text begins with it.",
        example='"Dr. Who".remove_prefix("Dr. ")', result="Who", run=str.removeprefix,
    ),
    Function(
        "remove_suffix", "text", "suffix: text", "Without `suffix`, if the text ends with it.",
        example='"a.pdf".remove_suffix(".pdf")', result="a", run=str.removesuffix,
    ),
    Function(
        "slugify", "text", "", "Fit for a URL: small letters, digits and hyphens.",
        example='"Crème Brûlée!".slugify()', result="creme-brulee", run=_slugify,
    ),
    Function(
        "text", "any", "", "The value as text: JSON for what is not text, empty for null.",
        example="text(1.5)", result="1.5", run=lambda meter, value: to_text(value, meter), aliases=("str", "string"),
        metered=True,
    ),
)
# fmt: on
