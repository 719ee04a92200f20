"""Attempts to get out: every published escape of an expression sandbox that can be written here, and many of our own.

None may give anything but JSON made of JSON, and none may raise anything but the two errors that are promised.
"""

# ruff: noqa: E501, RUF001 - the attempts read best as dense tables, and look-alike letters are the point of some

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import Callable

import pytest

from wingbeat.core.errors import ExpressionError, LimitReached
from wingbeat.core.expression import compile_expression
from wingbeat.core.json_value import Json

CANARY = "canary-3f9d"

# Published advisories, in the words of this language; the text beside each says what the original did.
PUBLISHED = {
    "CVE-2025-68613 process through the host": "this.process.mainModule.require('child_process').execSync('id')",
    "CVE-2025-68613 constructor chain": "(function(){return this})().constructor.constructor('return process')()",
    "CVE-2025-68613 template literal": "[][`constructor`][`constructor`]('return 1')()",
    "CVE-2026-1470 with statement": "with (text) { constructor }",
    "CVE-2026-25049 computed member": "text['constr' + 'uctor']['constr' + 'uctor']('return 1')()",
    "CVE-2026-27577 arrow function": "(() => constructor)()",
    "CVE-2026-65591 computed sanitizer": "text[['constructor']]",
    "GHSA-9x83-43r8-5hwc placeholder name": "text['__proto__']",
    "CVE-2026-86076 class field": "class X { __sanitize = 1 }",
    "CVE-2026-86083 replaced stringify": "JSON.stringify = 1",
    "CVE-2026-27493 second order": "data.formula + data.template",
    "CVE-2025-12735 callable value": "data.callable()",
    "CVE-2026-32640 module through a name": "statistics.sys.modules",
    "CVE-2026-55244 base exception": "exit()",
    "CVE-2025-24359 format string": "'{0.__class__}'.format(text)",
    "GHSA-vp47-9734-prjw mutated tree": "text.__dict__.clear()",
    "CVE-2023-37271 generator frame": "(x for x in [1]).gi_frame.f_back.f_globals",
    "CVE-2023-41039 str.format": "'{0.__init__.__globals__}'.format(user)",
    "CVE-2023-41039 format_map": "'{x.__class__}'.format_map({'x': 1})",
    "CVE-2024-47532 AttributeError.obj": "text.nope.obj",
    "CVE-2025-22153 except star": "1 if text else (lambda: 1)()",
    "CVE-2026-55830 shadowed guard": "getattr(text, '__class__')",
    "CVE-2016-10745 str.format": "('{0.__class__.__base__}' | format(text))",
    "CVE-2019-10906 format_map": "'{a.__class__}' | format_map",
    "CVE-2024-56326 stored format": "[f for f in [text.format]][0]('{0.__class__}')",
    "CVE-2024-56201 file name": "include('x')",
    "CVE-2025-27516 attr filter": "text | attr('format')",
    "Jinja2 cycler": "cycler.__init__.__globals__.os.popen('id').read()",
    "Jinja2 subclasses": "''.__class__.__mro__[1].__subclasses__()",
    "Jinja2 config": "config.items()",
    "SpEL": "T(java.lang.Runtime).getRuntime().exec('id')",
    "OGNL": "@java.lang.Runtime@getRuntime()",
}

DUNDERS = (
    "__class__", "__base__", "__bases__", "__mro__", "__subclasses__", "__globals__", "__builtins__", "__dict__", "__init__",
    "__init_subclass__", "__getattribute__", "__reduce__", "__reduce_ex__", "__code__", "__closure__", "__self__", "__func__",
    "__wrapped__", "__module__", "__import__", "__loader__", "__spec__", "__class_getitem__", "__proto__", "__call__", "__get__",
)  # fmt: skip
FRAMES = (
    "gi_frame",
    "gi_code",
    "f_globals",
    "f_builtins",
    "f_back",
    "cr_frame",
    "ag_frame",
    "tb_frame",
    "func_globals",
    "mro",
)
BUILTINS = (
    "eval", "exec", "compile", "open", "input", "print", "getattr", "setattr", "delattr", "hasattr", "vars", "dir", "globals", "locals",
    "__import__", "breakpoint", "help", "exit", "quit", "id", "hash", "iter", "next", "object", "super", "classmethod", "memoryview",
    "bytes", "bytearray", "isinstance", "issubclass", "callable", "chr", "ord", "format", "repr", "ascii", "filter", "slice_", "property",
    "copyright", "credits", "license", "map_", "tuple", "set", "frozenset", "dict", "complex", "divmod", "pow",
)  # fmt: skip
MODULES = (
    "os",
    "sys",
    "subprocess",
    "builtins",
    "importlib",
    "ctypes",
    "socket",
    "pathlib",
    "inspect",
    "gc",
    "types",
    "re2",
    "process",
)
SYNTAX = (
    "lambda: 1", "(lambda x: x)(1)", "(x := 1)", "[y := 1, y]", "await text", "(await text)", "yield 1", "(yield)", "(yield from [1])",
    "f'{text}'", "f'{text!r}'", 'f"{text:>{index}}"', "F'{text}'", "rf'{text}'", "fr'{text}'", "b'x'", "rb'x'", "u'x'", "t'{text}'",
    "'''x'''", '"""x"""', "*numbers", "[*numbers]", "{**user}", "upper(*numbers)", "upper(**user)", "numbers[*numbers]", "numbers[1, 2]",
    "(1, 2)", "1, 2", "()", "{1, 2}", "{x for x in numbers}", "(x for x in numbers)", "[x async for x in numbers]",
    "[x for x.y in numbers]", "[x for user['name'] in numbers]", "[x for *x in numbers]", "[1 for () in numbers]", "[1 for true in numbers]",
    "[1 for nodes in numbers]", "text; 1", "text = 1", "text += 1", "user.name = 1", "user['name'] = 'x'", "del user", "import os",
    "from os import path", "def f(): pass", "class A: pass", "if 1: 2", "for x in numbers: x", "while 1: 2", "with text: 1", "try: 1",
    "raise text", "assert text", "global x", "nonlocal x", "pass", "return 1", "match text: 1", "@text", "text @ text", "text << 1",
    "1 >> 1", "1 << 10 ** 10", "1 & 1", "1 ^ 1", "~1", "1 | 1", "text is text", "text is not null", "...", "1j", "1e5j", "text -> 1", "`text`",
    "# text", "text # comment", "text \\\n + text", "text ! text", "!text", "$text", "text?.name", "text ? 1 : 2", "numbers[1:2, 3]",
    "upper(text for text in numbers, 1)", "text.upper.lower", "text.upper()()", "numbers[0]()", "'upper'(text)", "(upper)(text)()",
    "[upper][0](text)", "{'f': upper}.f(text)", "upper", "text | upper.lower", "text | 'upper'", "text | [upper]",
    "text | upper | lambda: 1", "user.get.items", "nodes.get('fetch')", "nodes[0]", "nodes[:]", "nodes['fe' + 'tch']", "nodes | keys",
    "[nodes][0]", "{'n': nodes}", "nodes()", "\x00", "text\x00", "'\x00' + text\x07", "\ufefftext", "text\u200b", "te\u00adxt",
)  # fmt: skip
LOOK_ALIKES = (
    "ｅｖａｌ('1')",
    "𝐞𝐯𝐚𝐥('1')",
    "text.__ｃlass__",
    "text.＿＿class＿＿",
    "ｏpen('x')",
    "user．name",
    "ℓower(text)",
    "text.ｕpper()",
    "ﬁnd('x', 'x')",
)
FORMATS = (
    "'%s' % text", "'%(a)s' % user", "'%1000000000d' % 1", "'{}'.format(text)", "'{0[__class__]}'.format(user)", "text.format()",
    "text.__format__('x')", "format(text, 'x')", "text.encode()", "text.translate({})", "text.maketrans('a', 'b')", "text.zfill(9)",
    "text.expandtabs(10 ** 9)", "text.center(10 ** 9)", "numbers.append(1)", "numbers.extend([1])", "numbers.clear()", "numbers.pop()",
    "numbers.insert(0, 1)", "user.update({'a': 1})", "user.setdefault('a', 1)", "user.popitem()", "user.clear()", "user.pop('name')",
    "index.real", "index.numerator", "index.bit_length()", "index.to_bytes(10 ** 9)", "index.from_bytes([1])", "(1.5).hex()",
    "(1.5).as_integer_ratio()", "numbers.copy()", "numbers.sort(key=upper)", "numbers.sort(by=upper)", "numbers.map(upper)",
)  # fmt: skip

ATTEMPTS = [
    *PUBLISHED.values(),
    *(
        f"{subject}.{dunder}"
        for subject, dunder in zip(itertools.cycle(("text", "user", "numbers", "''", "[]")), DUNDERS, strict=False)
    ),
    *(f"{dunder}" for dunder in DUNDERS),
    *(f"text.{dunder}()" for dunder in DUNDERS[:8]),
    *(f"text['{dunder}']" for dunder in DUNDERS),
    *(f"text['__' + '{dunder.strip('_')}' + '__']" for dunder in DUNDERS[:6]),
    *(f"user.name.{frame}" for frame in FRAMES),
    *(f"[x for x in numbers].{frame}" for frame in FRAMES),
    *(f"{name}('text')" for name in BUILTINS),
    *(f"text | {name}" for name in BUILTINS),
    *(f"text.{name}()" for name in BUILTINS),
    *BUILTINS,
    *(f"{module}.environ" for module in MODULES),
    *(f"import {module}" for module in MODULES[:3]),
    *SYNTAX,
    *LOOK_ALIKES,
    *FORMATS,
]
HARMLESS = {
    PUBLISHED["CVE-2026-27493 second order"],
    "1 << 10 ** 10",
}


def canary_data() -> dict[str, Json]:
    """Names of an evaluation, some of which look like something else."""
    return {
        "text": "workflow",
        "user": {"name": "Ada"},
        "numbers": [3, 1, 2],
        "index": 4,
        "data": {"formula": "=1+1", "template": "{{ 1 + 1 }}", "callable": "len"},
    }


def test_corpus_is_large() -> None:
    """There are enough attempts, and no two are the same."""
    assert len(set(ATTEMPTS)) > 400


@pytest.mark.parametrize("attempt", sorted(set(ATTEMPTS) - HARMLESS), ids=ascii)
def test_refused(attempt: str, evaluate: Callable[..., Json]) -> None:
    """The attempt ends in a refusal with a code; the data is as it was."""
    names = canary_data()
    with pytest.raises((ExpressionError, LimitReached)) as caught:
        evaluate(attempt, names)
    assert caught.value.code.startswith("EXPRESSION_")
    assert canary_data() == names


def test_data_stays_data(evaluate: Callable[..., Json]) -> None:
    """A value that looks like an expression, or names a function, is a text and nothing else."""
    assert evaluate(PUBLISHED["CVE-2026-27493 second order"], canary_data()) == "=1+1{{ 1 + 1 }}"


def test_dunder_keys_of_data(evaluate: Callable[..., Json]) -> None:
    """Keys such as __proto__ are ordinary keys of data when they are written as keys."""
    names: dict[str, Json] = {"x": {"__proto__": 1, "__class__": {"__init__": 2}}}
    assert evaluate("x['__proto__'] + x['__class__']['__init__']", names) == 3


def test_host_objects_cannot_be_used(evaluate: Callable[..., Json]) -> None:
    """Objects of the host that slip into the data by mistake can be neither used nor given out."""
    for slipped in (os, sys, len, open, str, Exception("x"), (1, 2), object(), iter([])):
        for source in (
            "x",
            "x.name",
            "x()",
            "x.y()",
            "x['a']",
            "x + 1",
            "x == x and x",
            "x | text",
            "[x]",
            "x and x",
            "'a' in x",
        ):
            with pytest.raises(ExpressionError):
                evaluate(source, {"x": slipped})
        with pytest.raises(ExpressionError):
            evaluate("d.a", {"d": {"a": slipped}})
        with pytest.raises(ExpressionError):
            evaluate("d | to_json", {"d": {"a": slipped}})


def test_environment_is_out_of_reach(monkeypatch: pytest.MonkeyPatch, evaluate: Callable[..., Json]) -> None:
    """No attempt gives out what stands in the environment, not even in its error."""
    monkeypatch.setenv("WINGBEAT_CANARY", CANARY)
    for attempt in set(ATTEMPTS):
        try:
            outcome: object = evaluate(attempt, canary_data())
        except (ExpressionError, LimitReached) as error:
            outcome = error.to_json()
        assert CANARY not in json.dumps(outcome)


def test_nothing_is_kept_between_evaluations(evaluate: Callable[..., Json]) -> None:
    """What one evaluation binds, another cannot see, and an expression that failed works the next time."""
    expression = compile_expression("[y for y in x] + [x[5] ?? 0]")
    evaluate("[secret for secret in numbers]", canary_data())
    with pytest.raises(ExpressionError):
        evaluate("secret", canary_data())
    assert len(expression.references) == 2
