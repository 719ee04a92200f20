"""What the platform and a runner say to each other over two pipes: a head of fixed size, then bytes."""

from __future__ import annotations

import os
import struct
from enum import IntEnum

# To the runner: language, megabytes of memory, and the lengths of code, limits and data, which follow.
JOB = struct.Struct("<BHIII")
# From the runner: what it is, and the length of what follows.
ANSWER = struct.Struct("<cI")

READY, LINE, VALUE, ERROR, FAILURE = b"r", b"l", b"v", b"e", b"f"


class Language(IntEnum):
    """What code can be written in, by its number in a job."""

    PYTHON = 0
    JAVASCRIPT = 1


def read_exactly(file: int, size: int) -> bytes:
    """So many bytes, or `EOFError`."""
    parts = bytearray()
    while len(parts) < size:
        part = os.read(file, min(size - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def write_all(file: int, data: bytes) -> None:
    """All of it, however often it takes."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
