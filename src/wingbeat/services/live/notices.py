"""What processes tell each other of executions that are watched, as short texts. Nothing is sent or decided here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# PostgreSQL takes 7,999 bytes.
LONGEST_NOTICE = 7_500
IDS_AT_ONCE = 150
# How long workers go by what they were told is watched.
WATCH_SECONDS = 30.0


class Watch(NamedTuple):
    """What somebody watches, for a while: single executions, and whether lists of them."""

    executions: frozenset[UUID]
    lists: bool


class RunningStep(NamedTuple):
    """A step that a worker is in the middle of; `started` is in seconds since the epoch."""

    node_id: str
    scope: str
    attempt: int
    started: float


class Moved(NamedTuple):
    """An execution has moved.

    `running` are the first of the steps under way when its journal had come to `sequence`; `counts` says how many of
    them each node has. Without a sequence nothing is known of what runs, but that it is worth looking.
    """

    execution_id: UUID
    sequence: int | None = None
    running: tuple[RunningStep, ...] = ()
    counts: Mapping[str, int] = {}


class Listed(NamedTuple):
    """Executions that began, rested or ended, the latest of them, and whose they are; with `more`, others too."""

    executions: frozenset[UUID]
    workflows: frozenset[UUID]
    more: bool = False


class Edited(NamedTuple):
    """Somebody has changed a workflow: `action` is how the audit log calls it, without `workflow.`."""

    workflow_id: UUID
    action: str
    revision: int
    published_revision: int | None
    by: str


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody has a workflow open in a tab, has changed something there or not, and is at one of its nodes or none."""

    workflow_id: UUID
    user_id: int
    name: str
    tab: str
    editing: bool = False
    node: str | None = None


class Present(NamedTuple):
    """What a process says of who has workflows open there, by a number of its own; None has it open no more.

    One that `asks` wants to hear it of all others.
    """

    process: str
    asks: bool
    people: tuple[tuple[int, Here | None], ...]


def write_watch(executions: Collection[UUID], *, lists: bool) -> list[str]:
    """Notices that these are watched."""
    left = iter([one.hex for one in executions])
    parts = [list(islice(left, IDS_AT_ONCE)) for _ in range(0, max(len(executions), 1), IDS_AT_ONCE)]
    return [json.dumps({"executions": part, "lists": lists}) for part in parts]


def read_watch(payload: str) -> Watch | None:
    """The notice, or None if it is none."""
    try:
        said = json.loads(payload)
        return Watch(frozenset(map(UUID, said["executions"])), bool(said["lists"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def write_moved(moved: Moved) -> str:
    """A notice that an execution has moved; of many steps, as many as there is room for."""
    said = {"execution": moved.execution_id.hex, "sequence": moved.sequence}
    running: list[RunningStep] = []
    room = LONGEST_NOTICE - len(json.dumps({**said, "counts": moved.counts}))
    for step in moved.running:
        room -= len(json.dumps(step)) + 2
        if room < 0:
            break
        running.append(step)
    text = json.dumps({**said, "running": running, "counts": moved.counts})
    return text if len(text) <= LONGEST_NOTICE else json.dumps(said)


def write_listed(listed: Listed) -> str:
    """A notice that lists have changed."""
    executions = [one.hex for one in list(listed.executions)[:IDS_AT_ONCE]]
    workflows = [one.hex for one in list(listed.workflows)[: IDS_AT_ONCE // 4]]
    more = listed.more or len(executions) < len(listed.executions) or len(workflows) < len(listed.workflows)
    return json.dumps({"executions": executions, "workflows": workflows, "more": more})


def write_present(present: Present) -> list[str]:
    """Notices of who has workflows open; as many as it takes."""
    parts: list[list[str]] = [[]]
    room = LONGEST_NOTICE
    for number, here in present.people:
        person = None if here is None else [here.workflow_id.hex, *_fields_after_id(here)]
        text = json.dumps([number, person])
        room -= len(text) + 2
        if room < 0:
            parts.append([])
            room = LONGEST_NOTICE - len(text) - 2
        parts[-1].append(text)
    asks = json.dumps(present.asks)
    return [f'{{"present": ["{present.process}", {asks}, [{", ".join(part)}]]}}' for part in parts]


def _fields_after_id(here: Here) -> list[object]:
    return [here.user_id, here.name, here.tab, here.editing, here.node]


def _read_present(process: str, asks: bool, people: list[tuple[int, list[Any] | None]]) -> Present:  # noqa: FBT001
    read = [(number, person and Here(UUID(person[0]), *person[1:])) for number, person in people]
    return Present(process, asks, tuple((number, here or None) for number, here in read))


def read_notice(payload: str) -> Moved | Listed | Edited | Present | None:
    """The notice that somebody sent, or None if it is none."""
    try:
        said = json.loads(payload)
        if "edited" in said:
            workflow_id, *rest = said["edited"]
            return Edited(UUID(workflow_id), *rest)
        if "present" in said:
            return _read_present(*said["present"])
        if "workflows" in said:
            executions, workflows = (frozenset(map(UUID, said[name])) for name in ("executions", "workflows"))
            return Listed(executions, workflows, bool(said["more"]))
        running = tuple(RunningStep(*step) for step in said.get("running", ()))
        return Moved(UUID(said["execution"]), said.get("sequence"), running, dict(said.get("counts", {})))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
