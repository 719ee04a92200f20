"""The walls that a process puts around itself, for good: nothing but reading, writing and computing is left to it.

Each wall is there where the kernel has it, and what stands is reported. Everything by system call: the standard library
knows none of this. See landlock(7), seccomp(2), prctl(2).
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from contextlib import suppress
from typing import NamedTuple

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
LANDLOCK_CREATE, LANDLOCK_RESTRICT = 444, 446
LANDLOCK_VERSION_FLAG = 1
# Access rights by the version of Landlock's interface that brought them: files, network, scopes.
LANDLOCK_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
LANDLOCK_NETWORK_VERSION, LANDLOCK_NETWORK_RIGHTS = 4, 0b11
LANDLOCK_SCOPE_VERSION, LANDLOCK_SCOPES = 6, 0b11
SECCOMP_SET_MODE_FILTER, SECCOMP_ALL_THREADS = 1, 1
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000
LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
NUMBER_AT, ARCHITECTURE_AT, THIRD_ARGUMENT_AT = 0, 4, 32
PROT_EXEC = 4
X32_BIT = 0x40000000
MOST_DATA_BYTES = 1_600 << 20
NOBODY = 65_534
# Beyond every account: each runner is a user of its own, where the machine has that many.
FIRST_OWN_USER = 1_900_000_000


class Machine(NamedTuple):
    """How one kind of processor numbers system calls."""

    audit: int
    seccomp: int
    allowed: tuple[int, ...]
    # Allowed as long as they ask for no executable memory.
    mapping: tuple[int, ...]


# In this order: read, write, close, fstat, poll, lseek, munmap, brk, rt_sigaction, rt_sigprocmask, rt_sigreturn,
# sched_yield, mremap, madvise, nanosleep, getpid, exit, sigaltstack, gettid, futex, restart_syscall, clock_gettime,
# clock_getres, clock_nanosleep, exit_group, epoll_wait, ppoll, epoll_pwait, getrandom, membarrier, rseq. Then mmap
# and mprotect.
MACHINES = {
    "x86_64": Machine(
        0xC000003E, 317,
        (0, 1, 3, 5, 7, 8, 11, 12, 13, 14, 15, 24, 25, 28, 35, 39, 60, 131, 186, 202, 219, 228, 229, 230, 231, 232, 271,
         281, 318, 324, 334),
        (9, 10),
    ),
    "aarch64": Machine(
        0xC00000B7, 277,
        (63, 64, 57, 80, 73, 62, 215, 214, 134, 135, 139, 124, 216, 233, 101, 172, 93, 132, 178, 98, 128, 113, 114, 115,
         94, 22, 278, 283, 293),
        (222, 226),
    ),
}  # fmt: skip


def shut_in(*, parent: int) -> dict[str, bool]:
    """Put up the walls that stand before anything runs; the answer says which do.

    `parent` is the process that this one belongs to: it ends when that one does. `seal` is to follow.
    """
    user = _become_nobody()
    if not sys.platform.startswith("linux"):
        return {"user": user, "landlock": False}
    libc = ctypes.CDLL(None, use_errno=True)
    # Others of the same user may not look into its memory. A change of user forgets the signal, so that comes after.
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return {"user": user, "landlock": _landlock(libc)}


def seal() -> dict[str, bool]:
    """Put up the last walls: no further threads, and nothing but reading, writing and computing."""
    limits = _limit()
    if not sys.platform.startswith("linux"):
        return {"limits": limits, "seccomp": False}
    return {"limits": limits, "seccomp": _seccomp(ctypes.CDLL(None, use_errno=True))}


def _limit() -> bool:
    """No core dumps, no files, no further processes, and no more memory than the largest machine may have."""
    limits = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0, "RLIMIT_NPROC": 0, "RLIMIT_DATA": MOST_DATA_BYTES}
    done = True
    for name, most in limits.items():
        try:
            _, hard = resource.getrlimit(getattr(resource, name))
            allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(getattr(resource, name), (allowed, allowed))
        except (AttributeError, OSError, ValueError):
            done = False
    return done


def _become_nobody() -> bool:
    """Give up root: a user and a group that own nothing. Whoever is no root stays who he is."""
    if os.geteuid() != 0:
        return False
    for user in (FIRST_OWN_USER + os.getpid(), NOBODY):
        with suppress(OSError):
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            return True
    return False


def _landlock(libc: ctypes.CDLL) -> bool:
    """Allow no file, no TCP and no signal or socket of others; what is open already stays open."""
    version = libc.syscall(LANDLOCK_CREATE, None, 0, LANDLOCK_VERSION_FLAG)
    if version < 1:
        return False
    files = (1 << max(bits for since, bits in LANDLOCK_FILE_RIGHTS.items() if since <= version)) - 1
    network = LANDLOCK_NETWORK_RIGHTS if version >= LANDLOCK_NETWORK_VERSION else 0
    scopes = LANDLOCK_SCOPES if version >= LANDLOCK_SCOPE_VERSION else 0
    rules = struct.pack("<QQQ", files, network, scopes)
    size = 24 if scopes else 16 if network else 8
    ruleset = libc.syscall(LANDLOCK_CREATE, rules, size, 0)
    if ruleset < 0:
        return False
    done = libc.syscall(LANDLOCK_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return bool(done)


def _seccomp(libc: ctypes.CDLL) -> bool:
    """Refuse every system call but those of the list, in every thread."""
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return False
    program = b"".join(_program(machine))
    steps = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("<HxxxxxxQ", len(program) // 8, ctypes.addressof(steps))
    # Whoever is no root may put up a filter only after giving up new privileges.
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return bool(libc.syscall(machine.seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_ALL_THREADS, described) == 0)


def _program(machine: Machine) -> list[bytes]:
    """The filter, as instructions of the kernel's classic BPF: code, where to jump if so, if not, and a value."""

    def step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
        return struct.pack("<HBBI", code, if_so, if_not, value)

    steps = [
        step(LOAD, ARCHITECTURE_AT),
        step(EQUAL, machine.audit, 1, 0),
        step(RETURN, KILL),
        step(LOAD, NUMBER_AT),
        step(ANY_BIT, X32_BIT, 0, 1),
        step(RETURN, KILL),
    ]
    for number in machine.allowed:
        steps += [step(EQUAL, number, 0, 1), step(RETURN, ALLOW)]
    for number in machine.mapping:
        steps += [
            step(EQUAL, number, 0, 4),
            step(LOAD, THIRD_ARGUMENT_AT),
            step(ANY_BIT, PROT_EXEC, 0, 1),
            step(RETURN, REFUSE),
            step(RETURN, ALLOW),
        ]
    return [*steps, step(RETURN, REFUSE)]
