"""Work that takes more than some milliseconds and needs nobody: it goes to a thread, so that others go on meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


def aside(work: Callable[[], T], *, big: bool) -> T | Awaitable[T]:
    """`work()` here and now, or, where it is `big`, in a thread.

    A thread cannot be stopped: whoever hands in big work has bounded it before. It must not change what others see.
    """
    return asyncio.to_thread(work) if big else work()
