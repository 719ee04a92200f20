"""New ids: UUIDs of version 7, so that a range of ids is a range of time; and ids that follow from a name."""

from __future__ import annotations

import hashlib
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


def named_id(kind: str, name: str) -> UUID:
    """The id of what there is one of for each name, as a step's own task: the same each time (version 8)."""
    digest = int.from_bytes(hashlib.sha256(f"wingbeat {kind} {name}".encode()).digest()[:16], "big")
    return UUID(int=digest & ~(0xF << 76) & ~(0b11 << 62) | 0x8 << 76 | VARIANT)
