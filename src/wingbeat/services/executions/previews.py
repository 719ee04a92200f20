"""What an expression would come to, while somebody writes it, and which names there are where it stands.

The values are those that a node found when it last ran, or would have; nothing is run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from wingbeat.core.access import Permission
from wingbeat.core.document import parse_workflow
from wingbeat.core.drawing import draw
from wingbeat.core.errors import ExpressionError, WingbeatError
from wingbeat.core.excerpt import Excerpt, excerpt
from wingbeat.core.expression import Budget, compile_expression, compile_template
from wingbeat.services.catalog import bring_up_to_date
from wingbeat.services.executions.hidden_addresses import hide_addresses
from wingbeat.services.executions.sights import no_such_node, require_of_workflow
from wingbeat.services.permissions import access
from wingbeat.storage import workflows as workflow_rows
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.expression import Expression, Names, Template
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.node_kind import Catalog
    from wingbeat.core.places import Drawing
    from wingbeat.sdk.node_type import NodeType
    from wingbeat.services.executions.sights import Sight, Sights
    from wingbeat.storage.pool import Database

# Somebody waits for each keystroke.
BUDGET = Budget(steps=20_000, output_size=1_000_000)
# Reading them takes time that no budget counts.
MOST_EXPRESSIONS = 500
# Of each name that is there to be chosen, so much is shown.
ROOM_OF_NAME = 8_000
ITEMS_OF_NAME = 20
NAMES_OF_LOOPS = ("item", "index", "loop")


@dataclass(frozen=True, slots=True)
class Where:
    """At which node an expression stands, and from which execution its data come; without one, the last that fits."""

    workflow_id: UUID | None = None
    node_id: str | None = None
    execution_id: UUID | None = None
    scope: str | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """An expression, or any JSON with templates in it, and where it stands; names of the `context` go before others."""

    expression: str | None = None
    template: Json = None
    where: Where = field(default_factory=Where)
    context: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Which execution the data come from; `ran` if the node itself was there."""

    execution_id: UUID
    scope: str
    ran: bool
    start_time: datetime


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no value; `position` is an offset in the text, which `path` leads to inside a template."""

    code: str
    message: str
    remedy: str
    position: int | None
    path: list[str]


@dataclass(frozen=True, slots=True)
class UsedName:
    """A name that an expression refers to, and where."""

    name: str
    node_id: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Preview:
    """A value or a fault. Without a `source`, there was no execution to take data from."""

    value: Excerpt | None
    error: Fault | None
    names: list[UsedName]
    source: Source | None


@dataclass(frozen=True, slots=True)
class PortKnown:
    """What is known beforehand of what leaves a port."""

    name: str
    schema: JsonObject


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name that can be written at a node: `path` as in an expression, with the value that it had, if it had one."""

    path: str
    kind: str
    node_id: str | None
    value: Excerpt | None
    ports: list[PortKnown]


@dataclass(frozen=True, slots=True)
class NodeContext:
    """All names that can be written at a node."""

    source: Source | None
    names: list[KnownName]


class _Given:
    """Names that somebody gave, before others."""

    def __init__(self, given: Mapping[str, Json], others: Names | None) -> None:
        self._given = given
        self._others = others

    def name(self, name: str) -> Json:
        """Raise `KeyError` when nothing of that name exists."""
        if name in self._given:
            return self._given[name]
        if self._others is None:
            raise KeyError(name)
        return self._others.name(name)

    def node(self, node_id: str) -> Json:
        """Raise `KeyError` when nothing is known of the node."""
        nodes = self._given.get("nodes")
        if isinstance(nodes, dict) and node_id in nodes:
            return nodes[node_id]
        if self._others is None:
            raise KeyError(node_id)
        return self._others.node(node_id)

    def known(self) -> Iterable[str]:
        """Every name that exists here."""
        nodes = self._given.get("nodes")
        yield from self._given
        yield from nodes if isinstance(nodes, dict) else ()
        yield from self._others.known() if self._others is not None else ()


class _Hiding:
    """The same names for somebody who may only look on: what is made of a value shows no more of it than it does."""

    def __init__(self, shown: Names) -> None:
        self._shown = shown

    def name(self, name: str) -> Json:
        """Raise `KeyError` when nothing of that name exists."""
        return hide_addresses(self._shown.name(name))

    def node(self, node_id: str) -> Json:
        """Raise `KeyError` when nothing is known of the node."""
        return hide_addresses(self._shown.node(node_id))

    def known(self) -> Iterable[str]:
        """Every name that exists here."""
        return self._shown.known()


@dataclass(frozen=True)
class Previews:
    """The use cases."""

    database: Database
    sights: Sights
    catalog: Catalog

    async def preview(self, principal: Principal, request: PreviewRequest) -> Preview:
        """What the expression comes to there, or why it does not.

        Raises:
            NotFound: the workflow, the execution or the node is not there, or not for the caller.
        """
        sight, hide = await self._sight(principal, request.where)
        source = None if sight is None else _source(sight)
        try:
            compiled = _compile(request)
        except ExpressionError as error:
            return Preview(None, _fault(error), [], source)
        used = [UsedName(one.name, one.node_id, one.position) for one in compiled.references]
        if sight is not None:
            await self.sights.fill(sight, {one.node_id for one in used if one.node_id is not None})
        found = None if sight is None else sight.names()
        names = _Given(request.context or {}, _Hiding(found) if found is not None and hide else found)
        try:
            value = compiled.evaluate(names, BUDGET)
        except WingbeatError as error:
            return Preview(None, _fault(error), used, source)
        return Preview(excerpt(value), None, used, source)

    async def context(self, principal: Principal, where: Where) -> NodeContext:
        """The names at a node: with the values of the last run, and with what is known of nodes that did not run."""
        sight, hide = await self._sight(principal, where)
        definition = await self._definition(principal, where)
        await bring_up_to_date(self.catalog)
        drawing = draw(parse_workflow(definition), self.catalog)
        if where.node_id not in drawing.places:
            raise no_such_node(where.node_id or "")
        names: list[KnownName] = []
        if sight is not None:
            await self.sights.fill(sight)
            names = [_known(path, kind, value, hide=hide) for path, kind, value in _names_of(sight)]
            if not sight.is_reached:
                names.insert(0, KnownName("input", "input", None, None, []))
        else:
            variables = {**drawing.workflow.global_variables}
            names = [KnownName("input", "input", None, None, []), KnownName("trigger", "fact", None, None, [])]
            names += [_known(name, "variable", value, hide=False) for name, value in variables.items()]
        outputs = {} if sight is None else sight.outputs()
        for node_id in _before(drawing, where.node_id):
            shown = _known("", "", outputs[node_id], hide=hide).value if node_id in outputs else None
            names.append(KnownName(_path_of(node_id), "node", node_id, shown, self._ports(drawing, node_id)))
        return NodeContext(None if sight is None else _source(sight), names)

    def _ports(self, drawing: Drawing, node_id: str) -> list[PortKnown]:
        kind = cast("NodeType | None", drawing.places[node_id].kind)
        if kind is None:
            return []
        return [PortKnown(port.name, dict(port.schema)) for port in kind.outputs if port.schema is not None]

    async def _definition(self, principal: Principal, where: Where) -> JsonObject:
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                return await _definition_of(connection, cast("UUID", where.workflow_id), where.revision)

    async def _sight(self, principal: Principal, where: Where) -> tuple[Sight | None, bool]:
        """The data, and whether the caller may see no more than them."""
        if where.workflow_id is None:
            return None, False
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                allowed = await access.require(connection, principal, where.workflow_id, Permission.VIEW)
                if where.execution_id is not None:
                    await require_of_workflow(connection, principal, where.execution_id, where.workflow_id)
                hide = Permission.EXECUTE not in allowed
                if where.node_id is None:
                    return None, hide
                definition = await _definition_of(connection, where.workflow_id, where.revision)
                sight = await self.sights.last(
                    connection, where.workflow_id, where.node_id, where.execution_id, where.scope, definition
                )
        return sight, hide


async def _definition_of(connection: asyncpg.Connection, workflow_id: UUID, revision: int | None) -> JsonObject:
    wanted = revision
    if wanted is None:
        stored = await workflow_rows.get(connection, workflow_id)
        wanted = stored.header.revision if stored is not None else 0
    definition = await workflow_rows.get_revision(connection, workflow_id, wanted)
    if definition is None:
        raise access.workflow_not_found(workflow_id)
    return definition


def _compile(request: PreviewRequest) -> Expression | Template:
    if request.expression is not None:
        return compile_expression(request.expression)
    if _count_expressions(request.template) > MOST_EXPRESSIONS:
        raise ExpressionError(
            f"There are more than {MOST_EXPRESSIONS} expressions in it, too many for a preview.",
            code="PREVIEW_TOO_LONG",
            remedy="Look at a part of it; a run evaluates all of them.",
        )
    return compile_template(request.template)


def _count_expressions(template: Json) -> int:
    if isinstance(template, str):
        return template.count("{{")
    if isinstance(template, list):
        return sum(map(_count_expressions, template))
    return sum(map(_count_expressions, template.values())) if isinstance(template, dict) else 0


def _fault(error: WingbeatError) -> Fault:
    path = error.details.get("path")
    return Fault(
        error.code,
        error.message,
        error.remedy,
        error.position if isinstance(error, ExpressionError) else None,
        [str(part) for part in path] if isinstance(path, list) else [],
    )


def _shown(value: Json, hide: bool) -> Json:  # noqa: FBT001 - said each time
    return hide_addresses(value) if hide else value


def _source(sight: Sight) -> Source:
    header = sight.execution.header
    return Source(header.execution_id, sight.place, sight.ran, header.start_time)


def _names_of(sight: Sight) -> list[tuple[str, str, Json]]:
    names = sight.names()
    found: list[tuple[str, str, Json]] = [("input", "input", sight.value())] if sight.is_reached else []
    if sight.scope.loop is not None or "loop" in sight.facts:
        found += [(name, "loop", names.name(name)) for name in NAMES_OF_LOOPS]
    found += [(name, "fact", sight.facts[name]) for name in ("trigger", "execution", "workflow")]
    found.append(("now", "fact", names.name("now")))
    return [*found, *((name, "variable", value) for name, value in sight.variables().items())]


def _known(path: str, kind: str, value: Json, *, hide: bool) -> KnownName:
    return KnownName(path, kind, None, excerpt(_shown(value, hide), room=ROOM_OF_NAME, items=ITEMS_OF_NAME), [])


def _path_of(node_id: str) -> str:
    return f"nodes.{node_id}" if node_id.isidentifier() else f"nodes['{node_id}']"


def _before(drawing: Drawing, node_id: str) -> list[str]:
    """The nodes that come before, in their order, with those before the loops that it is in."""
    found: set[str] = set()
    remaining = [node_id]
    while remaining:
        place = drawing.places[remaining.pop()]
        before = [one.source for one in place.incoming] + ([place.loop] if place.loop else [])
        remaining += [one for one in before if one not in found]
        found.update(before)
    around = set()
    loop = drawing.places[node_id].loop
    while loop:
        around.add(loop)
        loop = drawing.places[loop].loop
    order = {name: place for place, name in enumerate(drawing.order)}
    return sorted(found - around, key=lambda name: order.get(name, 0))
