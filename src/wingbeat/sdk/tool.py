"""What a node may use besides its input: each tool is one protocol of the sdk, carried out by the platform.

A node type names the tools that it `uses`, and its run asks for them: `context.use(MAIL)`. Nothing that a node holds
after that can reach further than the protocol says, and no secret comes through it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tool(Generic[T]):
    """A tool by its name. `example` makes a stand-in for the examples of node types, of what `Example.world` holds."""

    name: str
    example: Callable[[Json], T]
