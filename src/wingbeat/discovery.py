"""Finds the node types that there are: the built-in ones, and those of installed packages."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING

import wingbeat.nodes
from wingbeat.sdk import NodeType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ENTRY_POINT_GROUP = "wingbeat.nodes"


@dataclass(frozen=True, slots=True)
class Discovery:
    """The node types that there are, by their type name, and what is wrong with packages that should give more."""

    types: Mapping[str, NodeType]
    problems: tuple[str, ...] = ()


def discover_node_types() -> Discovery:
    """Find the built-in node types and those of installed packages.

    A package names a module, a package of modules, or a `NodeType` in the entry-point group `wingbeat.nodes`. One that
    cannot be loaded, or that gives a type which is there already, is reported and left out; the others work.
    """
    types = {found.type: found for found in _within(wingbeat.nodes)}
    problems: list[str] = []
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: (_package(entry), entry.name)):
        try:
            found_types = _given_by(entry)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's module may raise anything while it loads
            problems.append(
                f"The entry point '{entry.name}' of the package {_package(entry)} gives no node types: loading "
                f"'{entry.value}' failed with {type(error).__name__}: {error}. Update or remove the package."
            )
            continue
        for found in found_types:
            if found.type in types:
                problems.append(
                    f"The package {_package(entry)} gives the node type '{found.type}', which is there already; "
                    f"the first one stays. Remove one of the packages, or give the type another name."
                )
                continue
            types[found.type] = found
    return Discovery(MappingProxyType(types), tuple(problems))


def _package(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value


def _given_by(entry: EntryPoint) -> list[NodeType]:
    loaded: object = entry.load()
    if isinstance(loaded, NodeType):
        return [loaded]
    found = list(_within(loaded)) if isinstance(loaded, ModuleType) else []
    if not found:
        raise TypeError("it is neither a NodeType nor a module with a NODE")
    return found


def _within(module: ModuleType) -> Iterator[NodeType]:
    """The `NODE` of a module and of all modules below it."""
    node = getattr(module, "NODE", None)
    if isinstance(node, NodeType):
        yield node
    for info in pkgutil.iter_modules(getattr(module, "__path__", ()), f"{module.__name__}."):
        yield from _within(import_module(info.name))
