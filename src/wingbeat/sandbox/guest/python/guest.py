"""What runs inside of the WebAssembly machine: takes code and data, gives JSON. It can reach only what is in there.

Built into python.wasm by build.py, with CPython and the modules of guest_modules.py; never imported by the platform.
"""

from __future__ import annotations

import ast
import asyncio
import dataclasses
import datetime
import decimal
import enum
import gc
import importlib
import inspect
import io
import json
import linecache
import sys
import time
import traceback
import types
import uuid
import zoneinfo._common

import guest_modules
import guest_zones
import wit_world

FILE = "code.py"
LONGEST_LINE = 10_000
LONGEST_MESSAGE = 2_000
LONGEST_STACK = 8_000
MOST_FRAMES = 40
# The frames of this file and of what it calls, below the code's own.
OWN_FRAMES = 60
LOOKS_AT_NAMES = frozenset({"eval", "exec", "globals", "locals", "vars", "dir", "__import__"})
# Code may put something else in its place.
DUMPS = json.dumps
# Room for the answer where the code left none: what holds itself in a circle stays when the code has let go of it.
RESERVE_BYTES = 1 << 20
RESERVE: list[bytearray] = []

for _name in guest_modules.NAMES:
    importlib.import_module(_name)


def _load_zone(key: str) -> io.BytesIO:
    try:
        return io.BytesIO(guest_zones.DATA[key])
    except KeyError:
        raise zoneinfo.ZoneInfoNotFoundError(f"No time zone found with key {key}") from None


zoneinfo._common.load_tzdata = _load_zone
zoneinfo.TZPATH = ()


class TooLarge(Exception):
    """The value is larger than it may be."""


class NotJson(Exception):
    """The value cannot become JSON."""


class Log(io.TextIOBase):
    """Standard output: every line goes to the step's log, up to a number of them."""

    def __init__(self, most_lines: int) -> None:
        self._left = most_lines
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._left <= 0:
            return len(text)
        *lines, rest = (self._rest + text).split("\n") if "\n" in text else ("", self._rest + text)[1:]
        for line in lines:
            self._give(line)
        self._rest = rest[:LONGEST_LINE]
        return len(text)

    def finish(self) -> None:
        if self._rest:
            self._give(self._rest)
            self._rest = ""

    def _give(self, line: str) -> None:
        if self._left > 0:
            self._left -= 1
            wit_world.log(line[:LONGEST_LINE].encode("utf-8", "replace").decode())


class _Clock:
    """Stands where an event loop has its selector: there is nothing to wait for but time."""

    def select(self, timeout: float | None) -> list[object]:
        if timeout is None:
            raise RuntimeError("The code waits for something that cannot happen: nothing else is running.")
        if timeout > 0:
            time.sleep(timeout)
        return []


class Loop(asyncio.BaseEventLoop):
    """An event loop without files and network."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _Clock()

    def _process_events(self, _events: list[object]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody else could wake the loop."""


class _Policy(asyncio.events._AbstractEventLoopPolicy):
    _loop = None

    def get_event_loop(self) -> Loop:
        if self._loop is None:
            self._loop = Loop()
        return self._loop

    def set_event_loop(self, loop: Loop | None) -> None:
        self._loop = loop

    def new_event_loop(self) -> Loop:
        return Loop()


asyncio.events._event_loop_policy = _Policy()


def _compile(code: str) -> tuple[types.CodeType, str]:
    """The code, and how its result is found: `return`, `main` or `last`."""
    tree = ast.parse(code, FILE)
    if _returns(tree.body):
        return _as_function(tree), "return"
    how = "main"
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = tree.body[-1]
        tree.body[-1] = ast.copy_location(
            ast.Assign([ast.copy_location(ast.Name("__last__", ast.Store()), last)], last.value), last
        )
        how = "last"
    return compile(tree, FILE, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True), how


def _returns(body: list[ast.stmt]) -> bool:
    """Whether there is a `return` outside of any function."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Return):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.expr):
            waiting.extend(ast.iter_child_nodes(node))
    return False


def _as_function(tree: ast.Module) -> types.CodeType:
    """The code as the body of a function that is called at once, so that it may say `return`."""
    nodes = list(ast.walk(tree))
    awaits = any(isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) for node in nodes)
    kept = [one for one in tree.body if isinstance(one, ast.ImportFrom) and one.module == "__future__"]
    body = [one for one in tree.body if one not in kept]
    shell = ast.parse(f"{'async ' if awaits else ''}def __code__(): pass", FILE)
    shell.body[0].body = body
    shell.body[:0] = kept
    # Names of the module, as they would be without the function around them, where anything could tell.
    assigned = _assigned(body) if any(map(_looks_at_names, nodes)) else ()
    if assigned:
        declared = ast.Global(sorted(assigned))
        body.insert(0, ast.copy_location(declared, body[0]))
        ast.fix_missing_locations(declared)
    return compile(shell, FILE, "exec", dont_inherit=True)


def _looks_at_names(node: ast.AST) -> bool:
    return isinstance(node, ast.Global | ast.ClassDef) or (isinstance(node, ast.Name) and node.id in LOOKS_AT_NAMES)


def _assigned(body: list[ast.stmt]) -> set[str]:
    """The names that the statements bind outside of any function or class."""
    shell = ast.parse("async def f(): pass", FILE)
    shell.body[0].body = body
    inner = next(one for one in compile(shell, FILE, "exec", dont_inherit=True).co_consts if inspect.iscode(one))
    return {name for name in (*inner.co_varnames, *inner.co_cellvars) if name.isidentifier()}


def _run(code: types.CodeType, how: str, names: dict[str, object]) -> object:
    module = types.ModuleType("__main__")
    module.__dict__.update(names)
    sys.modules["__main__"] = module
    space = module.__dict__
    begun = eval(code, space)
    if inspect.iscoroutine(begun):
        _wait(begun)
    if how == "return":
        return _wait(space["__code__"]())
    main = space.get("main")
    if inspect.isfunction(main):
        return _wait(main(**_arguments(main, names)))
    return _wait(space.get("__last__")) if how == "last" else None


def _wait(value: object) -> object:
    if not inspect.isawaitable(value):
        return value

    async def wait() -> object:
        return await value

    return asyncio.run(wait(), loop_factory=Loop)


def _arguments(main: types.FunctionType, names: dict[str, object]) -> dict[str, object]:
    """What `main` is called with: values by their names, and for a first parameter of another name `input`."""
    given: dict[str, object] = {}
    for place, parameter in enumerate(inspect.signature(main).parameters.values()):
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.name in names:
            given[parameter.name] = names[parameter.name]
        elif place == 0 and parameter.default is parameter.empty:
            given[parameter.name] = names["input"]
    return given


def _plain(value: object) -> object:
    """What JSON does not know, as what stands for it."""
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, set | frozenset):
        return sorted(value) if all(isinstance(one, str) for one in value) else list(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, uuid.UUID):
        return str(value)
    raise NotJson(f"{type(value).__name__} is no type of JSON")


def _encode(value: object, most: int) -> str:
    try:
        # An integer of more digits than that would be refused, by a limit of the interpreter itself.
        text = DUMPS(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"), default=_plain)
        size = len(text) if text.isascii() else len(text.encode())
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except UnicodeEncodeError:
        raise NotJson("it holds half a surrogate pair, which is no character") from None
    except (TypeError, ValueError, ArithmeticError) as error:
        raise NotJson(str(error)) from None
    if size > most:
        raise TooLarge(size)
    return text


def _make_room(error: BaseException) -> None:
    """Let go of what the code held, so that there is room to say that there was none."""
    sys.modules["__main__"].__dict__.clear()
    traceback.clear_frames(error.__traceback__)


def _say(error: BaseException) -> str:
    try:
        return "e" + DUMPS(_describe(error))
    except MemoryError:
        return 'e{"kind": "MemoryError"}'
    except BaseException:
        return 'e{"kind": "Error", "type": "unknown", "message": "(the error cannot be read)"}'


def _describe(error: BaseException) -> dict[str, object]:
    if isinstance(error, TooLarge | NotJson):
        return {"kind": type(error).__name__, "message": _text(error)}
    if isinstance(error, SyntaxError) and error.filename == FILE and not _user_frames(error):
        return {
            "kind": "SyntaxError",
            "type": type(error).__name__,
            "message": str(error.msg)[:LONGEST_MESSAGE],
            "line": error.lineno,
            "column": error.offset,
            "text": (error.text or "").rstrip()[:200],
        }
    frames = _user_frames(error)
    described: dict[str, object] = {"kind": "Error", "type": type(error).__name__, "message": _text(error)}
    if isinstance(error, MemoryError):
        described["kind"] = "MemoryError"
    elif isinstance(error, RecursionError):
        described["kind"] = "RecursionError"
    if frames:
        described["line"] = frames[-1].lineno
    described["stack"] = _stack(error)
    return described


def _text(error: BaseException) -> str:
    try:
        return str(error)[:LONGEST_MESSAGE]
    except BaseException:
        return "(its message cannot be read)"


def _user_frames(error: BaseException) -> list[traceback.FrameSummary]:
    return [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]


def _stack(error: BaseException) -> str:
    """As Python shows it, without the frames around the code."""
    try:
        shown = traceback.TracebackException.from_exception(error, limit=-MOST_FRAMES, compact=True)
        waiting = [shown]
        while waiting:
            one = waiting.pop()
            one.stack = traceback.StackSummary.from_list([frame for frame in one.stack if frame.filename == FILE])
            waiting.extend(inner for inner in (one.__cause__, one.__context__, *(one.exceptions or ())) if inner)
        text = "".join(shown.format()).rstrip()
    except BaseException:
        return ""
    return (
        text if len(text) <= LONGEST_STACK else text[: LONGEST_STACK // 2] + "\n  ...\n" + text[-LONGEST_STACK // 2 :]
    )


class WitWorld(wit_world.WitWorld):
    """The machine's one way in."""

    def run(self, code: str, limits: str, data: str) -> str:
        """Run the code once."""
        limit = json.loads(limits)
        out = Log(limit["log_lines"])
        sys.stdout = sys.__stdout__ = sys.stderr = sys.__stderr__ = out
        encode, reserve = _encode, RESERVE
        sys.setrecursionlimit(limit["recursion"] + OWN_FRAMES)
        try:
            names = json.loads(data)
            linecache.cache[FILE] = (len(code), None, code.splitlines(keepends=True), FILE)
            prepared, how = _compile(code)
            text = "v" + encode(_run(prepared, how, names), limit["output_bytes"])
            reserve.clear()
        except BaseException as error:
            reserve.clear()
            if isinstance(error, MemoryError):
                _make_room(error)
            sys.setrecursionlimit(10_000)
            text = _say(error)
        try:
            out.finish()
        except BaseException:
            """An unfinished line is not worth the value."""
        return text


# What the first run would have to prepare is prepared when the machine is built.
for _code in ("def main(input): return {'n': [input.x]}", "1 +", "return sum(n for n in range(3))"):
    WitWorld().run(_code, '{"log_lines": 0, "recursion": 1000, "output_bytes": 1000}', '{"input": 1}')
# As zeros that nobody touches, it costs a run nothing.
RESERVE.append(bytearray(RESERVE_BYTES))
# A collection would otherwise write to every object, and so copy every page of the machine's memory.
gc.collect()
gc.freeze()
