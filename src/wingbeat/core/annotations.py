"""Notes and groups of a drawing as JSON: read with every fault reported, and written back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wingbeat.core.graph import Annotations, Color, Group, Note
from wingbeat.core.reading import MAX_ID

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.reading import Reader

MAX_NOTES = 1_000
MAX_GROUPS = 1_000
MAX_NOTE = 10_000
MAX_TITLE = 255
MAX_SIDE = 100_000.0
ANNOTATION_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*\Z")
WHERE = "annotations"
_FIELDS = ("notes", "groups")
_PLACE_FIELDS = ("position", "width", "height", "color")
_NOTE_FIELDS = ("id", "text", *_PLACE_FIELDS)
_GROUP_FIELDS = ("id", "title", *_PLACE_FIELDS)


def read_annotations(reader: Reader, value: Json) -> Annotations:
    """The notes and groups of a document."""
    found = reader.read_object(value, WHERE, _FIELDS)
    notes = reader.read_list(found.get("notes", []), f"{WHERE}.notes", MAX_NOTES)
    groups = reader.read_list(found.get("groups", []), f"{WHERE}.groups", MAX_GROUPS)
    return Annotations(
        notes=tuple(_read_note(reader, index, item) for index, item in enumerate(notes)),
        groups=tuple(_read_group(reader, index, item) for index, item in enumerate(groups)),
    )


def _read_note(reader: Reader, index: int, item: Json) -> Note:
    where = f"{WHERE}.notes[{index}]"
    found = reader.read_object(item, where, _NOTE_FIELDS)
    default = Note("")
    return Note(
        id=_read_id(reader, found, where),
        text=reader.read_text(found, "text", "", where=where, maximum=MAX_NOTE),
        position=reader.read_position(found.get("position"), where),
        width=_read_side(reader, found, "width", where, default.width),
        height=_read_side(reader, found, "height", where, default.height),
        color=reader.read_choice(found, "color", Color, default.color, where),
    )


def _read_group(reader: Reader, index: int, item: Json) -> Group:
    where = f"{WHERE}.groups[{index}]"
    found = reader.read_object(item, where, _GROUP_FIELDS)
    default = Group("")
    return Group(
        id=_read_id(reader, found, where),
        title=reader.read_text(found, "title", "", where=where, maximum=MAX_TITLE),
        position=reader.read_position(found.get("position"), where),
        width=_read_side(reader, found, "width", where, default.width),
        height=_read_side(reader, found, "height", where, default.height),
        color=reader.read_choice(found, "color", Color, default.color, where),
    )


def _read_id(reader: Reader, found: JsonObject, where: str) -> str:
    identifier = reader.read_text(found, "id", "", where=where, maximum=MAX_ID)
    # What was not read as it stands has been reported already.
    if not ANNOTATION_ID.match(identifier) and found.get("id", "") == identifier:
        reader.report(
            f"{where}.id",
            f"{identifier!r} cannot be the id of a note or a group." if identifier else f"{where} has no id.",
            "Use letters, digits, _ and -, not beginning with a digit.",
        )
    return identifier


def _read_side(reader: Reader, found: JsonObject, key: str, where: str, default: float) -> float:
    return reader.read_number(found, key, default, where, above=0.0, highest=MAX_SIDE) or default


def annotations_to_json(annotations: Annotations) -> JsonObject:
    """What `read_annotations` reads back to equal ones; nothing for none."""
    written: JsonObject = {}
    if annotations.notes:
        written["notes"] = [{"id": note.id, "text": note.text, **_place_to_json(note)} for note in annotations.notes]
    if annotations.groups:
        written["groups"] = [
            {"id": group.id, "title": group.title, **_place_to_json(group)} for group in annotations.groups
        ]
    return written


def _place_to_json(item: Note | Group) -> JsonObject:
    return {
        "position": {"x": item.position[0], "y": item.position[1]},
        "width": item.width,
        "height": item.height,
        "color": item.color.value,
    }
