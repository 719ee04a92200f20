"""The engine, to be harmed."""

from __future__ import annotations

from tests.worker.conftest import engine

__all__ = ["engine"]
