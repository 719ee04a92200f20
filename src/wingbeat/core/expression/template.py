"""Expressions and templates as callers use them: compiled once, evaluated often, no error but the two promised."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from wingbeat.core.errors import ExpressionError, LimitReached, WingbeatError
from wingbeat.core.expression.budget import DEFAULT_BUDGET, Budget
from wingbeat.core.expression.compiler import LONGEST_KEPT, MOST_KEPT, Compiled, compile_source
from wingbeat.core.expression.lookups import Closure
from wingbeat.core.expression.names import Names, Reference, State, begin
from wingbeat.core.expression.scanner import invalid
from wingbeat.core.expression.values import CONTAINERS, JSON_TYPES, check_number, measure, not_json, to_text
from wingbeat.core.json_value import Json, JsonObject

OPEN = "{{"
MAX_NESTING = 128
SHOWN = 200

Piece: TypeAlias = str | Closure
Path: TypeAlias = tuple[str, ...]


class Expression:
    """A compiled expression. It keeps nothing between evaluations and may be shared by threads."""

    __slots__ = ("_makes", "_run", "_slots", "references", "source")

    def __init__(self, source: str, compiled: Compiled) -> None:
        self.source = source
        self.references: tuple[Reference, ...] = compiled.references
        self._run = compiled.run
        self._slots = compiled.slots
        self._makes = compiled.makes

    def evaluate(self, names: Names, budget: Budget = DEFAULT_BUDGET) -> Json:
        """The value, which may share parts with what `names` gave. Raises ExpressionError and LimitReached alone."""
        try:
            state = begin(names, budget, self._slots)
            return _sound(self._run(state), state, makes=self._makes)
        except Exception as error:  # noqa: BLE001 - nothing but the promised two may leave
            raise _explained(error, self.source, budget) from error.__cause__


class Template:
    """A JSON value with expressions in its texts: one whole `{{ }}` gives a value of any kind, all others give text.

    `places` says in which of the value's texts the references stand: the path of each, and how many there are up to its
    end. It is empty where the value is a text itself.
    """

    __slots__ = ("_makes", "_run", "_shown", "_slots", "_value", "places", "references")

    def __init__(
        self,
        value: Json,
        run: Closure | None,
        references: tuple[Reference, ...] = (),
        slots: int = 0,
        *,
        makes: bool = False,
    ) -> None:
        self._value = value
        self._run = run
        self._slots = slots
        # Whether the result is still to be measured; the parts of a larger template measure their own.
        self._makes = makes
        self._shown = value if type(value) is str else ""
        self.references = references
        self.places: tuple[tuple[Path, int], ...] = ()

    @property
    def constant(self) -> bool:
        """Whether there is nothing to evaluate."""
        return self._run is None

    def evaluate(self, names: Names, budget: Budget = DEFAULT_BUDGET) -> Json:
        """The value with every expression worked out, within one budget. Raises ExpressionError and LimitReached alone.

        What holds no expression is given back as it is, not copied.
        """
        if self._run is None:
            return self._value
        try:
            state = begin(names, budget, self._slots)
            return _sound(self._run(state), state, makes=self._makes)
        except Exception as error:  # noqa: BLE001 - nothing but the promised two may leave
            raise _explained(error, self._shown, budget) from error.__cause__


def compile_expression(source: str) -> Expression:
    """Read an expression, without `{{ }}`. Raises ExpressionError with the position of the first character at fault."""
    if type(source) is not str:
        raise invalid("An expression must be text.", 0)
    try:
        return Expression(source, compile_source(source))
    except ExpressionError as error:
        raise _described(error, source) from None


def compile_template(value: Json, faults: list[ExpressionError] | None = None) -> Template:
    """Read all texts within a value; keys of objects are no templates. Raises ExpressionError.

    Its position is an offset in the text at fault, and `details.path` says where in the value that text stands. With
    `faults`, those of texts inside the value are added to that list instead, and the template is good for its
    references alone.
    """
    if not has_template(value):
        return Template(value, None)
    if type(value) is str:
        return _compile_kept(value) if len(value) <= LONGEST_KEPT else _compile_text(value)
    return _compile_parts(value, faults)


# As with expressions: a template never changes, so one text is compiled once for all the nodes that have it.
@lru_cache(maxsize=MOST_KEPT)
def _compile_kept(text: str) -> Template:
    return _compile_text(text)


def _compile_text(text: str) -> Template:
    if text.rfind(OPEN) == 0:
        compiled = _whole(text)
        if compiled is not None:
            return Template(text, compiled.run, compiled.references, compiled.slots, makes=compiled.makes)
    return _compile_parts(text, None)


def _compile_parts(value: Json, faults: list[ExpressionError] | None) -> Template:
    builder = _Builder(faults)
    run = builder.value(value, ())
    template = Template(value, run, tuple(builder.references), builder.slots)
    template.places = tuple(builder.places)
    return template


def _whole(text: str) -> Compiled | None:
    """The expression that is all of a text; None when more follows."""
    try:
        compiled = compile_source(text, len(OPEN), in_template=True)
    except ExpressionError as error:
        raise _described(error, text) from None
    return compiled if compiled.end + len(OPEN) == len(text) else None


def has_template(value: Json) -> bool:
    """Whether a text anywhere within the value holds `{{`."""
    if type(value) is str:
        return OPEN in value
    waiting: list[Json] = [value]
    while waiting:
        part = waiting.pop()
        if type(part) is str:
            if OPEN in part:
                return True
        elif type(part) is list:
            waiting += part
        elif type(part) is dict:
            waiting += part.values()
    return False


class _Builder:
    """Compiles one template: its parts share a budget, while each has its own slots."""

    def __init__(self, faults: list[ExpressionError] | None) -> None:
        self.references: list[Reference] = []
        self.places: list[tuple[Path, int]] = []
        self.slots = 0
        self._faults = faults

    def value(self, value: Json, path: Path) -> Closure:
        """The closure of any part of the template."""
        if len(path) > MAX_NESTING:
            raise ExpressionError(
                f"The template nests more than {MAX_NESTING} deep.",
                code="EXPRESSION_TOO_DEEP",
                remedy="Make it flatter.",
                position=0,
            )
        if type(value) is str and OPEN in value:
            return self.text(value, path)
        if type(value) is list:
            return self.elements(value, path)
        if type(value) is dict:
            return self.fields(value, path)
        return lambda _: value

    def elements(self, values: list[Json], path: Path) -> Closure:
        parts = [self.value(value, (*path, str(place))) for place, value in enumerate(values)]
        return lambda state: [part(state) for part in parts]

    def fields(self, values: JsonObject, path: Path) -> Closure:
        parts = [(key, self.value(value, (*path, key))) for key, value in values.items()]
        return lambda state: {key: part(state) for key, part in parts}

    def text(self, text: str, path: Path) -> Closure:
        try:
            pieces = self.pieces(text, path)
        except ExpressionError as error:
            fault = _described(error, text, path)
            if self._faults is None or not path:
                raise fault from None
            self._faults.append(fault)
            pieces = []
        if path:
            self.places.append((path, len(self.references)))
        if len(pieces) == 1:
            (piece,) = pieces
            if not isinstance(piece, str):
                return piece
        return _joined(pieces, text, path)

    def pieces(self, text: str, path: Path) -> list[Piece]:
        pieces: list[Piece] = []
        end = 0
        while (start := text.find(OPEN, end)) >= 0:
            if start > end:
                pieces.append(text[end:start])
            compiled = compile_source(text, start + 2, in_template=True)
            self.references += compiled.references
            self.slots = max(self.slots, compiled.slots)
            pieces.append(_checked(compiled, text, path))
            end = compiled.end + 2
        if end < len(text):
            pieces.append(text[end:])
        return pieces


def _checked(compiled: Compiled, text: str, path: Path) -> Closure:
    run, makes = compiled.run, compiled.makes

    def evaluate(state: State) -> Json:
        try:
            return _sound(run(state), state, makes=makes)
        except ExpressionError as error:
            raise _described(error, text, path) from error.__cause__

    return evaluate


def _joined(pieces: list[Piece], text: str, path: Path) -> Closure:
    def evaluate(state: State) -> Json:
        made: list[str] = []
        try:
            for piece in pieces:
                made.append(piece if isinstance(piece, str) else to_text(piece(state), state))
                state.make(len(made[-1]))
        except ExpressionError as error:
            raise _described(error, text, path) from error.__cause__
        return "".join(made)

    return evaluate


def _sound(value: Json, state: State, *, makes: bool) -> Json:
    """The value, when it is one that JSON can hold; what the expression put together itself is measured as well."""
    value_type = type(value)
    if value_type in CONTAINERS:
        if makes:
            measure(value, state)
    elif value_type is float:
        check_number(value, state)  # type: ignore[arg-type]
    elif value_type not in JSON_TYPES:
        raise not_json(value)
    return value


def _described(error: ExpressionError, source: str, path: Path = ()) -> ExpressionError:
    """The error with the source and the position among its details, as they are stored and shown."""
    if "expression" not in error.details:
        details: JsonObject = {**error.details, "expression": source[:SHOWN]}
        if error.position is not None:
            details["position"] = error.position
        if path:
            details["path"] = ".".join(path)
        error.details = details
    return error


def _explained(error: Exception, source: str, budget: Budget) -> WingbeatError:
    """What leaves an evaluation: errors made on purpose as they are, those of the host as one of the promised two."""
    if isinstance(error, ExpressionError):
        return _described(error, source)
    if isinstance(error, WingbeatError):
        return error
    if isinstance(error, RecursionError):
        return LimitReached(
            "The expression goes through values that nest too deep.",
            code="EXPRESSION_BUDGET_DEPTH", remedy="Make a flatter value.",
            details={"limit": budget.depth},
        )  # fmt: skip
    if isinstance(error, MemoryError):
        return LimitReached(
            "The expression needs more memory than there is.",
            code="EXPRESSION_BUDGET_SIZE", remedy="Make smaller values.",
            details={"limit": budget.output_size},
        )  # fmt: skip
    failure = ExpressionError(
        f"The expression cannot be worked out: {type(error).__name__}: {str(error)[:SHOWN]}.",
        code="EXPRESSION_FAILED",
        remedy="See what it is given, or write it in another way.",
    )
    failure.__cause__ = error
    return _described(failure, source)
