"""The functions of the expression language for node types: what they do there and in a node is one thing."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from wingbeat.core.errors import ExpressionError, StepError
from wingbeat.core.expression import compile_expression

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wingbeat.core.expression import Expression
    from wingbeat.core.json_value import Json


def call(function: str, *arguments: Json, code: str) -> Json:
    """What the function gives for these arguments, the first of which is the value that it is applied to.

    Raises:
        StepError: of that code, with what the function says against its arguments.
    """
    try:
        return _compiled(function, len(arguments)).evaluate(_Arguments(arguments))
    except ExpressionError as error:
        raise StepError(error.message, code=code, remedy=error.remedy) from error


@lru_cache(maxsize=100)
def _compiled(function: str, count: int) -> Expression:
    names = [f"argument_{place}" for place in range(count)]
    return compile_expression(f"{names[0]} | {function}({', '.join(names[1:])})")


class _Arguments:
    """The names under which the expression sees its arguments."""

    def __init__(self, arguments: tuple[Json, ...]) -> None:
        self._arguments = {f"argument_{place}": value for place, value in enumerate(arguments)}

    def name(self, name: str) -> Json:
        """One of the arguments."""
        return self._arguments[name]

    def node(self, node_id: str) -> Json:
        """There are no nodes here."""
        raise KeyError(node_id)

    def known(self) -> Iterable[str]:
        """Every argument's name."""
        return self._arguments
