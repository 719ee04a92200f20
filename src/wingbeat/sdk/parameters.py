"""How a node type declares its parameters: literals, templates and expressions, told apart by type.

A `Template[T]` may be written as a value of type T or as text with `{{ }}`, which is evaluated before the node runs. An
`Expression[T]` is one expression without braces; the node receives it ready to evaluate, as often as it likes, with names
of its own. Anything else is a literal, never evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeAlias, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import core_schema

from wingbeat.core.errors import ExpressionError, StepError
from wingbeat.core.expression import Expression as CompiledExpression
from wingbeat.core.expression import compile_expression, compile_template
from wingbeat.core.node_kind import ParameterProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.fields import FieldInfo
    from pydantic.json_schema import JsonSchemaValue

    from wingbeat.core.expression import Names, Reference
    from wingbeat.core.json_value import Json, JsonObject

T = TypeVar("T")
MISSING_REMEDY = "See the node's help for the parameters that it takes."


class Parameters(BaseModel):
    """Base of every node type's parameters: unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True)


class _Dynamic:
    """Stands for a value that is known only at run time, while the definition is being checked."""


_DYNAMIC = _Dynamic()


class TemplateMarker:
    """Marks a field whose text may hold `{{ }}`."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Let the stand-in for a value that is not known yet pass."""

        def skip_dynamic(value: object, inner: Callable[[object], object]) -> object:
            return value if value is _DYNAMIC else inner(value)

        return core_schema.no_info_wrap_validator_function(skip_dynamic, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Tell the form that draws the field what it is."""
        return {**handler(schema), "x-wingbeat": "template"}


Template: TypeAlias = Annotated[T, TemplateMarker()]


class Expression(Generic[T]):
    """An expression together with the names of the run; `evaluate(item=...)` adds names of the node's own."""

    __slots__ = ("_compiled", "_names")

    def __init__(self, compiled: CompiledExpression, names: Names) -> None:
        self._compiled = compiled
        self._names = names

    @property
    def source(self) -> str:
        """The text as written."""
        return self._compiled.source

    def evaluate(self, **names: Json) -> T:
        """The value; raises `ExpressionError` or `LimitReached`."""
        seen = LocalNames(self._names, names) if names else self._names
        return cast("T", self._compiled.evaluate(seen))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Accept a ready expression, or the stand-in while the definition is being checked."""
        del source, handler
        return core_schema.is_instance_schema((Expression, _Dynamic))

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Tell the form that draws the field what it is."""
        del schema, handler
        return {"type": "string", "x-wingbeat": "expression"}


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
class LocalsMarker:
    """Names that the node itself provides to an expression, as `Annotated[Expression[bool], LocalsMarker(("item",))]`."""

    names: tuple[str, ...]


def item_expression() -> LocalsMarker:
    """The usual names of an expression that is evaluated for each item of a list."""
    return LocalsMarker(("item", "index"))


Resolver: TypeAlias = "Callable[[Names], Any]"


class Prepared:
    """The compiled parameters of one node."""

    __slots__ = ("_constant", "_model", "_resolver", "references")

    def __init__(
        self, model: type[BaseModel], resolver: Resolver, constant: BaseModel | None, references: tuple[Reference, ...]
    ) -> None:
        self._model = model
        self._resolver = resolver
        self._constant = constant
        self.references = references

    def resolve(self, names: Names) -> BaseModel:
        """The parameters of one run; raises `StepError` when what came out does not fit."""
        if self._constant is not None:
            return self._constant
        try:
            return self._model.model_validate(self._resolver(names))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            path = ".".join(str(part) for part in first["loc"])
            raise StepError(
                f"The parameter '{path}' got a value that does not fit: {first['msg']}.",
                code="PARAMETER_INVALID",
                remedy="Look at what the template gives for this run, and convert it or change where it comes from.",
                details={"parameter": path},
            ) from error


class _Compiler:
    """Walks the parameters along the model's fields and compiles what is to be evaluated."""

    def __init__(self) -> None:
        self.problems: list[ParameterProblem] = []
        self.references: list[Reference] = []
        self.dynamic = False

    def model(self, model: type[BaseModel], raw: Json, path: tuple[str, ...]) -> tuple[Resolver, Json]:
        """A resolver for `raw`, and `raw` with stand-ins where a value is known only at run time."""
        if not isinstance(raw, dict):
            return (lambda _names: raw), raw
        resolvers: dict[str, Resolver] = {}
        probe: dict[str, Any] = {}
        fields = {info.alias or name: info for name, info in model.model_fields.items()}
        for key, value in raw.items():
            info = fields.get(key)
            before = self.dynamic
            self.dynamic = False
            resolver, probe[key] = self._field(info, value, (*path, key)) if info else ((lambda _n, v=value: v), value)
            if self.dynamic:
                resolvers[key] = resolver
            self.dynamic = before or self.dynamic
        constants = {key: value for key, value in raw.items() if key not in resolvers}
        pairs = tuple(resolvers.items())

        def resolve(names: Names) -> dict[str, Any]:
            resolved: dict[str, Any] = dict(constants)
            for key, resolver in pairs:
                resolved[key] = resolver(names)
            return resolved

        return resolve, cast("Json", probe)

    def _field(self, info: FieldInfo, value: Json, path: tuple[str, ...]) -> tuple[Resolver, Any]:
        annotation: Any = info.annotation
        if any(isinstance(marker, TemplateMarker) for marker in info.metadata):
            return self._template(value, path)
        if _is_expression(annotation):
            if value is None:
                return (lambda _names: None), None
            own = [name for marker in info.metadata if isinstance(marker, LocalsMarker) for name in marker.names]
            return self._expression(value, path, frozenset(own))
        inner = _model_within(annotation)
        if inner is None:
            return (lambda _names: value), value
        if isinstance(value, list):
            parts = [self.model(inner, item, (*path, str(index))) for index, item in enumerate(value)]
            resolvers = tuple(part[0] for part in parts)
            return (lambda names: [resolve(names) for resolve in resolvers]), [part[1] for part in parts]
        return self.model(inner, value, path)

    def _template(self, value: Json, path: tuple[str, ...]) -> tuple[Resolver, Any]:
        try:
            template = compile_template(value)
        except ExpressionError as error:
            self._report(error, path)
            return (lambda _names: None), _DYNAMIC
        if template.constant:
            return (lambda _names: value), value
        self.dynamic = True
        self.references.extend(template.references)
        return template.evaluate, _DYNAMIC

    def _expression(self, value: Json, path: tuple[str, ...], own: frozenset[str]) -> tuple[Resolver, Any]:
        if not isinstance(value, str):
            self.problems.append(
                ParameterProblem(
                    ".".join(path), "parameter_invalid", "An expression is written as text.", "Put it in quotes."
                )
            )
            return (lambda _names: None), _DYNAMIC
        try:
            compiled = compile_expression(value)
        except ExpressionError as error:
            self._report(error, path)
            return (lambda _names: None), _DYNAMIC
        self.dynamic = True
        self.references.extend(found for found in compiled.references if found.name not in own)
        return (lambda names: Expression[Any](compiled, names)), _DYNAMIC

    def _report(self, error: ExpressionError, path: tuple[str, ...]) -> None:
        self.problems.append(
            ParameterProblem(".".join(path), "expression_invalid", error.message, error.remedy, error.position)
        )


def prepare(model: type[BaseModel], raw: JsonObject) -> tuple[Prepared, tuple[ParameterProblem, ...]]:
    """Check and compile `raw` against `model`; all faults come back, none is raised."""
    compiler = _Compiler()
    resolver, probe = compiler.model(model, raw, ())
    problems = compiler.problems
    constant: BaseModel | None = None
    try:
        checked = model.model_validate(probe)
    except ValidationError as error:
        problems.extend(_parameter_problems(error))
    else:
        constant = None if compiler.dynamic else checked
    return Prepared(model, resolver, constant, tuple(compiler.references)), tuple(problems)


def _parameter_problems(error: ValidationError) -> list[ParameterProblem]:
    found = []
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        path = ".".join(str(part) for part in fault["loc"])
        kind = fault["type"]
        code = {"missing": "parameter_missing", "extra_forbidden": "parameter_unknown"}.get(kind, "parameter_invalid")
        message = {
            "parameter_missing": f"The parameter '{path}' is missing.",
            "parameter_unknown": f"There is no parameter '{path}'.",
        }.get(code, f"The parameter '{path}' does not fit: {fault['msg']}.")
        found.append(ParameterProblem(path, code, message, MISSING_REMEDY))
    return found


def _is_expression(annotation: object) -> bool:
    candidates = get_args(annotation) or (annotation,)
    return any((get_origin(item) or item) is Expression for item in (annotation, *candidates))


def _model_within(annotation: object) -> type[BaseModel] | None:
    """The model behind `Model`, `Model | None`, `list[Model]` or `list[Model] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _model_within(part)
        if found is not None:
            return found
    return None
