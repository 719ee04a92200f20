"""Senders of the mixture, who hold what they hear against what they must hear, and keep what was accepted."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID

from tests.campaigns.mixture import Wanted

from wingbeat.bench.http_client import HttpClient
from wingbeat.storage.decisions import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.campaigns.mixture import Mixture, Sent

SENDERS = 64
ALL_KINDS = 100
# No divisor of the number of kinds, so that each has its turn.
LOOKED_AT = 97
TOO_MANY = 429
LIMITED = Wanted(TOO_MANY, "WEBHOOK_RATE_LIMITED")
# With an answer of the workflow's own, which tells no id.
ANSWERED_BY_WORKFLOW = 201
LOOKS = 5


class Crowd:
    """Sends everything, and holds what it hears against what it must hear."""

    def __init__(self, mixture: Mixture, port: int, number: int, minutes: float | None) -> None:
        self._mixture = mixture
        self._port = port
        self._numbers = count()
        self._number = number
        self._seconds = math.inf if minutes is None else minutes * 60
        self._until = math.inf
        self.answered = 0
        self.wrong: Counter[str] = Counter()
        self.outcomes: Counter[tuple[UUID, Outcome]] = Counter()
        self.accepted: set[bytes] = set()
        self._copies: dict[str, UUID] = {}
        self.looked_at: dict[UUID, Sent] = {}
        self._memory: list[tuple[int, float]] = []

    async def begin(self) -> None:
        """Wait for the server, and send what must be there before everything else."""
        for _ in range(600):
            try:
                async with HttpClient(self._port) as client:
                    await self._hear(client, self._mixture.first())
                    return
            except OSError:
                await asyncio.sleep(0.1)
        raise AssertionError("The server does not answer.")

    async def send_all(self) -> None:
        """Send as many as were asked for, or as the time is enough for."""
        self._until = time.monotonic() + self._seconds
        await asyncio.gather(*(self._send_some(self._mixture.make) for _ in range(SENDERS)))

    async def send_once_more(self, flood: int) -> None:
        """Send every kind once more, and so many to the webhook that takes few."""
        self._grow(ALL_KINDS)
        await self.send_all()
        self._grow(flood)
        await asyncio.gather(*(self._send_some(self._mixture.flood) for _ in range(SENDERS)))

    def _grow(self, more: int) -> None:
        self._numbers, self._number = count(self._number), self._number + more

    def note_memory(self, megabytes: float) -> None:
        """What the server holds now."""
        self._memory.append((self.answered, megabytes))

    def memory_after(self, share: float) -> float:
        """What it held when this part of the requests was answered: the most of some looks, for it goes up and down."""
        last = [place for place, (answered, _) in enumerate(self._memory) if answered <= share * self.answered]
        looks = self._memory[max(0, len(last) - LOOKS) : len(last)]
        return max((megabytes for _, megabytes in looks), default=0.0)

    async def _send_some(self, make: Callable[[int], Sent]) -> None:
        while True:
            async with HttpClient(self._port) as client:
                while (number := next(self._numbers)) < self._number and time.monotonic() < self._until:
                    sent = make(number)
                    await self._hear(client, sent, number)
                    if sent.wanted.hangs_up:
                        break
                else:
                    return

    async def _hear(self, client: HttpClient, sent: Sent, number: int = 0) -> None:
        status, body = await client.send(sent.data)
        self.answered += 1
        answer, wanted = json.loads(body), sent.wanted
        code, outcome = answer.get("error_code"), wanted.outcome
        if wanted.or_limited and status == TOO_MANY:
            wanted, outcome = LIMITED, Outcome.LIMITED
        if (wanted.status, wanted.code) != (status, code):
            self.wrong[f"{status} {code}, not {wanted.status} {wanted.code}"] += 1
            return
        if outcome is Outcome.FIRED and status != ANSWERED_BY_WORKFLOW:
            execution_id = UUID(answer["data"]["execution_id"])
            outcome = self._outcome_of(wanted, execution_id)
            if number % LOOKED_AT == 0 and (wanted.body is not None or wanted.files):
                self.looked_at[execution_id] = sent
        if outcome is not None and sent.hook is not None:
            self.outcomes[sent.hook.webhook_id, outcome] += 1

    def _outcome_of(self, wanted: Wanted, execution_id: UUID) -> Outcome:
        """What is recorded of what was accepted: of its copies, one has fired."""
        self.accepted.add(execution_id.bytes)
        if wanted.of is None:
            return Outcome.FIRED
        known = self._copies.get(wanted.of)
        self._copies[wanted.of] = execution_id
        if known not in {None, execution_id}:
            self.wrong["copies with executions of their own"] += 1
        return Outcome.FIRED if known is None else Outcome.DUPLICATE
