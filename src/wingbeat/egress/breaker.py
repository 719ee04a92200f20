"""The circuit breaker of a connection: after failures in a row nothing is sent for a while, and then one tries again.

Its state is in the connection's row, so that all workers share it; it is written only when it changes. A success that
began before the first failure does not close it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.core.errors import StepError
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.egress.kinds import Breaker

# How long the one that tries again may take before another one may.
TRIAL_SECONDS = 60.0


@dataclass
class Breaking:
    """One use, as the breaker sees it: what it was before, and how it went."""

    failures: int
    trial: bool
    failed: bool = False
    answered: bool = False

    def has_news(self, error: StepError | None) -> bool:
        """Take in how it ended; whether the row must change."""
        if error is not None and error.retryable and error.code.startswith("EGRESS_") and not self.answered:
            self.failed = True
        return self.failed or self.failures > 0 or self.trial


async def admit(
    connection: asyncpg.Connection, row: asyncpg.Record, breaker: Breaker, *, anyway: bool = False
) -> Breaking:
    """Let a use through; `anyway` lets it through as the one that tries again.

    Raises:
        StepError: `CONNECTION_CIRCUIT_OPEN`, which says since when and until when.
    """
    if row["breaker_until"] is None:
        return Breaking(row["breaker_failures"], trial=False)
    if anyway:
        return Breaking(row["breaker_failures"], trial=True)
    if row["breaker_until"] <= row["now"]:
        seconds = max(TRIAL_SECONDS, breaker.cool_down_seconds)
        if await load("connections").begin_trial(connection, connection_id=row["connection_id"], seconds=seconds):
            return Breaking(row["breaker_failures"], trial=True)
    raise is_open(row)


async def record(connection: asyncpg.Connection, connection_id: UUID, breaker: Breaker, breaking: Breaking) -> None:
    """Write down how a use went."""
    if not breaking.failed:
        await load("connections").close_breaker(connection, connection_id=connection_id)
        return
    await load("connections").count_failure(
        connection,
        connection_id=connection_id,
        failures=breaker.failures,
        seconds=breaker.cool_down_seconds,
        trial=breaking.trial,
    )


def is_open(row: asyncpg.Record) -> StepError:
    """What to say while nothing is let through."""
    since: datetime = row["breaker_opened_at"]
    until: datetime = row["breaker_until"]
    trying = until <= row["now"]
    when = "one request is trying it again now" if trying else f"nothing is sent until {until.isoformat()}"
    wait = 1.0 if trying else (until - row["now"]).total_seconds()
    return StepError(
        f"The connection '{row['name']}' failed {row['breaker_failures']} times in a row; since {since.isoformat()} "
        f"its circuit is open: {when}.",
        code="CONNECTION_CIRCUIT_OPEN",
        remedy="See why the other side does not answer. It is tried again by itself; testing the connection tries now.",
        details={
            "connection_id": str(row["connection_id"]),
            "failures": row["breaker_failures"],
            "open_since": since.isoformat(),
            "open_until": until.isoformat(),
            "retry_after_seconds": wait,
        },
        retryable=True,
    )
