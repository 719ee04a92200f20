"""Which node handles whose errors, as far as the drawing tells: an implicit connection from each to its handler.

An implicit connection is taken when the node fails and does nothing about it itself, and dead otherwise.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wingbeat.core.names import Suggestions
from wingbeat.core.node_kind import Role
from wingbeat.core.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wingbeat.core.places import Drawing, Place


def handlers_of(drawing: Drawing) -> list[Place]:
    """The error handlers, in the order of the file."""
    return [place for place in drawing.places.values() if place.role is Role.HANDLER]


def handlers_by_node(drawing: Drawing) -> dict[str, list[str]]:
    """The handlers of each node that has one, by the ids of both."""
    found: dict[str, list[str]] = {}
    for handler in handlers_of(drawing):
        for name in handler.handles:
            found.setdefault(name, []).append(handler.node.id)
    return found


def find_named(drawing: Drawing, handlers: list[Place]) -> None:
    """Connect each handler with the nodes that it names, except those that it cannot handle."""
    handled_by: dict[str, list[str]] = {}
    for handler in handlers:
        later = _after(drawing, handler, handled_by)
        handler.handles = [
            name
            for name in dict.fromkeys(handler.reading.handles or ())
            if name in drawing.places and name not in later
        ]
        for name in handler.handles:
            handled_by.setdefault(name, []).append(handler.node.id)


def keep_to_regions(drawing: Drawing, handlers: list[Place]) -> None:
    """Drop what is in another region than its handler, and give handlers that name nobody what is left for them."""
    for handler in handlers:
        handler.handles = [name for name in handler.handles if drawing.places[name].loop == handler.loop]
    handled_by = handlers_by_node(drawing)
    taken = {name for handler in handlers if not handler.node.disabled for name in handler.handles}
    for handler in handlers:
        if handler.reading.handles == ():
            handler.handles = _left_over(drawing, handler, taken | _after(drawing, handler, handled_by))
            for name in handler.handles:
                handled_by.setdefault(name, []).append(handler.node.id)


def _left_over(drawing: Drawing, handler: Place, taken: set[str]) -> list[str]:
    return [
        place.node.id
        for place in drawing.places.values()
        if place.loop == handler.loop and place.role is not Role.TRIGGER and place.node.id not in taken
    ]


def _after(drawing: Drawing, place: Place, handled_by: Mapping[str, list[str]]) -> set[str]:
    """The node itself and all that comes after it."""
    found = {place.node.id}
    stack = [place.node.id]
    while stack:
        name = stack.pop()
        following = [connection.target for connection in drawing.places[name].outgoing]
        for target in (*following, *handled_by.get(name, ())):
            if target not in found:
                found.add(target)
                stack.append(target)
    return found


def check_handlers(drawing: Drawing, suggestions: Suggestions) -> Iterator[Problem]:
    """What is wrong with the nodes that handlers name."""
    handlers = handlers_of(drawing)
    for handler in handlers:
        yield from _check_names(drawing, handler, suggestions)
    enabled = [handler for handler in handlers if not handler.node.disabled]
    times = Counter(name for handler in enabled for name in handler.handles)
    for name in (name for name, count in times.items() if count > 1):
        both = [handler.node.id for handler in enabled if name in handler.handles]
        message = f"The errors of {name!r} are handled by both {both[0]!r} and {both[1]!r}."
        yield Problem("handled_twice", message, f"Leave it to one: name the nodes of {both[1]!r}.", both[1])


def _check_names(drawing: Drawing, handler: Place, suggestions: Suggestions) -> Iterator[Problem]:
    own = handler.node.id
    for name in dict.fromkeys(handler.reading.handles or ()):
        if name not in drawing.places:
            near = suggestions.closest(name, drawing.places)
            fix = f"Did you mean {near!r}?" if near else "Name the id of a node."
            yield _problem(
                "handled_unknown", f"{own!r} is to handle {name!r:.120}, and there is no such node.", fix, own
            )
        elif not drawing.cycle and name not in handler.handles:
            yield _not_handled(drawing, handler, name)
    if not handler.handles and not handler.reading.handles and not drawing.cycle:
        message = f"There is no node whose errors {own!r} could handle."
        fix = "Name nodes, and connect what is to happen after an error behind the handler. In the body of a loop, "
        yield _problem("handles_nothing", message, f"{fix}name the nodes.", own)


def _not_handled(drawing: Drawing, handler: Place, name: str) -> Problem:
    own, found = handler.node.id, drawing.places[name]
    if found.loop != handler.loop:
        where = f"in the loop {found.loop!r}" if found.loop else "outside of every loop"
        message = f"{own!r} is to handle {name!r}, which is {where} and so not in the same region."
        fix = f"Put a handler there, or handle the loop {found.loop!r}." if found.loop else "Put the handler there too."
        return _problem("handled_elsewhere", message, fix, own)
    message = f"{own!r} is to handle {name!r}, which comes after it."
    return _problem("handled_later", message, "A handler runs after what it handles: give that one of its own.", own)


def _problem(code: str, message: str, fix: str, node: str) -> Problem:
    return Problem(code, message, fix, node, parameter="nodes")
