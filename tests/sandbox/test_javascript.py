"""JavaScript code: the whole language, what goes in, what comes out, and how it fails."""

# ruff: noqa: E501 - programs with their values read best as dense tables

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wingbeat.sdk.code import CodeLimits

if TYPE_CHECKING:
    from tests.sandbox.conftest import Trial

    from wingbeat.core.json_value import Json

pytestmark = pytest.mark.asyncio(loop_scope="module")

LANGUAGE: dict[str, tuple[str, Json]] = {
    "classes": ("class A { #x = 1; get x() { return this.#x } static make() { return new A() } }\nA.make().x", 1),
    "inheritance": ("class A { f() { return 'a' } }\nclass B extends A { f() { return super.f() + 'b' } }\nnew B().f()", "ab"),
    "generators": ("function* g() { const x = yield 1; yield* [x, 3] }\nconst i = g();\n[i.next().value, i.next(2).value, i.next().value]", [1, 2, 3]),
    "destructuring": ("const { a: [x, ...rest], z = 5 } = input;\n[x, rest, z]", [1, [2], 5]),
    "spread": ("Math.max(...[1, 3], ...input.a)", 3),
    "optional chaining": ("input?.b?.c ?? 'none'", "none"),
    "templates": ("`${1 + 1}!`", "2!"),
    "tagged templates": ("((s, ...v) => s.raw.join('|') + v)`a${1}b`", "a|b1"),
    "closures": ("const f = () => { let n = 0; return () => ++n };\nconst g = f(); g(); g()", 2),
    "exceptions": ("let r; try { null.x } catch (e) { r = e.constructor.name } finally { r += '!' }\nr", "TypeError!"),
    "promises": ("await Promise.all([1, Promise.resolve(2)])", [1, 2]),
    "async functions": ("const f = async (x) => { await null; return x };\nawait f(1) + await f(2)", 3),
    "async generators": ("async function* g() { yield 1; yield 2 }\nconst r = []; for await (const x of g()) r.push(x);\nr", [1, 2]),
    "a promise as the value": ("new Promise((resolve) => resolve(4))", 4),
    "timers": ("const r = []; setTimeout(() => r.push('b'), 5); setTimeout(() => r.push('a'), 1);\nawait new Promise((go) => setTimeout(go, 10)); r", ["a", "b"]),
    "intervals": ("let n = 0; await new Promise((go) => { const id = setInterval(() => { if (++n === 3) { clearInterval(id); go() } }, 1) }); n", 3),
    "map and set": ("[...new Map([[1, 2]])].concat([...new Set([1, 1])])", [[1, 2], 1]),
    "bigint": ("String(2n ** 70n)", "1180591620717411303424"),
    "symbols": ("const s = Symbol('x'); ({ [s]: 1 })[s]", 1),
    "proxies": ("new Proxy({}, { get: (_, name) => name + '!' }).hi", "hi!"),
    "regular expressions": ("'2026-01'.replace(/(?<y>\\d+)-(?<m>\\d+)/u, '$<m>/$<y>')", "01/2026"),
    "dates": ("new Date(Date.UTC(2026, 0, 2)).toISOString()", "2026-01-02T00:00:00.000Z"),
    "typed arrays": ("[...new Uint8Array([1, 2]).map((x) => x * 2)]", [2, 4]),
    "new array methods": ("[[3, 1, 2].toSorted(), [1, 2].at(-1), [1, 2].with(0, 9), Object.groupBy([1, 2], (x) => x % 2 ? 'o' : 'e')]", [[1, 2, 3], 2, [9, 2], {"o": [1], "e": [2]}]),
    "structure": ("Object.entries({ a: 1 })", [["a", 1]]),
    "JSON": ("JSON.parse('[1]')", [1]),
    "eval": ("eval('1 + 1')", 2),
    "Intl-free formatting": ("(1234.5).toFixed(2)", "1234.50"),
    "labels": ("outer: for (const x of [1, 2]) for (const y of [1, 2]) if (x * y === 2) break outer;\n'done'", "done"),
}  # fmt: skip


@pytest.mark.parametrize("what", LANGUAGE)
async def test_language(what: str, trial: Trial) -> None:
    """The whole language is there."""
    code, expected = LANGUAGE[what]
    assert expected == await trial.javascript(code, input={"a": [1, 2]})


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("input", {"x": 1}),
        ("other", [1]),
        ("return input.x", 1),
        ("function main(input) { return input.x }", 1),
        ("const main = async (whatever) => whatever.x", 1),
        ("export default (input) => input.x", 1),
        ("export async function main(input) { return input.x }", 1),
        ("export default 5", 5),
        ("const x = 1;", None),
        ("// nothing", None),
        ("return", None),
        ("return await Promise.resolve(other)", [1]),
        ("let input = 5; input", 5),
        ("if (input) { return 'yes' }\nreturn 'no'", "yes"),
    ],
)
async def test_what_goes_in_and_out(code: str, expected: Json, trial: Trial) -> None:
    """The value is what is returned, what main or the default export gives, or the last statement."""
    assert expected == await trial.javascript(code, input={"x": 1}, other=[1])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("[undefined, NaN, () => 1, new Date(0)]", [None, None, None, "1970-01-01T00:00:00.000Z"]),
        ("({ a: undefined, b: null })", {"b": None}),
        ("'ä\\u2028\\u{1F600}'", "ä\u2028\U0001f600"),
        ("({ toJSON() { return 7 } })", 7),
        ("9007199254740993", 9007199254740992),
        ("({ __proto__: null, a: 1 })", {"a": 1}),
        ("JSON.parse('{\"__proto__\": 1}')", {"__proto__": 1}),
    ],
)
async def test_values_become_json(code: str, expected: Json, trial: Trial) -> None:
    """As JSON.stringify makes it."""
    assert expected == await trial.javascript(code)


async def test_numbers_that_are_too_big_for_json_are_null(trial: Trial) -> None:
    """As in any JavaScript."""
    assert [None] == await trial.javascript("[1 / 0]")


@pytest.mark.parametrize(
    "code", ["1n", "const x = {}; x.x = x; x", "() => 1", "Symbol('x')", "'\\ud800'", "'\\0'", "({ toJSON() { throw 1 } })"]
)  # fmt: skip
async def test_what_is_no_json_is_refused(code: str, trial: Trial) -> None:
    """A value that cannot become JSON is an error that says why."""
    error = await trial.fails("javascript", code)
    assert error.code == "CODE_OUTPUT_NOT_JSON"


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("let a = 1;\nfunction f() {\n  throw new TypeError('bad');\n}\nf();", [3, 13]),
        ("let a = 1;\nfunction f() {\n  throw new TypeError('bad');\n}\nreturn f();", [3, 13]),
        ("return x.y", [1, 8]),
    ],
)  # fmt: skip
async def test_exception_shows_the_users_own_lines(code: str, place: list[int], trial: Trial) -> None:
    """Type, message, line and column, whatever form the code has."""
    error = await trial.fails("javascript", code)
    assert error.code == "CODE_ERROR"
    assert place == [error.details["line"], error.details["column"]]
    assert "prelude" not in str(error.details["stack"])
    assert f"code.js:{place[0]}:{place[1]}" in str(error.details["stack"])


@pytest.mark.parametrize("code", ["throw 5", "throw null", "throw { message: 1 }", "Promise.reject(undefined)", "throw Object.create(null)",
                                  "class E extends Error { get message() { throw 1 } }\nthrow new E()",
                                  "const e = new Error('x'); e.stack = {}; throw e", "const e = new Error('x'); Object.defineProperty(e, 'name', { get() { throw e } }); throw e"])  # fmt: skip
async def test_anything_can_be_thrown(code: str, trial: Trial) -> None:
    """What is thrown need not be an error, nor a well-behaved one."""
    assert (await trial.fails("javascript", code)).code == "CODE_ERROR"


@pytest.mark.parametrize(
    ("code", "line", "column"),
    [("x = = 1", 1, 5), ("let a = 1;\nlet b = ;", 2, 9), ("return 1 +;", 1, 11), ("export default = 1", 1, 16)],
)
async def test_syntax_error_shows_its_place(code: str, line: int, column: int, trial: Trial) -> None:
    """A syntax error names line and column of the code as it was written."""
    error = await trial.fails("javascript", code)
    assert error.code == "CODE_SYNTAX_ERROR"
    assert [line, column] == [error.details["line"], error.details["column"]]


@pytest.mark.parametrize(
    "code", ["import fs from 'fs'", "await import('fs')", "export * from 'x'", "import('https://example.org/x.js')"]
)
async def test_nothing_can_be_imported(code: str, trial: Trial) -> None:
    """There are no modules, and the error says so."""
    error = await trial.fails("javascript", code)
    assert "cannot import anything" in error.message


async def test_console_writes_to_the_log(trial: Trial) -> None:
    """Each line is one; objects are shown as JSON."""
    await trial.javascript(
        "console.log('a', { b: [1] }, undefined, 2n); console.error('x\\ny'); console.warn(new TypeError('no'))"
    )
    assert ['a {"b":[1]} undefined 2n', "x", "y", "TypeError: no"] == trial.lines


async def test_log_of_code_that_is_stopped_is_kept(trial: Trial) -> None:
    """What was written before time was up is in the log."""
    await trial.fails("javascript", "console.log('before'); for (;;);", CodeLimits(time_seconds=0.3))
    assert ["before"] == trial.lines


async def test_promise_that_nothing_settles_is_an_error(trial: Trial) -> None:
    """It would never end, so it ends at once."""
    assert (await trial.fails("javascript", "await new Promise(() => {})")).code == "CODE_WAITS_FOREVER"


async def test_error_in_a_timer_fails_the_code(trial: Trial) -> None:
    """What nobody could catch is not lost."""
    error = await trial.fails(
        "javascript", "setTimeout(() => { throw new Error('late') }, 1); await new Promise((go) => setTimeout(go, 50))"
    )
    assert "late" in error.message


async def test_machines_share_nothing(trial: Trial) -> None:
    """What one run leaves behind, another does not find."""
    await trial.javascript("globalThis.left = 1; Object.prototype.left = 2; Array.prototype.map = null; 1")
    assert [None, None, True] == await trial.javascript("[globalThis.left, ({}).left, !!Array.prototype.map]")


async def test_randomness_is_fresh(trial: Trial) -> None:
    """Machines are copies of one, but draw different numbers between 0 and 1."""
    first = await trial.javascript("[Math.random(), Math.random()]")
    second = await trial.javascript("[Math.random(), Math.random()]")
    assert isinstance(first, list)
    assert isinstance(second, list)
    assert len({*first, *second}) == 4
    assert [True] * 4 == [isinstance(one, float) and 0 <= one < 1 for one in [*first, *second]]
