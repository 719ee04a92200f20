"""Workflows as JSON: reading with every fault reported at once, and writing back what was read."""

from __future__ import annotations

import math
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from wingbeat.core.graph import Connection, Node, OnError, OnUnknown, Overflow, Workflow, WorkflowSettings
from wingbeat.core.limits import LimitsWanted
from wingbeat.core.names import Suggestions
from wingbeat.core.outcome import OUT
from wingbeat.core.problems import InvalidWorkflow, Problem
from wingbeat.core.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from enum import StrEnum

    from wingbeat.core.json_value import Json, JsonObject

E = TypeVar("E", bound="StrEnum")
ROOT = "the workflow"
MAX_NODES = 10_000
MAX_CONNECTIONS = 100_000
MOST_PROBLEMS = 1_000
MAX_NAME = 255
MAX_ID = 100
# A whole number of at most so many bits has a floating point number next to it.
MOST_BITS = 1023
NODE_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*\Z")
VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
WORKFLOW_ID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z")

_WORKFLOW_FIELDS = ("name", "description", "nodes", "connections", "global_variables", "settings")
_NODE_FIELDS = (
    "id",
    "type",
    "name",
    "position",
    "parameters",
    "on_error",
    "on_unknown",
    "retry",
    "timeout_seconds",
    "disabled",
    "notes",
    "pinned_output",
)
_CONNECTION_FIELDS = ("from", "from_port", "to", "to_port")
_LIMIT_FIELDS = tuple(field.name for field in fields(LimitsWanted))
_SETTINGS_FIELDS = (
    *_LIMIT_FIELDS,
    "max_concurrent",
    "max_per_minute",
    "priority",
    "error_workflow",
    "overflow",
    "max_queued",
    "debounce_seconds",
    "debounce_max_seconds",
    "debounce_key",
    "trigger_priorities",
)
# What other engines of this kind call some of them.
_SETTINGS_ALIASES = {"rateLimitMaxConcurrent": "max_concurrent", "rateLimitPerMinute": "max_per_minute"}
_LONGEST_DEBOUNCE = 86_400.0
_LONGEST_KEY = 1_000
_PRIORITIES = (-1000, 1000)
_RETRY_FIELDS = tuple(field.name for field in fields(RetryPolicy))


def parse_workflow(document: Json) -> Workflow:
    """Read a definition.

    Raises:
        InvalidWorkflow: when the document does not have the shape of a workflow; it carries every fault found.
    """
    workflow, problems = read_workflow(document)
    if problems:
        raise InvalidWorkflow(problems)
    return workflow


def read_workflow(document: Json) -> tuple[Workflow, list[Problem]]:
    """As much of a definition as can be read, and every fault of its shape; defaults stand where there was a fault."""
    reader = _Reader()
    return reader.workflow(document), reader.problems


class _Reader:
    """Collects faults and puts defaults in their place, so that one pass finds them all."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._node: str | None = None
        self._suggestions = Suggestions()

    def workflow(self, document: Json) -> Workflow:
        found = self._object(document, ROOT, _WORKFLOW_FIELDS)
        nodes = self._list(found.get("nodes"), "nodes", MAX_NODES, given="nodes" in found)
        connections = self._list(found.get("connections", []), "connections", MAX_CONNECTIONS)
        name = self._text(found, "name", "", maximum=MAX_NAME)
        # What was not read as it stands has been reported already; so below.
        if not name.strip() and found.get("name", "") == name:
            self._report("name", "A workflow needs a name.", 'Add "name".')
        return Workflow(
            name=name,
            description=self._text(found, "description", "", maximum=100_000),
            nodes=tuple(self._read_node(index, item) for index, item in enumerate(nodes)),
            connections=tuple(self._read_connection(index, item) for index, item in enumerate(connections)),
            global_variables=self._variables(found.get("global_variables", {})),
            settings=self._settings(found.get("settings", {})),
        )

    def _read_node(self, index: int, item: Json) -> Node:
        where = f"nodes[{index}]"
        raw = item.get("id") if isinstance(item, dict) else None
        self._node = raw[:MAX_ID] if isinstance(raw, str) else None
        found = self._object(item, where, _NODE_FIELDS)
        identifier = self._text(found, "id", "", where=where, maximum=MAX_ID)
        if not NODE_ID.match(identifier) and found.get("id", "") == identifier:
            self._report(
                f"{where}.id",
                f"{identifier!r} cannot be the id of a node." if identifier else "The node has no id.",
                "Use letters, digits, _ and -, not beginning with a digit.",
            )
        kind = self._text(found, "type", "", where=where)
        if not kind and found.get("type", "") == kind:
            self._report(f"{where}.type", "The node has no type.", 'Add "type", as "condition.if".')
        parameters = found.get("parameters", {})
        if not isinstance(parameters, dict):
            self._report(f"{where}.parameters", "Parameters are an object.", 'Write {"name": value}.')
            parameters = {}
        node = Node(
            id=identifier,
            type=kind,
            name=self._text(found, "name", "", where=where, maximum=MAX_NAME),
            position=self._position(found.get("position"), where),
            parameters=parameters,
            on_error=self._choice(found, "on_error", OnError, OnError.STOP, where),
            on_unknown=self._choice(found, "on_unknown", OnUnknown, OnUnknown.FAIL, where),
            retry=self._retry(found.get("retry"), where),
            timeout_seconds=self._number(found, "timeout_seconds", None, where, above=0.0),
            disabled=self._flag(found, "disabled", where),
            notes=self._text(found, "notes", "", where=where, maximum=100_000),
            pinned="pinned_output" in found,
            pinned_output=found.get("pinned_output"),
        )
        self._node = None
        return node

    def _read_connection(self, index: int, item: Json) -> Connection:
        where = f"connections[{index}]"
        found = self._object(item, where, _CONNECTION_FIELDS)
        for key in ("from", "to"):
            if key not in found:
                self._report(f"{where}.{key}", f'The connection has no "{key}".', f'Add "{key}": the id of a node.')
        return Connection(
            source=self._text(found, "from", "", where=where),
            target=self._text(found, "to", "", where=where),
            source_port=self._text(found, "from_port", OUT, where=where),
            target_port=self._text(found, "to_port", "in", where=where),
        )

    def _variables(self, value: Json) -> JsonObject:
        if not isinstance(value, dict):
            self._report("global_variables", "Global variables are an object.", 'Write {"name": value}.')
            return {}
        for name in value:
            if not VARIABLE_NAME.match(name):
                self._report(
                    f"global_variables.{name[:MAX_ID]}",
                    f"{name[:MAX_ID]!r} cannot be the name of a variable.",
                    "Use letters, digits and _, not beginning with a digit.",
                )
        return value

    def _settings(self, value: Json) -> WorkflowSettings:
        found = self._object(self._with_own_names(value), "settings", _SETTINGS_FIELDS)
        limits: dict[str, Any] = {
            name: self._whole(found, name, "settings", lowest=1) for name in _LIMIT_FIELDS if name != "timeout_seconds"
        }
        limits["timeout_seconds"] = self._number(found, "timeout_seconds", None, "settings", above=0.0)
        return WorkflowSettings(
            limits=LimitsWanted(**limits),
            max_concurrent=self._whole(found, "max_concurrent", "settings", lowest=1),
            max_per_minute=self._whole(found, "max_per_minute", "settings", lowest=1),
            priority=self._whole(found, "priority", "settings", lowest=-1000, highest=1000) or 0,
            error_workflow=self._workflow_id(found, "error_workflow", "settings"),
            overflow=self._choice(found, "overflow", Overflow, Overflow.QUEUE, "settings"),
            max_queued=self._whole(found, "max_queued", "settings", lowest=0),
            debounce_seconds=self._seconds(found, "debounce_seconds"),
            debounce_max_seconds=self._seconds(found, "debounce_max_seconds"),
            debounce_key=None
            if found.get("debounce_key") is None
            else self._text(found, "debounce_key", "", where="settings", maximum=_LONGEST_KEY) or None,
            trigger_priorities=self._priorities(found.get("trigger_priorities")),
        )

    def _with_own_names(self, value: Json) -> Json:
        """The settings under the names that we have for them; one that is there under both is reported as unknown."""
        if not isinstance(value, dict):
            return value
        return {
            own if (own := _SETTINGS_ALIASES.get(name)) is not None and own not in value else name: one
            for name, one in value.items()
        }

    def _seconds(self, found: JsonObject, key: str) -> float | None:
        return self._number(found, key, None, "settings", above=0.0, highest=_LONGEST_DEBOUNCE)

    def _priorities(self, value: Json) -> dict[str, int]:
        where, priorities = "settings.trigger_priorities", {}
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._report(where, f"trigger_priorities must be an object, not {_kind(value)}.", 'Write {"start": 10}.')
            return {}
        for name, one in value.items():
            if one is None:
                self._report(f"{where}.{name}", f"{name} must be a whole number, not null.", "Leave it out.")
            lowest, highest = _PRIORITIES
            priorities[name] = self._whole(value, name, where, lowest=lowest, highest=highest) or 0
        return priorities

    def _retry(self, value: Json, where: str) -> RetryPolicy | None:
        if value is None:
            return None
        found = self._object(value, f"{where}.retry", _RETRY_FIELDS)
        where = f"{where}.retry"
        default = RetryPolicy(max_attempts=3)
        return RetryPolicy(
            max_attempts=self._whole(found, "max_attempts", where, lowest=1, highest=1000) or default.max_attempts,
            backoff_seconds=self._number(found, "backoff_seconds", default.backoff_seconds, where) or 0.0,
            factor=self._number(found, "factor", default.factor, where, above=0.0) or default.factor,
            max_delay_seconds=self._number(found, "max_delay_seconds", default.max_delay_seconds, where) or 0.0,
            jitter=self._number(found, "jitter", default.jitter, where, highest=1.0) or 0.0,
        )

    def _position(self, value: Json, where: str) -> tuple[float, float]:
        if value is None:
            return (0.0, 0.0)
        if isinstance(value, dict) and set(value) == {"x", "y"}:
            x, y = value["x"], value["y"]
            if _is_number(x) and _is_number(y):
                return (x, y)  # type: ignore[return-value] # both were just found to be numbers
        self._report(f"{where}.position", "A position is an object of two numbers.", 'Write {"x": 0, "y": 0}.')
        return (0.0, 0.0)

    # The shapes that everything above is made of.

    def _object(self, value: Json, where: str, allowed: Iterable[str]) -> JsonObject:
        if not isinstance(value, dict):
            fix = "See docs/workflows.md for what it looks like." if where == ROOT else "Write it in braces."
            self._report(where, f"{where} must be an object, not {_kind(value)}.", fix)
            return {}
        names = tuple(allowed)
        for key in value:
            if key not in names:
                near = self._suggestions.closest(key, names)
                fix = f"Did you mean {near!r}?" if near else f"Known are: {', '.join(names)}."
                shown = key[:MAX_ID]
                path = shown if where == ROOT else f"{where}.{shown}"
                self._report(path, f"{where} has an unknown field {shown!r}.", fix, code="unknown_field")
        return value

    def _list(self, value: Json, where: str, maximum: int, *, given: bool = True) -> list[Json]:
        if not given:
            self._report(where, f"{where} is missing.", f'Add "{where}": a list.')
            return []
        if not isinstance(value, list):
            self._report(where, f"{where} must be a list, not {_kind(value)}.", "Write it in square brackets.")
            return []
        if len(value) > maximum:
            self._report(
                where,
                f"{where} has {len(value)} entries; at most {maximum} are allowed.",
                "Split the workflow.",
                code="too_large",
            )
            return []
        return value

    def _text(self, found: JsonObject, key: str, default: str, *, where: str = "", maximum: int = 1000) -> str:
        value = found.get(key, default)
        if isinstance(value, str) and len(value) <= maximum:
            return value
        path = f"{where}.{key}" if where else key
        if not isinstance(value, str):
            self._report(path, f"{path} must be text, not {_kind(value)}.", "Put it in quotes.")
            return default
        if len(value) > maximum:
            self._report(path, f"{path} has {len(value)} characters; at most {maximum} are allowed.", "Shorten it.")
            return default
        return value

    def _workflow_id(self, found: JsonObject, key: str, where: str) -> str | None:
        value = found.get(key)
        if value is None:
            return None
        if isinstance(value, str) and WORKFLOW_ID.match(value):
            return value.lower()
        self._report(f"{where}.{key}", f"{key} must be the id of a workflow.", "Take it from the list of workflows.")
        return None

    def _flag(self, found: JsonObject, key: str, where: str) -> bool:
        value = found.get(key, False)
        if not isinstance(value, bool):
            self._report(f"{where}.{key}", f"{key} must be true or false, not {_kind(value)}.", "Write true or false.")
            return False
        return value

    def _choice(self, found: JsonObject, key: str, options: Callable[[str], E], default: E, where: str) -> E:
        if key not in found:
            return default
        value = found[key]
        names = [option.value for option in type(default)]
        if isinstance(value, str) and value in names:
            return options(value)
        shown = f"{value[:MAX_ID]!r}" if isinstance(value, str) else _kind(value)
        self._report(f"{where}.{key}", f"{key} cannot be {shown}.", f"Use one of: {', '.join(names)}.")
        return default

    def _number(  # noqa: PLR0913 - bounds are named by the caller
        self,
        found: JsonObject,
        key: str,
        default: float | None,
        where: str,
        *,
        above: float | None = None,
        highest: float = 1e9,
    ) -> float | None:
        value = found.get(key)
        if value is None:
            return default
        if not _is_number(value):
            self._report(f"{where}.{key}", f"{key} must be a finite number, not {_kind(value)}.", "Write a number.")
            return default
        number = float(value)  # type: ignore[arg-type] # just found to be a number
        if number < 0 or number > highest or (above is not None and number <= above):
            lowest = f"more than {above:g}" if above is not None else "at least 0"
            self._report(f"{where}.{key}", f"{key} is {number:g}.", f"Use {lowest} and at most {highest:g}.")
            return default
        return number

    def _whole(
        self, found: JsonObject, key: str, where: str, *, lowest: int, highest: int = 1_000_000_000
    ) -> int | None:
        value = found.get(key)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():  # JSON has one kind of number: 3.0 is 3.
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            self._report(f"{where}.{key}", f"{key} must be a whole number, not {_kind(value)}.", "Write a number.")
            return None
        if not lowest <= value <= highest:
            self._report(f"{where}.{key}", f"{key} is out of range.", f"Use a number from {lowest} to {highest}.")
            return None
        return value

    def _report(self, path: str, message: str, fix: str, *, code: str = "malformed") -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(code=code, message=message, fix=fix, node=self._node, parameter=path))


def workflow_to_json(workflow: Workflow) -> JsonObject:
    """The document that `parse_workflow` reads back to an equal workflow; defaults are left out."""
    document: JsonObject = {
        "name": workflow.name,
        "description": workflow.description,
        "nodes": [_node_to_json(node) for node in workflow.nodes],
        "connections": [
            {"from": item.source, "from_port": item.source_port, "to": item.target, "to_port": item.target_port}
            for item in workflow.connections
        ],
        "global_variables": dict(workflow.global_variables),
    }
    settings = workflow.settings
    written: JsonObject = {
        name: value for name in _LIMIT_FIELDS if (value := getattr(settings.limits, name)) is not None
    }
    for name in (
        "max_concurrent",
        "max_per_minute",
        "max_queued",
        "debounce_seconds",
        "debounce_max_seconds",
        "debounce_key",
    ):
        if (value := getattr(settings, name)) is not None:
            written[name] = value
    if settings.error_workflow is not None:
        written["error_workflow"] = settings.error_workflow
    if settings.priority:
        written["priority"] = settings.priority
    if settings.overflow is not Overflow.QUEUE:
        written["overflow"] = settings.overflow.value
    if settings.trigger_priorities:
        written["trigger_priorities"] = dict(settings.trigger_priorities)
    document["settings"] = written
    return document


def _node_to_json(node: Node) -> JsonObject:
    written: JsonObject = {
        "id": node.id,
        "type": node.type,
        "name": node.name,
        "position": {"x": node.position[0], "y": node.position[1]},
        "parameters": node.parameters,
    }
    if node.on_error is not OnError.STOP:
        written["on_error"] = node.on_error.value
    if node.on_unknown is not OnUnknown.FAIL:
        written["on_unknown"] = node.on_unknown.value
    if node.retry is not None:
        written["retry"] = {name: getattr(node.retry, name) for name in _RETRY_FIELDS}
    if node.timeout_seconds is not None:
        written["timeout_seconds"] = node.timeout_seconds
    if node.disabled:
        written["disabled"] = True
    if node.notes:
        written["notes"] = node.notes
    if node.pinned:
        written["pinned_output"] = node.pinned_output
    return written


def _is_number(value: Json) -> bool:
    if type(value) is float:
        return math.isfinite(value)
    return type(value) is int and value.bit_length() <= MOST_BITS


def _kind(value: Json) -> str:
    names = {type(None): "null", bool: "a truth value", int: "a number", float: "a number", str: "text", list: "a list"}
    return names.get(type(value), "an object")
