"""How often a caller may ask, and an address show what does not hold: counted in Redis for all processes, or here."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog

from wingbeat.core.access import PrincipalKind
from wingbeat.core.errors import RateLimited
from wingbeat.services.identity.sign_in import bucket_of

if TYPE_CHECKING:
    from wingbeat.core.access import Principal

PREFIX = "wingbeat"
# Whoever has a key that does not fit tries a few times; whoever guesses, often.
FAILURES = "60/minute"
REDIS_SECONDS = 0.5
# How long nobody asks a Redis that did not answer.
PAUSE_SECONDS = 10.0
# So many ask Redis at once; a crowd waits its turn, and is not taken for a Redis that does not answer.
AT_ONCE = 16

log = structlog.get_logger(__name__)


class Strategies(NamedTuple):
    """Where is counted: in this process, and in Redis if there is one."""

    here: Any
    shared: Any | None


class RateLimits:
    """Counts requests by caller and failures by address; rates are like `6000/minute`, and None is no limit.

    The key of the service is not counted: whoever has it answers for how often it asks. A Redis that cannot be reached
    keeps nobody out; meanwhile each process counts for itself.
    """

    def __init__(
        self, rate: str | None = None, redis_url: str | None = None, *, failures: str | None = FAILURES
    ) -> None:
        self._rate, self._redis_url, self._failures = rate, redis_url, failures
        self._strategies: Strategies | None = None
        self._silent_until = 0.0
        self._connections: Any = None
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def count(self, principal: Principal) -> None:
        """Count a request.

        Raises:
            RateLimited: `RATE_LIMITED`: there were too many.
        """
        if self._rate is None or principal.kind is not PrincipalKind.USER:
            return
        wait = await self._hit(self._rate, "caller", principal.key)
        if wait is not None:
            raise RateLimited(
                f"There were more requests than {self._rate} from this caller.",
                remedy="Wait as long as the header Retry-After says, and ask less often.",
                details={"retry_after_seconds": wait},
            )

    async def count_failure(self, address: str) -> None:
        """Count a credential that did not hold.

        One that holds is always taken: whoever shares an address with somebody who guesses is not locked out by that.

        Raises:
            RateLimited: `TOO_MANY_FAILURES`.
        """
        if self._failures is None:
            return
        wait = await self._hit(self._failures, "failure", bucket_of(address))
        if wait is not None:
            raise RateLimited(
                "Too many credentials from this address did not hold.",
                code="TOO_MANY_FAILURES",
                remedy="Wait as long as the header Retry-After says, and send a credential that holds.",
                details={"retry_after_seconds": wait},
            )

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._connections is not None:
            await self._connections.disconnect()

    async def _hit(self, rate: str, *names: str) -> int | None:
        """Seconds to wait if there were too many; None if there were not."""
        from limits import parse  # noqa: PLC0415 - only who serves requests needs it

        strategies, limit = self._open(), parse(rate)
        if strategies.shared is not None and not self._is_silent():
            async with self._turns:
                # Whoever waited may find that another has heard nothing meanwhile.
                if not self._is_silent():
                    try:
                        return await decide(strategies.shared, limit, names)
                    except Exception as error:  # noqa: BLE001 - the library gives what its driver raises
                        self._note_silence(error)
        return await decide(strategies.here, limit, names)

    def _is_silent(self) -> bool:
        return time.monotonic() < self._silent_until

    def _note_silence(self, error: Exception) -> None:
        if not self._is_silent():  # Of those who asked at once, the first one says it.
            log.warning("redis_unavailable", error=type(error).__name__, pause_seconds=PAUSE_SECONDS)
        self._silent_until = time.monotonic() + PAUSE_SECONDS

    def _open(self) -> Strategies:
        if self._strategies is None:
            from limits.aio.storage import MemoryStorage, RedisStorage  # noqa: PLC0415 - as above
            from limits.aio.strategies import SlidingWindowCounterRateLimiter as Strategy  # noqa: PLC0415 - as above

            shared = None
            if self._redis_url is not None:
                from redis.asyncio import ConnectionPool  # noqa: PLC0415 - as above

                self._connections = ConnectionPool.from_url(
                    self._redis_url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
                )
                storage = RedisStorage(
                    f"async+{self._redis_url}",
                    implementation="redispy",
                    key_prefix=PREFIX,
                    connection_pool=self._connections,
                )
                shared = Strategy(storage)
            self._strategies = Strategies(Strategy(MemoryStorage()), shared)
        return self._strategies


async def decide(strategy: Any, limit: Any, names: tuple[str, ...]) -> int | None:  # noqa: ANN401 - of the library
    """Count one; seconds to wait if that was too many."""
    if await strategy.hit(limit, *names):
        return None
    stats = await strategy.get_window_stats(limit, *names)
    reset: float = stats.reset_time
    return max(1, math.ceil(reset - time.time()))
