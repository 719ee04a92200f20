"""What a loop goes through: a list, or a stream of which one chunk at a time is in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.outcome import OpenLoop


class Items:
    """The items of one loop, handed out in order; `count` is how many iterations they make."""

    __slots__ = ("_list", "_next_chunk", "_offset", "_size", "_total", "chunks", "count", "stream")

    def __init__(self, opening: OpenLoop) -> None:
        self.stream: JsonObject | None = opening.stream
        self.chunks = 0
        self._list: list[Json] = opening.items or []
        self._total = len(self._list)
        self._size = opening.batch_size
        self._offset = 0
        self._next_chunk = 0
        if opening.stream is not None:
            told = cast("dict[str, Any]", opening.stream)
            self.chunks, self._total = told["stream"]["chunks"], told["count"]
        self.count = self._total if self._size is None else -(-self._total // self._size)

    def missing(self) -> int | None:
        """The chunk that has to be there before the next iteration can begin, if one has."""
        if self.stream is None or self._next_chunk >= self.chunks:
            return None
        return self._next_chunk if len(self._list) - self._offset < (self._size or 1) else None

    def add(self, values: list[Json]) -> None:
        """The next chunk has come."""
        self._list = self._list[self._offset :] + values
        self._offset = 0
        self._next_chunk += 1

    def take(self) -> Json:
        """What the next iteration gets."""
        begin = self._offset
        if self._size is not None:
            self._offset = begin + self._size
            return self._list[begin : self._offset]
        self._offset = begin + 1
        return self._list[begin] if begin < len(self._list) else None
