"""Turns the parameters of a node into what gives its `Parameters` for each run: checked once, compiled once.

What a template or an expression means is in `wingbeat.core.expression`; this knows only which fields hold one.
"""

from __future__ import annotations

from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast, get_args

from pydantic import BaseModel, ValidationError

from wingbeat.core.errors import ExpressionError, LimitReached, StepError
from wingbeat.core.expression import compile_expression, compile_template
from wingbeat.core.expression.values import described
from wingbeat.core.names import Suggestions
from wingbeat.core.node_kind import ParameterProblem
from wingbeat.sdk.parameters import (
    UNKNOWN,
    Expression,
    LocalsMarker,
    NeverLiteral,
    TemplateMarker,
    is_expression,
    is_json_shaped,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from wingbeat.core.expression import Expression as CompiledExpression
    from wingbeat.core.expression import Names, Reference
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.node_kind import ReferencePlace

# One node may have any number of unknown parameters; the first few are worth a suggestion.
MOST_COMPARISONS = 1_000
# Of a list with a hundred thousand items, each of them at fault, nobody reads more.
MOST_PROBLEMS = 1_000
# Faults whose input is the object around the parameter, not its value.
WITHOUT_VALUE = frozenset({"missing", "extra_forbidden"})
HALF_CHARACTER = "A text holds half of a character (a lone surrogate)"
Resolver: TypeAlias = "Callable[[Names], Any]"


class FieldKind(Enum):
    """What is to be done with a field before the node runs."""

    LITERAL = auto()
    TEMPLATE = auto()
    EXPRESSION = auto()
    MODEL = auto()


class FieldShape(NamedTuple):
    """One field: `own` are the names that the node itself gives to an expression, `model` that of a nested field.

    `attribute` is its name in Python, where that is not its name in JSON. `never_literal` are the names inside of it
    that hold what is secret.
    """

    kind: FieldKind
    own: frozenset[str] = frozenset()
    model: type[BaseModel] | None = None
    attribute: str = ""
    never_literal: tuple[str, ...] = ()


@cache
def shape_of(model: type[BaseModel]) -> dict[str, FieldShape]:
    """The fields of a model by the names they have in JSON.

    Raises:
        TypeError: when a field is declared in a way that would not do what it says.
    """
    return {
        info.alias or name: _field_shape(f"{model.__name__}.{name}", info)._replace(attribute=name)
        for name, info in model.model_fields.items()
    }


def _field_shape(name: str, info: FieldInfo) -> FieldShape:
    annotation: Any = info.annotation
    if any(isinstance(marker, TemplateMarker) for marker in info.metadata):
        return _template_shape(name, info)
    if is_expression(annotation):
        own = [name for marker in info.metadata if isinstance(marker, LocalsMarker) for name in marker.names]
        return FieldShape(FieldKind.EXPRESSION, frozenset(own))
    if _mentions(annotation, lambda part: isinstance(part, TemplateMarker)):
        raise TypeError(f"{name}: write Template[...] outermost, as Template[str | None] or Template[dict[str, str]].")
    if _mentions(annotation, is_expression):
        raise TypeError(f"{name}: an Expression cannot be inside a list or an object; make it a field of a model.")
    models = {part for part in _parts(annotation) if isinstance(part, type) and issubclass(part, BaseModel)}
    if len(models) > 1:
        raise TypeError(f"{name}: a field can hold one model only; use one with a field that says which kind it is.")
    return FieldShape(FieldKind.MODEL, model=models.pop()) if models else FieldShape(FieldKind.LITERAL)


def _template_shape(name: str, info: FieldInfo) -> FieldShape:
    if not isinstance(info.metadata[-1], TemplateMarker):
        raise TypeError(f"{name}: put constraints inside: Template[Annotated[float, Field(gt=0)]].")
    if is_json_shaped(info.annotation) and len(info.metadata) > 1:
        raise TypeError(f"{name}: the contents of a JSON value are not checked here; check them in run().")
    hidden = [name for marker in info.metadata if isinstance(marker, NeverLiteral) for name in marker.names]
    return FieldShape(FieldKind.TEMPLATE, never_literal=tuple(hidden))


def _parts(annotation: object) -> list[object]:
    metadata = getattr(annotation, "__metadata__", ())
    return [annotation, *metadata, *(inner for part in get_args(annotation) for inner in _parts(part))]


def _mentions(annotation: object, wanted: Callable[[Any], bool]) -> bool:
    return any(wanted(part) for part in _parts(annotation))


class Prepared:
    """The compiled parameters of one node; `references` and `places` as in `wingbeat.core.node_kind.Reading`."""

    __slots__ = ("_constant", "_expressions", "_model", "_resolver", "places", "references")

    def __init__(
        self,
        model: type[BaseModel],
        resolver: Resolver,
        constant: BaseModel | None,
        compiled: _Compiler,
    ) -> None:
        self._model = model
        self._resolver = resolver
        self._constant = constant
        self.references: tuple[Reference, ...] = tuple(compiled.references)
        self.places: tuple[ReferencePlace, ...] = tuple(compiled.places)
        self._expressions: Mapping[tuple[str, ...], CompiledExpression] = compiled.expressions

    def resolve(self, names: Names) -> BaseModel:
        """The parameters of one run; raises `StepError` when what came out does not fit."""
        if self._constant is not None:
            return self._constant
        try:
            return self._model.model_validate(self._resolver(names))
        except ValidationError as error:
            raise _misfit(error) from error
        except UnicodeEncodeError as error:
            raise StepError(
                f"{HALF_CHARACTER}.",
                code="PARAMETER_INVALID",
                remedy="Look at what the template gives for this run.",
            ) from error

    def collector(self, parameter: str) -> Callable[[Json, Json, int], Json] | None:
        """What an expression makes of the `result`, `item` and `index` of an iteration, and of nothing else."""
        compiled = self._expressions.get((parameter,))
        if compiled is None:
            return None
        expression: Expression[Json] = Expression(compiled, _NoNames(), (parameter,))
        return lambda result, item, index: expression.evaluate(result=result, item=item, index=index)

    def other_names(self, parameter: str) -> list[ParameterProblem]:
        """The faults of an expression for `collector`: names that are not there when an iteration has ended."""
        place = next((place for place, (path, _) in enumerate(self.places) if path == (parameter,)), None)
        if place is None:
            return []
        begin = self.places[place - 1][1] if place else 0
        return [
            ParameterProblem(
                parameter,
                "parameter_invalid",
                f"The parameter '{parameter}' reads {reference.name!r:.120}, which it cannot see.",
                "It sees `result`, `item` and `index` alone; let the last node of the body give what else you need.",
                reference.position,
            )
            for reference in self.references[begin : self.places[place][1]]
        ]


class _NoNames:
    """The names of the run, where there are none."""

    def name(self, name: str) -> Json:
        raise KeyError(name)

    def node(self, node_id: str) -> Json:
        raise KeyError(node_id)

    def known(self) -> tuple[str, ...]:
        return ()


def _misfit(error: ValidationError) -> StepError:
    first = error.errors(include_url=False, include_context=False)[0]
    path = _path(first["loc"])
    got = described(first["input"]) if first["type"] not in WITHOUT_VALUE else "a value"
    where = f"The parameter '{path}' got {got}, which does not fit" if path else "The parameters do not fit together"
    return StepError(
        f"{where}: {_reason(first)}.",
        code="PARAMETER_INVALID",
        remedy="Look at what the template gives for this run, and convert it or change where it comes from.",
        details={"parameter": path},
    )


class _Part(NamedTuple):
    """A compiled value: what the check sees, and what gives the real one; no resolver where both are the same.

    `fixed` names the fields with models that hold nothing to evaluate.
    """

    probe: Any
    resolver: Resolver | None = None
    fixed: tuple[str, ...] = ()


_NOT_COMPILED = _Part(UNKNOWN)


class _Compiler:
    """Walks the parameters along the model's fields, compiles what is to be evaluated, and gathers faults and names."""

    def __init__(self) -> None:
        self.problems: list[ParameterProblem] = []
        self.references: list[Reference] = []
        self.places: list[ReferencePlace] = []
        # The expressions by the way to their parameters.
        self.expressions: dict[tuple[str, ...], CompiledExpression] = {}

    def model(self, model: type[BaseModel], raw: Json, path: tuple[str, ...]) -> _Part:
        if not isinstance(raw, dict):
            return _Part(raw)
        shape = shape_of(model)
        probe: dict[str, Any] = {}
        resolvers: list[tuple[str, Resolver]] = []
        fixed: list[str] = []
        for key, value in raw.items():
            field = shape.get(key)
            if field is None or field.kind is FieldKind.LITERAL:
                probe[key] = value
                continue
            probe[key], resolver, _ = self._field(field, value, (*path, key))
            if resolver is not None:
                resolvers.append((key, resolver))
            elif field.model is not None:
                fixed.append(key)
        return _Part(probe, _all_fields(probe, tuple(resolvers), path), tuple(fixed)) if resolvers else _Part(probe)

    def _field(self, shape: FieldShape, value: Json, path: tuple[str, ...]) -> _Part:
        if shape.kind is FieldKind.TEMPLATE:
            return self._template(value, path)
        if shape.kind is FieldKind.EXPRESSION:
            return _Part(None) if value is None else self._expression(value, path, shape.own)
        inner = cast("type[BaseModel]", shape.model)
        if isinstance(value, list):
            return _all_of([self.model(inner, item, (*path, str(index))) for index, item in enumerate(value)])
        return self.model(inner, value, path)

    def _template(self, value: Json, path: tuple[str, ...]) -> _Part:
        faults: list[ExpressionError] = []
        try:
            template = compile_template(value, faults)
        except ExpressionError as error:
            self._report(error, path)
            return _NOT_COMPILED
        if template.constant:
            return _Part(value)
        before = len(self.references)
        self.references.extend(template.references)
        if template.places:
            self.places.extend([((*path, *inner), before + end) for inner, end in template.places])
        else:
            self.places.append((path, len(self.references)))
        if faults:
            for fault in faults:
                self._report(fault, path)
            return _NOT_COMPILED
        return _Part(UNKNOWN, template.evaluate)

    def _expression(self, value: Json, path: tuple[str, ...], own: frozenset[str]) -> _Part:
        try:
            compiled = compile_expression(_without_braces(value))
        except ExpressionError as error:
            self._report(error, path)
            return _NOT_COMPILED
        self.expressions[path] = compiled
        self.references.extend(found for found in compiled.references if found.name not in own)
        self.places.append((path, len(self.references)))
        return _Part(UNKNOWN, lambda names: Expression[Any](compiled, names, path))

    def _report(self, error: ExpressionError, path: tuple[str, ...]) -> None:
        self.problems.append(
            ParameterProblem(_place_of(error, path), "expression_invalid", error.message, error.remedy, error.position)
        )


def _place_of(error: ExpressionError | LimitReached, path: tuple[str, ...]) -> str:
    """The dotted path of the text at fault: that of the field, and what the error knows of the way inside."""
    inside = error.details.get("path")
    return ".".join((*path, inside) if isinstance(inside, str) else path)


def _without_braces(value: Json) -> str:
    if not isinstance(value, str):
        raise ExpressionError(
            "An expression is written as text.", remedy='Put it in quotes, for example "item.price > 10".'
        )
    if value.lstrip().startswith("{{"):
        raise ExpressionError("An expression stands alone, without {{ }}.", remedy="Take the braces away.")
    return value


def _all_fields(probe: dict[str, Any], resolvers: tuple[tuple[str, Resolver], ...], path: tuple[str, ...]) -> Resolver:
    def resolve(names: Names) -> dict[str, Any]:
        resolved = probe.copy()
        key = ""
        try:
            for key, resolver in resolvers:
                resolved[key] = resolver(names)
        except (ExpressionError, LimitReached) as error:
            # The innermost knows best.
            error.details.setdefault("parameter", _place_of(error, (*path, key)))
            raise
        return resolved

    return resolve


def _all_of(parts: list[_Part]) -> _Part:
    probe = [part.probe for part in parts]
    resolvers = tuple((place, part.resolver) for place, part in enumerate(parts) if part.resolver is not None)
    if not resolvers:
        return _Part(probe)

    def resolve(names: Names) -> list[Any]:
        resolved = probe.copy()
        for place, resolver in resolvers:
            resolved[place] = resolver(names)
        return resolved

    return _Part(probe, resolve)


def prepare(model: type[BaseModel], raw: JsonObject) -> tuple[Prepared, tuple[ParameterProblem, ...]]:
    """Check and compile `raw` against `model`; all faults come back, none is raised."""
    compiler = _Compiler()
    part = compiler.model(model, raw, ())
    problems = compiler.problems
    constant: BaseModel | None = None
    try:
        checked = model.model_validate(part.probe)
    except ValidationError as error:
        problems.extend(_problems_in(error, model))
    except UnicodeEncodeError:
        # Half of a character, which the checks of pydantic cannot take.
        problems.append(ParameterProblem("", "parameter_invalid", f"{HALF_CHARACTER}.", "Write whole characters."))
    else:
        constant = None if part.resolver else checked
        for key in part.fixed:
            # A model that was checked here need not be made anew in each run.
            part.probe[key] = getattr(checked, shape_of(model)[key].attribute)
    resolver = part.resolver or (lambda _names: part.probe)
    return Prepared(model, resolver, constant, compiler), tuple(problems)


def _problems_in(error: ValidationError, model: type[BaseModel]) -> list[ParameterProblem]:
    found = []
    suggestions = Suggestions(MOST_COMPARISONS)
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    for fault in faults[:MOST_PROBLEMS]:
        path = _path(fault["loc"])
        code = {"missing": "parameter_missing", "extra_forbidden": "parameter_unknown"}.get(
            fault["type"], "parameter_invalid"
        )
        message = {
            "parameter_missing": f"The parameter '{path}' is missing.",
            "parameter_unknown": f"There is no parameter '{path}'.",
        }.get(code, f"The parameter '{path}' does not fit: {_reason(fault)}." if path else f"{_reason(fault)}.")
        fits = "Give it a value that fits." if path else "Change one of its parameters."
        fix = fits if code == "parameter_invalid" else _known_parameters(model, fault["loc"], code, suggestions)
        found.append(ParameterProblem(path, code, message, fix))
    return found


def _known_parameters(
    model: type[BaseModel], location: tuple[int | str, ...], code: str, suggestions: Suggestions
) -> str:
    """What could stand at a place where a parameter is missing or unknown, the closest first."""
    for part in location[:-1]:
        inner = shape_of(model).get(str(part))
        model = inner.model if inner is not None and inner.model is not None else model
    shape = shape_of(model)
    if not shape:
        return "It takes no parameters."
    required = {info.alias or name for name, info in model.model_fields.items() if info.is_required()}
    known = ", ".join(f"{name} (required)" if name in required else name for name in shape)
    near = suggestions.closest(str(location[-1]), shape) if code == "parameter_unknown" else None
    return f"Did you mean '{near}'? Known are: {known}." if near else f"Known are: {known}."


def _reason(fault: ErrorDetails) -> str:
    return fault["msg"].removeprefix("Value error, ").rstrip(".")


def _path(location: tuple[int | str, ...]) -> str:
    """Dotted; without the names that pydantic gives to its own wrappers."""
    return ".".join(str(part) for part in location if "[" not in str(part))
