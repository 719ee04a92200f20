"""How the help of commands looks where it differs from typer's: a flag takes no value, so none is shown for it."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup, TyperOption


class Command(TyperCommand):
    """A command whose flags are plain."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - typer gives its own class no public name
        """The parameters, `--help` included."""
        return _with_plain_flags(super().get_params(ctx))


class Group(TyperGroup):
    """The program itself, likewise."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - as above
        """The options, `--help` included."""
        return _with_plain_flags(super().get_params(ctx))


def _with_plain_flags(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if isinstance(parameter, TyperOption) and parameter.is_flag:
            parameter.metavar = ""
    return parameters
