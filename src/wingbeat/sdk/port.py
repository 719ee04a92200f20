"""The ways out of a node, and which of them there are: said as data, so that whoever draws a node knows them too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from wingbeat.core.outcome import OUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wingbeat.core.json_value import Json, JsonObject

LIST = "[]"


@dataclass(frozen=True, slots=True)
class Carries:
    """What comes out by a port, as far as it follows from the drawing: so its shape is known before anything has run.

    `of` is the node's `input`; all its `inputs`, joined `by_node`, as the `first` of them, as a `list` or by their
    `fields`; a `parameter` by its `name`, an `item` of one that is a list, or a `list` of such items; or a list of
    what the nodes in a loop's `body` give. `when` is a JSON Schema of the (raw) parameters with which it is so,
    defaults included.
    """

    of: Literal["input", "inputs", "parameter", "item", "list", "body"]
    name: str = ""
    joined: Literal["by_node", "first", "list", "fields"] | None = None
    when: Mapping[str, Any] | None = None

    def describe(self) -> JsonObject:
        """As data, without what is not said."""
        said: JsonObject = {"of": self.of}
        if self.name:
            said["name"] = self.name
        if self.joined is not None:
            said["joined"] = self.joined
        if self.when is not None:
            said["when"] = dict(self.when)
        return said


@dataclass(frozen=True, slots=True)
class Port:
    """A way out of a node. `schema` is the JSON Schema of what comes out, where it is known.

    `each` is the way to the parameters that name such ports, one each: `cases[].port`, `branches[]`; the name, as
    `<case>`, then only stands for theirs. `when` is a JSON Schema of the (raw) parameters with which the port is there,
    of the keywords in `RULES`. `carries` says what comes out where that follows from the drawing; the first counts that
    fits the parameters.

    Making one raises `TypeError` when `when` has other keywords.
    """

    name: str = OUT
    help: str = ""
    schema: Mapping[str, Any] | None = None
    each: str | None = None
    when: Mapping[str, Any] | None = None
    carries: tuple[Carries, ...] = ()

    def __post_init__(self) -> None:
        if self.when is not None:
            _check(self.when)

    @property
    def depends(self) -> bool:
        """Whether parameters decide."""
        return self.each is not None or self.when is not None

    def names(self, parameters: JsonObject) -> Iterator[str]:
        """Its own name, or those that the parameters give; nothing where it is not there."""
        if self.when is not None and not satisfies(parameters, self.when):
            return
        if self.each is None:
            yield self.name
            return
        for value in _values(parameters, self.each.split(".")):
            if isinstance(value, str):
                yield value


def _values(value: Json, path: Sequence[str]) -> Iterator[Json]:
    if not path:
        yield value
        return
    if not isinstance(value, dict):
        return
    name = path[0].removesuffix(LIST)
    if name == path[0]:
        yield from _values(value.get(name), path[1:])
    elif isinstance(found := value.get(name), list):
        for item in found:
            yield from _values(item, path[1:])


def satisfies(value: Json, schema: Mapping[str, Any]) -> bool:
    """Whether a value keeps a schema of the keywords in `RULES`."""
    return all(RULES[keyword](value, rule) for keyword, rule in schema.items())


def _is(value: Json, constant: Json) -> bool:
    # In JSON, true is not 1.
    return type(value) is type(constant) and value == constant


KINDS: Mapping[str, type] = {"array": list, "object": dict, "string": str, "boolean": bool}
RULES: Mapping[str, Callable[[Json, Any], bool]] = {
    "const": _is,
    "enum": lambda value, constants: any(_is(value, constant) for constant in constants),
    "type": lambda value, kind: isinstance(value, KINDS[kind]),
    "required": lambda value, names: not isinstance(value, dict) or all(name in value for name in names),
    "properties": lambda value, inner: (
        not isinstance(value, dict)
        or all(name not in value or satisfies(value[name], schema) for name, schema in inner.items())
    ),
    "not": lambda value, schema: not satisfies(value, schema),
    "anyOf": lambda value, schemas: any(satisfies(value, schema) for schema in schemas),
}


NESTING: Mapping[str, Callable[[Any], Iterable[Any]]] = {
    "properties": lambda inner: inner.values(),
    "not": lambda inner: (inner,),
    "anyOf": lambda inner: inner,
}


def _check(schema: Mapping[str, Any]) -> None:
    for keyword, rule in schema.items():
        if keyword not in RULES or (keyword == "type" and rule not in KINDS):
            raise TypeError(f"The condition of a port cannot say {keyword}: {rule!r}; it knows {', '.join(RULES)}.")
        for inner in NESTING[keyword](rule) if keyword in NESTING else ():
            _check(inner)
