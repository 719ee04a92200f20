"""PgQueuer as Wingbeat uses it: the names and the durability of its tables. No jobs are put or taken here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.queries import Queries

if TYPE_CHECKING:
    import asyncpg


def queue_settings() -> DBSettings:
    """The queue survives a crash of the server; its log and statistics need not, for nothing depends on them."""
    return DBSettings(durability=Durability.balanced)


def queue_queries(connection: asyncpg.Connection) -> Queries:
    """PgQueuer's statements on this connection, and so in its transaction."""
    settings = queue_settings()
    return Queries(
        AsyncpgDriver(connection),
        qbe=QueryBuilderEnvironment(settings),
        qbq=QueryQueueBuilder(settings),
        qbs=QuerySchedulerBuilder(settings),
    )
