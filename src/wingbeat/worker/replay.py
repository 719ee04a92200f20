"""Journals as they are read back: rows with what lies in blobs, and which blobs hold whole outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.core.commands import Run
from wingbeat.core.outcome import Outcome
from wingbeat.storage.encoding import decode_json
from wingbeat.worker.journal_rows import events_of, is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wingbeat.core.commands import OpenCommand
    from wingbeat.core.events import Event
    from wingbeat.core.json_value import Json
    from wingbeat.core.outcome import Result
    from wingbeat.storage.blobs import Blobs
    from wingbeat.storage.journal import RecordedRow

# Of so many big outputs it is known where they are, so that handing one on stores nothing.
MOST_KNOWN = 1_000


class KnownBlobs:
    """The blobs that hold the whole output of a row, by its number: the latest ones."""

    __slots__ = ("_names",)

    def __init__(self) -> None:
        self._names: dict[int, str] = {}

    def know(self, sequence: int, blob: str) -> None:
        """The output of that row is in this blob."""
        self._names[sequence] = blob
        if len(self._names) > MOST_KNOWN:
            del self._names[next(iter(self._names))]

    def find(self, command: OpenCommand, result: Result) -> str | None:
        """The blob that holds the output already, where it is the very value that came in."""
        if not self._names or not isinstance(result, Outcome) or not isinstance(command, Run):
            return None
        output = result.output
        return next((self._names.get(one.sequence) for one in command.arrivals if one.value is output), None)


async def read_events(rows: Sequence[RecordedRow], blobs: Blobs, known: KnownBlobs) -> Iterator[Event]:
    """The events of a page of a journal; rows that refer to the same blob get the same value again."""
    values: dict[str, Json] = {}
    for row in rows:
        if row.output_blob is not None and row.output_blob not in values:
            values[row.output_blob] = decode_json(await blobs.get(row.output_blob))
        if row.output_blob is not None and is_whole(row):
            known.know(row.sequence, row.output_blob)
    return events_of([row if row.output_blob is None else row._replace(output=values[row.output_blob]) for row in rows])
