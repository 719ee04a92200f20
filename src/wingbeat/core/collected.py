"""What the iterations of one loop come to: kept as a list, or handed out in chunks that go to the blob store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wingbeat.core.json_value import Json
    from wingbeat.core.outcome import OpenLoop

# Iterations that share a chunk. As many chunks as there are iterations at once can be incomplete at the same time.
CHUNK: Final = 200


class _Absent:
    """Stands where an iteration has given nothing."""


ABSENT: Final = _Absent()


class Chunk(NamedTuple):
    """A part of the results, complete."""

    number: int
    values: list[Json]


class Results:
    """The results of one loop. `keep` is said of what an iteration gives, `over` when nothing more comes from it."""

    __slots__ = ("_in_order", "_left", "_parts", "_values", "chunks", "collect", "count", "spill")

    def __init__(self, opening: OpenLoop) -> None:
        self.collect = opening.collect
        self.spill = opening.collect and opening.spill
        self.count = 0
        # Chunks that were handed out.
        self.chunks = 0
        self._in_order = opening.in_order
        self._values: list[Json | _Absent] = []
        # In the order of the items: what incomplete chunks hold by index, and how many iterations they wait for.
        self._parts: dict[int, dict[int, Json]] = {}
        self._left: dict[int, int] = {}

    def keep(self, index: int, result: Json) -> None:
        """An iteration gave this."""
        if not self.collect:
            return
        self.count += 1
        values = self._values
        if not self._in_order:
            values.append(result)
        elif self.spill:
            self._parts.setdefault(index // CHUNK, {})[index] = result
        else:
            while len(values) <= index:
                values.append(ABSENT)
            values[index] = result

    def over(self, index: int) -> None:
        """An iteration has ended, whatever it gave."""
        if self.spill and self._in_order:
            number = index // CHUNK
            self._left[number] = self._left.get(number, CHUNK) - 1

    def complete(self, *, through: bool) -> Iterator[Chunk]:
        """Hand out the chunks that nothing can be added to: all that are left, if the loop is through."""
        if not self.spill:
            return
        if not self._in_order:
            while len(self._values) >= CHUNK or (through and self._values):
                values, self._values = self._values[:CHUNK], self._values[CHUNK:]
                yield self._chunk(self.chunks, values)
            return
        for number in sorted(self._left) if through else [one for one, left in self._left.items() if not left]:
            del self._left[number]
            part = self._parts.pop(number, {})
            yield self._chunk(number, [part[index] for index in sorted(part)])

    def _chunk(self, number: int, values: list[Json | _Absent] | list[Json]) -> Chunk:
        self.chunks += 1
        return Chunk(number, values)  # type: ignore[arg-type] # nothing absent is in a chunk

    def output(self, iterations: int) -> Json:
        """What leaves through `done`. Of chunks it is how many there are; who keeps them makes a reference of it."""
        if self.spill:
            return {"stream": {"chunks": self.chunks}, "count": self.count}
        if self.collect:
            return [result for result in self._values if not isinstance(result, _Absent)]
        return {"iterations": iterations}
