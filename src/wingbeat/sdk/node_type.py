"""What a node type is: one value that says what a node takes, gives and does, with help and examples that are tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from wingbeat.core.node_kind import INPUT, Effect, Join, Reading, Role
from wingbeat.core.outcome import Result
from wingbeat.sdk.connection import named_connections
from wingbeat.sdk.port import Port
from wingbeat.sdk.prepare import prepare, shape_of
from wingbeat.sdk.relevance import conditions
from wingbeat.sdk.written_secrets import find_written_secrets

if TYPE_CHECKING:
    from pydantic import BaseModel

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.node_kind import ParameterProblem
    from wingbeat.sdk.connection import NamedConnection
    from wingbeat.sdk.context import Arrival, HttpResponse
    from wingbeat.sdk.parameters import Parameters
    from wingbeat.sdk.prepare import Prepared
    from wingbeat.sdk.tool import Tool

Run: TypeAlias = "Callable[[Any, Any], Result | Awaitable[Result]]"
Resume: TypeAlias = "Callable[[Any, Any, Any], Result | Awaitable[Result]]"
Again: TypeAlias = "Callable[[Any, Any], bool]"
# A field of NodeType is called `type`, so inside of it the built-in one needs another name.
ParametersClass: TypeAlias = "type[Parameters]"


@dataclass(frozen=True, slots=True)
class Example:
    """One use of a node, shown in its help and run as a test.

    `expect` maps every taken port to its value. `variables`, `nodes` and `trigger` are what the run may see besides
    `input`, which `arrivals` replace where a node has several. `answers` are what the outside world would give to its
    requests, in order, and `world` what its tools would find, by the tool's name. `expect_error` is the code of the
    error that must come instead.
    """

    title: str
    parameters: Mapping[str, Any]
    expect: Mapping[str, Any] | None = None
    input: Any = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    nodes: Mapping[str, Any] = field(default_factory=dict)
    trigger: Any = None
    arrivals: tuple[Arrival, ...] = ()
    answers: tuple[HttpResponse, ...] = ()
    world: Mapping[str, Any] = field(default_factory=dict)
    expect_error: str | None = None


def _no_variables(_parameters: JsonObject) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class NodeType:
    """A node type.

    `run(parameters, context)` is a plain function where it needs no waiting, else an async one; both give a `Result`.
    `rehearse` does the same without side effects and is what a test run calls; a pure node needs none. `outputs` are
    the ways out, also those that are there with some parameters only or are named by them. `effect` is the worst that
    the type can do; `effect_of` says what one node does, where its (raw) parameters tell. `again` is asked before each
    round of a loop that has no list. `uses` are the tools that its runs ask the context for. `resume(parameters,
    context, signal)` says what a step comes to that returned `Await`, when its `Signal` has come; after a crash it may
    be called again, so what it does carries the idempotency key. `addressed`: each of its steps has an address to be
    called at, which expressions see beforehand as `execution.resume_urls.<node id>`. `handles` gives the nodes whose
    errors a node handles, as `wingbeat.core.node_kind.Reading` has them. `collects` is the parameter of a loop with the
    expression of `result`, `item` and `index` that it keeps of each iteration. `limit` says how many of a node's
    branches may run at once, None for all.

    Making one raises `TypeError` when a parameter is declared in a way that would not do what it says.
    """

    type: str
    title: str
    help: str
    parameters: ParametersClass
    run: Run
    examples: tuple[Example, ...]
    effect: Effect = Effect.PURE
    effect_of: Callable[[JsonObject], Effect] | None = None
    role: Role = Role.STEP
    outputs: tuple[Port, ...] = (Port(),)
    takes: tuple[str, ...] = (INPUT,)
    join: Callable[[JsonObject], Join] | None = None
    provides: Callable[[JsonObject], tuple[str, ...]] = _no_variables
    rehearse: Run | None = None
    again: Again | None = None
    resume: Resume | None = None
    uses: tuple[Tool[Any], ...] = ()
    addressed: bool = False
    handles: Callable[[JsonObject], tuple[str, ...]] | None = None
    collects: str | None = None
    limit: Callable[[JsonObject], int | None] | None = None

    def __post_init__(self) -> None:
        _check_declarations(self.parameters)

    def read(self, parameters: JsonObject) -> Reading:
        """Check and compile the parameters of one node; see `wingbeat.core.node_kind.NodeKind`."""
        prepared, found = prepare(self.parameters, parameters)
        found = (*self.written_secrets(parameters), *found)
        if self.collects is not None:
            found = (*found, *prepared.other_names(self.collects))
        problems = tuple(found)
        if not problems:
            return self._reading(parameters, prepared, ())
        try:
            return self._reading(parameters, prepared, problems)
        except (AttributeError, LookupError, TypeError, ValueError):
            # Parameters with a fault need not have the shape that `provides` and the others look at. Where they do,
            # what they say is worth knowing, so that one fault does not show as several.
            return Reading(
                outputs=self.ports(parameters),
                takes=self._takes(),
                references=prepared.references,
                problems=problems,
                places=prepared.places,
            )

    def _reading(self, parameters: JsonObject, prepared: Prepared, problems: tuple[ParameterProblem, ...]) -> Reading:
        return Reading(
            outputs=self.ports(parameters),
            takes=self._takes(),
            references=prepared.references,
            provides=self.provides(parameters),
            join=self.join(parameters) if self.join else Join.ALL,
            effect=self.effect_of(parameters) if self.effect_of else None,
            problems=problems,
            prepared=None if problems else prepared,
            places=prepared.places,
            handles=self.handles(parameters) if self.handles else None,
            limit=self.limit(parameters) if self.limit else None,
            collects=None if problems or self.collects is None else prepared.collector(self.collects),
        )

    def ports(self, parameters: JsonObject) -> tuple[str, ...]:
        """The names of the outputs that a node with these (raw) parameters has."""
        if not self._depends:
            return self._port_names
        return tuple(name for port in self.outputs for name in port.names(parameters))

    @cached_property
    def _depends(self) -> bool:
        return any(port.depends for port in self.outputs)

    @cached_property
    def _port_names(self) -> tuple[str, ...]:
        return tuple(port.name for port in self.outputs)

    def _takes(self) -> tuple[str, ...]:
        return () if self.role is Role.TRIGGER else self.takes

    def connections(self, parameters: JsonObject) -> list[NamedConnection]:
        """The stored connections that the (raw) parameters of one node name."""
        return list(named_connections(self.parameters, parameters))

    def written_secrets(self, parameters: JsonObject) -> list[ParameterProblem]:
        """What the (raw) parameters of one node say that is secret, and so no workflow may keep."""
        return list(find_written_secrets(self.parameters, parameters))

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
            "outputs": [_describe_port(port) for port in self.outputs],
            "outputs_from_parameters": self._depends,
            "uses": [tool.name for tool in self.uses],
            "parameters": schema,
            "examples": [_describe_example(example) for example in self.examples],
        }


def _check_declarations(model: type[BaseModel]) -> None:
    others = shape_of(model)
    for name, said in conditions(model).items():
        if odd := next((odd for rule in said.values() for odd in rule["properties"] if odd not in others), None):
            raise TypeError(f"'{name}' of {model.__name__} goes by '{odd}', which is no field beside it.")
    for field_shape in shape_of(model).values():
        if field_shape.model is not None and field_shape.model is not model:
            _check_declarations(field_shape.model)


def _describe_port(port: Port) -> JsonObject:
    described: JsonObject = {"name": port.name, "help": port.help}
    if port.schema is not None:
        described["schema"] = dict(port.schema)
    if port.each is not None:
        described["each"] = port.each
    if port.when is not None:
        described["when"] = dict(port.when)
    if port.carries:
        described["carries"] = [one.describe() for one in port.carries]
    return described


def _describe_arrival(arrival: Arrival) -> JsonObject:
    described: JsonObject = {"node": arrival.node_id, "port": arrival.port, "value": arrival.value}
    return {**described, "failed": True} if arrival.failed else described


def _describe_example(example: Example) -> JsonObject:
    described: JsonObject = {"title": example.title, "parameters": dict(example.parameters), "input": example.input}
    seen: JsonObject = {
        "variables": dict(example.variables),
        "nodes": dict(example.nodes),
        "trigger": example.trigger,
        "arrivals": [_describe_arrival(arrival) for arrival in example.arrivals],
        "answers": [{"status": answer.status, "body": answer.body.decode()} for answer in example.answers],
        "world": dict(example.world),
    }
    described |= {name: value for name, value in seen.items() if value not in ({}, [], None)}
    if example.expect_error is not None:
        return {**described, "expect_error": example.expect_error}
    return {**described, "expect": dict(example.expect or {})}
