"""Functions on lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from wingbeat.core.expression.budget import Meter
from wingbeat.core.expression.function import Function, bad_type, bad_value
from wingbeat.core.expression.values import CONTAINERS, equal, index_of, kind, to_json, to_text
from wingbeat.core.json_value import Json

PER_ELEMENT = 16  # One step for every 16 elements that Python code, rather than C, goes through.
LIST_COST = 10  # What a small list of its own takes, compared with one character.


def _fields(meter: Meter, values: list[Json], key: str, doing: str) -> list[Json]:
    """Field `key` of every element, null where it is missing."""
    meter.walk(len(values) * PER_ELEMENT)
    fields = []
    for value in values:
        if type(value) is not dict:
            raise bad_type(
                f"Cannot {doing} by {key!r}: the list holds a value of kind {kind(value)}.",
                "Every element must be an object.",
            )
        fields.append(value.get(key))
    return fields


def _pluck(meter: Meter, values: list[Json], key: str) -> list[Json]:
    return _fields(meter, values, key, "pluck")


def _where(meter: Meter, values: list[Json], key: str, wanted: Json) -> list[Json]:
    fields = _fields(meter, values, key, "select")
    return [value for value, field in zip(values, fields, strict=True) if equal(field, wanted, meter)]


def _where_not(meter: Meter, values: list[Json], key: str, unwanted: Json) -> list[Json]:
    fields = _fields(meter, values, key, "select")
    return [value for value, field in zip(values, fields, strict=True) if not equal(field, unwanted, meter)]


def _find_by(meter: Meter, values: list[Json], key: str, wanted: Json) -> Json:
    return next(iter(_where(meter, values, key, wanted)), None)


def _sort(meter: Meter, values: list[Json], by: str | None = None, order: str = "ascending") -> list[Json]:
    if order not in {"ascending", "descending"}:
        raise bad_value(f"Cannot sort in the order {order!r}.", "Write 'ascending' or 'descending'.")
    keys = values if by is None else _fields(meter, values, by, "sort")
    meter.walk(len(values) * PER_ELEMENT)
    present = [(key, value) for key, value in zip(keys, values, strict=True) if key is not None]
    kinds = {kind(key) for key, _ in present}
    if len(kinds) > 1 or not kinds <= {"number", "text", "boolean"}:
        raise bad_type(
            f"Cannot sort values of the kinds {', '.join(sorted(kinds))}.",
            "Sort numbers only, or texts only; give the field of objects: `sort('name')`.",
        )
    present.sort(key=_key, reverse=order == "descending")  # type: ignore[arg-type]
    return [value for _, value in present] + [value for key, value in zip(keys, values, strict=True) if key is None]


def _key(pair: tuple[Json, Json]) -> Json:
    return pair[0]


def _identity(meter: Meter, value: Json) -> object:
    """What makes two values the same: equal scalars, or containers that are written alike with sorted keys."""
    return value if type(value) not in CONTAINERS else ("json", to_json(value, meter, sort_keys=True))


def _unique(meter: Meter, values: list[Json], by: str | None = None) -> list[Json]:
    keys = values if by is None else _fields(meter, values, by, "tell apart")
    meter.walk(len(values) * PER_ELEMENT)
    found: dict[object, Json] = {}
    for key, value in zip(keys, values, strict=True):
        found.setdefault(_identity(meter, key), value)
    return list(found.values())


def _group_by(meter: Meter, values: list[Json], key: str) -> dict[str, Json]:
    groups: dict[str, list[Json]] = {}
    for field, value in zip(_fields(meter, values, key, "group"), values, strict=True):
        groups.setdefault(to_text(field, meter), []).append(value)
    return dict(groups)


def _index_by(meter: Meter, values: list[Json], key: str) -> dict[str, Json]:
    fields = _fields(meter, values, key, "index")
    return {to_text(field, meter): value for field, value in zip(fields, values, strict=True)}


def _count_by(meter: Meter, values: list[Json], key: str) -> dict[str, Json]:
    return {name: len(group) for name, group in _group_by(meter, values, key).items()}  # type: ignore[arg-type]


def _flatten(meter: Meter, values: list[Json], depth: int = 1) -> list[Json]:
    meter.deeper(depth)
    for _ in range(depth):
        if not any(type(value) is list for value in values):
            break
        meter.make(sum(len(value) if type(value) is list else 1 for value in values))
        flat: list[Json] = []
        for value in values:
            flat.extend(value if type(value) is list else (value,))
        values = flat
    return values


def _chunk(meter: Meter, values: list[Json], size: int) -> list[list[Json]]:
    if size < 1:
        raise bad_value(f"Cannot make parts of {size} elements.", "Give 1 or more.")
    meter.make(len(values) + LIST_COST * (len(values) // size))
    return [values[start : start + size] for start in range(0, len(values), size)]


def _zip(meter: Meter, values: list[Json], other: list[Json]) -> list[list[Json]]:
    meter.make(LIST_COST * min(len(values), len(other)))
    return [[one, two] for one, two in zip(values, other, strict=False)]


def _enumerate(meter: Meter, values: list[Json], start: int = 0) -> list[list[Json]]:
    meter.make(LIST_COST * len(values))
    return [list(pair) for pair in enumerate(values, start)]


def _first(values: list[Json], count: int | None = None) -> Json:
    if count is None:
        return values[0] if values else None
    return values[: _natural(count)]


def _last(values: list[Json], count: int | None = None) -> Json:
    if count is None:
        return values[-1] if values else None
    return values[len(values) - min(len(values), _natural(count)) :]


def _natural(count: int) -> int:
    if count < 0:
        raise bad_value(f"Cannot take {count} elements.", "Give 0 or more.")
    return count


def _count(meter: Meter, values: list[Json], wanted: Json) -> int:
    meter.walk(len(values) * PER_ELEMENT)
    return sum(equal(value, wanted, meter) for value in values)


def _kept(meter: Meter, values: list[Json], other: list[Json], keep: Callable[[bool], bool]) -> list[Json]:
    meter.walk((len(values) + len(other)) * PER_ELEMENT)
    known = {_identity(meter, value) for value in other}
    return [value for value in values if keep(_identity(meter, value) in known)]


def _truthy(values: Iterable[Json]) -> list[Json]:
    return [value for value in values if value is not None and value not in ("", [], {})]


# fmt: off
FUNCTIONS = (
    Function(
        "first", "list", "count?: integer", "The first element or null; with `count`, a list of that many.",
        example="[1, 2, 3].first()", result=1, run=_first,
    ),
    Function(
        "last", "list", "count?: integer", "The last element or null; with `count`, a list of that many.",
        example="[1, 2, 3].last(2)", result=[2, 3], run=_last,
    ),
    Function(
        "slice", "list", "start: integer, end?: integer", "The elements from `start` up to, not including, `end`.",
        example="[1, 2, 3].slice(1)", result=[2, 3], run=lambda values, start, end=None: values[start:end],
    ),
    Function(
        "contains", "list", "value: any", "Whether an element equals `value`.",
        example="[1, 2].contains(2)", result=True,
        run=lambda meter, values, value: index_of(values, value, meter) >= 0, aliases=("includes",), metered=True,
    ),
    Function(
        "index_of", "list", "value: any", "Where `value` first occurs, counted from 0; -1 if it does not.",
        example='["a", "b"].index_of("b")', result=1,
        run=lambda meter, values, value: index_of(values, value, meter), metered=True,
    ),
    Function(
        "count", "list", "value: any", "How many elements equal `value`.",
        example="[1, 2, 1].count(1)", result=2, run=_count, metered=True,
    ),
    Function(
        "sort", "list", "by?: text, order?: text",
        "Sorted, by a field if one is named; nulls come last. `order` is 'ascending' or 'descending'.",
        example='[{"n": 1}, {"n": 2}].sort("n", "descending")', result=[{"n": 2}, {"n": 1}], run=_sort,
        aliases=("sorted",), metered=True,
    ),
    Function(
        "reverse", "list", "", "The other way round.",
        example="[1, 2, 3].reverse()", result=[3, 2, 1], run=lambda values: values[::-1], aliases=("reversed",),
    ),
    Function(
        "unique", "list", "by?: text", "Without repetitions (of the field `by`); the first of each stays.",
        example="[1, 2, 1].unique()", result=[1, 2], run=_unique, metered=True,
    ),
    Function(
        "flatten", "list", "depth?: integer", "With the lists within it laid open, `depth` levels of them.",
        example="[1, [2, 3]].flatten()", result=[1, 2, 3], run=_flatten, metered=True,
    ),
    Function(
        "compact", "list", "", "Without nulls, empty texts, empty lists and empty objects.",
        example='[0, null, "", "a"].compact()', result=[0, "a"], run=_truthy,
    ),
    Function(
        "pluck", "list", "key: text", "Field `key` of every element, null where it is missing.",
        example='[{"n": 1}, {}].pluck("n")', result=[1, None], run=_pluck, aliases=("map",), metered=True,
    ),
    Function(
        "where", "list", "key: text, value: any", "The elements whose field `key` equals `value`.",
        example='[{"n": 1}, {"n": 2}].where("n", 2)', result=[{"n": 2}], run=_where, metered=True,
    ),
    Function(
        "where_not", "list", "key: text, value: any", "The elements whose field `key` does not equal `value`.",
        example='[{"n": 1}, {"n": 2}].where_not("n", 2)', result=[{"n": 1}], run=_where_not, metered=True,
    ),
    Function(
        "find_by", "list", "key: text, value: any", "The first element whose field `key` equals `value`, or null.",
        example='[{"n": 1}, {"n": 2}].find_by("n", 2)', result={"n": 2}, run=_find_by, metered=True,
    ),
    Function(
        "group_by", "list", "key: text", "An object of lists: the elements by the text of their field `key`.",
        example='[{"c": "x", "n": 1}, {"c": "y", "n": 2}].group_by("c")',
        result={"x": [{"c": "x", "n": 1}], "y": [{"c": "y", "n": 2}]}, run=_group_by, metered=True,
    ),
    Function(
        "index_by", "list", "key: text", "An object: the last element for each text of the field `key`.",
        example='[{"id": "a", "n": 1}].index_by("id")', result={"a": {"id": "a", "n": 1}}, run=_index_by,
        metered=True,
    ),
    Function(
        "count_by", "list", "key: text", "An object: how many elements there are for each text of the field `key`.",
        example='[{"c": "x"}, {"c": "x"}].count_by("c")', result={"x": 2}, run=_count_by, metered=True,
    ),
    Function(
        "chunk", "list", "size: integer", "Lists of `size` elements each; the last may be shorter.",
        example="[1, 2, 3].chunk(2)", result=[[1, 2], [3]], run=_chunk, metered=True,
    ),
    Function(
        "zip", "list", "other: list", "Pairs of elements at the same place, as long as both lists last.",
        example='[1, 2].zip(["a", "b"])', result=[[1, "a"], [2, "b"]], run=_zip, metered=True,
    ),
    Function(
        "enumerate", "list", "start?: integer", "Pairs of a number and the element.",
        example='["a", "b"].enumerate()', result=[[0, "a"], [1, "b"]],
        run=_enumerate, metered=True,
    ),
    Function(
        "intersect", "list", "other: list", "The elements that are also in `other`.",
        example="[1, 2, 3].intersect([2, 3, 4])", result=[2, 3],
        run=lambda meter, values, other: _kept(meter, values, other, lambda known: known), metered=True,
    ),
    Function(
        "difference", "list", "other: list", "The elements that are not in `other`.",
        example="[1, 2, 3].difference([2])", result=[1, 3],
        run=lambda meter, values, other: _kept(meter, values, other, lambda known: not known), metered=True,
    ),
    Function(
        "any", "list", "", "Whether at least one element is true (not empty, not 0, not null).",
        example="any([x > 2 for x in [1, 2, 3]])", result=True, run=any,
    ),
    Function(
        "all", "list", "", "Whether every element is true (not empty, not 0, not null).",
        example="all([x > 2 for x in [1, 2, 3]])", result=False, run=all,
    ),
)
# fmt: on
