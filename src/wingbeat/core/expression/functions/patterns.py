"""Regular expressions, carried out by RE2: time grows with the length of the text, however a pattern is written."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

from wingbeat.core.expression.budget import Meter
from wingbeat.core.expression.function import Function, bad_value
from wingbeat.core.json_value import Json

MAX_PATTERN = 1_000
MAX_PROGRAM = 10_000
MAX_MEMORY = 4 * 2**20
# RE2 falls back to a slower (still linear) engine for captures: steps for its work grow with the pattern's program.
SCAN_DIVISOR = 64


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:  # noqa: ANN401 - RE2 has no types
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    return re2.compile(pattern, options)


def _prepare(meter: Meter, text: str, pattern: str) -> Any:  # noqa: ANN401 - RE2 has no types
    """The compiled pattern, with the scan of the text counted."""
    if len(pattern) > MAX_PATTERN:
        raise bad_value(f"The pattern is longer than {MAX_PATTERN:,} characters.", "Use a simpler one.")
    try:
        compiled = _compiled(pattern)
        text.encode("utf-8")
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args and type(error.args[0]) is bytes else str(error)
        raise bad_value(
            f"The pattern cannot be read: {reason}.",
            "Patterns follow RE2: no look-around and no back-references; `\\z`, not `\\Z`.",
        ) from None
    except UnicodeEncodeError:
        raise bad_value(
            "The text or the pattern holds half of a character (a lone surrogate).", "Write whole characters."
        ) from None
    if compiled.programsize > MAX_PROGRAM:
        raise bad_value(
            "The pattern is too large, because it repeats its parts many times.", "Use smaller repetitions."
        )
    meter.charge(1 + len(text) * (1 + compiled.programsize // SCAN_DIVISOR) // 256)
    return compiled


def _matches(meter: Meter, text: str, pattern: str) -> bool:
    return _prepare(meter, text, pattern).search(text) is not None


def _full_match(meter: Meter, text: str, pattern: str) -> bool:
    return _prepare(meter, text, pattern).fullmatch(text) is not None


def _found(match: Any) -> Json:  # noqa: ANN401 - RE2 has no types
    """The whole match, or its groups: one as text, several as a list, named ones as an object."""
    groups: tuple[Json, ...] = match.groups()
    named: dict[str, Json] = match.groupdict()
    if named:
        return named
    if not groups:
        whole: str = match.group()
        return whole
    return groups[0] if len(groups) == 1 else list(groups)


def _find(meter: Meter, text: str, pattern: str) -> Json:
    match = _prepare(meter, text, pattern).search(text)
    return None if match is None else _found(match)


def _counted(meter: Meter, text: str, pattern: str) -> Iterator[Any]:
    """All matches, each counted with what it takes to set it apart."""
    for match in _prepare(meter, text, pattern).finditer(text):
        meter.charge(1)
        meter.make(1 + match.end() - match.start())
        yield match


def _find_all(meter: Meter, text: str, pattern: str) -> list[Json]:
    return [_found(match) for match in _counted(meter, text, pattern)]


def _replace(meter: Meter, text: str, pattern: str, replacement: str) -> str:
    pieces: list[str] = []
    end = 0
    for match in _counted(meter, text, pattern):
        meter.make(len(replacement))
        pieces += (text[end : match.start()], replacement)
        end = match.end()
    return "".join([*pieces, text[end:]])


def _split(meter: Meter, text: str, pattern: str) -> list[str]:
    pieces: list[str] = []
    end = 0
    for match in _counted(meter, text, pattern):
        if match.end() > match.start():
            pieces.append(text[end : match.start()])
            end = match.end()
    return [*pieces, text[end:]]


# fmt: off
FUNCTIONS = (
    Function(
        "matches", "text", "pattern: text", "Whether the pattern occurs anywhere in the text.",
        example=r'"order 42" | matches("\d+")', result=True, run=_matches, metered=True,
    ),
    Function(
        "full_match", "text", "pattern: text", "Whether the pattern covers the whole text.",
        example=r'"42" | full_match("\d+")', result=True, run=_full_match, metered=True,
    ),
    Function(
        "find", "text", "pattern: text",
        "The first match or null; one group gives its text, several a list, named ones an object.",
        example=r'"id=7" | find("(?P<key>\w+)=(?P<value>\d+)")', result={"key": "id", "value": "7"}, run=_find,
        metered=True,
    ),
    Function(
        "find_all", "text", "pattern: text", "All matches, each as `find` gives it.",
        example=r'"a1 b22" | find_all("\d+")', result=["1", "22"], run=_find_all, metered=True,
    ),
    Function(
        "replace_re", "text", "pattern: text, replacement: text",
        "With every match replaced by a text, which is taken as it stands.",
        example=r'"a1 b22" | replace_re("\d+", "#")', result="a# b#", run=_replace, metered=True,
    ),
    Function(
        "split_re", "text", "pattern: text", "The parts between matches.",
        example=r'"a, b;c" | split_re("[,;]\s*")', result=["a", "b", "c"], run=_split, metered=True,
    ),
)
# fmt: on
