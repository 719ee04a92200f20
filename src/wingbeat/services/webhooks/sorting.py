"""Deliveries that passed their checks, sorted: which are to start something, and what the others hear instead. Pure.

All of them came at the same moment, and the rows of their webhooks are locked: nobody else sorts any of theirs now.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from wingbeat.core.errors import Conflict
from wingbeat.services.webhooks.checks import Refusal, limited, no_webhook
from wingbeat.services.webhooks.rates import Rate, Recent
from wingbeat.storage.decisions import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    import asyncpg

    from wingbeat.core.errors import WingbeatError
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.webhooks.lookups import Hook
    from wingbeat.storage.webhooks import KnownDelivery

Key: TypeAlias = "tuple[UUID, str]"


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """A delivery that may come in if there is room. `error` is what is wrong with its content, if anything.

    `execution_id` is what its execution will have; `detail` goes to the decision; `size` is in bytes.
    """

    hook: Hook
    execution_id: UUID
    digest: bytes
    data: Json = None
    delivery_id: str | None = None
    error: WingbeatError | None = None
    detail: JsonObject = field(default_factory=dict)
    size: int = 0

    @property
    def key(self) -> Key | None:
        """What tells it from other deliveries of all webhooks."""
        return None if self.delivery_id is None else (self.hook.webhook_id, self.delivery_id)


class Again(NamedTuple):
    """A delivery that came before, and the execution that it led to."""

    execution_id: UUID


Verdict: TypeAlias = Refusal | Again


@dataclass(frozen=True, slots=True)
class Sorted:
    """What becomes of the deliveries of a batch.

    `going` are to start something; `told` have their verdict already; `following` have the id of one that is going,
    and hear what that one hears. `recent` has what was let in, by webhook.
    """

    going: list[Arrival] = field(default_factory=list)
    told: list[tuple[Arrival, Verdict]] = field(default_factory=list)
    following: list[tuple[Arrival, Arrival]] = field(default_factory=list)
    recent: dict[UUID, Recent] = field(default_factory=dict)


def sort_out(
    arrivals: Iterable[Arrival],
    locked: Mapping[UUID, asyncpg.Record],
    known: Mapping[Key, KnownDelivery],
) -> Sorted:
    """Sort a batch. `locked` has the rows of the webhooks, `known` the deliveries that came before."""
    found = Sorted()
    for webhook_id, row in locked.items():
        rate = Rate(row["rate_limit_max"], row["rate_limit_window"])
        found.recent[webhook_id] = Recent(rate, row["recent"], row["now"])
    leaders: dict[Key, Arrival] = {}
    for arrival in arrivals:
        verdict = _judge(arrival, locked, known, leaders, found)
        if verdict is not None:
            found.told.append((arrival, verdict))
    return found


def _judge(
    arrival: Arrival,
    locked: Mapping[UUID, asyncpg.Record],
    known: Mapping[Key, KnownDelivery],
    leaders: dict[Key, Arrival],
    found: Sorted,
) -> Verdict | None:
    """What it hears at once; None if it goes, or follows another."""
    row = locked.get(arrival.hook.webhook_id)
    if row is None or not row["enabled"]:
        return Refusal(Outcome.DISABLED, no_webhook())
    key = arrival.key
    if key is not None and key in known:
        earlier = known[key]
        return Again(earlier.execution_id) if earlier.digest == arrival.digest else id_reused()
    leader = leaders.get(key) if key is not None else None
    if leader is not None and leader.digest != arrival.digest:
        return id_reused()
    if leader is not None:
        found.following.append((arrival, leader))
        return None
    return _let_in(arrival, leaders, found)


def _let_in(arrival: Arrival, leaders: dict[Key, Arrival], found: Sorted) -> Verdict | None:
    recent = found.recent[arrival.hook.webhook_id]
    if recent.room() < 1:
        return Refusal(Outcome.LIMITED, limited(recent.seconds_to_room()))
    recent.add(1)
    if arrival.error is not None:
        return Refusal(Outcome.INVALID, arrival.error)
    found.going.append(arrival)
    if arrival.key is not None:
        leaders[arrival.key] = arrival
    return None


def id_reused() -> Refusal:
    """What is said of another body under the same id."""
    error = Conflict(
        "A delivery with this id came before with another body; nothing was started.",
        code="DELIVERY_ID_REUSED",
        remedy="Give each delivery an id of its own, and the same id only to the same delivery.",
    )
    return Refusal(Outcome.DUPLICATE, error)


def count_going(going: Sequence[Arrival]) -> dict[UUID, list[Arrival]]:
    """The deliveries by their webhooks."""
    found: dict[UUID, list[Arrival]] = {}
    for arrival in going:
        found.setdefault(arrival.hook.webhook_id, []).append(arrival)
    return found
