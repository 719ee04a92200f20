"""Takes everything out of HTML that could act: scripts, event handlers, frames, addresses that are code."""

from __future__ import annotations

from collections import Counter

from wingbeat.core.errors import StepError
from wingbeat.sdk.html_tree import TAG, VOID, too_large

MOST_CHARACTERS = 2_000_000
MOST_ATTRIBUTES = 2_000
DEEPEST = 5_000
MOST_COPIES = 1_000_000
# As many open ones as no parser minds.
ALWAYS_FINE = 3
# Elements that the parser opens again in every later block until they are closed, so that few can become many.
FORMATTING = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
# Elements that end by themselves when the next one begins.
ENDING = (
    frozenset(
        [
            "p",
            "li",
            "td",
            "th",
            "tr",
            "option",
            "optgroup",
            "dt",
            "dd",
            "tbody",
            "thead",
            "tfoot",
            "colgroup",
            "rp",
            "rt",
        ]
    )
    | VOID
)


def clean_html(source: str) -> str:
    """The HTML without what could act on a page; what is unknown is left out, its text stays.

    Raises:
        StepError: `HTML_TOO_LARGE`, `HTML_TOO_TANGLED`.
    """
    import nh3  # noqa: PLC0415 - only workflows that make HTML pay for it

    _check(source)
    # Half a character is none in UTF-8, which the parser takes.
    return nh3.clean(source.encode("utf-8", "replace").decode())


def _check(source: str) -> None:
    """Refuse what would cost the parser more than time in proportion to the text."""
    if len(source) > MOST_CHARACTERS:
        raise too_large(f"{MOST_CHARACTERS:,} characters")
    everything, formatting = _Depth(), _Depth()
    tags = 0
    for found in TAG.finditer(source):
        tags += 1
        name = found[2].lower()
        if name not in ENDING:
            everything.pass_tag(name, ends=bool(found[1]))
        if name in FORMATTING:
            formatting.pass_tag(name, ends=bool(found[1]))
    if everything.deepest > DEEPEST:
        raise _tangled(f"nests more than {DEEPEST:,} deep")
    if formatting.deepest > ALWAYS_FINE and formatting.deepest * tags > MOST_COPIES:
        raise _tangled("leaves too many elements like <b> open")
    if any(piece.count("=") > MOST_ATTRIBUTES or len(piece.split()) > 4 * MOST_ATTRIBUTES for piece in _tags(source)):
        raise _tangled(f"has a tag with more than {MOST_ATTRIBUTES:,} attributes")


class _Depth:
    """How deep elements nest, at least; an end without a beginning does not count."""

    def __init__(self) -> None:
        self.deepest = 0
        self._open: Counter[str] = Counter()
        self._depth = 0

    def pass_tag(self, name: str, *, ends: bool) -> None:
        if not ends:
            self._open[name] += 1
            self._depth += 1
            self.deepest = max(self.deepest, self._depth)
        elif self._open[name]:
            self._open[name] -= 1
            self._depth -= 1


def _tags(source: str) -> list[str]:
    """What stands between a `<` and the next one, where it is long enough to matter."""
    return [piece.partition(">")[0] for piece in source.split("<") if len(piece) > MOST_ATTRIBUTES]


def _tangled(why: str) -> StepError:
    return StepError(
        f"The HTML {why}.",
        code="HTML_TOO_TANGLED",
        remedy="See where it comes from: no page for people needs that.",
    )
