"""The table of functions: every entry is documented truthfully."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from wingbeat.core.errors import ExpressionError
from wingbeat.core.expression import FUNCTIONS, Function
from wingbeat.core.expression.calls import parameter_name
from wingbeat.core.expression.function import overload
from wingbeat.core.json_value import Json

ROOT = Path(__file__).parents[3]
IDS = [f"{function.name} of {function.receiver}" for function in FUNCTIONS]


@pytest.mark.parametrize("function", FUNCTIONS, ids=IDS)
def test_example(function: Function, evaluate: Callable[..., Json]) -> None:
    """The example of every function gives the result beside it, of the same type."""
    result = evaluate(function.example, {})
    assert (function.result, type(function.result)) == (result, type(result))


@pytest.mark.parametrize("function", FUNCTIONS, ids=IDS)
def test_help(function: Function) -> None:
    """Every function has one sentence of help, and an example that calls it."""
    assert function.help.endswith(".")
    assert function.name in function.example


@pytest.mark.parametrize("function", FUNCTIONS, ids=IDS)
def test_parameters(function: Function) -> None:
    """What the table says about parameters is what the implementation takes, where it can be asked."""
    try:
        signature = inspect.signature(function.run)
    except ValueError:
        pytest.skip("written in C, and does not say what it takes")
    entry = overload(function)
    sample: list[object] = [None] * (1 + function.metered)
    signature.bind(*sample, *[None] * entry.least)
    signature.bind(*sample, *[None] * (len(entry.parameters) + (2 if entry.rest else 0)))
    skippable = [parameter_name(parameter.name) for parameter in entry.parameters[entry.least + 1 :]]
    signature.bind(*sample, *[None] * entry.least, **dict.fromkeys(skippable))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("numbers.sort()", [1, 2, 3]),
        ("numbers | sort", [1, 2, 3]),
        ("sort(numbers)", [1, 2, 3]),
        ("items.sort('qty')[0].sku", "y"),
        ("items.sort(by='price', order='descending')[0].sku", "y"),
        ("[null, 2, 1].sort()", [1, 2, None]),
        ("[{'a': 1}, {'a': 1}, {'a': [1]}].unique()", [{"a": 1}, {"a": [1]}]),
        ("[[1, 2], [1, 2]].unique()", [[1, 2]]),
        ("[{'x': 1, 'y': 2}, {'y': 2, 'x': 1}].unique() | length", 1),
        ("items.sum('qty')", 3),
        ("[] | mean", None),
        ("[].first()", None),
        ("[1, 2, 3].last(0)", []),
        ("'x'.split()", ["x"]),
        ("'ǅ'.upper()", "Ǆ"),
        ("'  a'.trim(characters=' ')", "a"),
        ("'a-b-c'.replace(new='+', old='-', count=1)", "a+b-c"),
        ("1234.5.format_number(point=',')", "1,234,50"),
        ("'2026-01-31'.format_date(format='%Y', zone='UTC')", "2026"),
        ("text('a')", "a"),
        ("text(null)", ""),
        ("text(true)", "true"),
        ("'+049'.int()", 49),
        ("-7 | floor", -7),
        ("range(5, 0, -2)", [5, 3, 1]),
        ("range(0)", []),
        ("range(3, 3)", []),
        ("range(-3)", []),
        ("range(1, 2, 5)", [1]),
        ("'2026-02-28T12:00:00'.date_add(1, 'day')", "2026-03-01T12:00:00+00:00"),
        ("'2024-01-31'.date_add(1, 'month')", "2024-02-29T00:00:00+00:00"),
        ("'2026-03-29T01:30:00+01:00'.date_add(1, 'hour', 'Europe/Berlin')", "2026-03-29T03:30:00+02:00"),
        ("'2026-03-28T02:30:00+01:00'.date_add(1, 'day', 'Europe/Berlin')", "2026-03-29T03:30:00+02:00"),
        ("'2026-10-25T00:00:00Z'.start_of('day', 'Europe/Berlin')", "2026-10-25T00:00:00+02:00"),
        ("'2026-05-20'.start_of('week')", "2026-05-18T00:00:00+00:00"),
        ("'2026-05-20'.start_of('quarter')", "2026-04-01T00:00:00+00:00"),
        ("'2026-01-31'.date_diff('2026-03-01', 'month')", 1.0),
        ("'2026-03-01'.date_diff('2026-01-31', 'months')", -1.0),
        ("'2026-01-01T10:00:00+05:30'.timestamp() == '2026-01-01T04:30:00Z'.timestamp()", True),
        ("'2026-01-31T14:05:09Z'.format_date('%d/%m/%y %I:%M %p %% %Z')", "31/01/26 02:05 PM % +00:00"),
        ("'a=1&a=2&a=3'.parse_query()", {"a": ["1", "2", "3"]}),
        ("'?q='.parse_query()", {"q": ""}),
        (r"'ääb' | find_all('ä')", ["ä", "ä"]),
        (r"'abc' | replace_re('', '-')", "-a-b-c-"),
        (r"'k=v' | find('(\w)=(\w)')", ["k", "v"]),
        (r"'x' | find('(y)?')", None),
        ("'$1' | replace_re('1', '\\\\0')", "$\\0"),
        ("{'a': null}.get('a', 1)", None),
        ("{'a': {'b': [5]}}.get_path('a.b.0')", 5),
        ("{'a': 1}.get_path('a.b.c', 'none')", "none"),
        ("user.items", 3),
        ("user.items() | length", 7),
        ("any(x > 2 for x in numbers)", True),
        ("min(2, 1.5)", 1.5),
        ("'1.0' | float | int", 1),
        ("1234.5.format_number(1, '.', ',')", "1.234,5"),
        ("[1, [2, [3]]].flatten(2)", [1, 2, 3]),
        ("'{\"a\": [1.5, null, true]}'.from_json()", {"a": [1.5, None, True]}),
    ],
)
def test_results(source: str, expected: Json, evaluate: Callable[..., Json]) -> None:
    """Functions do what their help says at their edges too."""
    assert expected == evaluate(source)


@pytest.mark.parametrize(
    "source",
    [
        "'x'.int()",
        "'1e400'.float()",
        "'nan'.float()",
        "'x'.split('')",
        "'x'.pad_start(3, 'ab')",
        "[1].chunk(0)",
        "'2026-13-01'.timestamp()",
        "'2026-01-01'.to_zone('../etc/passwd')",
        "'2026-01-01'.to_zone('Europe')",
        "'2026-01-01'.to_zone('')",
        "'2026-01-01'.date_add(1, 'fortnight')",
        "'2026-01-01'.date_add(10 ** 11, 'year')",
        "'2026-01-01'.date_add(1.5, 'month')",
        "'0001-01-01'.to_zone('America/New_York')",
        "'9999-12-31'.end_of('year', 'America/New_York').date_add(1, 'day')",
        "'2026-01-01'.format_date('%Q')",
        "'2026-01-01'.format_date('%')",
        "'01 01'.parse_date('%d %d')",
        "'x'.parse_date('%c')",
        "10 ** 20 | from_timestamp",
        "'['.from_json()",
        "'[NaN]'.from_json()",
        "'x' | matches('(')",
        "'x' | matches('(?=a)')",
        r"'x' | matches('(a)\1')",
        "'x' | matches('(a{1000}){1000}')",
        "'!'.from_base64()",
        "'//8='.from_base64()",
        "'http://[::1'.parse_url()",
        "'http://a:x'.parse_url()",
        "-1 | sqrt",
        "[1, 'a'].sort()",
        "[1, 'a'].min()",
        "[true].sum()",
        "[1].pluck('a')",
        "[[1, 2, 3]].from_items()",
        "[{}].join()",
        "5 | to_base(7)",
        "1 | round(1000)",
        "'a'.truncate(0)",
    ],
)
def test_refusals(source: str, evaluate: Callable[..., Json]) -> None:
    """What a function cannot do is refused with a code and the place of the call."""
    with pytest.raises(ExpressionError) as caught:
        evaluate(source)
    assert caught.value.code in {"EXPRESSION_VALUE", "EXPRESSION_TYPE"}
    assert caught.value.position is not None


def test_page_is_not_stale() -> None:
    """The page in the documentation is what the table says now."""
    script = ROOT / "script" / "generate_docs.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
