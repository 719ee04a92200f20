"""What bad input gets, for every node type: a problem when it is written out, a typed error when it is computed."""

from __future__ import annotations

import copy
import faulthandler
import inspect
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from wingbeat.bootstrap import discover_node_types
from wingbeat.core.errors import WingbeatError
from wingbeat.core.outcome import Await
from wingbeat.sdk.code import CODE
from wingbeat.sdk.context import Arrival
from wingbeat.sdk.prepare import FieldKind, shape_of
from wingbeat.sdk.testing import FROZEN_NOW, ExampleNames, context_of, outcome_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from wingbeat.sdk import Example, NodeType

BUILT_IN = [kind for kind in discover_node_types().types.values() if kind.run.__module__.startswith("wingbeat.nodes.")]
# Longer than any test may take on a machine that does much else; then the process ends, and says where it hung.
HANGS_AFTER_SECONDS = 120.0
LONGEST_MESSAGE = 3_000
MISSING = object()
INPUT = ("input",)


def nested(levels: int, *, objects: bool = False) -> Any:  # noqa: ANN401 - JSON
    """Lists in lists, or objects in objects."""
    value: Any = 1
    for _ in range(levels):
        value = {"a": value} if objects else [value]
    return value


@cache
def small_values() -> dict[str, Any]:
    """Wrong types, nothing, and what attackers send."""
    return {
        "null": None,
        "true": True,
        "zero": 0,
        "negative": -1,
        "fraction": 1.5,
        "largest float": 1.7e308,
        "not a number": float("nan"),
        "infinity": float("inf"),
        "more than 64 bits": 2**64,
        "10^400": 10**400,
        "empty text": "",
        "a space": " ",
        "empty list": [],
        "empty object": {},
        "list of null": [None],
        "list of lists": [[]],
        "list of all kinds": [1, "a", None, True, {"a": []}],
        "object with an empty key": {"": None},
        "300 lists deep": nested(300),
        "300 objects deep": nested(300, objects=True),
        "5,000 lists deep": nested(5_000),
        "path traversal": "../../../../etc/passwd",
        "absolute path": "/etc/passwd",
        "file address": "file:///etc/passwd",
        "broken address": "http://[::1",
        "two lines": "a\r\nBcc: eve@example.com",
        "U+0000": "a\0b",
        "half a character": "\ud800",
        "right to left": "\u202e\U0001f600",
        "SQL": "'; DROP TABLE users; --",
        "XML bomb": (
            '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">'
            '<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><a>&d;</a>'
        ),
        "XML from a file": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "formula": "=HYPERLINK(1)",
        "template": "{{ 1 + 1 }}",
        "open braces": "{{",
        "placeholder": "${a.b}",
        "prototype": {"__proto__": {"polluted": True}, "constructor": {"prototype": 1}, "__class__": 1},
        "name of a prototype": "__proto__",
        "unknown id": "00000000-0000-0000-0000-000000000000",
        "costly pattern": "(a+)+$",
        "no date": "2026-02-31T25:61:61Z",
        "forged file": {"$file": "forged", "name": "../x", "media_type": "a\r\nb", "size": -1, "sha256": ""},
        "schema in a circle": {"$ref": "#"},
        "schema from elsewhere": {"$ref": "http://127.0.0.1:1/schema"},
    }


@cache
def big_values() -> dict[str, Any]:
    """A megabyte of text, and a hundred thousand parts."""
    return {
        "1 MB of text": "a" * 1_000_000,
        "100,000 tags": "<" * 100_000,
        "100,000 brackets": "(" * 100_000,
        "100,000 digits": "9" * 100_000,
        "100,000 items": [1] * 100_000,
        "100,000 fields": {str(place): place for place in range(100_000)},
    }


class Place(NamedTuple):
    """Where a value may stand in the parameters of an example, and how it is read there."""

    path: tuple[str | int, ...]
    kind: FieldKind


class NoCode:
    """Runs nothing: escapes and limits of real code are tested where code is run."""

    async def run(self, *_: object, **__: object) -> None:
        """Give null."""


def places_in(model: type[BaseModel], value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Place]:  # noqa: ANN401 - JSON
    """Every parameter, those of nested fields that the example has too, and what is inside of its templates."""
    for name, shape in shape_of(model).items():
        yield Place((*path, name), shape.kind)
        inner = value.get(name)
        first, place = (inner[0], (*path, name, 0)) if isinstance(inner, list) and inner else (inner, (*path, name))
        if shape.model is not None and isinstance(first, dict):
            yield from places_in(shape.model, first, place)
        elif shape.kind is FieldKind.TEMPLATE:
            yield from places_inside(inner, (*path, name))


def places_inside(value: Any, path: tuple[str | int, ...]) -> Iterator[Place]:  # noqa: ANN401 - JSON
    """The places of a JSON value, of long ones the first few."""
    parts: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        parts = list(value.items())[:3]
    elif isinstance(value, list):
        parts = list(enumerate(value[:1]))
    for key, part in parts:
        yield Place((*path, key), FieldKind.TEMPLATE)
        yield from places_inside(part, (*path, key))


def replaced(parameters: Any, path: tuple[str | int, ...], value: Any) -> Any:  # noqa: ANN401 - JSON
    """The parameters with another value in one place, or without it."""
    changed = copy.deepcopy(parameters)
    at = changed
    for key in path[:-1]:
        at = at[key]
    if value is not MISSING:
        at[path[-1]] = value
    elif isinstance(at, dict):
        at.pop(path[-1], None)
    return changed


@pytest.fixture(autouse=True)
def _dies_when_it_hangs() -> Iterator[None]:
    """End the process and say where it is, if a test never ends."""
    faulthandler.dump_traceback_later(HANGS_AFTER_SECONDS, exit=True, file=2)
    yield
    faulthandler.cancel_dump_traceback_later()


async def try_out(kind: NodeType, example: Example, parameters: Any, value: Any = None) -> None:  # noqa: ANN401 - JSON
    """Read, run and rehearse; fail unless every refusal is one with a code and a remedy, in a few words."""
    reading = kind.read(parameters)
    for problem in reading.problems:
        assert problem.code
        assert 0 < len(problem.message) < LONGEST_MESSAGE
    if reading.problems:
        return
    for rehearses in (False, True):
        try:
            await run_once(kind, example, reading.prepared, value, rehearses=rehearses)
        except WingbeatError as error:
            says_enough(error)


def says_enough(error: WingbeatError) -> None:
    """Fail unless it has a code, a remedy and a few words."""
    assert (error.code, True) == (error.code, bool(error.code and error.remedy))
    assert (error.code, True) == (error.code, 0 < len(error.message) < LONGEST_MESSAGE)


async def run_once(kind: NodeType, example: Example, prepared: Any, value: Any, *, rehearses: bool) -> None:  # noqa: ANN401 - JSON
    """One run with the stand-ins of the examples; a name `bad` has the value."""
    context = context_of(example)
    context.tools[CODE.name] = NoCode()
    names = {"input": context.input, "trigger": example.trigger, "now": FROZEN_NOW.isoformat(), **example.variables}
    run = kind.rehearse if rehearses and kind.rehearse else kind.run
    result: Any = run(prepared.resolve(ExampleNames({**names, "bad": value}, example.nodes)), context)
    if inspect.isawaitable(result):
        result = await result
    if not isinstance(result, Await):
        outcome_of(result)


def bad_values(path: tuple[str | int, ...], seen: set[tuple[str | int, ...]]) -> dict[str, Any]:
    """All of them the first time that a parameter is seen, later and inside of it only those that take no time."""
    big = {} if path in seen or len(path) > 1 else big_values()
    seen.add(path)
    return {**small_values(), **big}


each_type = pytest.mark.parametrize("kind", BUILT_IN, ids=[kind.type for kind in BUILT_IN])


@each_type
async def test_what_is_written_out_is_a_problem_or_runs_to_a_typed_error(kind: NodeType) -> None:
    """Saving a workflow never raises, and what passes the check fails with a code and a remedy, if at all."""
    seen: set[tuple[str | int, ...]] = set()
    for example in kind.examples:
        parameters = dict(example.parameters)
        for path, _ in places_in(kind.parameters, parameters):
            for bad, value in {"nothing": MISSING, **bad_values(path, seen)}.items():
                try:
                    await try_out(kind, example, replaced(parameters, path, value))
                except Exception as error:
                    error.add_note(f"{kind.type}: {bad} as {path} in '{example.title}'")
                    raise


@each_type
async def test_what_a_template_gives_ends_in_a_typed_error(kind: NodeType) -> None:
    """A value that comes at run time, whole or inside of a text, fails the step with a code and a remedy, if at all."""
    seen: set[tuple[str | int, ...]] = set()
    for example in kind.examples:
        parameters = dict(example.parameters)
        for path, field in places_in(kind.parameters, parameters):
            if field not in {FieldKind.TEMPLATE, FieldKind.EXPRESSION}:
                continue
            written = ("bad",) if field is FieldKind.EXPRESSION else ("{{ bad }}", "x{{ bad }}")
            for bad, value in bad_values(path, seen).items():
                for text in written[: 2 if isinstance(value, str) else 1]:
                    try:
                        await try_out(kind, example, replaced(parameters, path, text), value)
                    except Exception as error:
                        error.add_note(f"{kind.type}: {bad} by '{text}' as {path} in '{example.title}'")
                        raise


@each_type
async def test_any_input_is_fine_or_ends_in_a_typed_error(kind: NodeType) -> None:
    """What comes in from a node before may be anything."""
    for example in kind.examples:
        for bad, value in {**small_values(), **big_values()}.items():
            arrivals = tuple(Arrival(one.node_id, one.port, value) for one in example.arrivals)
            try:
                await try_out(kind, replace(example, input=value, arrivals=arrivals), dict(example.parameters))
            except Exception as error:
                error.add_note(f"{kind.type}: {bad} as the input in '{example.title}'")
                raise
