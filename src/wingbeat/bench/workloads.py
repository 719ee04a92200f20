"""The workflows that are measured."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject


def reference_workflow() -> JsonObject:
    """Five nodes, of which every execution takes all: trigger, if, transform, transform, end."""
    return {
        "name": "Benchmark: reference",
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "check", "type": "condition.if", "parameters": {"condition": "trigger.n >= 0"}},
            {"id": "double", "type": "data.transform", "parameters": {"value": "{{ trigger.n * 2 }}"}},
            {"id": "wrap", "type": "data.transform", "parameters": {"value": "{{ {'value': input} }}"}},
            {"id": "finish", "type": "flow.end", "parameters": {"output": "{{ input }}"}},
        ],
        "connections": [
            {"from": "start", "to": "check"},
            {"from": "check", "from_port": "true", "to": "double"},
            {"from": "double", "to": "wrap"},
            {"from": "wrap", "to": "finish"},
        ],
    }


def foreach_workflow(*, concurrency: int = 1, collect: str = "none", nested: bool = False) -> JsonObject:
    """A loop over `trigger.count` items with two nodes in its body; nested, as many times in another loop."""
    loop: JsonObject = {"items": "{{ range(trigger.count) }}", "concurrency": concurrency, "collect": collect}
    outer: list[Json] = [{"id": "outer", "type": "loop.foreach", "parameters": {**loop, "concurrency": 1}}]
    around: list[Json] = [
        {"from": "start", "to": "outer"},
        {"from": "outer", "from_port": "body", "to": "each"},
        {"from": "outer", "from_port": "done", "to": "finish"},
    ]
    alone: list[Json] = [{"from": "start", "to": "each"}, {"from": "each", "from_port": "done", "to": "finish"}]
    return {
        "name": "Benchmark: foreach",
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            *(outer if nested else []),
            {"id": "each", "type": "loop.foreach", "parameters": loop},
            {"id": "double", "type": "data.transform", "parameters": {"value": "{{ item * 2 }}"}},
            {
                "id": "wrap",
                "type": "data.transform",
                "parameters": {"value": "{{ {'value': input, 'index': index} }}"},
            },
            {"id": "finish", "type": "flow.end", "parameters": {"output": "{{ trigger.count }}"}},
        ],
        "connections": [
            *(around if nested else alone),
            {"from": "each", "from_port": "body", "to": "double"},
            {"from": "double", "to": "wrap"},
        ],
        "settings": {"loop_iterations": 1_000_000, "total_operations": 10_000_000, "parallel_nodes": 1000},
    }


def waiting_workflow() -> JsonObject:
    """Waits until `trigger.due`, then ends."""
    return {
        "name": "Benchmark: wake",
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "wait", "type": "flow.delay", "parameters": {"until": "{{ trigger.due }}"}},
            {"id": "finish", "type": "flow.end", "parameters": {"output": "{{ input }}"}},
        ],
        "connections": [{"from": "start", "to": "wait"}, {"from": "wait", "to": "finish"}],
    }


def listening_workflow() -> JsonObject:
    """Begins with an event."""
    return {
        "name": "Benchmark: fanout",
        "nodes": [
            {"id": "start", "type": "trigger.event", "parameters": {"name": "bench.many"}},
            {"id": "finish", "type": "flow.end", "parameters": {"output": "{{ input }}"}},
        ],
        "connections": [{"from": "start", "to": "finish"}],
    }


def patient_workflow() -> JsonObject:
    """Waits for an event, then ends."""
    return {
        "name": "Benchmark: wake by event",
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "wait", "type": "flow.wait_for_event", "parameters": {"name": "bench.wake"}},
            {"id": "finish", "type": "flow.end", "parameters": {"output": "{{ input }}"}},
        ],
        "connections": [{"from": "start", "to": "wait"}, {"from": "wait", "to": "finish"}],
    }


def called_workflow() -> JsonObject:
    """Doubles the number that it is called with."""
    return {
        "name": "Benchmark: called",
        "nodes": [
            {
                "id": "called",
                "type": "trigger.workflow",
                "parameters": {"inputs": [{"name": "n", "type": "integer"}]},
            },
            {"id": "double", "type": "data.transform", "parameters": {"value": "{{ input.n * 2 }}"}},
            {"id": "finish", "type": "flow.end", "parameters": {"output": "{{ input }}"}},
        ],
        "connections": [{"from": "called", "to": "double"}, {"from": "double", "to": "finish"}],
    }


def calling_workflow(called: str) -> JsonObject:
    """Calls another workflow, waits for it, and ends with its output."""
    return {
        "name": "Benchmark: calling",
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {
                "id": "call",
                "type": "action.subworkflow",
                "parameters": {"workflow_id": called, "input": {"n": "{{ trigger.n }}"}},
            },
            {"id": "finish", "type": "flow.end", "parameters": {"output": "{{ input }}"}},
        ],
        "connections": [{"from": "start", "to": "call"}, {"from": "call", "to": "finish"}],
    }


def pulsing_workflow() -> JsonObject:
    """Takes `trigger.pulses` short steps with pauses of `trigger.pause` seconds, which are sat out in memory."""
    return {
        "name": "Benchmark: recovery",
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "each", "type": "loop.foreach", "parameters": {"items": "{{ range(trigger.pulses) }}"}},
            {"id": "pause", "type": "flow.delay", "parameters": {"seconds": "{{ trigger.pause }}"}},
            {"id": "count", "type": "data.transform", "parameters": {"value": "{{ item + 1 }}"}},
            {"id": "finish", "type": "flow.end", "parameters": {"output": "{{ input }}"}},
        ],
        "connections": [
            {"from": "start", "to": "each"},
            {"from": "each", "from_port": "body", "to": "pause"},
            {"from": "pause", "to": "count"},
            {"from": "each", "from_port": "done", "to": "finish"},
        ],
        "settings": {"loop_iterations": 10_000, "total_operations": 100_000},
    }


def code_chain_workflow(nodes: int) -> JsonObject:
    """So many Python code nodes in a row, each of which works out fib(10)."""
    code = "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n\nreturn fib(10)"
    names = [f"code_{number}" for number in range(nodes)]
    steps: list[Json] = [{"id": name, "type": "code.python", "parameters": {"code": code}} for name in names]
    return {
        "name": "Benchmark: code in a row",
        "nodes": [{"id": "start", "type": "trigger.manual"}, *steps],
        "connections": [{"from": one, "to": next_} for one, next_ in zip(["start", *names], names, strict=False)],
    }


def code_loop_workflow(concurrency: int) -> JsonObject:
    """A loop over `trigger.count` items whose body is a JavaScript node that works out fib(10)."""
    code = "const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));\nreturn fib(10);"
    return {
        "name": "Benchmark: code in a loop",
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {
                "id": "each",
                "type": "loop.foreach",
                "parameters": {
                    "items": "{{ range(trigger.count) }}",
                    "concurrency": concurrency,
                    "collect": "none",
                },
            },
            {"id": "code", "type": "code.javascript", "parameters": {"code": code}},
        ],
        "connections": [{"from": "start", "to": "each"}, {"from": "each", "from_port": "body", "to": "code"}],
        "settings": {"loop_iterations": 1_000_000, "total_operations": 10_000_000},
    }


# A stretch of the large workflow: what each node is, and from which port of it the next one goes on.
_STRETCH: tuple[tuple[str, JsonObject, str], ...] = (
    ("data.transform", {"value": {"name": "{{ input.name | upper }}", "total": "{{ input.total * 1.2 }}"}}, "out"),
    ("condition.if", {"condition": "input.total > 10 and trigger.vip"}, "true"),
    ("data.variable", {"name": "seen", "operation": "set", "value": "{{ input.name }}"}, "out"),
    (
        "condition.switch",
        {
            "value": "{{ trigger.country }}",
            "cases": [{"port": "near", "equals": "de"}, {"port": "far", "equals": "nz"}],
        },
        "near",
    ),
    ("data.transform", {"value": "{{ [line.sku for line in trigger.lines if line.quantity > 1] }}"}, "out"),
    ("condition.filter", {"items": "{{ trigger.lines }}", "condition": "item.quantity > 2"}, "kept"),
    ("data.transform", {"value": {"name": "Order {{ trigger.id }} of {{ trigger.name }}", "total": "{{ 1 }}"}}, "out"),
)


def large_workflow(nodes: int, *, alike: bool = True) -> JsonObject:
    """A trigger, and long branches beside each other of mixed nodes with templates, which nothing joins.

    The nodes of one kind have the same expressions, unless they are not to be `alike`: then each reads other fields.
    """
    branches = max(1, nodes // 100)
    listed: list[Json] = [{"id": "start", "type": "trigger.manual"}]
    connections: list[Json] = []
    last = [("start", "out")] * branches
    for number in range(nodes - 1):
        kind, parameters, port = _STRETCH[number // branches % len(_STRETCH)]
        name = f"node_{number}"
        given = parameters if alike else _of_its_own(parameters, number)
        listed.append({"id": name, "type": kind, "name": f"Step {number}", "parameters": given})
        before, from_port = last[number % branches]
        connections.append({"from": before, "from_port": from_port, "to": name})
        last[number % branches] = (name, port)
    return {
        "name": "Benchmark: plan",
        "nodes": listed,
        "connections": connections,
        "global_variables": {"seen": None},
    }


def _of_its_own(parameters: JsonObject, number: int) -> JsonObject:
    renamed = re.sub(r"\b(input|trigger|line|item)\.(\w+)", rf"\1.\2_{number}", json.dumps(parameters))
    made: JsonObject = json.loads(renamed)
    return made
