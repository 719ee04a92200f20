"""New ids: UUIDs of version 7, so that a range of ids is a range of time."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from uuid import UUID

VERSION = 0x7 << 76
VARIANT = 0b10 << 62
# Where the milliseconds since 1970 stand, and the random bits that version and variant leave.
TIME_SHIFT = 80
HIGH_RANDOM_SHIFT = 64


def new_id() -> UUID:
    """An id of this moment by this machine's clock; ids of one millisecond are in no particular order."""
    random = secrets.randbits(74)
    milliseconds = time.time_ns() // 1_000_000
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << TIME_SHIFT | VERSION | high << HIGH_RANDOM_SHIFT | VARIANT | low)


def lowest_id(moment: datetime) -> UUID:
    """No id of `moment` or later is lower, and every id from before is."""
    return UUID(int=int(moment.timestamp() * 1000) << TIME_SHIFT)


def time_of(identifier: UUID) -> datetime:
    """The moment at which an id of version 7 was made, to the millisecond."""
    return datetime.fromtimestamp((identifier.int >> TIME_SHIFT) / 1000, UTC)
