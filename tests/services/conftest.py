"""The engine, for the services that start executions."""

from __future__ import annotations

from tests.worker.conftest import engine

__all__ = ["engine"]
