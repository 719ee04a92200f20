"""The embedded PostgreSQL: shared by processes, stopped after the last one, and back after every kind of kill."""

# ruff: noqa: ASYNC240, S603 - a test may block, for nothing else runs; and it starts what it says itself

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from subprocess import PIPE

import asyncpg
import psutil
import pytest
from tests.rig.places import make_server_folder

from wingbeat.core.errors import BadSettings, DatabaseUnavailable, PlatformError, WingbeatError
from wingbeat.storage.embedded import EmbeddedPostgres, status
from wingbeat.storage.embedded_account import PACKAGE, binaries, installed_package, server_account
from wingbeat.storage.embedded_cluster import Places

# A process that uses the database: it says the address, and then does what it reads until it is told to stop.
USER = """
import asyncio, sys
from pathlib import Path
from wingbeat.storage.embedded import EmbeddedPostgres

async def main():
    database = EmbeddedPostgres()
    print(await database.start(Path(sys.argv[1])), flush=True)
    while (line := await asyncio.to_thread(sys.stdin.readline)) == "revive\\n":
        print(await database.ensure_running(), flush=True)
    await database.stop()

asyncio.run(main())
"""

NOBODY = 65534

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has PostgreSQL run as another user")


class User:
    """A process of its own that uses the database, in a session of its own as from a terminal."""

    def __init__(self, data: Path) -> None:
        command = [sys.executable, "-c", USER, str(data)]
        self.process = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True, start_new_session=True)

    def address(self) -> str:
        """The next address that it says; empty if it ended instead."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def tell(self, line: str) -> None:
        """Have it do something."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """End it without giving it a chance to do anything about it."""
        self.process.kill()
        self.close()

    def close(self) -> int:
        """Wait for its end; returns its exit code."""
        self.process.communicate()
        return self.process.returncode


class Users:
    """Starts processes that use one data directory."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.started: list[User] = []

    def start(self) -> User:
        """Start one more; it is not ready yet."""
        self.started.append(User(self.data))
        return self.started[-1]


@pytest.fixture
def data() -> Iterator[Path]:
    """A data directory that the server's user can reach, which pytest's own directories are not for root."""
    above = make_server_folder()
    yield above / "data"
    shutil.rmtree(above)


@pytest.fixture
def users(data: Path) -> Iterator[Users]:
    """Processes that use the data directory; none is left at the end, nor is a server."""
    made = Users(data)
    yield made
    for user in made.started:
        user.kill()
    await_end(data)


@pytest.fixture
async def database() -> AsyncIterator[EmbeddedPostgres]:
    """A use of the embedded database by this very process, not started yet."""
    use = EmbeddedPostgres()
    yield use
    await use.stop()


def await_end(data: Path) -> None:
    """Wait until there is no guardian, which ends after the server: it holds a lock as long as it lives."""
    if not data.is_dir():
        return
    with (data / "postgres.guardian").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def processes(data: Path, name: str) -> list[psutil.Process]:
    """The processes of a data directory that are called `name`: its guardian, or its servers (not their children)."""
    cluster = str(Places.below(data).cluster.directory)
    found = psutil.process_iter(["cmdline", "status"])
    return [
        process
        for process in found
        if process.info["status"] != psutil.STATUS_ZOMBIE
        and cluster in (line := process.info["cmdline"] or [])
        and any(part.endswith(name) for part in line)
        and "/bin/sh" not in line
    ]


async def leave(data: Path, name: str) -> bool:
    """Whether all processes called `name` are gone soon: they let go of their locks just before they end."""
    deadline = time.monotonic() + 60
    while processes(data, name):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.01)
    return True


def server(data: Path) -> int:
    """The process number of the server, which must run."""
    pid = status(data).pid
    assert pid is not None
    return pid


async def execute(address: str, statement: str) -> object:
    """Run one statement over a connection of its own; returns its first value."""
    connection = await asyncpg.connect(address)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def as_nobody(program: str, *arguments: str) -> bool:
    """Whether a Python program, run by a user without any rights and without input, ends well."""
    try:
        subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            user=NOBODY,
            group=NOBODY,
            extra_groups=(),
        )
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True


async def refusal(database: EmbeddedPostgres, data: Path) -> WingbeatError:
    """The error with which a start ends."""
    with pytest.raises(WingbeatError) as caught:
        await database.start(data)
    return caught.value


async def test_two_processes_at_once_on_an_empty_directory_share_one_server(users: Users) -> None:
    """Of two processes that start at the same moment, one creates the database and both use it."""
    first, second = users.start(), users.start()

    addresses = [first.address(), second.address()]

    assert addresses[0] == addresses[1]
    assert await execute(addresses[0], "SELECT current_database()") == "wingbeat"
    assert (
        len(processes(users.data, "/postgres")) == 1 + 1
    )  # The server, and the guardian that names the same directory.
    assert len(processes(users.data, "embedded_guardian.py")) == 1
    assert status(users.data).users == 2


async def test_a_killed_user_leaves_the_server_to_the_others(users: Users) -> None:
    """The server goes on, with its connections, when one of two users is killed."""
    first, second = users.start(), users.start()
    address = first.address()
    second.address()
    pid = server(users.data)

    connection = await asyncpg.connect(address)
    first.kill()

    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()
    assert server(users.data) == pid
    assert status(users.data).users == 1


async def test_the_server_ends_when_all_users_were_killed(users: Users) -> None:
    """Nobody has to tidy up after users that were killed."""
    first, second = users.start(), users.start()
    first.address()
    second.address()

    first.kill()
    second.kill()
    await_end(users.data)

    assert not status(users.data).running


def test_a_user_killed_while_it_starts_leaves_nothing(users: Users) -> None:
    """Killed at any moment of the very first start, a user leaves no server, and the next one can start."""
    for written in ("postgres.users", "postgres.guardian", "postgres", "run", "postgres/postmaster.pid"):
        user = users.start()
        while not (users.data / written).exists():
            with contextlib.suppress(subprocess.TimeoutExpired):
                user.process.wait(timeout=0.001)
        user.kill()
        await_end(users.data)
        assert not status(users.data).running

    assert users.start().address() != ""


async def test_the_last_to_leave_waits_for_the_end_of_the_server(users: Users) -> None:
    """A process that used the database alone leaves nothing running when it has ended."""
    user = users.start()
    user.address()

    user.tell("stop")

    assert user.close() == 0
    assert not status(users.data).running
    assert await leave(users.data, "embedded_guardian.py")


async def test_a_server_that_runs_and_lets_nobody_in_is_told(data: Path, users: Users) -> None:
    """As with a disk that is full: no session can begin, and the driver's own error is nothing for people."""
    user = users.start()
    user.address()
    user.tell("stop")
    user.close()
    Places.below(data).cluster.directory.joinpath("pg_hba.conf").write_text("local all all reject\n")

    error = await refusal(EmbeddedPostgres(), data)

    assert isinstance(error, DatabaseUnavailable)
    assert "pg_hba.conf rejects" in error.message


async def test_who_leaves_first_does_not_stop_the_server(users: Users, database: EmbeddedPostgres) -> None:
    """A clean end of one user does not disturb another."""
    address = await database.start(users.data)
    user = users.start()
    user.address()
    pid = server(users.data)

    user.tell("stop")
    user.close()

    assert server(users.data) == pid
    assert await execute(address, "SELECT 1") == 1


async def test_a_killed_server_comes_back_with_its_data(users: Users) -> None:
    """After `kill -9` of the server, all users may ask at once for it to run, and find what was committed."""
    first, second = users.start(), users.start()
    address = first.address()
    second.address()
    await execute(address, "CREATE TABLE kept AS SELECT 42 AS answer")
    killed = server(users.data)
    os.kill(killed, signal.SIGKILL)

    first.tell("revive")
    second.tell("revive")
    addresses = {first.address(), second.address()}

    assert addresses == {address}
    assert server(users.data) != killed
    assert await execute(address, "SELECT answer FROM kept") == 42
    assert len(processes(users.data, "embedded_guardian.py")) == 1


async def test_a_killed_connection_process_does_not_end_the_server(data: Path, database: EmbeddedPostgres) -> None:
    """After `kill -9` of the process behind one connection, the same server takes connections again."""
    address = await database.start(data)
    killed, witness = await asyncpg.connect(address), await asyncpg.connect(address)
    cut_off = asyncio.Event()
    witness.add_termination_listener(lambda _: cut_off.set())
    pid = server(data)

    os.kill(killed.get_server_pid(), signal.SIGKILL)
    await cut_off.wait()

    assert await execute(await database.ensure_running(), "SELECT 1") == 1
    assert server(data) == pid


async def test_the_guardian_ignores_signals_for_its_users(users: Users) -> None:
    """A Ctrl-C ends the user and not the guardian, which then stops the server; nor does a signal to itself end it."""
    user = users.start()
    user.address()
    (guardian,) = processes(users.data, "embedded_guardian.py")
    assert os.getpgid(guardian.pid) != os.getpgid(user.process.pid)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        guardian.send_signal(number)
    os.killpg(user.process.pid, signal.SIGINT)
    user.close()
    await_end(users.data)

    assert not status(users.data).running


async def test_a_killed_guardian_is_replaced(users: Users, database: EmbeddedPostgres) -> None:
    """Whoever joins or reconnects sees to it that there is a guardian; without one, the last user stops the server."""
    await database.start(users.data)
    (guardian,) = processes(users.data, "embedded_guardian.py")
    guardian.kill()
    await_end(users.data)

    await database.ensure_running()
    (successor,) = processes(users.data, "embedded_guardian.py")
    successor.kill()
    await database.stop()

    assert not status(users.data).running


async def test_a_database_survives_being_left_and_joined_again(data: Path, database: EmbeddedPostgres) -> None:
    """What one run wrote, the next one reads."""
    await execute(await database.start(data), "CREATE TABLE kept AS SELECT 'ü' AS text")
    await database.stop()

    assert await execute(await database.start(data), "SELECT text FROM kept") == "ü"


async def test_an_unfinished_initialisation_is_thrown_away(data: Path, database: EmbeddedPostgres) -> None:
    """What a killed initialisation left is not taken for a database, and does not stay."""
    unfinished = data / "postgres.new-killed"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    assert await execute(await database.start(data), "SELECT 1") == 1
    assert not unfinished.exists()


async def test_a_process_number_used_again_is_not_taken_for_the_server(data: Path, database: EmbeddedPostgres) -> None:
    """After a power cut the old server's number may belong to anybody, who is left alone; the server starts."""
    await database.start(data)
    record = data / "postgres" / "postmaster.pid"
    recorded = record.read_text().splitlines()
    await database.stop()
    record.write_text("\n".join([str(os.getpid()), *recorded[1:]]) + "\n")
    shutil.chown(record, (data / "postgres").stat().st_uid, (data / "postgres").stat().st_gid)

    assert not status(data).running
    assert await execute(await database.start(data), "SELECT 1") == 1


@pytest.mark.parametrize("name", ["with space, comma", "with 'quotes\" and $HOME", "so/" + "long" * 40])
async def test_any_directory_name_will_do(data: Path, database: EmbeddedPostgres, name: str) -> None:
    """Neither a shell's special characters nor a path too long for a socket keep a database from starting."""
    address = await database.start(data / name)

    assert await execute(address, "SELECT 1") == 1
    assert (data / name / "postgres" / "PG_VERSION").read_text() == "18\n"
    await database.stop()
    shutil.rmtree(Path(tempfile.gettempdir()) / Places.below(data / name).cluster.name)


async def test_the_server_is_reached_by_its_owner_alone(data: Path, database: EmbeddedPostgres) -> None:
    """The server listens on a socket in a private directory, and on no network address."""
    address = await database.start(data)

    assert await execute(address, "SHOW listen_addresses") == ""
    assert (data / "run").stat().st_mode & 0o777 == 0o700
    assert (data / "run").stat().st_uid == (data / "postgres").stat().st_uid
    assert data.stat().st_mode & 0o007 == 0


async def test_the_database_does_not_depend_on_the_machine(
    data: Path, database: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same encoding, order and time zone everywhere, whatever the environment says; commits are durable."""
    for name, value in {"LC_ALL": "xx_XX", "TZ": "Asia/Tokyo", "PGDATA": "/nowhere", "PGPORT": "1"}.items():
        monkeypatch.setenv(name, value)
    address = await database.start(data)
    monkeypatch.delenv("PGPORT")

    assert await execute(address, "SHOW server_encoding") == "UTF8"
    assert await execute(address, "SHOW TimeZone") == "UTC"
    assert await execute(address, "SELECT upper('ä') || least('a', 'B')") == "ÄB"
    assert await execute(address, "SELECT current_setting('fsync') || current_setting('synchronous_commit')") == "onon"


async def test_a_long_log_is_emptied(data: Path, database: EmbeddedPostgres) -> None:
    """The server's log does not grow for ever."""
    data.mkdir()
    with (data / "postgres.log").open("wb") as log:
        log.truncate(10_000_001)

    await database.start(data)

    assert (data / "postgres.log").stat().st_size < 100_000


async def test_another_version_is_refused(data: Path, database: EmbeddedPostgres) -> None:
    """A database that another major version wrote is left alone, and the error says what to do."""
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "PG_VERSION").write_text("17\n")

    error = await refusal(database, data)

    assert isinstance(error, BadSettings)
    assert error.code == "DATABASE_VERSION"
    assert "pg_dump" in error.remedy
    assert [entry.name for entry in (data / "postgres").iterdir()] == ["PG_VERSION"]
    assert await leave(data, "embedded_guardian.py")


async def test_a_file_in_the_place_of_the_directory_is_refused(data: Path, database: EmbeddedPostgres) -> None:
    """A data directory that is none is a setting to mend, not a crash."""
    data.write_text("I was here first")

    error = await refusal(database, data)

    assert isinstance(error, BadSettings)
    assert str(data) in error.message


async def test_a_broken_configuration_is_told_with_its_reason(data: Path, database: EmbeddedPostgres) -> None:
    """If the server does not start, the error carries what it said, and leaves nothing running."""
    await database.start(data)
    await database.stop()
    with (data / "postgres" / "postgresql.conf").open("a") as configuration:
        configuration.write("no_such_setting = 1\n")

    error = await refusal(database, data)

    assert error.code == "DATABASE_START_FAILED"
    assert "no_such_setting" in str(error.details["output"])
    assert await leave(data, "embedded_guardian.py")


@as_root
async def test_a_closed_directory_above_is_named_and_stays_closed(data: Path, database: EmbeddedPostgres) -> None:
    """What lies above the data directory is not ours to open for the server's user."""
    data.mkdir(mode=0o700)
    (data / "sub").mkdir()

    error = await refusal(database, data / "sub")

    assert isinstance(error, BadSettings)
    assert error.code == "DATA_DIRECTORY_CLOSED"
    assert f"may not enter {data}." in error.message
    assert data.stat().st_mode & 0o777 == 0o700


@as_root
async def test_the_server_of_root_runs_as_somebody_else(data: Path, database: EmbeddedPostgres) -> None:
    """Root's server has a user who owns the database and nothing else in the data directory, and does not list it."""
    await database.start(data)

    owner = (data / "postgres").stat().st_uid
    assert owner != 0
    assert set(psutil.Process(server(data)).uids()) == {owner}
    assert data.stat().st_uid == 0
    assert data.stat().st_mode & 0o777 == 0o710
    owned = {entry.name for entry in data.iterdir() if entry.stat().st_uid == owner}
    assert owned == {"postgres", "postgres.log", "run"}


@as_root
def test_programs_out_of_reach_are_copied(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the server's user cannot enter the installation (in root's home, say), it gets a copy that works."""
    data.mkdir(mode=0o755)
    private = data.parent / "private"
    private.mkdir(mode=0o700)
    package = installed_package()
    for name in (PACKAGE, f"{PACKAGE}.libs"):
        shutil.copytree(package.parent / name, private / name, ignore=shutil.ignore_patterns("pginstall", "include"))
    monkeypatch.syspath_prepend(private)
    account = server_account(data / "postgres")

    programs = binaries(data, account)

    assert programs.is_relative_to(data)
    assert account.run([programs / "postgres", "--version"]).stdout.startswith("postgres (PostgreSQL) 18")
    assert (
        account.run([programs / "initdb", "-N", "-D", "/nowhere/at/all"]).stderr.count("could not create directory")
        == 1
    )
    assert binaries(data, account) == programs
    assert private.stat().st_mode & 0o777 == 0o700


@as_root
async def test_a_full_disk_is_told_as_such(data: Path, database: EmbeddedPostgres) -> None:
    """No space for the database files: the error says so and the half-made files are gone."""
    data.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=20m,mode=711", "tmpfs", str(data)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:  # noqa: ASYNC221
        pytest.skip("this container may not mount a small file system")
    try:
        error = await refusal(database, data)

        assert isinstance(error, PlatformError)
        assert error.code == "DISK_FULL"
        assert list(data.glob("postgres.new-*")) == []
    finally:
        subprocess.run(["umount", "-l", str(data)], check=True)  # noqa: ASYNC221, S607


@as_root
def test_an_ordinary_user_needs_nothing_special(data: Path) -> None:
    """Without root, the server runs as the user itself and leaves nothing behind."""
    if not as_nobody("import wingbeat, asyncpg"):
        pytest.skip("this Python lies where only root may enter")
    data.mkdir()
    os.chown(data, NOBODY, NOBODY)

    assert as_nobody(USER, str(data))

    assert {entry.stat().st_uid for entry in data.rglob("*")} == {NOBODY}
    assert (data / "postgres" / "PG_VERSION").exists()
    assert not status(data).running


async def test_status_of_nothing(data: Path) -> None:
    """Looking at a directory that does not exist says that there is nothing, and creates nothing."""
    found = status(data)

    assert (found.initialised, found.running, found.users, found.size_bytes) == (False, False, 0, 0)
    assert not data.exists()


async def test_status_of_a_running_database(data: Path, database: EmbeddedPostgres) -> None:
    """The status names the version, the process, the number of users and the size."""
    await database.start(data)

    found = await asyncio.to_thread(status, data)

    assert (found.version, found.running, found.users) == ("18", True, 1)
    assert found.size_bytes > 10_000_000
