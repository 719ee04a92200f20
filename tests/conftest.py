"""A real PostgreSQL for the tests: one server for all workers, one migrated template, a fresh database for each test.

Set TEST_DATABASE_URI to use a server of your own; its user must be allowed to create databases.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import hashlib
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
from tests.rig.places import make_server_folder, remove_forgotten

from wingbeat.sandbox import build
from wingbeat.sandbox.artifacts import ArtifactStore
from wingbeat.sandbox.code_runner import Sandbox
from wingbeat.storage import embedded
from wingbeat.storage.embedded import EmbeddedPostgres
from wingbeat.storage.migrate import MIGRATIONS, migrate
from wingbeat.storage.pool import SERVER_SETTINGS, Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from wingbeat.core.json_value import Json
    from wingbeat.sdk.code import CodeLanguage, CodeLimits, CodeRunner, WriteLine

HERE = Path(__file__).parent
# What takes seconds each, and mostly waits for other processes.
LONG = ("campaigns", "api/test_schemathesis.py", "browser", "bench", "faults", "cli")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests first: beside them short ones keep the machine busy, and at the end all processes end together."""
    rank = {HERE / name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: min(rank.get(place, len(LONG)) for place in (item.path, *item.path.parents)))


def pytest_collection_finish() -> None:
    """What is loaded by now stays. Looking through it for garbage again and again took a quarter of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(scope="session")
def server_dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that all test processes of this run share."""
    if given := os.environ.get("TEST_DATABASE_URI"):
        yield given
        return
    shared = shared_directory(tmp_path_factory)
    server = EmbeddedPostgres()
    with alone(shared):
        data_dir = shared_data_dir(shared)
        dsn = asyncio.run(server.start(data_dir))
        asyncio.run(hurry(dsn))
    yield dsn
    with alone(shared):
        asyncio.run(server.stop())
        if not embedded.status(data_dir).running:
            shutil.rmtree(data_dir)


@pytest.fixture(scope="session")
def template_database(server_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with all migrations, made once, to copy from."""
    name = f"wingbeat_template_{fingerprint()}"
    with alone(shared_directory(tmp_path_factory)):
        asyncio.run(make_template(server_dsn, name))
    return name


@pytest.fixture(scope="session")
def code_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory for the machines that code runs in, so that they are compiled once for all tests."""
    shared = shared_directory(tmp_path_factory)
    with alone(shared):
        build.build()
        asyncio.run(ArtifactStore(shared / "sandbox").get())
    return shared / "sandbox"


@pytest.fixture
def code(code_data_dir: Path) -> CodeRunner:
    """Runs code really, each time in a process that ends with it: fits whatever event loop there is."""
    return BriefSandbox(code_data_dir)


@dataclass(frozen=True)
class BriefSandbox:
    """A sandbox that is opened for each run."""

    data_dir: Path

    async def run(
        self, language: CodeLanguage, code: str, names: Mapping[str, Json], limits: CodeLimits, write: WriteLine
    ) -> Json:
        """Run code; see `CodeRunner.run`."""
        sandbox = Sandbox(self.data_dir, size=1)
        try:
            return await sandbox.run(language, code, names, limits, write)
        finally:
            await sandbox.close()


@pytest.fixture
async def empty_dsn(server_dsn: str) -> AsyncIterator[str]:
    """The address of a database without any table, dropped after the test."""
    async for dsn in fresh_database(server_dsn, "template0"):
        yield dsn


@pytest.fixture
async def database_dsn(server_dsn: str, template_database: str) -> AsyncIterator[str]:
    """The address of a migrated database of this test's own, dropped after the test."""
    async for dsn in fresh_database(server_dsn, template_database):
        yield dsn


@pytest.fixture
async def database(database_dsn: str) -> AsyncIterator[Database]:
    """A migrated database of this test's own, open."""
    with pytest.MonkeyPatch.context() as patched:
        # A test may hold a row, and wait for what waits for that, for longer than a program does; but what one left
        # behind ends before those give up who wait for it.
        patched.setitem(SERVER_SETTINGS, "idle_in_transaction_session_timeout", "40000")
        opened = await Database.open(database_dsn, min_size=1, max_size=8)
    yield opened
    await opened.close()


async def hurry(dsn: str) -> None:
    """Let the server leave writing to the disk to the system: it survives a kill, and no test cuts the power.

    Nothing lives long enough to need vacuuming, and a database that is vacuumed cannot be dropped or copied meanwhile.
    """
    for name in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
        await execute(dsn, f"ALTER SYSTEM SET {name} = off")
    await execute(dsn, "SELECT pg_reload_conf()")


async def fresh_database(server_dsn: str, template: str) -> AsyncIterator[str]:
    """Create a database from a template, yield its address, drop it with whoever is still connected."""
    dsn = await create_database(server_dsn, template)
    yield dsn
    await drop_database(server_dsn, dsn)


async def create_database(server_dsn: str, template: str) -> str:
    """Create a database from a template; its address."""
    name = f"test_{uuid4().hex}"
    # Copying files is several times faster here than logging every page, which is the default.
    await execute(server_dsn, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return in_database(server_dsn, name)


async def drop_database(server_dsn: str, dsn: str) -> None:
    """Drop it with whoever is still connected."""
    await execute(server_dsn, f'DROP DATABASE "{urlsplit(dsn).path[1:]}" WITH (FORCE)')


async def make_template(server_dsn: str, name: str) -> None:
    """Create the template unless it is there; it gets its name once it is complete."""
    if await execute(server_dsn, "SELECT 1 FROM pg_database WHERE datname = $1", name) is not None:
        return
    draft = f"{name}_{uuid4().hex[:8]}"
    await execute(server_dsn, f'CREATE DATABASE "{draft}"')
    await migrate(in_database(server_dsn, draft))
    await execute(server_dsn, f'ALTER DATABASE "{draft}" RENAME TO "{name}"')


async def execute(dsn: str, statement: str, *arguments: object) -> object:
    """One statement on a connection of its own; the first value of its first row."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement, *arguments)
    finally:
        await connection.close()


def in_database(dsn: str, name: str) -> str:
    """The same server, another database."""
    return urlsplit(dsn)._replace(path=f"/{name}").geturl()


def fingerprint() -> str:
    """Changes with every migration and every release of PgQueuer."""
    texts = [path.read_bytes() for path in sorted(MIGRATIONS.glob("*.sql"))]
    return hashlib.sha256(b"\x00".join([*texts, version("pgqueuer").encode()])).hexdigest()[:16]


def shared_directory(factory: pytest.TempPathFactory) -> Path:
    """A directory that all xdist workers of this run have in common."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def shared_data_dir(shared: Path) -> Path:
    """The data directory that the first worker made. Not below pytest's own, where the server's user may not go."""
    note = shared / "postgres_data_dir"
    if note.exists() and Path(note.read_text()).is_dir():
        return Path(note.read_text())
    remove_forgotten()
    data_dir = make_server_folder()
    note.write_text(str(data_dir))
    return data_dir


@contextmanager
def alone(shared: Path) -> Iterator[None]:
    """Only one test process at a time."""
    with (shared / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
