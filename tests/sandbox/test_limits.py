"""What code may use: every limit ends in its own error, whatever the code does against it, and the sandbox lives."""

# ruff: noqa: E501, ISC004 - programs read best as dense tables

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psutil
import pytest

from wingbeat.sdk.code import CodeLimits

if TYPE_CHECKING:
    from tests.sandbox.conftest import Trial

    from wingbeat.sdk.code import CodeLanguage

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT = CodeLimits(time_seconds=0.5)

ENDLESS: dict[str, tuple[CodeLanguage, str]] = {
    "a loop": ("python", "while True: pass"),
    "a sleep": ("python", "import time\ntime.sleep(1e9)"),
    "a loop that catches everything": (
        "python",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass\n    finally: continue",
    ),
    "a handler of signals": ("python", "import signal\nsignal.signal(15, signal.SIG_IGN)\nwhile True: pass"),
    "a slow regular expression": ("python", "import re\nre.match('(a+)+$', 'a' * 40 + 'b')"),
    "a huge power": ("python", "9 ** 9 ** 9 % 7"),
    "an endless iterator": ("python", "import itertools\nsum(itertools.count())"),
    "a coroutine": ("python", "import asyncio\nasync def main():\n    while True: await asyncio.sleep(0)"),
    "a sleep in a coroutine": ("python", "import asyncio\nasync def main(): await asyncio.sleep(1e9)"),
    "a loop in __del__": ("python", "class A:\n    def __del__(self):\n        while True: pass\na = A()\ndel a"),
    "a loop in the value": ("python", "class S(set):\n    def __iter__(self):\n        while True: yield 1\nS()"),
    "a loop in the message": ("python", "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E"),
    "a loop in a decorator of a class": ("python", "@(lambda c: [0 for _ in iter(int, 1)])\nclass A: pass"),
    "a query": (
        "python",
        "import sqlite3\nsqlite3.connect(':memory:').execute("
        "'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c').fetchone()",
    ),
    "waiting for a lock": ("python", "import threading\nl = threading.Lock()\nl.acquire()\nwhile True: l.acquire(timeout=1)"),
    "JavaScript: a loop": ("javascript", "for (;;);"),
    "JavaScript: promises without end": ("javascript", "const f = async () => { await 0; return f() };\nawait f()"),
    "JavaScript: a loop that catches": ("javascript", "for (;;) { try { for (;;); } catch {} finally { continue } }"),
    "JavaScript: a timer": ("javascript", "await new Promise((go) => setTimeout(go, 1e9))"),
    "JavaScript: timers without end": ("javascript", "await new Promise(() => setInterval(() => {}, 0))"),
    "JavaScript: a slow regular expression": ("javascript", "/(a+)+$/.test('a'.repeat(40) + 'b')"),
    "JavaScript: a loop in toJSON": ("javascript", "({ toJSON() { for (;;); } })"),
    "JavaScript: a loop in a getter": ("javascript", "throw new Proxy(new Error(), { get() { for (;;); } })"),
    "JavaScript: a generator": ("javascript", "[...(function* () { for (;;) { } })()]"),
    "JavaScript: microtasks from a timer": (
        "javascript", "setTimeout(() => { const f = () => Promise.resolve().then(f); f() }); await new Promise(() => {})"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ENDLESS)
async def test_endless_code_is_stopped(what: str, trial: Trial) -> None:
    """Time is up by the clock on the wall, whatever the code does, and the next run works."""
    language, code = ENDLESS[what]
    error = await trial.fails(language, code, SHORT)
    assert "CODE_TIMEOUT" == error.code
    assert not error.retryable
    assert "0.5 s" in error.message
    assert 2 == await trial.run(language, "1 + 1")


# Down to pieces so small that nothing of what comes after it finds room. The last of them are put where there is a place
# for each already: what is as small as a tuple comes out of blocks of 256 kB, which are refused while there is still room.
FULL = """
x, kept, places = None, [None] * 2000, iter(list(range(2000)))
for size in (10 ** 6, 10 ** 4, 600):
    try:
        while True: x = (x, bytes(size))
    except MemoryError: pass
try:
    for place in places: kept[place] = bytes(600)
except MemoryError: pass
"""

GREEDY: dict[str, tuple[CodeLanguage, str]] = {
    "one gigabyte of text": ("python", "'x' * 10 ** 9"),
    "a list that grows": ("python", "x = []\nwhile True: x.append('y' * 10 ** 6 + str(len(x)))"),
    "objects that hold each other": ("python", "x = []\nwhile True: x.append([x] * 1000)"),
    "a few objects that hold each other": ("python", "x = []\nwhile True: x.append([x] * 300)"),
    "a value when there is no room": ("python", FULL + "'é' * 100_000"),
    "a value from before there was no room": ("python", "v = 'é' * 100_000\n" + FULL + "v"),
    "a big number": ("python", "1 << 8 * 10 ** 9"),
    "an array": ("python", "bytearray(10 ** 9)"),
    "a dictionary": ("python", "{i: str(i) for i in range(10 ** 9)}"),
    "text that is joined": ("python", "','.join('x' * 10 ** 6 for _ in range(10 ** 4))"),
    "a bomb of zlib": ("python", "import zlib\nd = zlib.compress(b'0' * 10 ** 7)\nb''.join(zlib.decompress(d) for _ in range(100))"),
    "JavaScript: one gigabyte of text": ("javascript", "const s = 'x'.repeat(2 ** 28); [s + 'a', s + 'b'].join('')"),
    "JavaScript: an array that grows": ("javascript", "const x = []; for (;;) x.push(new Uint8Array(1e6))"),
    "JavaScript: a buffer": ("javascript", "new ArrayBuffer(1e9)"),
    "JavaScript: objects": ("javascript", "let x = {}; for (;;) x = { x, y: new Array(100).fill(0) }"),
    "JavaScript: text that doubles": ("javascript", "let x = 'ab'; for (;;) x += x.toUpperCase() + x.toLowerCase()"),
}  # fmt: skip


@pytest.mark.parametrize("what", GREEDY)
async def test_greedy_code_is_stopped(what: str, trial: Trial) -> None:
    """There is no more memory than the machine has; its process stays small."""
    language, code = GREEDY[what]
    error = await trial.fails(language, code, CodeLimits(time_seconds=600))  # However busy the machine is.
    assert "CODE_MEMORY" == error.code
    assert "128 MB" in error.message
    sizes = [psutil.Process(pid).memory_info().rss for pid in trial.sandbox.pool.processes]
    assert max(sizes) < 350_000_000


async def test_another_error_can_be_told_when_there_is_no_room(trial: Trial) -> None:
    """Unless there is none left even for the error itself."""
    error = await trial.fails("python", FULL + "raise ValueError('é' * 1000)", CodeLimits(time_seconds=600))
    assert ("CODE_MEMORY" == error.code) or ("CODE_ERROR" == error.code and "ValueError: éé" in error.message)


async def test_data_may_need_more_memory_than_there_is(trial: Trial) -> None:
    """Small as text, it is large as objects; the code has not begun by then."""
    error = await trial.fails("python", "1", CodeLimits(memory_mb=64), input=[[]] * 2_500_000)
    assert "CODE_MEMORY" == error.code


async def test_code_may_catch_that_memory_is_short(trial: Trial) -> None:
    """It is an ordinary error inside, after which there is still room."""
    code = "try:\n    x = 'x' * 10 ** 9\nexcept MemoryError:\n    x = 'caught'\nx"
    assert "caught" == await trial.python(code)
    assert "caught" == await trial.javascript("let x; try { x = new ArrayBuffer(1e9) } catch { x = 'caught' }\nx")


async def test_more_memory_helps(trial: Trial) -> None:
    """What does not fit into one machine fits into a larger one."""
    code = "len('x' * 200_000_000)"
    assert "CODE_MEMORY" == (await trial.fails("python", code)).code
    assert 200_000_000 == await trial.python(code, CodeLimits(memory_mb=512))


RECURSIVE: dict[str, tuple[CodeLanguage, str]] = {
    "a function": ("python", "def f(): return f()\nf()"),
    "a function, with the limit taken away": ("python", "import sys\nsys.setrecursionlimit(10 ** 7)\ndef f(): return f()\nf()"),
    "a deep list": ("python", "import sys\nsys.setrecursionlimit(10 ** 7)\nx = []\nfor _ in range(10 ** 6): x = [x]\nrepr(x)"),
    "a comparison": ("python", "a, b = [], []\na.append(b)\nb.append(a)\na == b"),
    "a property": ("python", "class A:\n    @property\n    def x(self): return self.x\nA().x"),
    "JavaScript: a function": ("javascript", "const f = () => f();\nf()"),
    "JavaScript: a getter": ("javascript", "const o = { get x() { return this.x } };\no.x"),
}  # fmt: skip


@pytest.mark.parametrize("what", RECURSIVE)
async def test_recursion_is_stopped(what: str, trial: Trial) -> None:
    """Calls that nest without end are an error of their own, caught by the language or by the machine."""
    language, code = RECURSIVE[what]
    assert "CODE_RECURSION" == (await trial.fails(language, code)).code


@pytest.mark.parametrize("most", [100, 1_000, 2_000])
async def test_calls_may_nest_as_deep_as_allowed(most: int, trial: Trial) -> None:
    """Up to the limit, calls work; a little beyond, they do not."""
    code = "def f(n): return n and f(n - 1)\nf(input)"
    limits = CodeLimits(recursion=most)
    assert 0 == await trial.python(code, limits, input=most - 10)
    assert "CODE_RECURSION" == (await trial.fails("python", code, limits, input=most + 100)).code


async def test_large_values_are_refused(trial: Trial) -> None:
    """Up to its limit a value passes, byte by byte; beyond, it is an error that says how large it was."""
    limits = CodeLimits(output_bytes=1_000)
    for language, code in (("python", "'x' * input"), ("javascript", "'x'.repeat(input)")):
        assert "x" * 998 == await trial.run(language, code, limits, input=998)  # type: ignore[arg-type]
        error = await trial.fails(language, code, limits, input=999)  # type: ignore[arg-type]
        assert "CODE_OUTPUT_TOO_LARGE" == error.code
        assert "1001 bytes" in error.message
        error = await trial.fails(language, code, limits, input=50_000_000)  # type: ignore[arg-type]
        assert error.code in {"CODE_OUTPUT_TOO_LARGE", "CODE_MEMORY"}


async def test_bytes_are_counted_not_characters(trial: Trial) -> None:
    """A character may have several bytes."""
    limits = CodeLimits(output_bytes=102)
    for language, code in (("python", "'ä' * 50"), ("javascript", "'ä'.repeat(50)")):
        assert "ä" * 50 == await trial.run(language, code, limits)  # type: ignore[arg-type]
        assert "CODE_OUTPUT_TOO_LARGE" == (await trial.fails(language, code + " + 'a'", limits)).code  # type: ignore[arg-type]


async def test_many_lines_are_cut(trial: Trial) -> None:
    """A million lines cost time, but no memory: what is beyond the limit is dropped."""
    limits = CodeLimits(log_lines=5, time_seconds=60)
    for language, code in (
        ("python", "for i in range(10 ** 6): print(i)\n'done'"),
        ("javascript", "for (let i = 0; i < 1e6; i++) console.log(i); 'done'"),
    ):
        assert "done" == await trial.run(language, code, limits)  # type: ignore[arg-type]
        assert [str(number) for number in range(5)] == trial.lines


async def test_long_lines_are_cut(trial: Trial) -> None:
    """One line holds ten thousand characters at most."""
    await trial.python("print('x' * 10 ** 7)")
    assert [10_000] == [len(line) for line in trial.lines]
    await trial.javascript("console.log('x'.repeat(1e7))")
    assert [10_000] == [len(line) for line in trial.lines]


async def test_too_much_data_is_refused_before_it_is_sent(trial: Trial) -> None:
    """What would not fit into the machine does not reach it."""
    error = await trial.fails("python", "1", input="x" * 20_000_000)
    assert "CODE_INPUT_TOO_LARGE" == error.code
    assert 20_000_000 == await trial.python("len(input)", CodeLimits(memory_mb=512), input="x" * 20_000_000)


@pytest.mark.parametrize(
    ("language", "code", "expected"),
    [
        ("python", "import os\nos._exit(3)", "CODE_EXITED"),
        ("python", "import sys\nsys.exit(3)", "CODE_ERROR"),
        ("python", "import os\nos.abort()", "CODE_CRASHED"),
        ("javascript", "await new Promise(() => {})", "CODE_WAITS_FOREVER"),
        ("python", "import asyncio\nasync def main(): await asyncio.Event().wait()", "CODE_ERROR"),
    ],
)
async def test_other_ends(language: CodeLanguage, code: str, expected: str, trial: Trial) -> None:
    """A machine that ends itself, breaks or waits for nothing is an error; its process goes on."""
    await trial.python("1")
    before = trial.sandbox.pool.processes
    assert expected == (await trial.fails(language, code)).code
    assert before == trial.sandbox.pool.processes


async def test_runs_wait_for_each_other_and_none_is_lost(trial: Trial) -> None:
    """More runs than there are processes, some of them endless: each gets its own answer."""

    async def one(number: int) -> object:
        if number % 10 == 3:
            return (await trial.fails("javascript", "for (;;);", CodeLimits(time_seconds=0.2))).code
        return await trial.sandbox.run("javascript", "input * 2", {"input": number}, CodeLimits(), print)

    answers = await asyncio.gather(*(one(number) for number in range(60)))
    assert answers == ["CODE_TIMEOUT" if number % 10 == 3 else number * 2 for number in range(60)]
