"""What the triggers of a workflow listen to: read out of its nodes when it is published, and put into rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from wingbeat.core.errors import ExpressionError, LimitReached
from wingbeat.core.expression import compile_expression
from wingbeat.nodes.trigger import command, event
from wingbeat.sdk.command_text import command_key
from wingbeat.sdk.event_names import lookup_key
from wingbeat.storage import subscriptions as rows
from wingbeat.storage.subscriptions import COMMAND, EVENT, Subscription

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    import asyncpg

    from wingbeat.core.expression import Expression
    from wingbeat.core.graph import Node, Workflow
    from wingbeat.core.json_value import JsonObject

# What a filter sees of the event itself, under each name that a trigger has for it.
GIVEN = frozenset({"event", "trigger", "input"})


async def bring_in_line(connection: asyncpg.Connection, workflow_id: UUID, workflow: Workflow | None) -> None:
    """Let the workflow listen to what its triggers name; to nothing without one."""
    await rows.replace(connection, workflow_id, [] if workflow is None else list(subscriptions_of(workflow)))


def subscriptions_of(workflow: Workflow) -> Iterator[Subscription]:
    """What the enabled triggers of a workflow listen to."""
    for node in workflow.nodes:
        if node.disabled:
            continue
        if node.type == event.NODE.type:
            yield from _of_event(node, workflow)
        elif node.type == command.NODE.type:
            yield from _of_command(node)


def _of_event(node: Node, workflow: Workflow) -> Iterator[Subscription]:
    pattern = node.parameters.get("name")
    if not isinstance(pattern, str) or not pattern:
        return
    source, names = _filter(node, workflow)
    yield Subscription(node.id, EVENT, lookup_key(pattern), pattern, (), source, names)


def _filter(node: Node, workflow: Workflow) -> tuple[str | None, JsonObject]:
    """The filter that can be judged before anything starts, with the values that it sees.

    One that mentions what only an execution has (its id, the time of its start) is left to the trigger's own step.
    """
    source = node.parameters.get("filter")
    compiled = _compiled(source) if isinstance(source, str) else None
    if compiled is None:
        return None, {}
    names: JsonObject = {}
    for reference in compiled.references:
        if reference.name in GIVEN:
            continue
        if reference.name not in workflow.global_variables:
            return None, {}
        names[reference.name] = workflow.global_variables[reference.name]
    return compiled.source, names


def _compiled(source: str) -> Expression | None:
    try:
        return compile_expression(source)
    except (ExpressionError, LimitReached):
        return None


def _of_command(node: Node) -> Iterator[Subscription]:
    wanted = node.parameters
    name, prefix = wanted.get("name"), wanted.get("prefix", command.Command.model_fields["prefix"].default)
    if not isinstance(name, str) or not isinstance(prefix, str):
        return
    platforms = tuple(cast("list[str]", wanted.get("platforms") or []))
    names = (name, *cast("list[str]", wanted.get("aliases") or []))
    for key in dict.fromkeys(command_key(one) for one in names):
        yield Subscription(node.id, COMMAND, key, prefix, platforms, None, {})
