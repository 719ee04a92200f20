"""The machines that code runs in: a WebAssembly instance each, used once. Only a runner process has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import wasmtime

Write: TypeAlias = "Callable[[bytes], None]"
# Runs one job in a fresh machine, and says what it comes to: a letter, and JSON.
Machine: TypeAlias = "Callable[[Job, Write], bytes]"
# Below the host's own stack of 8 MB; deep enough for what the recursion limits allow.
MOST_STACK_BYTES = 2 << 20
MEGABYTE = 1 << 20

# Failures of a machine itself, beside what the code in it says. They are texts so that they can be sent.
STACK_EXHAUSTED = "stack"
ENDED_ITSELF = "exit"
NEVER_SETTLES = "waits"
TRAPPED = "trap"
OUT_OF_MEMORY = "memory"


class MachineFailed(Exception):
    """The machine came to an end without an answer; `kind` is one of the texts above."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Job(NamedTuple):
    """One run. `limits` and `data` are JSON, as the guests read them."""

    memory_mb: int
    code: bytes
    limits: bytes
    data: bytes


def make_engine() -> wasmtime.Engine:
    """The engine that modules are compiled for, and run in: its settings are part of what a compiled file is."""
    config = wasmtime.Config()
    config.wasm_component_model = True
    config.max_wasm_stack = MOST_STACK_BYTES
    return wasmtime.Engine(config)


def failure_of(error: Exception) -> MachineFailed:
    """What a trap means."""
    text = str(error)
    if isinstance(error, wasmtime.ExitTrap):
        return MachineFailed(ENDED_ITSELF)
    if "call stack exhausted" in text:
        return MachineFailed(STACK_EXHAUSTED)
    return MachineFailed(TRAPPED)


def discard(_line: bytes) -> None:
    """A machine that is being prepared has nothing to say."""
