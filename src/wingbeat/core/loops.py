"""How loops go round: which iterations begin, what they come to, how they end, and when a loop is through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.core.arrivals import Arrived
from wingbeat.core.collected import CHUNK
from wingbeat.core.commands import Ask, Fail, Load, Record, Spill
from wingbeat.core.errors import WingbeatError
from wingbeat.core.events import StepKey
from wingbeat.core.outcome import BODY, DONE, AfterBreak, OnItemError, Outcome
from wingbeat.core.refusals import loop_failed
from wingbeat.core.scope import input_of

if TYPE_CHECKING:
    from wingbeat.core.agenda import Agenda
    from wingbeat.core.commands import OpenCommand
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.limits import Limits
    from wingbeat.core.scope import LoopState, Scope
    from wingbeat.core.traversal import Traversal


class Loops:
    """Drives the loops of one execution. The nodes of an iteration are a matter of the traversal."""

    __slots__ = ("_agenda", "_limits", "_traversal", "_with_values")

    def __init__(self, agenda: Agenda, traversal: Traversal, limits: Limits, *, with_values: bool) -> None:
        """Without values, what an iteration comes to is not worked out."""
        self._agenda = agenda
        self._traversal = traversal
        self._limits = limits
        self._with_values = with_values

    def open(self, loop: LoopState, depth: int) -> None:
        """A loop begins, nested so deep."""
        agenda, limits = self._agenda, self._limits
        if depth > limits.loop_depth:
            agenda.limit("LOOP_DEPTH", f"loops are nested {depth} deep", limits.loop_depth, loop.node.id)
        elif loop.count is not None and loop.count > limits.loop_iterations:
            self._too_many_iterations(loop, f"would go round {loop.count} times")
        if agenda.finished is not None:
            return
        if loop.count is not None and loop.node.body is not None and not loop.node.body.nodes:
            agenda.issue(Record(loop.key, loop.node, loop.scope, loop.passed_through()))
        else:
            self.drive(loop)

    def decide_round(self, loop: LoopState, scope: Scope, *, again: bool) -> None:
        """A loop without a list was asked whether to go round in this scope."""
        if again:
            self._begin(loop, scope)
            return
        loop.ended = True
        loop.next = scope.index
        del loop.active[scope.index]
        self.drive(loop)

    def drive(self, loop: LoopState) -> None:
        """Begin iterations while the loop may, and close it when it is through."""
        agenda = self._agenda
        while loop.may_begin():
            if loop.count is None and loop.next >= self._limits.loop_iterations:
                self._too_many_iterations(loop, "wants to go round once more")
                if agenda.finished is not None:
                    return
            scope = loop.begin()
            if loop.count is None and (scope.index or loop.opening.ask_first):
                key = StepKey(loop.node.id, scope.path, 1)
                agenda.ready[key] = Ask(key, loop.node, scope, loop.arrivals)
            else:
                self._begin(loop, scope)
        through = loop.through()
        if loop.results.spill:
            self._spill(loop, through=through)
        if through and not loop.spilling:
            self._give_up_loading(loop)
            outcome = Outcome(loop.results.output(loop.next), (DONE,))
            agenda.issue(Record(loop.key, loop.node, loop.scope, outcome, loop.results.spill))
        elif loop.items is not None and loop.items.stream is not None:
            self._load(loop, loop.items.stream)

    def _begin(self, loop: LoopState, scope: Scope) -> None:
        body = scope.region
        if not body.nodes:
            self._agenda.done.append(scope)
            return
        value = input_of(loop.arrivals) if loop.count is None else scope.item
        for target, order in body.entries:
            self._traversal.arrive(scope, target, Arrived(order, loop.node.id, BODY, value, 0))

    # Results that go to the store, and items that come from it.

    def _spill(self, loop: LoopState, *, through: bool) -> None:
        for chunk in loop.results.complete(through=through):
            loop.spilling += 1
            key = StepKey(loop.node.id, f"{loop.prefix}{chunk.number * CHUNK}", 1)
            self._agenda.issue(Spill(key, loop.node, loop.scope, loop, chunk.number, chunk.values))

    def spilled(self, loop: LoopState) -> None:
        """A part of its results is stored."""
        loop.spilling -= 1
        self.drive(loop)

    def _load(self, loop: LoopState, stream: JsonObject) -> None:
        missing = loop.missing()
        if missing is not None:
            loop.loading = StepKey(loop.node.id, f"{loop.prefix}{loop.next}", 1)
            self._agenda.issue(Load(loop.loading, loop.node, loop.scope, loop, missing, stream))

    def loaded(self, loop: LoopState, values: list[Json]) -> None:
        """A part of the stream that it goes through has come."""
        loop.loading = None
        if loop.items is not None:
            loop.items.add(values)
        self.drive(loop)

    def _give_up_loading(self, loop: LoopState) -> None:
        """A loop that was broken needs no more items."""
        if loop.loading is not None:
            self._agenda.cancel([loop.loading])
            loop.loading = None

    # How iterations end.

    def end_iteration(self, loop: LoopState, scope: Scope) -> None:
        """Every node of the iteration is decided."""
        if (scope.results or not scope.broken) and not self._keep(loop, scope):
            return
        del loop.active[scope.index]
        loop.results.over(scope.index)
        self.drive(loop)

    def go_on(self, loop: LoopState, scope: Scope) -> None:
        """One iteration ends here and now, with what it has come to so far."""
        if not scope.results or self._keep(loop, scope):
            self._leave(loop, scope)
            self.drive(loop)

    def break_out(self, loop: LoopState, scope: Scope) -> None:
        """No further iteration begins, and the others that run end as the loop says."""
        scope.broken = True
        loop.ended = True
        others = [other for other in loop.active.values() if other is not scope]
        if others and loop.opening.after_break is AfterBreak.CANCEL:
            for other in others:
                other.cancelled = True
            loop.active = {scope.index: scope}
            self._agenda.drop(lambda where, _: not where.alive())

    def fail_iteration(self, loop: LoopState, scope: Scope, cause: JsonObject) -> None:
        """Nothing in the iteration handles an error: it ends alone, or the loop fails where it stands."""
        how = loop.opening.on_item_error
        if how is OnItemError.STOP:
            self.abandon(loop)
            self._agenda.issue(Fail(loop.key, loop.node, loop.scope, loop_failed(cause), cause))
            return
        self._leave(loop, scope)
        if how is OnItemError.KEEP:
            loop.results.keep(scope.index, {"error": cause})
        self.drive(loop)

    def abandon(self, loop: LoopState) -> None:
        """The loop is not gone on with: all its iterations end here and now."""
        for scope in loop.active.values():
            scope.cancelled = True
        loop.active.clear()
        loop.ended = True
        self._agenda.drop(lambda where, node: (where is loop.scope and node is loop.node) or not where.alive())

    def _keep(self, loop: LoopState, scope: Scope) -> bool:
        """Keep what an iteration came to; False when that cannot be told, so that the iteration has failed."""
        result = scope.result()
        collects = loop.node.reading.collects
        if collects is not None and self._with_values:
            try:
                result = collects(result, scope.item, scope.index)
            except WingbeatError as error:
                place: JsonObject = {"node": loop.node.id, "scope": scope.path, "attempt": 1}
                self.fail_iteration(loop, scope, {**error.to_json(), **place})
                return False
        loop.results.keep(scope.index, result)
        return True

    def _leave(self, loop: LoopState, scope: Scope) -> None:
        """One iteration ends here and now, whatever else runs in it."""
        del loop.active[scope.index]
        loop.results.over(scope.index)
        scope.cancelled = True
        # The step that it ends with is still counted: it has what it waited for.
        if scope.waiting.count(0) > 1:
            self._agenda.drop(lambda where, _: not where.alive())

    def _too_many_iterations(self, loop: LoopState, happened: str) -> None:
        limit = self._limits.loop_iterations
        self._agenda.limit("LOOP_ITERATIONS", f"the loop {loop.node.id!r} {happened}", limit, loop.node.id)


def asked(command: OpenCommand) -> LoopState | None:
    """The loop that cannot go on without an answer to the command, as when it is asked for another round."""
    if isinstance(command, Spill | Load):
        return command.loop
    loop = command.scope.loop
    return loop if loop is not None and loop.node is command.node else None
