"""What one of the twelve workflows consists of, and short ways to write its nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from tests.rig.engine import node

from wingbeat.core.json_value import Json, JsonObject

# Names of workflows become their ids: the text `@child` in a document stands for the id of the workflow `child`.
Documents: TypeAlias = dict[str, JsonObject]


@dataclass(frozen=True)
class Fork:
    """Where a fork of the ended execution begins, and with what input."""

    node_id: str
    scope: str = ""
    new_input: Json = None


@dataclass(frozen=True)
class Case:
    """Workflows, of which the last in `documents` is the one to start, and what comes to them from outside.

    `unknown` names payments that a crash may leave unknown: the workflow then says so instead of `paid`.
    `edits` are inputs given to the steps at which the execution stops, by the name of the node.
    """

    name: str
    make: Callable[[str], Documents]
    data: JsonObject = field(default_factory=dict)
    breakpoints: tuple[JsonObject, ...] = ()
    edits: dict[str, Json] = field(default_factory=dict)
    pauses: bool = False
    fork: Fork | None = None
    # Nodes that pay and may do so again after a crash, with the same key.
    repeats: frozenset[str] = frozenset()


def workflow(name: str, nodes: list[JsonObject], connections: str, **settings: Json) -> JsonObject:
    """A document; `connections` like `a>b, b.error>c`."""
    return {
        "name": name,
        "nodes": list[Json](nodes),
        "connections": [_connection(text) for text in connections.split(",") if text.strip()],
        "settings": {"loop_iterations": 1_000, "total_operations": 10_000, "parallel_nodes": 30, **settings},
    }


def _connection(text: str) -> Json:
    source, target = (part.strip() for part in text.split(">"))
    name, _, port = source.partition(".")
    return {"from": name, "to": target, **({"from_port": port} if port else {})}


def trying(times: int) -> JsonObject:
    """A policy that tries again at once and then hardly later."""
    return {"max_attempts": times, "backoff_seconds": 0.01, "factor": 2, "max_delay_seconds": 0.05, "jitter": 0.1}


def made(node_id: str, value: Json = "{{ input }}", **fields: Json) -> JsonObject:
    """A node that gives a value."""
    return node(node_id, "data.transform", value=value, **fields)


def each(node_id: str, items: Json, **fields: Json) -> JsonObject:
    """A loop over items."""
    return node(node_id, "loop.foreach", items=items, **fields)


def ask(node_id: str, url: str, what: str, **fields: Json) -> JsonObject:
    """An idempotent request to the other server, which fails at first if `what` says so."""
    return node(node_id, "action.http_request", url=f"{url}/{what}", **{"retry": trying(6), **fields})


def pay(node_id: str, url: str, what: str, **fields: Json) -> JsonObject:
    """A request with an effect that must not happen twice; a policy of one attempt, so that the outcome says it."""
    outer = {"retry": trying(1), **fields}
    return node(node_id, "action.http_request", method="POST", url=f"{url}/pay/{what}", **outer)


def paid(source: str) -> str:
    """What came of a payment, in a word: `paid`, or the code of the error."""
    return f"{{{{ {source}.body.paid if {source}.body else {source}.error.code }}}}"


def code(source: str) -> str:
    """The code of the error in a value, or the value."""
    return f"{{{{ {source}.error.code ?? {source} }}}}"
