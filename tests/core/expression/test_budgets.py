"""Poisons: each ends at once in the error that is meant for it, and takes nothing with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from wingbeat.core.errors import ExpressionError, LimitReached
from wingbeat.core.expression import Budget, compile_expression, compile_template
from wingbeat.core.json_value import Json

STEPS, SIZE = "EXPRESSION_BUDGET_STEPS", "EXPRESSION_BUDGET_SIZE"
INTEGER, DEPTH = "EXPRESSION_BUDGET_INTEGER", "EXPRESSION_BUDGET_DEPTH"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("'a' * 10**9", SIZE),
        ("10**9 * 'a'", SIZE),
        ("[0] * 10**9", SIZE),
        ("'a' * 10**1000", SIZE),
        ("10**10**8", INTEGER),
        ("2**4097", INTEGER),
        ("(-2)**99999", INTEGER),
        ("3**4000", INTEGER),
        ("2**2000 * 2**2000 * 2**2000", INTEGER),
        ("'9' * 4000 | int", INTEGER),
        ("range(10**12)", SIZE),
        ("range(10**30)", SIZE),
        ("range(0, -10**30, -1)", SIZE),
        ("[x for x in range(10**6)]", STEPS),
        ("[1 for a in range(1000) for b in range(1000) for c in range(1000)]", STEPS),
        ("[[1 for b in range(1000)] for a in range(1000)]", STEPS),
        ("{text(a): 1 for a in range(200000)}", STEPS),
        ("['a' * 100000 for a in range(1000)]", SIZE),
        ("('a' * 1000000).replace('a', 'b' * 1000000)", SIZE),
        ("('a' * 1000000).replace('', 'b' * 1000)", SIZE),
        ("(['a' * 100000] * 10000).join()", SIZE),
        ("range(100000).join('x' * 1000000)", SIZE),
        ("'a'.pad_start(10**10)", SIZE),
        ("'a'.pad_end(10**10)", SIZE),
        ("'a'.repeat(10**10)", SIZE),
        ("('a' * 5000000).url_encode() + ('ä' * 1000000).url_encode()", SIZE),
        ("('a' * 1000000).replace_re('a', 'b' * 1000)", SIZE),
        ("('a' * 90000).replace_re('a', 'b' * 1000)", SIZE),
        ("[[b, b, b, b, b, b, b, b] for b in [[a, a, a, a, a, a, a, a] for a in range(9000)]][0]", None),
        ("'[' * 100000 | from_json", DEPTH),
        ("('[' * 100 + ']' * 100) | from_json", DEPTH),
        ("[x == x for x in [range(90000)] * 90000]", STEPS),
        ("[99 in x for x in [[1] * 90000] * 90000]", STEPS),
        ("[x.contains('b') for x in ['a' * 1000000] * 90000]", STEPS),
        ("['b' in x for x in ['a' * 1000000] * 90000]", STEPS),
        ("[x | matches('(a|b)*c') for x in ['a' * 100000] * 90000]", STEPS),
        ("('a' * 1000000) | matches('(a+)+$')", None),
        ("('a' * 100000) | matches('(a|a)*b')", None),
        ("[x.sort() for x in [range(90000)] * 1000]", None),
    ],
)
def test_poison(source: str, code: str | None, evaluate: Callable[..., Json]) -> None:
    """An expression that would take too much ends in the limit that it reaches; a harmless look-alike just works."""
    if code is None:
        try:
            evaluate(source)
        except LimitReached as limit:
            assert limit.code in {STEPS, SIZE}  # noqa: PT017 - either outcome is right, so long as it is soon
        return
    with pytest.raises(LimitReached) as caught:
        evaluate(source)
    assert code == caught.value.code
    assert caught.value.remedy


def test_sharing_does_not_hide_size(evaluate: Callable[..., Json]) -> None:
    """A value that repeats itself exponentially is refused by what it would be when written."""
    source = "x"
    for level in range(20):
        source = f"[[v{level}, v{level}, v{level}] for v{level} in [{source}]]"
    for whole in (source, f"{source} | to_json", f"{source}.unique()", f"{source} == {source}"):
        with pytest.raises((LimitReached, ExpressionError)):
            evaluate(whole, {"x": "a"})


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        ("[" * 5000 + "]" * 5000, {"EXPRESSION_TOO_DEEP"}),
        ("(" * 5000 + "1" + ")" * 5000, {"EXPRESSION_TOO_DEEP"}),
        ("-" * 5000 + "1", {"EXPRESSION_TOO_DEEP", "EXPRESSION_INVALID"}),
        ("not " * 1000 + "1", {"EXPRESSION_TOO_DEEP", "EXPRESSION_INVALID"}),
        ("1" + "+1" * 4000, {"EXPRESSION_TOO_DEEP"}),
        ("2" + "**2" * 4000, {"EXPRESSION_TOO_DEEP", "EXPRESSION_INVALID"}),
        ("a" + ".a" * 4000, {"EXPRESSION_TOO_DEEP"}),
        ("a" + "[0]" * 3000, {"EXPRESSION_TOO_DEEP"}),
        ("a" + "()" * 4000, {"EXPRESSION_NOT_ALLOWED", "EXPRESSION_TOO_DEEP"}),
        ("1 if 1 else " * 700 + "1", {"EXPRESSION_TOO_DEEP"}),
        ("a ?? " * 1000 + "1", {"EXPRESSION_TOO_DEEP"}),
        ("a | upper" + " | upper" * 1000, {"EXPRESSION_TOO_DEEP"}),
        ("x" * 1_000_000, {"EXPRESSION_TOO_LONG"}),
        ("1+" * 500_000 + "1", {"EXPRESSION_TOO_LONG"}),
        (" " * 1_000_000, {"EXPRESSION_TOO_LONG", "EXPRESSION_INVALID"}),
        ("'" + "a" * 1_000_000, {"EXPRESSION_INVALID"}),
        ("9" * 5000, {"EXPRESSION_INVALID"}),
        ("0x" + "f" * 5000, {"EXPRESSION_BUDGET_INTEGER"}),
        ("\0", {"EXPRESSION_INVALID"}),
        ("'\ud800'", {"EXPRESSION_INVALID"}),
        (r"'\ud800'", {"EXPRESSION_INVALID"}),
        ("\ud800", {"EXPRESSION_INVALID"}),
    ],
    ids=lambda value: repr(value)[:20] if isinstance(value, str) else "",
)
def test_source_poison(source: str, codes: set[str]) -> None:
    """A source that would break a parser is refused by name."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source)
    assert caught.value.code in codes
    with pytest.raises(ExpressionError):
        compile_template("{{ " + source + " }}")


def test_deep_data(evaluate: Callable[..., Json]) -> None:
    """Data that nests far deeper than any budget is refused where it is walked, and passed on where it is not."""
    deep: Json = 1
    for _ in range(50_000):
        deep = [deep]
    same: Json = 1
    for _ in range(50_000):
        same = [same]
    names = {"x": deep, "y": same}
    assert deep is evaluate("x", names)
    for source in (
        "[x]",
        "x == y",
        "x in [y]",
        "x | to_json",
        "text(x)",
        "[x].unique()",
        "{'a': x}",
        "x.flatten(1)",
        "x + x",
    ):
        with pytest.raises(LimitReached) as caught:
            evaluate(source, names)
        assert caught.value.code == DEPTH
    for value in (deep, same):
        inner = value
        while isinstance(inner, list):
            inner = inner.pop()


def test_budget_is_the_callers(evaluate: Callable[..., Json]) -> None:
    """A caller may allow more or less than the default."""
    assert evaluate("[x for x in range(300000)] | length", budget=Budget(steps=400_000)) == 300_000
    for source, budget, code in (
        ("[x for x in range(20)]", Budget(steps=10), STEPS),
        ("'a' * 20", Budget(output_size=10), SIZE),
        ("2 ** 20", Budget(integer_bits=10), INTEGER),
        ("[[[1]]]", Budget(depth=2), DEPTH),
    ):
        with pytest.raises(LimitReached) as caught:
            evaluate(source, budget=budget)
        assert code == caught.value.code
