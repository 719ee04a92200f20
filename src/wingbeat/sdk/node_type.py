"""What a node type is: one value that says what the node takes, gives and does, with help and examples that run as tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from wingbeat.core.node_kind import INPUT, Effect, Join, Reading, Role
from wingbeat.core.outcome import OUT, Outcome, Result
from wingbeat.sdk.parameters import prepare

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.sdk.parameters import Parameters

Run: TypeAlias = "Callable[[Any, Any], Result | Awaitable[Result]]"
Again: TypeAlias = "Callable[[Any, Any], bool]"
Ports: TypeAlias = "Callable[[JsonObject], tuple[str, ...]]"


@dataclass(frozen=True, slots=True)
class Port:
    """A way out of a node. `schema` is the JSON Schema of what comes out, where it is known."""

    name: str = OUT
    help: str = ""
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One use of a node, shown in its help and run as a test.

    `expect` maps every taken port to its value. `variables`, `nodes`, `trigger` and `item` are what the run may see besides
    `input`. `expect_error` is the code of the error that must come instead.
    """

    title: str
    parameters: Mapping[str, Any]
    expect: Mapping[str, Any] | None = None
    input: Any = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    nodes: Mapping[str, Any] = field(default_factory=dict)
    trigger: Any = None
    expect_error: str | None = None


def _no_variables(_parameters: JsonObject) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class NodeType:
    """A node type.

    `run(parameters, context)` is a plain function where it needs no waiting, else an async one; both give a `Result`.
    `rehearse` does the same without side effects and is what a test run calls; a pure node needs none. `ports` gives the
    names of the outputs where they follow from the (raw) parameters; `outputs` documents them. `again` is asked before each
    round of a loop that has no list. `may_branch_on_error` adds the port `error` for `on_error: branch`.
    """

    type: str
    title: str
    help: str
    parameters: type[Parameters]
    run: Run
    examples: tuple[Example, ...]
    effect: Effect = Effect.PURE
    role: Role = Role.STEP
    outputs: tuple[Port, ...] = (Port(),)
    ports: Ports | None = None
    takes: tuple[str, ...] = (INPUT,)
    join: Callable[[JsonObject], Join] | None = None
    provides: Callable[[JsonObject], tuple[str, ...]] = _no_variables
    rehearse: Run | None = None
    again: Again | None = None

    def read(self, parameters: JsonObject) -> Reading:
        """Check and compile the parameters of one node; see `wingbeat.core.node_kind.NodeKind`."""
        prepared, problems = prepare(self.parameters, parameters)
        names = tuple(port.name for port in self.outputs)
        if problems:
            return Reading(outputs=names, takes=self._takes(), references=prepared.references, problems=problems)
        return Reading(
            outputs=self.ports(parameters) if self.ports else names,
            takes=self._takes(),
            references=prepared.references,
            provides=self.provides(parameters),
            join=self.join(parameters) if self.join else Join.ALL,
            prepared=prepared,
        )

    def _takes(self) -> tuple[str, ...]:
        return () if self.role is Role.TRIGGER else self.takes

    def describe(self) -> JsonObject:
        """The type as data: what a form, a page of documentation or a client needs, without knowing the type."""
        schema: Json = self.parameters.model_json_schema(by_alias=True)
        return {
            "type": self.type,
            "title": self.title,
            "help": self.help,
            "category": self.type.partition(".")[0],
            "role": self.role.value,
            "effect": self.effect.value,
            "inputs": list(self._takes()),
            "outputs": [{"name": port.name, "help": port.help} for port in self.outputs],
            "parameters": schema,
            "examples": [{"title": example.title, "parameters": dict(example.parameters)} for example in self.examples],
        }


__all__ = ["Example", "NodeType", "Outcome", "Port"]
