"""What expressions mean: values, operators, look-ups, defaults, and where their errors point."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from wingbeat.core.errors import ExpressionError
from wingbeat.core.expression import Reference, compile_expression
from wingbeat.core.json_value import Json


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("user.name", "Ada"),
        ("user['name']", "Ada"),
        ("user.from", "London"),
        ("user.größe", 1.7),
        ("user . name", "Ada"),
        ("user\n.name", "Ada"),
        ("items[0].sku", "x"),
        ("items[-1].sku", "y"),
        ("text[0]", "w"),
        ("text[:4]", "work"),
        ("numbers[::-1]", [2, 1, 3]),
        ("nodes.fetch.body.id", 7),
        ("nodes['a b'][0]", 1),
        ("nodes.class", "kept"),
        ("true", True),
        ("True", True),
        ("null", None),
        ("None", None),
        ("not false", True),
        ("1 + 2 * 3", 7),
        ("2 ** 10", 1024),
        ("2 ** -1", 0.5),
        ("7 // 2", 3),
        ("-7 % 3", 2),
        ("7 / 2", 3.5),
        ("0x1f", 31),
        ("1_000", 1000),
        ("'a' + 'b'", "ab"),
        ("'ab' * 2", "abab"),
        ("2 * [1]", [1, 1]),
        ("[1] + [2]", [1, 2]),
        ("1 < 2 <= 2", True),
        ("1 < 2 > 5", False),
        ("1 < index < 5", True),
        ("'a' < 'b'", True),
        ("1 == 1.0", True),
        ("1 == '1'", False),
        ("[1, {'a': 2}] == [1, {'a': 2}]", True),
        ("{'a': [1]} != {'a': [2]}", True),
        ("2 in numbers", True),
        ("'flow' in text", True),
        ("'name' in user", True),
        ("'x' not in user", True),
        ("[1] in [[1]]", True),
        ("zero or 'other'", "other"),
        ("zero and 1 / zero", 0),
        ("'big' if user.age > 30 else 'small'", "big"),
        ("[i.sku for i in items if i.qty > 1]", ["x"]),
        ("[i.qty * j for i in items for j in numbers if j > 1]", [6, 4, 3, 2]),
        ("[[j for j in range(i)] for i in range(3)]", [[], [0], [0, 1]]),
        ("{i.sku: i.qty for i in items}", {"x": 2, "y": 1}),
        ("[k + '=' + text(v) for k, v in {'a': 1}.items()]", ["a=1"]),
        ("[text for text in numbers] + [text]", [3, 1, 2, "workflow"]),
        ("[key for key in {'a': 1}]", ["a"]),
        ("sum(i.qty for i in items)", 3),
        ("user.name | upper", "ADA"),
        ("user.name | upper | lower", "ada"),
        ("2.567 * 2 | round(1)", 5.1),
        ("user.age > 2.5 | round", True),
        ("user.nope ?? 'd'", "d"),
        ("nope.a.b.c ?? 'd'", "d"),
        ("user.email ?? 'd'", "d"),
        ("user.email.domain ?? 'd'", "d"),
        ("numbers[10] ?? 'd'", "d"),
        ("nodes.gone.x ?? 'd'", "d"),
        ("nodes['gone'] | default('d')", "d"),
        ("user.nope | default('d') | upper", "D"),
        ("user.email | upper ?? 'd'", "d"),
        ("nope ?? gone ?? 'd'", "d"),
        ("(nope ?? 1) + 1", 2),
        ("nope ?? 1 + 1", 2),
        ("default(nope, 3)", 3),
        ("zero ?? 5", 0),
        ("user.nope ?? null", None),
        ("'}}'", "}}"),
        ("'??'", "??"),
        ("'a' ?? 'b'", "a"),
        (r"'\u00e9\x41\n\\\''", "éA\n\\'"),
        (r"'\ud83d\ude00'", "😀"),
        (r"'\d'", "\\d"),
        (r"r'\n'", "\\n"),
        ("{'a': {'b': 1}}.a.b", 1),
        ("\u00a0user.name", "Ada"),
    ],
)
def test_value(source: str, expected: Json, evaluate: Callable[..., Json]) -> None:
    """An expression has the value that the language page says, and of that very type."""
    value = evaluate(source)
    assert (expected, type(expected)) == (value, type(value))


@pytest.mark.parametrize(
    ("source", "code", "position"),
    [
        ("nope", "EXPRESSION_NAME_MISSING", 0),
        ("1 + nope", "EXPRESSION_NAME_MISSING", 4),
        ("nodes.gone.x", "EXPRESSION_NAME_MISSING", 0),
        ("user.nmae", "EXPRESSION_KEY_MISSING", 5),
        ("user['nmae']", "EXPRESSION_KEY_MISSING", 4),
        ("'ä' + user.nmae", "EXPRESSION_KEY_MISSING", 11),
        ("user.größe.x", "EXPRESSION_TYPE", 11),
        ("user.email.x", "EXPRESSION_NULL_VALUE", 11),
        ("user.email.upper()", "EXPRESSION_NULL_VALUE", 11),
        ("numbers[7]", "EXPRESSION_INDEX_OUT_OF_RANGE", 7),
        ("numbers['a']", "EXPRESSION_TYPE", 7),
        ("numbers[true]", "EXPRESSION_TYPE", 7),
        ("numbers[::0]", "EXPRESSION_TYPE", 7),
        ("(1) / (zero)", "EXPRESSION_DIVISION_BY_ZERO", 4),
        ("1 % zero", "EXPRESSION_DIVISION_BY_ZERO", 2),
        ("1.5 // 0", "EXPRESSION_DIVISION_BY_ZERO", 4),
        ("zero ** -1", "EXPRESSION_DIVISION_BY_ZERO", 5),
        ("1 + 'a'", "EXPRESSION_TYPE", 2),
        ("'%s' % 'a'", "EXPRESSION_TYPE", 5),
        ("true + 1", "EXPRESSION_TYPE", 5),
        ("null + 1", "EXPRESSION_TYPE", 5),
        ("-text", "EXPRESSION_TYPE", 0),
        ("1 < 'a'", "EXPRESSION_TYPE", 2),
        ("numbers < numbers", "EXPRESSION_TYPE", 8),
        ("1 in 'a'", "EXPRESSION_TYPE", 2),
        ("1e308 * 10", "EXPRESSION_NUMBER_OUT_OF_RANGE", 6),
        ("1e308 + 1e308 - 1e308", "EXPRESSION_NUMBER_OUT_OF_RANGE", 6),
        ("10.0 ** 400", "EXPRESSION_NUMBER_OUT_OF_RANGE", 5),
        ("(-8) ** 0.5", "EXPRESSION_NUMBER_OUT_OF_RANGE", 5),
        ("1e400", "EXPRESSION_NUMBER_OUT_OF_RANGE", 0),
        ("text.upper(1)", "EXPRESSION_ARGUMENTS", 5),
        ("text.replace('a')", "EXPRESSION_ARGUMENTS", 5),
        ("text.startswith(1)", "EXPRESSION_TYPE", 5),
        ("text.pluck('a')", "EXPRESSION_TYPE", 5),
        ("text.uper()", "EXPRESSION_FUNCTION_UNKNOWN", 5),
        ("text | uper", "EXPRESSION_FUNCTION_UNKNOWN", 7),
        ("open('x')", "EXPRESSION_FUNCTION_UNKNOWN", 0),
        ("upper()", "EXPRESSION_ARGUMENTS", 0),
        ("[x for x in text]", "EXPRESSION_TYPE", 12),
        ("[a for a, b in numbers]", "EXPRESSION_TYPE", 15),
        ("{1: 2}", "EXPRESSION_TYPE", 0),
        ("nodes", "EXPRESSION_NODES", 0),
        ("nodes[text]", "EXPRESSION_NODES", 0),
        ("[n for n in nodes]", "EXPRESSION_NODES", 12),
        ("", "EXPRESSION_INVALID", 0),
        ("1 +", "EXPRESSION_INVALID", 2),
        ("1 2", "EXPRESSION_INVALID", 0),
        ("(1", "EXPRESSION_INVALID", 0),
        ("[1)", "EXPRESSION_INVALID", 2),
        ("'abc", "EXPRESSION_INVALID", 0),
        ("'a' 'b'", "EXPRESSION_INVALID", 4),
        ("1x", "EXPRESSION_INVALID", 1),
        ("1.or 2", "EXPRESSION_INVALID", 2),
        ("a = 1", "EXPRESSION_NOT_ALLOWED", 2),
        ("a == 1 && b", "EXPRESSION_NOT_ALLOWED", 7),
        ("a === 1", "EXPRESSION_NOT_ALLOWED", 2),
        ("!a", "EXPRESSION_INVALID", 0),
        ("a ? b : c", "EXPRESSION_INVALID", 2),
        ("a?.b", "EXPRESSION_NOT_ALLOWED", 1),
        ("a is null", "EXPRESSION_NOT_ALLOWED", 2),
        ("$json.a", "EXPRESSION_INVALID", 0),
        ("text | 5", "EXPRESSION_INVALID", 5),
        ("items.0.sku", "EXPRESSION_INVALID", 5),
    ],
)
def test_error(source: str, code: str, position: int, evaluate: Callable[..., Json]) -> None:
    """An error has a stable code, the offset of what is at fault, and the expression among its details."""
    with pytest.raises(ExpressionError) as caught:
        evaluate(source)
    assert (code, position) == (caught.value.code, caught.value.position)
    assert source == caught.value.details["expression"]


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("user.nmae", "'name'"),
        ("usr.name", "'user'"),
        ("nodes.fech", "'fetch'"),
        ("text.uper()", "'upper'"),
        ("a && b", "`and`"),
        ("user.keys", ".keys()"),
        ("text.upper", ".upper()"),
        ("items.sku", "pluck('sku')"),
        ("1 + 'a'", "text(x)"),
        ("f'{text}'", "`+`"),
        ("x.__class__", "['__class__']"),
        ("(1, 2)", "[a, b]"),
        ("lambda: 1", "comprehension"),
        ("text.replace('a')", "replace(old: text, new: text, count?: integer)"),
    ],
)
def test_remedy(source: str, hint: str, evaluate: Callable[..., Json]) -> None:
    """A refusal says what to write instead."""
    with pytest.raises(ExpressionError) as caught:
        evaluate(source)
    assert hint in caught.value.remedy


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("input.price * 1.2", [Reference("input", None, 0)]),
        ("nodes.fetch.body + nodes['a b']", [Reference("nodes", "fetch", 0), Reference("nodes", "a b", 19)]),
        ("[x.a + y for x in items]", [Reference("items", None, 18), Reference("y", None, 7)]),
        ("[x for x in x]", [Reference("x", None, 12)]),
        ("a.b ?? c", [Reference("a", None, 0, optional=True), Reference("c", None, 7)]),
        ("(a ?? b) | default(c)", [
            Reference("a", None, 1, optional=True), Reference("b", None, 6, optional=True), Reference("c", None, 19),
        ]),
        ("upper(x) | lower", [Reference("x", None, 6)]),
        ("true == null", []),
        ("größe", [Reference("größe", None, 0)]),
    ],
)  # fmt: skip
def test_references(source: str, expected: list[Reference]) -> None:
    """An expression names all that it needs, and nothing that it binds itself."""
    assert sorted(expected, key=str) == sorted(compile_expression(source).references, key=str)


@pytest.mark.parametrize("value", [(1, 2), {1}, b"x", object(), 1j, float("nan"), float("inf")])
def test_only_json_comes_out(value: Json, evaluate: Callable[..., Json]) -> None:
    """A name whose value is no JSON is refused, whether it is used or passed on."""
    for source in ("x", "[x]", "{'a': x}", "x == 1 and [x]", "x ?? 1"):
        with pytest.raises(ExpressionError):
            evaluate(source if "==" not in source else "[[x]]", {"x": value})


def test_arguments_of_a_default_are_not_evaluated(evaluate: Callable[..., Json]) -> None:
    """A default is worked out only when it is needed."""
    assert evaluate("user.name ?? (1 / 0)") == "Ada"
