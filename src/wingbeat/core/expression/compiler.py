"""From scanned source to one closure, by way of the standard library's parser and an allow-list of its nodes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from wingbeat.core.errors import ExpressionError
from wingbeat.core.expression import calls, lookups, loops, operators
from wingbeat.core.expression.budget import DEFAULT_BUDGET
from wingbeat.core.expression.lookups import Closure
from wingbeat.core.expression.names import Reference
from wingbeat.core.expression.scanner import Scanned, invalid, scan, scan_plain
from wingbeat.core.expression.table import OVERLOADS
from wingbeat.core.expression.values import INFINITY, NUMBERS

MAX_TREE_DEPTH = 128
MOST_KEPT = 1024
LONGEST_KEPT = 500
JSON_WORDS = MappingProxyType({"true": True, "false": False, "null": None})
NODES = "nodes"

_SYMBOLS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.BitOr: "|",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
    ast.UAdd: "+", ast.USub: "-",
}  # fmt: skip

_REFUSED: dict[type[ast.AST], tuple[str, str]] = {
    ast.Lambda: ("Functions cannot be defined here", "Write a comprehension: `[x.name for x in items]`."),
    ast.Tuple: ("Tuples are not JSON", "Write a list: `[a, b]`."),
    ast.Set: ("Sets are not JSON", "Write a list: `[a, b]`, and `.unique()` if need be."),
    ast.SetComp: ("Sets are not JSON", "Write `[... for ...].unique()`."),
    ast.GeneratorExp: ("A comprehension needs brackets", "Write `[... for ...]`."),
    ast.Starred: ("Lists cannot be spread with `*`", "Put lists together with `+`."),
    ast.Await: ("`await` has no meaning here", "Remove it."),
    ast.Yield: ("`yield` has no meaning here", "Remove it."),
    ast.YieldFrom: ("`yield` has no meaning here", "Remove it."),
    ast.NamedExpr: ("Nothing can be assigned here", "Use a `data.variable` node."),
    ast.JoinedStr: ("f-strings are not possible", "Put texts together with `+`."),
}


class Compiled(NamedTuple):
    """The closure, what it refers to, the slots that its comprehensions need, and whether it may make new values.

    `end` is the offset after its last character.
    """

    run: Closure
    references: tuple[Reference, ...]
    slots: int
    makes: bool
    end: int


def compile_source(source: str, start: int = 0, *, in_template: bool = False) -> Compiled:
    """Compile what stands from `start` to the end, or to the `}}` of a template. Raises ExpressionError alone.

    Positions are offsets in the source.
    """
    if len(source) > LONGEST_KEPT:
        return _compile_source(source, start, in_template)
    return _compile_kept(source, start, in_template)


# What is compiled never changes and says nothing about where it stands, so the same text in many nodes, or in the
# next revision of a workflow, is compiled once. Texts that are refused are not kept. Some 3 MB when full.
@lru_cache(maxsize=MOST_KEPT)
def _compile_kept(source: str, start: int, in_template: bool) -> Compiled:  # noqa: FBT001 - faster by place
    return _compile_source(source, start, in_template)


def _compile_source(source: str, start: int, in_template: bool) -> Compiled:  # noqa: FBT001 - faster by place
    plain = scan_plain(source, start, in_template=in_template)
    if plain is not None:
        try:
            return _compile(plain)
        except (ExpressionError, SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
            pass  # What is refused is read again with care, to say why and where.
    scanned = scan(source, start, in_template=in_template)
    code = scanned.code[1:-1].rstrip()
    if not code:
        raise invalid("The expression is empty.", start, "Write a value, such as `input.name`.")
    try:
        return _compile(scanned)
    except SyntaxError as error:
        position = min(max((error.offset or 1) - 2, 0), max(len(code) - 1, 0)) + start
        raise invalid(
            f"The expression cannot be read here: {error.msg.partition('. ')[0]}.", position, _syntax_remedy(code)
        ) from None
    except (RecursionError, MemoryError):
        raise invalid(
            "The expression is too complicated.", start, "Split it over several nodes.", "EXPRESSION_TOO_DEEP"
        ) from None
    except (ValueError, OverflowError) as error:
        raise invalid(f"The expression cannot be read: {error}.", start) from None


def _compile(scanned: Scanned) -> Compiled:
    # What ast.parse does, without what it adds to each call.
    tree: ast.Expression = compile(scanned.code, "<expression>", "eval", ast.PyCF_ONLY_AST)  # type: ignore[assignment]
    compiler = _Compiler(scanned)
    run = compiler.compile(tree.body)
    return Compiled(run, tuple(compiler.references), compiler.slots, compiler.makes, scanned.end)


def _syntax_remedy(code: str) -> str:
    if " = " in code:
        return "Compare with `==`; nothing can be assigned here."
    return "Look for what is missing or too much just before this place."


class _Compiler:
    """One walk over one tree: `bound` maps names of comprehensions to slots, `guards` counts defaults around a node."""

    __slots__ = ("bound", "depth", "guards", "makes", "origin", "references", "scanned", "slots")

    def __init__(self, scanned: Scanned) -> None:
        self.scanned = scanned
        self.origin = scanned.origin
        self.references: list[Reference] = []
        self.bound: dict[str, int] = {}
        self.slots = 0
        self.makes = False
        self.guards = 0
        self.depth = 0

    def compile(self, node: ast.expr) -> Closure:
        """The closure of a node, or the refusal of it."""
        make = _MAKERS.get(type(node))
        if make is None:
            what, remedy = _REFUSED.get(type(node), ("This is not possible in an expression", ""))
            raise invalid(f"{what}.", self.position(node), remedy, "EXPRESSION_NOT_ALLOWED")
        self.depth += 1
        if self.depth > MAX_TREE_DEPTH:
            raise invalid(
                "The expression is too complicated.",
                self.position(node),
                "Split it over several nodes.",
                "EXPRESSION_TOO_DEEP",
            )
        closure = make(self, node)
        self.depth -= 1
        return closure

    def position(self, node: ast.expr | ast.keyword) -> int:
        """Where a node begins in the source."""
        return node.col_offset + self.origin

    def after(self, node: ast.expr, symbol: str) -> int:
        """Where an operator stands that follows a node: nothing but brackets and spaces lies between."""
        found = self.scanned.code.find(symbol.partition(" ")[0], node.end_col_offset or 0)
        return max(found, 0) + self.origin

    def spelled(self, name: str, position: int) -> str:
        """The real name at a position, which a stand-in may have replaced."""
        return self.scanned.names.get(position, name)

    def text(self, node: ast.Constant, value: str) -> str:
        """The text that a constant with this value, which may be a stand-in, stands for."""
        texts = self.scanned.texts
        return value if texts is None else texts[self.position(node)]

    def refer(self, reference_name: str, node_id: str | None, position: int) -> None:
        """Note that the expression needs something."""
        self.references.append(Reference(reference_name, node_id, position, optional=self.guards > 0))

    @property
    def guarded(self) -> bool:
        """Whether a default stands in for what is missing here."""
        return self.guards > 0

    def constant(self, node: ast.Constant) -> Closure:
        value = node.value
        position = self.position(node)
        if type(value) is str:
            return lookups.constant(self.text(node, value))
        if type(value) is int and value.bit_length() > DEFAULT_BUDGET.integer_bits:
            raise invalid("The number is too long.", position, "Use a shorter one.", "EXPRESSION_BUDGET_INTEGER")
        if type(value) is float and not -INFINITY < value < INFINITY:
            raise invalid("The number is too large.", position, "Use a smaller one.", "EXPRESSION_NUMBER_OUT_OF_RANGE")
        if value is None or type(value) in {bool, int, float}:
            return lookups.constant(value)  # type: ignore[arg-type]
        raise invalid("This kind of constant is not JSON.", position, "", "EXPRESSION_NOT_ALLOWED")

    def name(self, node: ast.Name) -> Closure:
        position = self.position(node)
        name = self.spelled(node.id, position)
        if name in self.bound:
            return lookups.slot(self.bound[name])
        if name in JSON_WORDS:
            return lookups.constant(JSON_WORDS[name])
        if name == NODES:
            raise invalid(
                "`nodes` must be followed by the id of one node.", position,
                "Write `nodes.fetch` or `nodes['fetch']`, with the id as it stands.", "EXPRESSION_NODES",
            )  # fmt: skip
        self.refer(name, None, position)
        return lookups.name(name, position, guarded=self.guarded)

    def is_nodes(self, node: ast.expr) -> bool:
        """Whether a node is the bare name `nodes`."""
        return type(node) is ast.Name and node.id == NODES and NODES not in self.bound

    def node_output(self, node: ast.expr, node_id: str) -> Closure:
        self.refer(NODES, node_id, self.position(node))
        return lookups.node(node_id, self.position(node), guarded=self.guarded)

    def attribute(self, node: ast.Attribute) -> Closure:
        position = (node.end_col_offset or 0) - len(node.attr) + self.origin
        key = self.spelled(node.attr, position)
        if self.is_nodes(node.value):
            return self.node_output(node, key)
        return self.field(node.value, key, position)

    def field(self, value: ast.expr, key: str, position: int) -> Closure:
        """`value.key` and `value["key"]`, in one step when the value is a plain name."""
        if type(value) is ast.Name:
            where = self.position(value)
            name = self.spelled(value.id, where)
            if name in self.bound:
                return lookups.field_of_slot(self.bound[name], key, position, guarded=self.guarded)
            if name not in JSON_WORDS and name != NODES:
                self.refer(name, None, where)
                return lookups.field_of_name(name, key, (where, position), guarded=self.guarded)
        return lookups.field(self.compile(value), key, position, guarded=self.guarded)

    def subscript(self, node: ast.Subscript) -> Closure:
        position = self.after(node.value, "[")
        if type(node.slice) is ast.Constant and type(node.slice.value) is str:
            key = self.text(node.slice, node.slice.value)
            return self.node_output(node, key) if self.is_nodes(node.value) else self.field(node.value, key, position)
        value = self.compile(node.value)
        if type(node.slice) is not ast.Slice:
            return lookups.subscript(value, self.compile(node.slice), position, guarded=self.guarded)
        self.makes = True
        lower, upper, step = (
            lookups.constant(None) if bound is None else self.compile(bound)
            for bound in (node.slice.lower, node.slice.upper, node.slice.step)
        )
        return lookups.piece(value, (lower, upper, step), position, guarded=self.guarded)

    def binary(self, node: ast.BinOp) -> Closure:
        symbol = _SYMBOLS.get(type(node.op))
        if symbol is None:
            raise invalid(
                "This operator is not possible in an expression.", self.position(node), "", "EXPRESSION_NOT_ALLOWED"
            )
        if symbol == "|":
            return self.pipe(node)
        self.makes = True
        position = self.after(node.left, symbol)
        left, right = self.compile(node.left), self.compile(node.right)
        if symbol == "**":
            return operators.power(left, right, position)
        if type(node.right) is ast.Constant and type(node.right.value) in NUMBERS:
            return operators.arithmetic_with(symbol, left, node.right.value, position)  # type: ignore[arg-type]
        return operators.arithmetic(symbol, left, right, position)

    def pipe(self, node: ast.BinOp) -> Closure:
        """`a | filter`, `a | filter(b)`, and `a ?? b`, which stands in the code as a pipe followed by a space."""
        position = self.after(node.left, "|")
        if position in self.scanned.defaults:
            return self.default(node.left, node.right)
        called = node.right
        arguments: list[ast.expr] = []
        keywords: list[ast.keyword] = []
        if type(called) is ast.Call:
            arguments, keywords, called = called.args, called.keywords, called.func
        if type(called) is not ast.Name:
            raise invalid(
                "After `|` comes the name of a filter.", position, "Write `value | upper`, or `or` between conditions."
            )
        if called.id == "default":
            if len(arguments) != 1 or keywords:
                raise invalid(
                    "`default` takes one value.",
                    self.position(called),
                    "Write `value | default(0)`.",
                    "EXPRESSION_ARGUMENTS",
                )
            return self.default(node.left, arguments[0])
        return self.call_function(called.id, called, node.left, arguments, keywords)

    def default(self, value: ast.expr, other: ast.expr) -> Closure:
        self.guards += 1
        guarded = self.compile(value)
        self.guards -= 1
        return lookups.default(guarded, self.compile(other))

    def call(self, node: ast.Call) -> Closure:
        if type(node.func) is ast.Attribute:
            return self.call_function(node.func.attr, node.func, node.func.value, node.args, node.keywords)
        if type(node.func) is not ast.Name:
            raise invalid(
                "Only functions can be called.",
                self.position(node),
                "Write `value.function()`.",
                "EXPRESSION_NOT_ALLOWED",
            )
        name = node.func.id
        if name == "default" and len(node.args) == len(("value", "default")) and not node.keywords:
            return self.default(node.args[0], node.args[1])
        if name not in OVERLOADS:
            raise calls.unknown(self.spelled(name, self.position(node)), self.position(node))
        if not node.args:
            raise invalid(
                f"`{name}` needs a value.", self.position(node), f"Write `{name}(value)`.", "EXPRESSION_ARGUMENTS"
            )
        return self.call_function(name, node, node.args[0], node.args[1:], node.keywords)

    def call_function(
        self, name: str, where: ast.expr, receiver: ast.expr, arguments: list[ast.expr], keywords: list[ast.keyword]
    ) -> Closure:
        position = self.position(where)
        if type(where) is ast.Attribute:
            position = (where.end_col_offset or 0) - len(where.attr) + self.origin
        if name not in OVERLOADS:
            raise calls.unknown(self.spelled(name, position), position)
        self.makes = True
        value = self.argument(receiver)
        given = tuple(self.argument(argument) for argument in arguments)
        named = {self.keyword(keyword): self.argument(keyword.value) for keyword in keywords}
        return calls.call(value, calls.Call(name, given, named, position, self.guarded))

    def argument(self, node: ast.expr) -> Closure:
        """An argument; a bare comprehension is read as a list, so that `sum(x for x in items)` works."""
        if type(node) is ast.GeneratorExp:
            self.makes = True
            return self.list_of(node)
        return self.compile(node)

    def keyword(self, keyword: ast.keyword) -> str:
        if keyword.arg is None:
            raise invalid(
                "Objects cannot be spread with `**`.",
                self.position(keyword),
                "Write each argument.",
                "EXPRESSION_NOT_ALLOWED",
            )
        return keyword.arg

    def compare(self, node: ast.Compare) -> Closure:
        symbols = []
        for operation, operand in zip(node.ops, (node.left, *node.comparators), strict=False):
            if type(operation) not in _SYMBOLS:
                raise invalid(
                    "`is` is not possible.", self.after(operand, "is"), "Write `==` or `!=`.", "EXPRESSION_NOT_ALLOWED"
                )
            symbols.append(_SYMBOLS[type(operation)])
        left, links = self.compile(node.left), []
        last = len(symbols) - 1
        for place, (symbol, comparator) in enumerate(zip(symbols, node.comparators, strict=True)):
            position = self.after((node.left, *node.comparators)[place], symbol)
            right = self.compile(comparator)
            if place < last:
                slot = self.new_slot()
                right = operators.remembered(right, slot)
                links.append(operators.compare(symbol, left, right, position))
                left = lookups.slot(slot)
            elif type(comparator) is ast.Constant and type(comparator.value) in NUMBERS and symbol in operators.ORDER:
                links.append(operators.order_with(symbol, left, comparator.value, position))  # type: ignore[arg-type]
            else:
                links.append(operators.compare(symbol, left, right, position))
        return links[0] if last == 0 else operators.chain(links)

    def unary(self, node: ast.UnaryOp) -> Closure:
        if type(node.op) is ast.Not:
            return operators.negation(self.compile(node.operand))
        if type(node.op) not in _SYMBOLS:
            raise invalid("`~` is not possible.", self.position(node), "Write `not`.", "EXPRESSION_NOT_ALLOWED")
        return operators.negative(_SYMBOLS[type(node.op)], self.compile(node.operand), self.position(node))

    def boolean(self, node: ast.BoolOp) -> Closure:
        values = [self.compile(value) for value in node.values]
        return operators.every(values) if type(node.op) is ast.And else operators.either(values)

    def choice(self, node: ast.IfExp) -> Closure:
        return operators.choice(self.compile(node.test), self.compile(node.body), self.compile(node.orelse))

    def make_list(self, node: ast.List) -> Closure:
        self.makes = True
        return loops.make_list([self.compile(element) for element in node.elts])

    def make_object(self, node: ast.Dict) -> Closure:
        self.makes = True
        pairs = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                raise invalid(
                    "Objects cannot be spread with `**`.",
                    self.position(value),
                    "Write `a.merge(b)`.",
                    "EXPRESSION_NOT_ALLOWED",
                )
            pairs.append((self.compile(key), self.compile(value)))
        return loops.make_object(pairs, self.position(node))

    def new_slot(self) -> int:
        self.slots += 1
        return self.slots - 1

    def loops(self, generators: list[ast.comprehension]) -> list[loops.Loop]:
        """Bind the names of a comprehension; the caller restores `bound`."""
        made = []
        for generator in generators:
            if generator.is_async:
                raise invalid(
                    "`async` has no meaning here.",
                    self.position(generator.target),
                    "Remove it.",
                    "EXPRESSION_NOT_ALLOWED",
                )
            values = self.compile(generator.iter)
            slots, unpack = self.targets(generator.target)
            conditions = tuple(self.compile(condition) for condition in generator.ifs)
            made.append(loops.Loop(values, slots, unpack, conditions, self.position(generator.iter)))
        return made

    def targets(self, target: ast.expr) -> tuple[tuple[int, ...], bool]:
        parts = target.elts if type(target) in {ast.Tuple, ast.List} else [target]  # type: ignore[attr-defined]
        slots = []
        for part in parts:
            name = self.spelled(part.id, self.position(part)) if type(part) is ast.Name else None
            if name is None or name in JSON_WORDS or name == NODES:
                raise invalid(
                    "A comprehension binds plain names.",
                    self.position(part),
                    "Write `for x in` or `for key, value in`.",
                )
            self.bound = {**self.bound, name: self.new_slot()}
            slots.append(self.bound[name])
        if not slots:
            raise invalid("A comprehension binds at least one name.", self.position(target), "Write `for x in`.")
        return tuple(slots), target not in parts

    def list_of(self, node: ast.ListComp | ast.GeneratorExp) -> Closure:
        self.makes = True
        outer = self.bound
        found = self.loops(node.generators)
        element = self.compile(node.elt)
        self.bound = outer
        return loops.list_of(element, found)

    def object_of(self, node: ast.DictComp) -> Closure:
        self.makes = True
        outer = self.bound
        found = self.loops(node.generators)
        key, value = self.compile(node.key), self.compile(node.value)
        self.bound = outer
        return loops.object_of(key, value, found, self.position(node))


# Everything that an expression may be made of; what is not here is refused.
_MAKERS: dict[type[ast.AST], Callable[..., Closure]] = {
    ast.Constant: _Compiler.constant,
    ast.Name: _Compiler.name,
    ast.Attribute: _Compiler.attribute,
    ast.Subscript: _Compiler.subscript,
    ast.BinOp: _Compiler.binary,
    ast.Compare: _Compiler.compare,
    ast.UnaryOp: _Compiler.unary,
    ast.BoolOp: _Compiler.boolean,
    ast.IfExp: _Compiler.choice,
    ast.List: _Compiler.make_list,
    ast.Dict: _Compiler.make_object,
    ast.ListComp: _Compiler.list_of,
    ast.DictComp: _Compiler.object_of,
    ast.Call: _Compiler.call,
}
