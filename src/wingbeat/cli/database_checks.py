"""What the doctor asks of the database: whether it can be used, and whether work gets done."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from wingbeat.cli.finding import Finding, attempt_async, ok, problem, warning
from wingbeat.core.errors import BadSettings
from wingbeat.storage import checkup, embedded, installation
from wingbeat.storage.connections import count_under_other_keys
from wingbeat.storage.embedded import EmbeddedPostgres
from wingbeat.storage.keys import KEY_FILE, Keys
from wingbeat.storage.migrate import pending_migrations
from wingbeat.storage.pool import connect, translate_errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import asyncpg

    from wingbeat.settings import Settings
    from wingbeat.storage.checkup import ServerState

OLDEST_SERVER = 150_000
MOST_SKEW_SECONDS = 5.0
LONG_SECONDS = 60.0
# What one process may take, with its pool and the connection of its lease.
CONNECTIONS_WANTED = 12


async def check_database(settings: Settings) -> list[Finding]:
    """Look at all of it; an embedded server that was made before is started for it if it does not run."""
    server = EmbeddedPostgres()
    try:
        return await attempt_async("database", _check(settings, server))
    finally:
        # Others who use it keep it, and nobody is to be told of an end that nobody asked for.
        with suppress(Exception):
            await server.stop()


async def _check(settings: Settings, server: EmbeddedPostgres) -> AsyncIterator[Finding]:
    if settings.database_uri is not None:
        dsn = settings.database_uri.get_secret_value()
    elif embedded.status(settings.data_dir).initialised:
        dsn = await server.start(settings.data_dir)
    else:
        return
    with translate_errors():
        async for finding in _look(dsn, timedelta(seconds=settings.lease_seconds), settings):
            yield finding


async def _look(dsn: str, lease: timedelta, settings: Settings) -> AsyncIterator[Finding]:
    connection = await connect(dsn)
    try:
        asked = datetime.now(UTC)
        state = await checkup.describe_server(connection)
        for finding in (_check_server(state), _check_connections(state), _check_clock(state, asked)):
            yield finding
        missing = await pending_migrations(dsn)
        if missing:
            yield _missing(missing)
            return
        yield ok("tables", "up to date")
        yield await _check_keys(connection, settings)
        async for finding in _check_work(connection, lease):
            yield finding
    finally:
        connection.terminate()


async def _check_keys(connection: asyncpg.Connection, settings: Settings) -> Finding:
    try:
        # Looking must not make one.
        there = settings.secret_key is not None or (settings.data_dir / KEY_FILE).exists()
        keys = Keys.open(settings) if there else None
    except BadSettings as error:
        return problem("keys", error.message, error.remedy)
    lost, earlier = await count_under_other_keys(connection, keys)
    if lost:
        names = ", ".join(f"{name} ({count})" for name, count in lost.items())
        remedy = "Set SECRET_KEY, or SECRET_KEY_PREVIOUS, to what they were stored with; or enter them anew."
        return problem("keys", f"Stored secrets cannot be read; they are under other keys: {names}.", remedy)
    if earlier:
        remedy = "Run `wingbeat keys rotate`; the earlier key is not needed any more then."
        return warning("keys", f"{earlier} stored secrets are under an earlier key", remedy)
    return ok("keys", "none is needed yet" if keys is None else f"all stored secrets are under {keys.current.name}")


def _check_server(state: ServerState) -> Finding:
    if state.version_number < OLDEST_SERVER:
        return problem("database", f"PostgreSQL {state.version} is too old.", "Upgrade it to version 15 or later.")
    if state.read_only:
        return problem("database", "The server only allows reading.", "Let DATABASE_URI name the primary server.")
    return ok("database", f"PostgreSQL {state.version} answers")


def _check_connections(state: ServerState) -> Finding:
    described = f"{state.connections} of {state.most_connections} in use"
    if state.most_connections - state.connections < CONNECTIONS_WANTED:
        remedy = "Raise the server's max_connections, or run fewer processes."
        return warning("connections", described, remedy)
    return ok("connections", described)


def _check_clock(state: ServerState, asked: datetime) -> Finding:
    skew = abs((state.now - asked).total_seconds())
    if skew > MOST_SKEW_SECONDS:
        message = f"This machine's clock and the database's are {skew:.0f} seconds apart."
        return warning("clock", message, "Let both machines follow a time server.")
    return ok("clock", "agrees with the database's")


def _missing(names: list[str]) -> Finding:
    return problem(
        "tables", f"Missing: {', '.join(names)}.", "Run `wingbeat migrate`, or start any process of Wingbeat."
    )


async def _check_work(connection: asyncpg.Connection, lease: timedelta) -> AsyncIterator[Finding]:
    workers = await installation.list_workers(connection, lease)
    queue = await installation.measure_queue(connection)
    stuck = await checkup.count_stuck(connection, lease)
    alive = sum(worker.alive for worker in workers)
    dead = len(workers) - alive
    if dead:
        remedy = "A worker that lives takes over from them within seconds; start one if none does."
        yield warning("workers", f"{alive} alive, {dead} dead", remedy)
    elif alive == 0 and queue.jobs:
        yield problem("workers", "none, and executions wait for one", "Start `wingbeat serve` or `wingbeat worker`.")
    else:
        yield ok("workers", f"{alive} alive")
    described = f"{queue.jobs} executions wait for a worker, {queue.parked} for a limit of their workflow"
    if queue.jobs and (queue.oldest_seconds or 0) > LONG_SECONDS:
        remedy = "Start more workers, or raise MAX_CONCURRENT_WORKFLOWS."
        yield warning("queue", f"{described}; the oldest for {queue.oldest_seconds:.0f} seconds", remedy)
    else:
        yield ok("queue", described)
    for finding in _check_stuck(stuck, alive):
        yield finding


def _check_stuck(stuck: checkup.StuckState, alive: int) -> list[Finding]:
    start = "Start `wingbeat serve` or `wingbeat worker`." if alive == 0 else "See the log of the workers."
    found = [
        (stuck.abandoned, "held by workers that are gone", start),
        (stuck.overdue, "should have been woken by now", start),
        (max(stuck.forgotten, 0), "pending and yet not in the queue", "Report it, with the log of the workers."),
    ]
    findings = [warning("executions", f"{count} {what}", remedy) for count, what, remedy in found if count]
    paused = f"{stuck.paused} are paused until somebody resumes them" if stuck.paused else "none is stuck"
    return findings or [ok("executions", paused)]
