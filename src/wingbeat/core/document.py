"""Workflows as JSON: reading with every fault reported at once, and writing back what was read."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from wingbeat.core.annotations import annotations_to_json, read_annotations
from wingbeat.core.graph import Connection, Node, OnError, OnUnknown, Overflow, Workflow, WorkflowSettings
from wingbeat.core.limits import LimitsWanted
from wingbeat.core.outcome import OUT
from wingbeat.core.problems import InvalidWorkflow
from wingbeat.core.reading import MAX_ID, ROOT, Reader, name_kind
from wingbeat.core.retry import RetryPolicy

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.problems import Problem

MAX_NODES = 10_000
MAX_CONNECTIONS = 100_000
MAX_NAME = 255
NODE_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*\Z")
VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
WORKFLOW_ID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z")

_WORKFLOW_FIELDS = ("name", "description", "nodes", "connections", "global_variables", "settings", "annotations")
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


class _Reader(Reader):
    """Reads a whole workflow."""

    def workflow(self, document: Json) -> Workflow:
        found = self.read_object(document, ROOT, _WORKFLOW_FIELDS)
        nodes = self.read_list(found.get("nodes"), "nodes", MAX_NODES, given="nodes" in found)
        connections = self.read_list(found.get("connections", []), "connections", MAX_CONNECTIONS)
        name = self.read_text(found, "name", "", maximum=MAX_NAME)
        # What was not read as it stands has been reported already; so below.
        if not name.strip() and found.get("name", "") == name:
            self.report("name", "A workflow needs a name.", 'Add "name".')
        return Workflow(
            name=name,
            description=self.read_text(found, "description", "", maximum=100_000),
            nodes=tuple(self._read_node(index, item) for index, item in enumerate(nodes)),
            connections=tuple(self._read_connection(index, item) for index, item in enumerate(connections)),
            global_variables=self._variables(found.get("global_variables", {})),
            settings=self._settings(found.get("settings", {})),
            annotations=read_annotations(self, found.get("annotations", {})),
        )

    def _read_node(self, index: int, item: Json) -> Node:
        where = f"nodes[{index}]"
        raw = item.get("id") if isinstance(item, dict) else None
        self.node = raw[:MAX_ID] if isinstance(raw, str) else None
        found = self.read_object(item, where, _NODE_FIELDS)
        identifier = self.read_text(found, "id", "", where=where, maximum=MAX_ID)
        if not NODE_ID.match(identifier) and found.get("id", "") == identifier:
            self.report(
                f"{where}.id",
                f"{identifier!r} cannot be the id of a node." if identifier else "The node has no id.",
                "Use letters, digits, _ and -, not beginning with a digit.",
            )
        kind = self.read_text(found, "type", "", where=where)
        if not kind and found.get("type", "") == kind:
            self.report(f"{where}.type", "The node has no type.", 'Add "type", as "condition.if".')
        parameters = found.get("parameters", {})
        if not isinstance(parameters, dict):
            self.report(f"{where}.parameters", "Parameters are an object.", 'Write {"name": value}.')
            parameters = {}
        node = Node(
            id=identifier,
            type=kind,
            name=self.read_text(found, "name", "", where=where, maximum=MAX_NAME),
            position=self.read_position(found.get("position"), where),
            parameters=parameters,
            on_error=self.read_choice(found, "on_error", OnError, OnError.STOP, where),
            on_unknown=self.read_choice(found, "on_unknown", OnUnknown, OnUnknown.FAIL, where),
            retry=self._retry(found.get("retry"), where),
            timeout_seconds=self.read_number(found, "timeout_seconds", None, where, above=0.0),
            disabled=self.read_flag(found, "disabled", where),
            notes=self.read_text(found, "notes", "", where=where, maximum=100_000),
            pinned="pinned_output" in found,
            pinned_output=found.get("pinned_output"),
        )
        self.node = None
        return node

    def _read_connection(self, index: int, item: Json) -> Connection:
        where = f"connections[{index}]"
        found = self.read_object(item, where, _CONNECTION_FIELDS)
        for key in ("from", "to"):
            if key not in found:
                self.report(f"{where}.{key}", f'The connection has no "{key}".', f'Add "{key}": the id of a node.')
        return Connection(
            source=self.read_text(found, "from", "", where=where),
            target=self.read_text(found, "to", "", where=where),
            source_port=self.read_text(found, "from_port", OUT, where=where),
            target_port=self.read_text(found, "to_port", "in", where=where),
        )

    def _variables(self, value: Json) -> JsonObject:
        if not isinstance(value, dict):
            self.report("global_variables", "Global variables are an object.", 'Write {"name": value}.')
            return {}
        for name in value:
            if not VARIABLE_NAME.match(name):
                self.report(
                    f"global_variables.{name[:MAX_ID]}",
                    f"{name[:MAX_ID]!r} cannot be the name of a variable.",
                    "Use letters, digits and _, not beginning with a digit.",
                )
        return value

    def _settings(self, value: Json) -> WorkflowSettings:
        found = self.read_object(self._with_own_names(value), "settings", _SETTINGS_FIELDS)
        limits: dict[str, Any] = {
            name: self.read_whole(found, name, "settings", lowest=1)
            for name in _LIMIT_FIELDS
            if name != "timeout_seconds"
        }
        limits["timeout_seconds"] = self.read_number(found, "timeout_seconds", None, "settings", above=0.0)
        return WorkflowSettings(
            limits=LimitsWanted(**limits),
            max_concurrent=self.read_whole(found, "max_concurrent", "settings", lowest=1),
            max_per_minute=self.read_whole(found, "max_per_minute", "settings", lowest=1),
            priority=self.read_whole(found, "priority", "settings", lowest=-1000, highest=1000) or 0,
            error_workflow=self._workflow_id(found, "error_workflow", "settings"),
            overflow=self.read_choice(found, "overflow", Overflow, Overflow.QUEUE, "settings"),
            max_queued=self.read_whole(found, "max_queued", "settings", lowest=0),
            debounce_seconds=self._seconds(found, "debounce_seconds"),
            debounce_max_seconds=self._seconds(found, "debounce_max_seconds"),
            debounce_key=None
            if found.get("debounce_key") is None
            else self.read_text(found, "debounce_key", "", where="settings", maximum=_LONGEST_KEY) or None,
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
        return self.read_number(found, key, None, "settings", above=0.0, highest=_LONGEST_DEBOUNCE)

    def _priorities(self, value: Json) -> dict[str, int]:
        where, priorities = "settings.trigger_priorities", {}
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.report(where, f"trigger_priorities must be an object, not {name_kind(value)}.", 'Write {"start": 10}.')
            return {}
        for name, one in value.items():
            if one is None:
                self.report(f"{where}.{name}", f"{name} must be a whole number, not null.", "Leave it out.")
            lowest, highest = _PRIORITIES
            priorities[name] = self.read_whole(value, name, where, lowest=lowest, highest=highest) or 0
        return priorities

    def _workflow_id(self, found: JsonObject, key: str, where: str) -> str | None:
        value = found.get(key)
        if value is None:
            return None
        if isinstance(value, str) and WORKFLOW_ID.match(value):
            return value.lower()
        self.report(f"{where}.{key}", f"{key} must be the id of a workflow.", "Take it from the list of workflows.")
        return None

    def _retry(self, value: Json, where: str) -> RetryPolicy | None:
        if value is None:
            return None
        found = self.read_object(value, f"{where}.retry", _RETRY_FIELDS)
        where = f"{where}.retry"
        default = RetryPolicy(max_attempts=3)
        return RetryPolicy(
            max_attempts=self.read_whole(found, "max_attempts", where, lowest=1, highest=1000) or default.max_attempts,
            backoff_seconds=self.read_number(found, "backoff_seconds", default.backoff_seconds, where) or 0.0,
            factor=self.read_number(found, "factor", default.factor, where, above=0.0) or default.factor,
            max_delay_seconds=self.read_number(found, "max_delay_seconds", default.max_delay_seconds, where) or 0.0,
            jitter=self.read_number(found, "jitter", default.jitter, where, highest=1.0) or 0.0,
        )


def workflow_to_json(workflow: Workflow) -> JsonObject:
    """The document that `parse_workflow` reads back to an equal workflow; defaults are left out."""
    document: JsonObject = {
        "name": workflow.name,
        "description": workflow.description,
        "nodes": [_node_to_json(node) for node in workflow.nodes],
        "connections": [item.to_json() for item in workflow.connections],
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
    if annotations := annotations_to_json(workflow.annotations):
        document["annotations"] = annotations
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
