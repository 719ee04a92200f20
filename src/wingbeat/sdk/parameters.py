"""How a node type declares its parameters: literals, templates and expressions, told apart by type.

A `Template[T]` may be written as a value of type T or as text with `{{ }}`, which is evaluated before the node runs. An
`Expression[T]` is one expression without braces; the node receives it ready to evaluate, as often as it likes, with
names of its own. Anything else is a literal, never evaluated. How they are compiled is in `wingbeat.sdk.prepare`.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Literal,
    TypeAlias,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
)

from pydantic import BaseModel, ConfigDict
from pydantic_core import core_schema

from wingbeat.core.errors import ExpressionError, LimitReached, StepError
from wingbeat.core.expression import Expression as CompiledExpression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, JsonValue
    from pydantic.json_schema import JsonSchemaValue

    from wingbeat.core.expression import Names
    from wingbeat.core.json_value import Json, JsonObject

T = TypeVar("T")
TEMPLATE_TEXT: JsonSchemaValue = {"type": "string", "pattern": r"\{\{"}


class Parameters(BaseModel):
    """Base of every node type's parameters: unknown ones are refused, and numbers pass where text is asked for.

    What checks them is made at the first use, since most processes use few of the node types that there are.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, coerce_numbers_to_str=True, defer_build=True
    )


class _Unknown:
    """Stands for a value that is known only at run time, while the definition is being checked."""


UNKNOWN = _Unknown()


def is_any_json(annotation: object) -> bool:
    """Whether a type is `Json`, however far its recursive definition has been unrolled."""
    if get_origin(annotation) not in {Union, UnionType}:
        return False
    parts = get_args(annotation)
    return {NoneType, bool, int, float, str} <= {part for part in parts if isinstance(part, type)} and len(parts) > 5  # noqa: PLR2004 - the five scalars, and a list or an object


def is_json_shaped(annotation: object) -> bool:
    """Whether a type is `Json`, a list of it or an object of it: shapes whose contents need no check, item by item."""
    if is_any_json(annotation):
        return True
    parts = get_args(annotation)
    return get_origin(annotation) in {list, dict} and is_any_json(parts[-1])


class TemplateMarker:
    """Marks a field whose text may hold `{{ }}`. Goes outermost; constraints belong inside: `Template[Positive]`."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Let the stand-in for a value that is not known yet pass, and JSON values without a walk through them."""

        def skip_unknown(value: object, inner: Callable[[object], object]) -> object:
            return value if value is UNKNOWN else inner(value)

        return core_schema.no_info_wrap_validator_function(skip_unknown, self._inner(source, handler))

    @staticmethod
    def _inner(source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        if not is_json_shaped(source):
            return handler(source)
        if get_origin(source) is list:
            return core_schema.list_schema(core_schema.any_schema())
        if get_origin(source) is dict:
            return core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema())
        return core_schema.any_schema()

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Tell the form that draws the field what it is: the value itself, or text with braces."""
        inner = handler(schema)
        if not inner or inner.get("type") == "string":
            return {**inner, "x-wingbeat": "template"}
        return {"anyOf": [inner, TEMPLATE_TEXT], "x-wingbeat": "template"}


Template: TypeAlias = Annotated[T, TemplateMarker()]


class Expression(Generic[T]):
    """An expression together with the names of the run; `evaluate(item=...)` adds names of the node's own."""

    __slots__ = ("_compiled", "_names", "_path")

    def __init__(self, compiled: CompiledExpression, names: Names, path: tuple[str, ...] = ()) -> None:
        self._compiled = compiled
        self._names = names
        self._path = path

    @property
    def source(self) -> str:
        """The text as written."""
        return self._compiled.source

    def evaluate(self, **names: Json) -> T:
        """The value; raises `ExpressionError` or `LimitReached`."""
        seen = LocalNames(self._names, names) if names else self._names
        try:
            return cast("T", self._compiled.evaluate(seen))
        except (ExpressionError, LimitReached) as error:
            error.details = {**self._place(), **error.details}
            raise

    def freeze(self, *own: str) -> JsonObject:
        """The expression with the values that it sees now, to be evaluated elsewhere; `own` names come only there."""
        names: JsonObject = {}
        nodes: JsonObject = {}
        for reference in self._compiled.references:
            with suppress(KeyError):
                if reference.node_id is not None:
                    nodes[reference.node_id] = self._names.node(reference.node_id)
                elif reference.name not in own:
                    names[reference.name] = self._names.name(reference.name)
        return {"source": self.source, "names": names, "nodes": nodes}

    def _place(self) -> JsonObject:
        """For the details of an error: the parameter that holds the expression, and how it is written."""
        named: JsonObject = {"parameter": ".".join(self._path)} if self._path else {}
        return {**named, "expression": self.source}

    def holds(self, **names: Json) -> bool:
        """The answer of a condition.

        Raises:
            StepError: `CONDITION_NOT_BOOLEAN`, when the value is neither true nor false.
        """
        answer: object = self.evaluate(**names)
        if answer is True or answer is False:
            return answer
        raise StepError(
            f"The condition '{self.source}' gave {_kind(answer)} instead of true or false.",
            code="CONDITION_NOT_BOOLEAN",
            remedy="Compare the value with something, for example `count > 0`, `name != ''` or `found != None`.",
            details=self._place(),
        )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Accept a ready expression, or the stand-in while the definition is being checked."""
        del cls, source, handler
        return core_schema.is_instance_schema((Expression, _Unknown))

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Tell the form that draws the field what it is."""
        del cls, schema, handler
        return {"type": "string", "x-wingbeat": "expression"}


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"


class LocalNames:
    """Names of a node's own (`item`) before those of the run."""

    __slots__ = ("_inner", "_own")

    def __init__(self, inner: Names, own: Mapping[str, Json]) -> None:
        self._inner = inner
        self._own = own

    def name(self, name: str) -> Json:
        """Raise `KeyError` when nobody provides it."""
        own = self._own
        return own[name] if name in own else self._inner.name(name)

    def node(self, node_id: str) -> Json:
        """Raise `KeyError` when the node has no output."""
        return self._inner.node(node_id)

    def known(self) -> Iterable[str]:
        """Every name that exists."""
        return [*self._own, *self._inner.known()]


@dataclass(frozen=True, slots=True)
class NeverLiteral:
    """Marks fields of an object that hold what is secret, so that nobody writes it into a workflow.

    `Template[Annotated[dict[str, str], NeverLiteral("authorization")]]`: under these names, compared in lower case, a
    text without `{{ }}` is a fault.
    """

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", names)


@dataclass(frozen=True, slots=True)
class LocalsMarker:
    """Names that the node itself gives to an expression: `Annotated[Expression[bool], LocalsMarker(("item",))]`."""

    names: tuple[str, ...]

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Tell the form which names it can complete."""
        return {**handler(schema), "x-wingbeat-names": list(self.names)}


Editor: TypeAlias = Literal["long-text", "html", "sql", "python", "javascript", "workflow", "people", "time-zone"]


def drawn_as(editor: Editor) -> dict[str, JsonValue]:
    """Tells the form what a field of text holds: `Field(json_schema_extra=drawn_as("sql"))`.

    A form that does not know the mark draws a field of text.
    """
    return {"x-wingbeat-editor": editor}


def item_expression() -> LocalsMarker:
    """The usual names of an expression that is evaluated for each item of a list."""
    return LocalsMarker(("item", "index"))


def is_expression(annotation: Any) -> bool:  # noqa: ANN401 - any annotation at all
    """Whether a field's type is `Expression[T]`, or that or nothing."""
    candidates = get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)
    return any((get_origin(part) or part) is Expression for part in candidates)
