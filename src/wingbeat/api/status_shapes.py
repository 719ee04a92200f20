"""The shapes of answers about the installation: whether it is well, and what is going on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from wingbeat.api.shapes import Shape


class HealthShape(Shape):
    """The process answers."""

    status: Literal["alive", "ready"]


class WorkerShape(Shape):
    """One worker process."""

    worker_id: UUID
    host: str
    pid: int
    started_at: datetime
    heartbeat_at: datetime
    alive: bool
    executions: int


class QueueShape(Shape):
    """How much waits for a worker."""

    jobs: int
    oldest_seconds: float | None
    parked: int


class DatabaseShape(Shape):
    """The server and our database on it."""

    version: str
    bytes: int
    connections: int


class StatusShape(Shape):
    """The state of the whole installation."""

    version: str
    workers: list[WorkerShape]
    queue: QueueShape
    executions: dict[str, int] = Field(
        description="How many are pending, running, waiting, paused and failed. Completed and cancelled ones are not "
        "counted here; the total of a list with that status tells."
    )
    workflows: int
    limits: dict[str, Any]
    database: DatabaseShape
    problems: list[str] = Field(
        description="What somebody should mend, in sentences, as seen by the process that answers."
    )
