"""The walls around a runner, each on its own: what native code finds in a process that has shut itself in.

The machine is taken to be broken here: the code is plain Python in a process that is confined as runners are.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from wingbeat.sandbox.code_runner import Sandbox
from wingbeat.sandbox.launch import command_for
from wingbeat.sdk.code import CodeLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

ATTEMPTS = """
import ctypes, json, mmap, os, signal, socket, subprocess, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
given = json.loads(sys.argv[1])
sockets = [socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
kept = os.open(given["folder"], os.O_RDONLY)
X86 = os.uname().machine == "x86_64"
sys.path.clear()

from wingbeat.sandbox import confinement

walls = {}
if "landlock" in given["walls"]:
    walls |= confinement.shut_in(parent=given["parent"])
if "seccomp" in given["walls"]:
    walls |= confinement.seal()

def syscall(number, *values):
    ctypes.set_errno(0)
    result = libc.syscall(number, *values)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

attempts = {
    "read a file": lambda: open(given["path"]).read(),
    "read a file beside an open folder": lambda: os.open("canary", os.O_RDONLY, dir_fd=kept),
    "read by the system call itself": lambda: syscall(2 if X86 else 56, given["path"].encode(), 0, 0),
    "write a file": lambda: open(given["folder"] + "/made", "w"),
    "make a folder": lambda: os.mkdir(given["folder"] + "/made"),
    "remove a file": lambda: os.unlink(given["path"]),
    "list a folder": lambda: os.listdir(given["folder"]),
    "read another process's memory": lambda: open(f"/proc/{given['parent']}/mem", "rb"),
    "read another process's environment": lambda: open(f"/proc/{given['parent']}/environ", "rb").read(),
    "read its own environment": lambda: open("/proc/self/environ", "rb").read(),
    "connect": lambda: sockets[0].connect(("127.0.0.1", given["port"])),
    "send": lambda: sockets[1].sendto(b"x", ("127.0.0.1", given["port"])),
    "listen": lambda: sockets[0].bind(("127.0.0.1", 0)),
    "make a socket": lambda: socket.socket(),
    "fork": lambda: os.fork() or os._exit(0),
    "start a thread": lambda: threading.Thread(target=print).start(),
    "run a program": lambda: os.execv("/bin/true", ["true"]),
    "start a program": lambda: subprocess.run(["/bin/true"]),
    "trace its parent": lambda: syscall(101 if X86 else 117, 16, given["parent"], 0, 0),
    "read its parent's memory by system call": lambda: syscall(310 if X86 else 270, given["parent"], 0, 0, 0, 0, 0),
    "signal its parent": lambda: os.kill(given["parent"], 0),
    "become root": lambda: os.setuid(0) if os.getuid() else (_ for _ in ()).throw(OSError("is root")),
    "map executable memory": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    "mount": lambda: syscall(165 if X86 else 40, 0, 0, 0, 0, 0),
    "load a filter of its own": lambda: syscall(321 if X86 else 280, 5, 0, 0),
    "make a user namespace": lambda: syscall(272 if X86 else 97, 0x10000000),
    "open io_uring": lambda: syscall(425, 1, 0),
    "share memory": lambda: syscall(319 if X86 else 279, b"x", 0),
}
found = {}
for name, attempt in attempts.items():
    try:
        attempt()
    except (OSError, RuntimeError, PermissionError) as error:
        found[name] = type(error).__name__
    else:
        found[name] = "done"
os.write(1, json.dumps({"walls": walls, "found": found}).encode())
os._exit(0)
"""
# What the file system's and the network's wall refuses alone, and what only the list of system calls does.
BY_LANDLOCK = {
    "read a file",
    "read a file beside an open folder",
    "read by the system call itself",
    "write a file",
    "make a folder",
    "remove a file",
    "list a folder",
    "read another process's memory",
    "read another process's environment",
    "read its own environment",
    "connect",
    "listen",
    "run a program",
    "signal its parent",
    "become root",
}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port that nobody is to reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def try_all(folder: Path, listener: socket.socket, walls: list[str]) -> dict[str, Any]:
    """Run all attempts behind these walls."""
    place = folder / "outside"
    place.mkdir()
    place.chmod(0o777)
    (place / "canary").write_text("secret")
    given = json.dumps(
        {
            "path": str(place / "canary"),
            "folder": str(place),
            "port": listener.getsockname()[1],
            "parent": os.getpid(),
            "walls": walls,
        }
    )
    *start, _script, folders, argument = command_for("wingbeat.sandbox.runner", given)
    script = f"import sys; sys.path[:0] = sys.argv.pop(1).split('\\n')\nimport wingbeat.sandbox.confinement\n{ATTEMPTS}"
    done = subprocess.run(  # noqa: S603 - our own program
        [*start, script, folders, argument], capture_output=True, check=False, env={}, timeout=60
    )
    assert (0, b"") == (done.returncode, done.stderr)
    assert ["canary"] == [found.name for found in place.iterdir()]
    with pytest.raises(BlockingIOError):
        listener.accept()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_both_walls_refuse_everything(tmp_path: Path, listener: socket.socket) -> None:
    """Native code in a runner can open, connect, fork, run, trace and signal nothing."""
    answer = try_all(tmp_path, listener, ["landlock", "seccomp"])
    if not answer["walls"]["seccomp"]:
        pytest.skip("this kernel has no seccomp filters")
    assert [] == [name for name, came in answer["found"].items() if came == "done"]
    assert len(answer["found"]) > 25


def test_list_of_system_calls_holds_alone(tmp_path: Path, listener: socket.socket) -> None:
    """Where the kernel has no Landlock, the other wall still refuses all of it."""
    answer = try_all(tmp_path, listener, ["seccomp"])
    if not answer["walls"]["seccomp"]:
        pytest.skip("this kernel has no seccomp filters")
    assert [] == [name for name, came in answer["found"].items() if came == "done"]


def test_landlock_holds_alone(tmp_path: Path, listener: socket.socket) -> None:
    """Where there are no seccomp filters, files and network stay out of reach all the same."""
    answer = try_all(tmp_path, listener, ["landlock"])
    if not answer["walls"]["landlock"]:
        pytest.skip("this kernel has no Landlock")
    assert set() == {name for name, came in answer["found"].items() if came == "done"} & BY_LANDLOCK


def kind_of(descriptor: Path) -> str:
    """What an open file is."""
    target = descriptor.readlink()
    return target.suffix or str(target).split(":")[0]


async def test_runner_is_shut_in(code_data_dir: Path) -> None:
    """A runner has an empty environment, its pipes and the modules, a user of its own, and no way to more rights."""
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux shows it")
    sandbox = Sandbox(code_data_dir)
    try:
        assert 2 == await sandbox.run("python", "1 + 1", {"input": None}, CodeLimits(), print)
        (pid,) = sandbox.pool.processes
        process = Path(f"/proc/{pid}")
        lines = process.joinpath("status").read_text().splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        assert "1" == status["NoNewPrivs"]
        assert "2" == status["Seccomp"]
        if os.geteuid() == 0:
            assert "0000000000000000" == status["CapEff"]
            assert "0" not in status["Uid"].split()
            assert b"" == process.joinpath("environ").read_bytes()
            assert [] == psutil.Process(pid).net_connections()
            assert {"pipe", "anon_inode", "/dev/null", ".cwasm"} >= set(map(kind_of, process.joinpath("fd").iterdir()))
        assert [] == list(sandbox.artifacts.empty_folder.iterdir())
    finally:
        await sandbox.close()


async def test_runners_end_with_the_sandbox(code_data_dir: Path) -> None:
    """Nothing is left when it is closed."""
    sandbox = Sandbox(code_data_dir)
    await sandbox.run("python", "1", {"input": None}, CodeLimits(), print)
    (pid,) = sandbox.pool.processes
    await sandbox.close()
    assert not psutil.pid_exists(pid)


PARENT = """
import asyncio, sys
from pathlib import Path
from wingbeat.sandbox.code_runner import Sandbox
from wingbeat.sdk.code import CodeLimits

async def main():
    sandbox = Sandbox(Path(sys.argv[1]))
    await sandbox.run("python", "1", {"input": None}, CodeLimits(), print)
    print(*sandbox.pool.processes, flush=True)
    await sandbox.run("python", "while True: pass", {"input": None}, CodeLimits(time_seconds=300), print)

asyncio.run(main())
"""


def test_runner_ends_with_its_parent_however_that_dies(code_data_dir: Path) -> None:
    """Even in the middle of a run that does not end, and even when the parent cannot say so."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", PARENT, str(code_data_dir)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        runner = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        parent.wait()
        runner.wait(timeout=100)
        assert not runner.is_running()
