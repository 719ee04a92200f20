"""PgQueuer as Wingbeat sets it up: the names and the durability of its tables.

Jobs are put in and taken out in `storage.dispatch`, not here.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.queries import Queries

if TYPE_CHECKING:
    import asyncpg


def queue_settings() -> DBSettings:
    """The queue survives a crash of the server; its log and statistics need not, for nothing depends on them."""
    return DBSettings(durability=Durability.balanced)


class _Builders(NamedTuple):
    environment: QueryBuilderEnvironment
    queue: QueryQueueBuilder
    scheduler: QuerySchedulerBuilder


@cache
def _builders() -> _Builders:
    """Made once: reading PgQueuer's settings takes as long as running some executions."""
    settings = queue_settings()
    return _Builders(QueryBuilderEnvironment(settings), QueryQueueBuilder(settings), QuerySchedulerBuilder(settings))


def queue_queries(connection: asyncpg.Connection) -> Queries:
    """PgQueuer's statements on this connection, and so in its transaction."""
    builders = _builders()
    return Queries(AsyncpgDriver(connection), qbe=builders.environment, qbq=builders.queue, qbs=builders.scheduler)
