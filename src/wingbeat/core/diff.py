"""What is different between two definitions of a workflow, as people see it: nodes, connections, single parameters.

Notes, groups, names and positions are differences too, but not of what the workflow does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from wingbeat.core.document import workflow_to_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wingbeat.core.graph import Connection, Node, Workflow
    from wingbeat.core.json_value import Json, JsonObject

# What is inside of what lies deeper is told as a whole.
DEEPEST = 12
# Fields of nodes that change nothing of what an execution does.
FOR_PEOPLE = frozenset({"name", "position", "notes", "pinned_output"})
# Fields of workflows that are told by parts of their own.
APART = frozenset({"nodes", "connections", "annotations"})


class Kind(StrEnum):
    """How a value is different."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """A value that is different, by its dotted path; null where there was none, and where there is none any more."""

    path: str
    kind: Kind
    before: Json = None
    after: Json = None


@dataclass(frozen=True, slots=True)
class ChangedNode:
    """A node that both have, and what of it is different."""

    id: str
    type: str
    name: str
    changes: tuple[Change, ...]

    @property
    def behaves_otherwise(self) -> bool:
        """Whether it does something else, and not only looks different."""
        return any(change.path.partition(".")[0] not in FOR_PEOPLE for change in self.changes)


@dataclass(frozen=True, slots=True)
class Difference:
    """All that is different. `fields` are those of the workflow as a whole; `annotations` its notes and groups."""

    added: tuple[Node, ...] = ()
    removed: tuple[Node, ...] = ()
    changed: tuple[ChangedNode, ...] = ()
    connected: tuple[Connection, ...] = ()
    disconnected: tuple[Connection, ...] = ()
    fields: tuple[Change, ...] = ()
    annotations: tuple[Change, ...] = field(default=())

    @property
    def behaves_otherwise(self) -> bool:
        """Whether an execution could go otherwise."""
        return bool(
            self.added
            or self.removed
            or self.connected
            or self.disconnected
            or any(node.behaves_otherwise for node in self.changed)
            or any(change.path not in {"name", "description"} for change in self.fields)
        )


def compare(before: Workflow, after: Workflow) -> Difference:
    """What changes from one to the other. Nodes are the same if their ids are."""
    old, new = workflow_to_json(before), workflow_to_json(after)
    old_nodes, new_nodes = {node.id: node for node in before.nodes}, {node.id: node for node in after.nodes}
    documents = _by_id(old["nodes"]), _by_id(new["nodes"])
    arrows = set(before.connections), set(after.connections)
    return Difference(
        added=tuple(node for node in new_nodes.values() if node.id not in old_nodes),
        removed=tuple(node for node in old_nodes.values() if node.id not in new_nodes),
        changed=tuple(_changed_nodes(new_nodes, *documents)),
        connected=tuple(arrow for arrow in after.connections if arrow not in arrows[0]),
        disconnected=tuple(arrow for arrow in before.connections if arrow not in arrows[1]),
        fields=tuple(_changes("", _without(old, APART), _without(new, APART))),
        annotations=tuple(_changes("", _annotations(old), _annotations(new))),
    )


def _changed_nodes(
    nodes: Mapping[str, Node], before: Mapping[str, JsonObject], after: Mapping[str, JsonObject]
) -> Iterator[ChangedNode]:
    for identifier, node in nodes.items():
        if identifier in before:
            changes = tuple(_changes("", before[identifier], after[identifier]))
            if changes:
                yield ChangedNode(node.id, node.type, node.name, changes)


def _changes(path: str, before: Json, after: Json, depth: int = 0) -> Iterator[Change]:
    if depth < DEEPEST and isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            inner = f"{path}.{key}" if path else key
            if key not in after:
                yield Change(inner, Kind.REMOVED, before=before[key])
            elif key not in before:
                yield Change(inner, Kind.ADDED, after=after[key])
            else:
                yield from _changes(inner, before[key], after[key], depth + 1)
    elif depth < DEEPEST and isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _changes(f"{path}.{index}", old, new, depth + 1)
    # True is 1 in Python, and another value in JSON.
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        yield Change(path, Kind.CHANGED, before, after)


def _by_id(items: Json) -> dict[str, JsonObject]:
    found = items if isinstance(items, list) else []
    return {str(item["id"]): item for item in found if isinstance(item, dict)}


def _annotations(document: JsonObject) -> JsonObject:
    """Notes and groups by their ids, so that one more in the list does not change all that follow."""
    given = document.get("annotations")
    kinds = given if isinstance(given, dict) else {}
    return {kind: dict(_by_id(kinds.get(kind))) for kind in ("notes", "groups")}


def _without(document: JsonObject, names: frozenset[str]) -> JsonObject:
    return {name: value for name, value in document.items() if name not in names}
