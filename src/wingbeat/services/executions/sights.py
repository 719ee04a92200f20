"""What a step finds: its input, the outputs that it may refer to, variables, the item of its loop.

Nothing of that is kept for its own sake: it is the fold of the journal up to the step, by the same state machine.
"""

from __future__ import annotations

import asyncio
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from wingbeat.core.access import Permission
from wingbeat.core.arrivals import Arrived
from wingbeat.core.collected import Results
from wingbeat.core.commands import Ask, Retry, Run, Sleep
from wingbeat.core.document import parse_workflow
from wingbeat.core.errors import NotFound
from wingbeat.core.events import ExecutionStarted, LoopOpened
from wingbeat.core.execution import Execution
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.core.outcome import BODY
from wingbeat.core.part import Part, Seed, remembering
from wingbeat.core.scope import LoopState, Scope, StepNames, input_of
from wingbeat.services.executions.drafts import Found
from wingbeat.services.executions.executions import find
from wingbeat.services.executions.kept_sights import Kept
from wingbeat.services.permissions import access
from wingbeat.storage import forks, journal
from wingbeat.storage import workflows as workflow_rows
from wingbeat.storage.encoding import decode_json
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.commands import OpenCommand
    from wingbeat.core.events import Event
    from wingbeat.core.expression import Names
    from wingbeat.core.graph import Connection
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.plan import Plan
    from wingbeat.services.executions.drafts import DraftRequest
    from wingbeat.storage.executions import StoredExecution
    from wingbeat.storage.journal import RecordedRow
    from wingbeat.storage.pool import Database

# Among so many of the latest executions it is looked for one in which a node ran.
MOST_EXECUTIONS = 100
# Rows whose output says how the execution goes on.
_STEERING = frozenset({"opened", "waiting", "round", "loaded", "released"})
_SPLIT = "*"
# The row of a step that has none yet.
_NEVER = 2**31


class Big(NamedTuple):
    """Stands for an output that lies in a blob, until somebody wants it; `split` if each port has its own part."""

    path: str
    split: bool


class PlanSource(Protocol):
    """Where plans come from."""

    async def get(self, workflow_id: UUID, revision: int, part: Part | None = None) -> Plan:
        """The plan of a revision, or of a part of it."""
        ...

    async def fresh(self, workflow_id: UUID, revision: int, part: Part | None = None) -> Plan:
        """One of the caller's own."""
        ...


class KeepsBlobs(Protocol):
    """The store of big values."""

    async def get(self, path: str) -> bytes:
        """The bytes at a path."""
        ...


@dataclass(slots=True)
class Sight:
    """What a node finds in an execution, in the scope `place`; `ran` if it was there, or else what it would find."""

    execution: StoredExecution
    place: str
    scope: Scope
    arrivals: list[Arrived]
    facts: dict[str, Json]
    at: float
    ran: bool
    is_first: bool = False
    # Whether anything would come in: not where those before it went other ways.
    is_reached: bool = True

    def value(self) -> Json:
        """The input."""
        return self.execution.trigger_data if self.is_first and not self.arrivals else input_of(self.arrivals)

    def names(self) -> Names:
        """What expressions see."""
        found = StepNames(self.scope, self.value(), self.facts, self.at)
        return found if self.is_reached else _WithoutInput(found)

    def scopes(self) -> Iterator[Scope]:
        """The scope and those around it."""
        scope: Scope | None = self.scope
        while scope is not None:
            yield scope
            scope = scope.parent

    def variables(self) -> JsonObject:
        """All that are seen from here, the nearest of each name."""
        found: JsonObject = {}
        for scope in self.scopes():
            found = {**scope.variables, **found}
        return found

    def outputs(self) -> dict[str, Json]:
        """Of all nodes that can be seen from here."""
        found: dict[str, Json] = {}
        for scope in self.scopes():
            found = {**scope.outputs, **found}
        return found

    def holds(self) -> Iterator[Json]:
        """The values in it, and those of the execution that it goes along with."""
        kept = self.execution
        yield from (kept.variables, kept.node_states, kept.final_variables, kept.final_output, kept.execution_path)
        yield from (*self.facts.values(), *(one.value for one in self.arrivals))
        for scope in self.scopes():
            yield from (*scope.outputs.values(), *scope.variables.values(), scope.item)
            if scope.loop is not None:
                yield scope.loop.opening.items
                yield from (one.value for one in scope.loop.arrivals)

    def copied(self, execution: StoredExecution) -> Sight:
        """One of the caller's own: outputs that lie in blobs are filled into it, and into no other."""

        def own(scope: Scope) -> Scope:
            made = copy(scope)
            made.outputs = scope.outputs.copy()
            made.parent = None if scope.parent is None else own(scope.parent)
            return made

        return replace(self, execution=execution, scope=own(self.scope), arrivals=self.arrivals.copy())


class _WithoutInput:
    """The same names for a step that nothing came to: what would have come is not known."""

    def __init__(self, others: Names) -> None:
        self._others = others

    def name(self, name: str) -> Json:
        """Raise `KeyError` when nothing of that name exists."""
        if name == "input":
            raise KeyError(name)
        return self._others.name(name)

    def node(self, node_id: str) -> Json:
        """Raise `KeyError` when nothing is known of the node."""
        return self._others.node(node_id)

    def known(self) -> Iterable[str]:
        """Every name that exists here."""
        return (name for name in self._others.known() if name != "input")


class _Anchor(NamedTuple):
    """Where in a journal a fold is to stop: before a step's first row, or behind its last."""

    node_id: str
    scope: str
    sequence: int
    at: float
    behind: bool = False
    # Those that the step left by, as its journal names them; none where it left by no port yet.
    ports: str | None = None

    def took(self, port: str) -> bool:
        return self.ports is None or port in self.ports.lstrip(_SPLIT).split(",")


@dataclass(frozen=True)
class Sights:
    """Looks at executions as their steps do. Whether somebody may, the caller has made sure of."""

    database: Database
    plans: PlanSource
    blobs: KeepsBlobs
    events_of: Callable[[Iterable[RecordedRow]], Iterator[Event]]
    kept: Kept[Sight] = field(default_factory=Kept)

    async def look(
        self,
        connection: asyncpg.Connection,
        execution: StoredExecution,
        node_id: str,
        scope: str | None = None,
        definition: JsonObject | None = None,
    ) -> Sight | None:
        """What the node found, in that scope or when it last ran; None if it never came near to running.

        With a `definition` that is newer than the execution, a node that did not run finds what those before it gave.

        Raises:
            Conflict: `JOURNAL_EXPIRED`.
        """
        header = execution.header
        await self._refuse_expired(connection, execution)
        run = await _find_run(connection, header.execution_id, node_id, scope)
        if run is not None:
            return await self._fold(connection, execution, run)
        if definition is None:
            return await self._fold(connection, execution, _Anchor(node_id, scope or "", _NEVER, 0.0))
        return await self._look_behind(connection, execution, node_id, definition)

    async def fill(self, sight: Sight, nodes: Collection[str] | None = None) -> None:
        """Read the outputs that lie in blobs: of these nodes, or of all, and the input."""
        values: dict[str, Json] = {}

        async def read(big: Big) -> Json:
            if big.path not in values:
                values[big.path] = decode_json(await self.blobs.get(big.path))
            return values[big.path]

        for scope in sight.scopes():
            for name, value in scope.outputs.items():
                if (big := _as_big(value)) and (nodes is None or name in nodes):
                    scope.outputs[name] = await read(big)
        for place, one in enumerate(sight.arrivals):
            if big := _as_big(one.value):
                whole = await read(big)
                value = whole[one.port] if big.split and isinstance(whole, dict) else whole
                sight.arrivals[place] = one._replace(value=value)

    async def last_found(self, principal: Principal, request: DraftRequest, revision: int) -> Found:
        """What the node of the request's part found in the execution that is asked for, or else when it last ran."""
        node_id = request.part.only_node
        plan = await self.plans.get(request.workflow_id, revision, Part.read(request.part.to_json()))
        wanted = {
            reference.node_id
            for node in plan.nodes.values()
            for reference in node.reading.references
            if reference.node_id is not None and reference.node_id not in plan.nodes
        }
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                definition = await workflow_rows.get_revision(connection, request.workflow_id, revision)
                asked = (request.execution_id, request.scope)
                if asked[0] is not None:
                    await require_of_workflow(connection, principal, asked[0], request.workflow_id)
                sight = await self.last(connection, request.workflow_id, node_id, *asked, definition)
        if sight is None:
            return Found(variables={})
        await self.fill(sight, wanted)
        outputs = {name: value for name, value in sight.outputs().items() if name in wanted}
        return Found(
            Seed(tuple(sight.arrivals), outputs, {"trigger": sight.execution.trigger_data, **_of_loop(sight.scope)}),
            sight.value() if sight.is_first else sight.execution.trigger_data,
            sight.variables(),
        )

    async def last(  # noqa: PLR0913, PLR0917 - where to look, and for what
        self,
        connection: asyncpg.Connection,
        workflow_id: UUID,
        node_id: str,
        execution_id: UUID | None = None,
        scope: str | None = None,
        definition: JsonObject | None = None,
    ) -> Sight | None:
        """What a node found in an execution, or in the last one of its workflow in which it, or one before it, ran."""
        if execution_id is not None:
            return await self.look(connection, await find(connection, execution_id), node_id, scope, definition)
        sources = [one.source for one in _leading_to(definition, node_id)]
        for names, where in (([node_id], scope), (sources, None)):
            execution_id = await load("sights").find_last_execution(
                connection, workflow_id=workflow_id, node_ids=names, scope=where, most=MOST_EXECUTIONS
            )
            if execution_id is not None:
                return await self.look(connection, await find(connection, execution_id), node_id, scope, definition)
        return None

    # The fold.

    async def _refuse_expired(self, connection: asyncpg.Connection, execution: StoredExecution) -> None:
        if execution.header.end_time is not None and not await forks.has_journal(
            connection, execution.header.execution_id
        ):
            raise forks.expired()

    async def _begin(self, execution: StoredExecution) -> tuple[Execution, dict[str, Json]]:
        header = execution.header
        plan = remembering(await self.plans.fresh(header.workflow_id, header.revision, Part.read(header.draft)))
        seed = Seed.read(execution.seed)
        engine = Execution(plan, limits=DEFAULT_CAPS, with_values=False)
        engine.root.outputs.update(seed.outputs or {})
        engine.advance(
            ExecutionStarted(header.trigger_node_id, execution.trigger_data, execution.variables, seed.arrivals)
        )
        facts: dict[str, Json] = {
            "trigger": execution.trigger_data,
            "execution": {"id": str(header.execution_id), "start_time": header.start_time.isoformat()},
            "workflow": {"id": str(header.workflow_id), "name": plan.workflow.name, "revision": header.revision},
            **(seed.facts or {}),
        }
        return engine, facts

    async def _fold(self, connection: asyncpg.Connection, execution: StoredExecution, anchor: _Anchor) -> Sight | None:
        if anchor.sequence >= _NEVER:
            # How far a journal is that goes on, the anchor does not say.
            return await self._fold_anew(connection, execution, anchor)
        key = execution.header.execution_id, anchor
        found = await self.kept.get(
            key, lambda: self._fold_anew(connection, execution, anchor), lambda sight: sight.holds()
        )
        return None if found is None else found.copied(execution)

    async def _fold_anew(
        self, connection: asyncpg.Connection, execution: StoredExecution, anchor: _Anchor
    ) -> Sight | None:
        engine, facts = await self._begin(execution)
        command: OpenCommand | None = None
        opened: LoopOpened | None = None
        after = 0
        while engine.finished is None:
            rows = await journal.read_page(connection, execution.header.execution_id, after)
            before = [row for row in rows if row.sequence < anchor.sequence]
            engine.replay(await self._events(before), to_be_continued=True)
            if len(before) < len(rows):
                command = _of_step(engine, anchor)
                for event in await self._events([rows[len(before)]] if anchor.behind else []):
                    engine.replay([event], to_be_continued=True)
                    opened = event if isinstance(event, LoopOpened) else None
                break
            if len(rows) < journal.PAGE_ROWS:
                command = _of_step(engine, anchor)
                break
            after = rows[-1].sequence
            await asyncio.sleep(0)
        if not isinstance(command, Run | Ask | Retry | Sleep):
            return None
        scope, arrivals = command.scope, list(command.arrivals)
        if anchor.behind and opened is not None:
            state = LoopState(command.key, command.node, scope, arrivals, opened.opening)
            scope, arrivals = _first_iteration(state)
        at = anchor.at or execution.header.start_time.timestamp()
        first = command.node.incoming == 0 and not anchor.behind
        _forget_results(scope)
        return Sight(execution, scope.path, scope, arrivals, facts, at, ran=not anchor.behind, is_first=first)

    async def _events(self, rows: Iterable[RecordedRow]) -> list[Event]:
        made: list[RecordedRow] = []
        for row in rows:
            if row.output_blob is None:
                made.append(row)
            elif row.status in _STEERING:
                made.append(row._replace(output=decode_json(await self.blobs.get(row.output_blob))))
            else:
                big: object = Big(row.output_blob, (row.ports or "").startswith(_SPLIT))
                made.append(row._replace(output=cast("Json", big)))
        return list(self.events_of(made))

    async def _look_behind(
        self, connection: asyncpg.Connection, execution: StoredExecution, node_id: str, definition: JsonObject
    ) -> Sight | None:
        """What a node would find that did not run: what the nodes before it gave."""
        sources = _leading_to(definition, node_id)
        latest: tuple[Connection, _Anchor] | None = None
        taken: list[Connection] = []
        for one in sources:
            run = await _find_run(connection, execution.header.execution_id, one.source, None, last=True)
            if run is not None and run.took(one.source_port):
                taken.append(one)
            if run is not None and (latest is None or run.sequence > latest[1].sequence):
                latest = (one, run)
        if latest is None:
            return None
        through_body = latest[0].source_port == BODY
        anchor = latest[1]
        if through_body:
            opening = await _find_run(connection, execution.header.execution_id, anchor.node_id, anchor.scope)
            anchor = opening or anchor
        sight = await self._fold(connection, execution, anchor._replace(behind=True))
        if sight is None or through_body:
            return sight
        if sight.scope.loop is not None and sight.scope.loop.node.id == latest[0].source:
            sight.scope = cast("Scope", sight.scope.parent)
        outputs = sight.outputs()
        arrivals = [
            Arrived(order, one.source, one.source_port, _through(outputs[one.source], one.source_port), 0)
            for order, one in enumerate(taken)
            if one.source in outputs
        ]
        return replace(sight, arrivals=arrivals, place=sight.scope.path, is_reached=bool(taken))


def _as_big(value: object) -> Big | None:
    return value if isinstance(value, Big) else None


def _first_iteration(state: LoopState) -> tuple[Scope, list[Arrived]]:
    """The scope in which a loop would begin, and what comes into its body there."""
    unread = state.items is not None and state.items.missing() is not None
    if state.count == 0 or state.node.body is None or unread:
        return state.scope, state.arrivals
    scope = state.begin()
    value = input_of(state.arrivals) if state.count is None else scope.item
    return scope, [Arrived(0, state.node.id, BODY, value, 0)]


def _forget_results(scope: Scope | None) -> None:
    """Let go of what the loops around have collected so far: no step sees it."""
    while scope is not None:
        if scope.loop is not None:
            scope.loop.results = Results(scope.loop.opening)
            scope.loop.active.clear()
        scope = scope.parent


def _through(output: Json, port: str) -> Json:
    """What came through a port, of an output that may have one part for each."""
    return output[port] if isinstance(output, dict) and output.keys() == {port} else output


def _of_step(engine: Execution, anchor: _Anchor) -> OpenCommand | None:
    """What is open of a step, in whichever attempt."""
    found = [one for one in engine.under_way() if one.key.node_id == anchor.node_id]
    exact = [one for one in found if one.key.scope == anchor.scope]
    return next(iter(exact or ([] if anchor.scope else found)), None)


async def _find_run(
    connection: asyncpg.Connection, execution_id: UUID, node_id: str, scope: str | None, *, last: bool = False
) -> _Anchor | None:
    row = await load("sights").find_run(connection, execution_id=execution_id, node_id=node_id, scope=scope)
    if row is None:
        return None
    at = row["at"].timestamp()
    return _Anchor(node_id, row["scope"], row["last" if last else "first"], at, ports=row["ports"])


def _leading_to(definition: JsonObject | None, node_id: str) -> list[Connection]:
    if definition is None:
        return []
    return [one for one in parse_workflow(definition).connections if one.target == node_id]


def _of_loop(scope: Scope) -> dict[str, Json]:
    """The names of an iteration, if it is one."""
    if scope.loop is None:
        return {}
    names = StepNames(scope, None, {}, 0.0)
    return {name: names.name(name) for name in ("item", "index", "loop")}


async def require_of_workflow(
    connection: asyncpg.Connection, principal: Principal, execution_id: UUID, workflow_id: UUID
) -> None:
    """Make sure that the caller may see the execution, and that it is one of that workflow.

    Raises:
        NotFound: it is not, or it may not.
    """
    allowed = await access.require_execution(connection, principal, execution_id, Permission.VIEW)
    if allowed.workflow_id != workflow_id:
        raise access.missing(access.EXECUTION, execution_id)


def no_such_node(node_id: str) -> NotFound:
    """The refusal for a node that a workflow does not have."""
    return NotFound(f"The workflow has no node {node_id!r:.120}.", code="NODE_UNKNOWN", remedy="Name one of its nodes.")
