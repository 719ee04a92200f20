"""What is kept of folded journals: made once, bounded by weight, the last asked for the longest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from wingbeat.core.json_value import Json
from wingbeat.services.executions.kept_sights import Kept, weigh


class Maker:
    """Makes texts, and remembers which."""

    def __init__(self) -> None:
        self.made: list[str] = []

    async def ask(self, kept: Kept[str], text: str) -> str | None:
        """The text, from what is kept or anew."""

        async def make() -> str:
            await asyncio.sleep(0)
            self.made.append(text)
            return text

        def values(value: str) -> Iterable[Json]:
            yield value

        return await kept.get(text[0], make, values)


async def test_two_who_ask_at_once_make_it_once() -> None:
    """The second waits for the first, and so does a third that comes later not wait at all."""
    kept, maker = Kept[str](), Maker()
    assert ["a", "a"] == list(await asyncio.gather(maker.ask(kept, "a"), maker.ask(kept, "a")))
    assert "a" == await maker.ask(kept, "a")
    assert ["a"] == maker.made


async def test_it_keeps_no_more_than_so_much() -> None:
    """What was not asked for longest goes first; what is too heavy by itself is not kept."""
    kept, maker = Kept[str](most_weight=400, heaviest=250), Maker()
    for text in ("a" * 100, "b" * 100, "a" * 100, "c" * 100, "a" * 100, "b" * 100, "d" * 300, "d" * 300):
        await maker.ask(kept, text)
    assert ["a", "b", "c", "b", "d", "d"] == [text[0] for text in maker.made]


def test_a_value_weighs_what_is_in_it() -> None:
    """It is not counted further than need be."""
    assert weigh(["x" * 1000], 10_000) > 1000
    assert weigh([{"a": ["x" * 1000] * 3}], 10_000) > 3000
    assert weigh([list(range(1_000_000))], 10_000) < 10_000_000
