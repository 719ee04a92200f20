"""What is still to be done in one execution: steps that were handed out, steps that are ready, and how it is to end.

It knows neither the graph nor loops, but what is in whose way: what is wanted no longer is cancelled here.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from itertools import chain
from typing import TYPE_CHECKING, Any

from wingbeat.core.commands import Ask, Cancel, Finish, Retry, Run
from wingbeat.core.refusals import limit_reached, mismatch
from wingbeat.core.status import ExecutionStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from wingbeat.core.arrivals import Arrived
    from wingbeat.core.commands import Command, OpenCommand
    from wingbeat.core.events import StepKey
    from wingbeat.core.json_value import JsonObject
    from wingbeat.core.plan import PlannedNode
    from wingbeat.core.scope import Scope


class Agenda:
    """What one execution has before it. Its collections are changed in place, so that others may hold on to them."""

    __slots__ = (
        "commands",
        "dead",
        "done",
        "exceeded",
        "finished",
        "in_flight",
        "open",
        "operations",
        "over",
        "passing",
        "ready",
        "replaying",
        "started",
        "unanswered",
        "watched",
    )

    def __init__(self) -> None:
        self.finished: Finish | None = None
        self.open: dict[StepKey, OpenCommand] = {}
        self.started: set[StepKey] = set()
        # What the next answer of the state machine consists of.
        self.commands: list[Command] = []
        # Steps that wait for room, in the order in which they became ready, and disabled nodes, which need none.
        self.ready: OrderedDict[StepKey, Run | Ask] = OrderedDict()
        self.passing: deque[tuple[Scope, PlannedNode, list[Arrived]]] = deque()
        # Nodes that are to be skipped, and scopes in which every node is decided.
        self.dead: list[tuple[Scope, PlannedNode]] = []
        self.done: list[Scope] = []
        self.operations = 0
        self.in_flight = 0
        self.replaying = False
        # The limit that the last event of a journal went beyond, by the settings of whoever replays it.
        self.exceeded: Finish | None = None
        # Steps with unknown outcomes that a replay cancelled: answers to several questions come together, and the first
        # may settle that another step is not wanted any more.
        self.unanswered: set[StepKey] = set()
        # Steps, by node and scope, of which somebody wants to hear when they are over in a replay, and those that are.
        self.watched: Collection[tuple[str, str]] = ()
        self.over: set[tuple[str, str]] = set()

    def issue(self, command: OpenCommand) -> None:
        """Hand out something that stays open until an event answers it."""
        self.open[command.key] = command
        self.commands.append(command)

    def find(self, key: StepKey, kinds: tuple[type, ...]) -> Any:  # noqa: ANN401 - one of `kinds`
        """What an event answers: something open or, in a replay, something ready that had been handed out.

        Raises:
            JournalMismatch: when it is neither.
        """
        command: OpenCommand | None = self.open.get(key) or self.ready.get(key)
        if type(command) not in kinds:
            raise mismatch(key)
        return command

    def close(self, key: StepKey, command: OpenCommand) -> None:
        """What was found is answered."""
        if self.open.pop(key, None) is None:
            del self.ready[key]
            self.operations += 1
        elif type(command) is Run or type(command) is Ask:
            self.in_flight -= 1
        elif type(command) is Retry:
            self.operations += 1
        if self.started:
            self.started.discard(key)

    def reopen(self, command: Run) -> None:
        """A step runs that had been handed out already."""
        self.open[command.key] = command
        self.in_flight += 1

    def hand_out(self, most: int) -> None:
        """Give the first of the steps that are ready its turn, unless so many had theirs."""
        if self.operations >= most:
            self.limit("TOTAL_OPERATIONS", f"it has run {most} steps and wants to run more", most)
            return
        _, command = self.ready.popitem(last=False)
        self.operations += 1
        self.in_flight += 1
        self.open[command.key] = command
        self.commands.append(command)

    def take(self) -> list[Command]:
        """What has gathered for the outside."""
        commands, self.commands = self.commands, []
        return commands

    def under_way(self) -> Iterator[OpenCommand]:
        """All that is open, and all that is ready and not handed out yet."""
        return chain(self.open.values(), self.ready.values())

    def outstanding(self) -> list[Command]:
        """All that is open; steps that had begun and may not be repeated are marked."""
        return [
            command._replace(unknown=True) if isinstance(command, Run) and key in self.started else command
            for key, command in self.open.items()
        ]

    def cancel(self, keys: list[StepKey]) -> None:
        """Stop what is open."""
        for key in keys:
            command = self.open.pop(key)
            if type(command) is Run or type(command) is Ask:
                self.in_flight -= 1
            if key in self.started:
                self.started.discard(key)
                if self.replaying:
                    self.unanswered.add(key)
        if keys:
            self.commands.append(Cancel(keys))
            self.notice(keys)

    def drop(self, unwanted: Callable[[Scope, PlannedNode], bool]) -> None:
        """Cancel what is open, and forget what is ready, of steps that are no longer wanted."""
        self.cancel([key for key, command in self.open.items() if unwanted(command.scope, command.node)])
        ready = [key for key, command in self.ready.items() if unwanted(command.scope, command.node)]
        for key in ready:
            del self.ready[key]
        self.notice(ready)
        passing = [entry for entry in self.passing if not unwanted(entry[0], entry[1])]
        self.passing.clear()
        self.passing.extend(passing)
        self.dead[:] = [entry for entry in self.dead if entry[0].alive()]
        self.done[:] = [scope for scope in self.done if scope.alive()]

    def notice(self, over: list[StepKey]) -> None:
        """Nothing follows any more from what these steps wait for, if they do."""
        if self.watched and self.replaying:
            steps = [(key.node_id, key.scope) for key in over]
            self.over.update(step for step in steps if step in self.watched)

    def finish(self, finish: Finish) -> None:
        """It ends like this, whatever is still open."""
        self.finished = finish
        self.ready.clear()
        self.passing.clear()
        self.dead.clear()
        self.done.clear()
        self.cancel(list(self.open))
        self.commands.append(finish)

    def fail(self, error: JsonObject) -> None:
        """It ends with an error that nothing in the graph deals with."""
        self.finish(Finish(ExecutionStatus.FAILED, None, error))

    def limit(self, what: str, happened: str, limit: int, node_id: str | None = None) -> None:
        """Fail. Not in a replay: if anything follows in the journal, then that was within the limits of its time."""
        finish = Finish(ExecutionStatus.FAILED, None, limit_reached(what, happened, limit, node_id))
        if self.replaying:
            self.exceeded = finish
        else:
            self.finish(finish)
