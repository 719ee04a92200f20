"""The language agrees with CPython where both have a meaning: random expressions, and random text."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from wingbeat.core.errors import ExpressionError, LimitReached
from wingbeat.core.expression import Budget, compile_expression, compile_template
from wingbeat.core.json_value import Json

DATA: dict[str, Json] = {
    "a": 7,
    "b": -2,
    "c": 2.5,
    "s": "hello",
    "t": "",
    "n": None,
    "xs": [3, 1, 2],
    "ys": [],
    "o": {"k": 1, "s": "v", "xs": [1, 2]},
}
NUMBERS = st.sampled_from(["a", "b", "c", "0", "1", "2", "10", "0.5", "o['k']", "xs[0]", "xs[-1]", "len(xs)", "len(s)"])
TEXTS = st.sampled_from(
    ["s", "t", "'x'", "'l'", "o['s']", "s[0]", "s[1:3]", "s[::-1]", "s.upper()", "s.replace('l', 'L')"]
)
LISTS = st.sampled_from(
    ["xs", "ys", "[1, 2]", "[a, b]", "o['xs']", "xs[1:]", "[x for x in xs if x > 1]", "[x * y for x in xs for y in xs]"]
)
ANYTHING = st.one_of(NUMBERS, TEXTS, LISTS, st.sampled_from(["n", "o", "None", "xs[9]", "o['z']", "{'q': a}"]))


def _binary(operators: list[str]) -> Callable[[st.SearchStrategy[str]], st.SearchStrategy[str]]:
    def extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.builds(lambda left, sign, right: f"({left} {sign} {right})", inner, st.sampled_from(operators), inner)

    return extend


def _unbracketed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(["+", "-", "*", "/", "//", "%", "<", "<=", "==", "!=", "and", "or", "in", "not in"])
    return st.builds(lambda left, sign, right: f"{left} {sign} {right}", inner, signs, inner)


def _shapes(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        _binary(["+", "-", "*", "/", "//", "%", "<", "<=", ">", ">=", "==", "!=", "and", "or", "in", "not in"])(inner),
        _unbracketed(inner),
        st.builds(lambda value: f"(not {value})", inner),
        st.builds(lambda value: f"(-{value})", inner),
        st.builds(lambda yes, test, no: f"({yes} if {test} else {no})", inner, inner, inner),
        st.builds(lambda one, other: f"[{one}, {other}]", inner, inner),
        st.builds(lambda value, over: f"[[{value}, x] for x in {over} if x]", inner, LISTS),
        st.builds(lambda value, over: f"{{str(x): {value} for x in {over}}}", inner, LISTS),
        st.builds(lambda value, place: f"{value}[{place}]", LISTS, inner),
        st.builds(lambda value, start, stop: f"{value}[{start}:{stop}]", st.one_of(LISTS, TEXTS), inner, inner),
        st.builds(lambda one, other: f"({one} ** {other})", NUMBERS, st.sampled_from(["2", "3", "-1", "0", "a"])),
        st.builds(lambda one, two, three: f"({one} < {two} <= {three})", inner, inner, inner),
    )


EXPRESSIONS = st.recursive(ANYTHING, _shapes, max_leaves=8)
# Where this language refuses what Python does: booleans as numbers, lists in order, impossible keys, formatting by `%`.
STRICTER = ("boolean", "order a list", "bounds of a part", "Cannot look for", "work out `%` with a text", "too large")
TOO_STRANGE = (TypeError, ValueError, LookupError, ArithmeticError)


def _python(source: str) -> Json | Exception:
    """What CPython makes of it, over the same data."""
    try:
        # Indexing a literal list with a text makes the compiler warn; here that is one of the errors to compare.
        warnings.simplefilter("ignore", SyntaxWarning)
        value: Json = eval(source, {"__builtins__": {"len": len, "str": str}, **DATA})  # noqa: S307
    except TOO_STRANGE as error:
        return error
    return value


def _ours(source: str, evaluate: Callable[..., Json]) -> Json | Exception:
    try:
        return evaluate(source, DATA)
    except (ExpressionError, LimitReached) as error:
        return error


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(source=EXPRESSIONS)
@example(source="a + b * c - -2 ** 2")
@example(source="a < b == b > c")
@example(source="not a == b")
@example(source="- a ** 2")
@example(source="a if b else c if n else s")
def test_agrees_with_python(source: str, evaluate: Callable[..., Json]) -> None:
    """A value is Python's, of the same type; an error of Python's is one here; only booleans and lists differ."""
    ours, theirs = _ours(source, evaluate), _python(source)
    if isinstance(theirs, Exception):
        assert isinstance(ours, Exception)
    elif isinstance(ours, ExpressionError):
        assert ours.code in {"EXPRESSION_TYPE", "EXPRESSION_NUMBER_OUT_OF_RANGE"}
        assert any(reason in ours.message for reason in STRICTER)
    else:
        assert not isinstance(ours, Exception)
        assert (type(theirs), theirs) == (type(ours), ours)


@settings(max_examples=800, deadline=None)
@given(
    source=st.one_of(
        st.text(max_size=60), st.text("ab.[](){}'\"|?!=<>+-*/%,:0123456789 \\\nxforinif{}_é\u0000", max_size=40)
    )
)
@example(source="a\\")
@example(source="a?" * 10)
@example(source="0_")
@example(source="1.e")
@example(source="[x for x in")
@example(source="é.é")
@example(source="a\r\nb")
@example(source="'\\u12'")
@example(source="٣")
@example(source="1__0")
@example(source="00")
@example(source="a..b")
@example(source="r''")
@example(source="a[b]=c")
@example(source="print(a=1, a=1)")
@example(source="len(a=a)")
def test_random_text(source: str, evaluate: Callable[..., Json]) -> None:
    """Whatever is written, nothing leaves but the two errors, and what comes out is finite JSON."""
    for attempt in (source, f"{source} ?? 1", f"[{source}]"):
        value = _ours(attempt, evaluate)
        assert not isinstance(value, float) or math.isfinite(value)
    try:
        compile_template("{{ " + source + " }}")
        compile_template(source)
    except ExpressionError as error:
        assert error.position is not None  # noqa: PT017 - no error at all is as good


@settings(max_examples=300, deadline=None)
@given(source=EXPRESSIONS, steps=st.integers(0, 20), size=st.integers(0, 30))
def test_small_budgets(source: str, steps: int, size: int, evaluate: Callable[..., Json]) -> None:
    """However small the budget, the outcome is the value or one of the two errors."""
    compile_expression(source)
    try:
        value = evaluate(source, DATA, Budget(steps=steps, output_size=size, depth=2, integer_bits=8))
    except (ExpressionError, LimitReached):
        return
    assert value == _python(source)


WORDS = (
    "a b c s xs o nodes __x _y x__z not and or if else for in is lambda await async yield True None true null 1 2.5 1. "
    ".5 0x1F 1_0 1e3 01 't' \"u\" '' 'é' r'x' f'x' '''' upper sum len [ ] ( ) { } }} , . | || ?? ? = == != < <= << <> "
    ">> -> => := : + - * ** / // % @ ~ & ... ` # ; \\ é"
)


@settings(max_examples=1500, deadline=None)
@given(words=st.lists(st.tuples(st.sampled_from(WORDS.split()), st.sampled_from(["", " "])), max_size=9))
@example(words=[("1", " "), ("and", ""), (".5", "")])
@example(words=[("a", ""), (")", ""), ("+", ""), ("(", ""), ("b", "")])
@example(words=[("a", ""), (".", ""), ("__x", "")])
@example(words=[("'t'", " "), ("'t'", "")])
@example(words=[("[", "")] * 70)
def test_reading_at_once_is_reading_with_care(words: list[tuple[str, str]], evaluate: Callable[..., Json]) -> None:
    """An expression that is its own stand-in means, needs and refuses what it does when every word is looked at."""
    source = "".join(word + space for word, space in words)
    # A line break at the end means nothing, and is beyond what can be read at once.
    assert _read(source + "\n", evaluate) == _read(source, evaluate)


def _read(source: str, evaluate: Callable[..., Json]) -> tuple[object, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # CPython's parser remarks on `1or 2`, which is refused.
        try:
            references = compile_expression(source).references
        except ExpressionError as error:
            return error.message, error.remedy, error.code, error.position
    found = _ours(source, evaluate)
    return references, str(found), type(found), getattr(found, "position", None)


def test_braces_of_an_object_do_not_close_the_template(fill: Callable[..., Json]) -> None:
    """The end of an expression is the first `}}` outside of its own brackets."""
    assert fill("{{ {'a': {'b': 1}} }}") == {"a": {"b": 1}}
    assert fill("{{{'a': 1}}}") == {"a": 1}
    assert fill("{{ {'a': 1}['a'] }}}") == "1}"
