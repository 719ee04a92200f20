"""A machine with QuickJS in it: the module quickjs.wasm, and prelude.js, which speaks with the code."""

from __future__ import annotations

import ctypes
import os
import re
import struct
import time
from typing import TYPE_CHECKING, NamedTuple

import wasmtime
from wasmtime import _ffi as ffi  # By name and unchecked: all 380 exports, and a check of each call, cost 10 ms a run.

from wingbeat.sandbox.machines import (
    MEGABYTE,
    NEVER_SETTLES,
    OUT_OF_MEMORY,
    TRAPPED,
    MachineFailed,
    discard,
    failure_of,
)
from wingbeat.sandbox.preinitialise import preinitialise

if TYPE_CHECKING:
    from collections.abc import Callable

    from wingbeat.sandbox.machines import Job, Machine, Write

STACK_BYTES = 512 << 10
# The first megabyte of the module's memory is its stack.
STACK_END = 1 << 20
# JS_EVAL_FLAG_ASYNC and JS_EVAL_TYPE_MODULE of QuickJS.
EVAL_SCRIPT = 1 << 7
EVAL_MODULE = 1 << 0
WASI_OK, WASI_BAD_FILE, WASI_NO_SYSTEM = 0, 8, 52
CODE_FILE = b"code.js"
MODULE = re.compile(rb"^\s*(?:export|import)\b", re.MULTILINE)
WRAP_BEFORE, WRAP_AFTER = b"(async function () {", b"\n})"


class Places(NamedTuple):
    """Where in a prepared machine the prelude's functions are, and eight bytes for answers."""

    prelude: int
    scratch: int


def prepare(engine: wasmtime.Engine, wasm: bytes, prelude: bytes) -> tuple[bytes, Places]:
    """The module as it is once QuickJS and the prelude are ready, so that no run has to wait for them."""
    machines = JavaScriptMachines(engine, wasmtime.Module(engine, wasm), Places(0, 0))
    memory, places = machines.prepare(prelude)
    return preinitialise(wasm, memory), places


class JavaScriptMachines:
    """Makes machines with QuickJS in them. One machine is made or runs at a time."""

    def __init__(self, engine: wasmtime.Engine, module: wasmtime.Module, places: Places) -> None:
        self._engine = engine
        self._places = places
        self._current: _JavaScript | None = None
        linker = wasmtime.Linker(engine)
        ways_out = self._ways_out()
        for wanted in module.imports:
            kind = wanted.type
            if not isinstance(kind, wasmtime.FuncType) or wanted.name is None:
                raise TypeError(f"The module wants {wanted.name}, which is no function.")
            linker.define_func(wanted.module, wanted.name, kind, ways_out[wanted.name])
        self._ready = linker.instantiate_pre(module)

    def make(self) -> Machine:
        """A fresh machine, as what runs one job in it."""
        machine = self._machine()

        def run(job: Job, write: Write) -> bytes:
            self._current = machine
            return machine.run(job, write)

        return run

    def prepare(self, prelude: bytes) -> tuple[bytes, Places]:
        """The memory of a machine that has only just read the prelude."""
        machine = self._machine()
        return machine.prepare(prelude)

    def _machine(self) -> _JavaScript:
        store = wasmtime.Store(self._engine)
        self._current = _JavaScript(store, self._ready.instantiate(store), self._places)
        return self._current

    def _ways_out(self) -> dict[str, Callable[..., int | None]]:
        """Everything that QuickJS may ask of the host: time, randomness, and a line for the log."""

        def current() -> _JavaScript:
            if self._current is None:
                raise LookupError("No machine runs.")
            return self._current

        return {
            "host_call": lambda _name, _length, _this, count, arguments: current().log(count, arguments),
            "host_module_normalize": lambda _base, name: current().refuse_module(name),
            "host_module_load": lambda _name, _length: 0,
            "host_get_timezone_offset": lambda _high, _low: 0,
            "host_interrupt": lambda: 0,
            "host_promise_rejection": lambda _promise, _reason, _handled: None,
            "clock_time_get": lambda _clock, _precision, result: current().give(
                result, struct.pack("<Q", time.time_ns())
            ),
            "random_get": lambda address, length: current().give(address, os.urandom(min(length, MEGABYTE))),
            "fd_close": lambda _file: WASI_NO_SYSTEM,
            "fd_fdstat_get": lambda _file, _stat: WASI_BAD_FILE,
            "fd_seek": lambda _file, _offset, _whence, _result: WASI_NO_SYSTEM,
            "fd_write": lambda _file, _vectors, _count, _written: WASI_BAD_FILE,
        }


class _JavaScript:
    """One machine. Addresses in it are whole numbers; a value's address stays good until the machine is gone."""

    def __init__(self, store: wasmtime.Store, instance: wasmtime.Instance, places: Places) -> None:
        self._store = store
        self._instance = instance
        self._functions: dict[str, ffi.wasmtime_func_t] = {}
        self._memory = wasmtime.Memory._from_raw(self._export("memory").of.memory)
        self._write: Write = discard
        self._prelude, self._scratch = places

    def prepare(self, prelude: bytes) -> tuple[bytes, Places]:
        """Everything up to the code."""
        self._call("_initialize")
        self._call("qjs_init")
        self._call("qjs_set_max_stack_size", STACK_BYTES)
        self._call("qjs_set_module_loader", 1)
        self._scratch = self._call("wasm_malloc", 8)
        make = self._evaluate(prelude, 0, b"prelude.js")
        log = self._call("qjs_new_host_function", self._put(b"log"), 3, 0)
        functions = self._invoke(make, log)
        memory = self._memory.read(self._store)
        # The stack is empty now, and lies at the beginning.
        memory[:STACK_END] = bytes(STACK_END)
        return bytes(memory), Places(functions, self._scratch)

    def run(self, job: Job, write: Write) -> bytes:
        """Run one job; the machine is of no use afterwards."""
        self._write = write
        self._store.set_limits(memory_size=job.memory_mb * MEGABYTE)
        try:
            return self._run(job)
        except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
            raise failure_of(error) from None

    def _run(self, job: Job) -> bytes:
        seed = struct.unpack("<4I", os.urandom(16))
        self._tell(b"begin", self._text(job.limits), self._text(job.data), self._text(b"%d %d %d %d" % seed))
        how, result = self._start(job.code)
        if self._call("qjs_is_exception", result):
            self._tell(b"fail", self._call("qjs_get_exception"), self._text(how))
        else:
            self._tell(b"end", self._text(how), result)
        while True:
            while self._call("qjs_is_job_pending"):
                if self._call("qjs_execute_pending_job") < 0:
                    self._tell(b"fail", self._call("qjs_get_exception"))
            settled = self._read(self._tell(b"settled"))
            if settled:
                return settled
            self._wait_for_timer()

    def _start(self, code: bytes) -> tuple[bytes, int]:
        """Begin to run the code as what it is: a script, the body of a function where it says `return`, or a module."""
        script = self._evaluate(code, EVAL_SCRIPT)
        if not self._call("qjs_is_exception", script):
            return b"script", script
        fault = self._call("qjs_get_exception")
        if b"export" in code or b"import" in code:
            module = self._evaluate(code, EVAL_MODULE)
            if not self._call("qjs_is_exception", module) or MODULE.search(code):
                return b"module", module
        if b"return" in code:
            return b"call", self._evaluate(WRAP_BEFORE + code + WRAP_AFTER, 0)
        return b"script", self._call("qjs_throw", fault)

    def _wait_for_timer(self) -> None:
        milliseconds = self._number(self._tell(b"nextTimer"))
        if milliseconds < 0:
            raise MachineFailed(NEVER_SETTLES)
        if milliseconds:
            time.sleep(milliseconds / 1000)
        self._tell(b"runTimers")

    # What the machine asks for.

    def log(self, count: int, arguments: int) -> int:
        """Write a line, the first of the arguments, to the log."""
        if count:
            (value,) = struct.unpack("<i", self._memory.read(self._store, arguments, arguments + 4))
            self._write(self._read(value))
        return self._call("qjs_get_undefined")

    def refuse_module(self, name: int) -> int:
        """Throw into the code that it cannot import anything."""
        text = bytes(self._memory.read(self._store, name, name + 100)).split(b"\0")[0]
        thrower = self._call("qjs_get_prop_string", self._prelude, self._put(b"refuseModule"))
        self._call("qjs_call", thrower, self._call("qjs_get_undefined"), 1, self._list(self._text(text)))
        return 0

    def give(self, address: int, data: bytes) -> int:
        """Put data where the machine asked for it."""
        self._memory.write(self._store, data, address)
        return WASI_OK

    # The way into it.

    def _export(self, name: str) -> ffi.wasmtime_extern_t:
        item = ffi.wasmtime_extern_t()
        raw = name.encode()
        context = self._store._context()
        found = ffi.wasmtime_instance_export_get(
            context,
            ctypes.byref(self._instance._instance),
            ctypes.create_string_buffer(raw),
            len(raw),
            ctypes.byref(item),
        )
        if not found:
            raise LookupError(f"The module has no {name}.")
        return item

    def _call(self, name: str, *values: int) -> int:
        return self._enter(name, values).i32

    def _number(self, value: int) -> float:
        return float(self._enter("qjs_get_float64", (value,)).f64)

    def _enter(self, name: str, values: tuple[int, ...]) -> ffi.wasmtime_val_raw:
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = self._export(name).of.func
        raw = (ffi.wasmtime_val_raw_t * max(1, len(values)))()
        for place, value in enumerate(values):
            raw[place].i32 = value
        with wasmtime._func.enter_wasm(self._store) as trap:
            error = ffi.wasmtime_func_call_unchecked(
                self._store._context(),
                ctypes.byref(function),
                raw,
                len(raw),
                trap,
            )
            if bool(error):
                raise wasmtime.WasmtimeError._from_ptr(error)
        return raw[0]

    def _put(self, data: bytes) -> int:
        address = self._call("wasm_malloc", len(data) + 1)
        if not address:
            raise MachineFailed(OUT_OF_MEMORY)
        self._memory.write(self._store, bytearray(data + b"\0"), address & 0xFFFFFFFF)
        return address

    def _list(self, *values: int) -> int:
        return self._put(struct.pack(f"<{len(values)}i", *values)) if values else 0

    def _text(self, data: bytes) -> int:
        return self._call("qjs_new_string", self._put(data), len(data))

    def _evaluate(self, code: bytes, flags: int, file: bytes = CODE_FILE) -> int:
        return self._call("qjs_eval", self._put(code), len(code), self._put(file), flags)

    def _tell(self, name: bytes, *arguments: int) -> int:
        return self._invoke(self._call("qjs_get_prop_string", self._prelude, self._put(name)), *arguments)

    def _invoke(self, function: int, *arguments: int) -> int:
        nothing = self._call("qjs_get_undefined")
        result = self._call("qjs_call", function, nothing, len(arguments), self._list(*arguments))
        if self._call("qjs_is_exception", result):
            # The prelude does not throw but when there is no room any more.
            raise MachineFailed(OUT_OF_MEMORY)
        return result

    def _read(self, value: int) -> bytes:
        text = self._call("qjs_get_string_len", value, self._scratch) & 0xFFFFFFFF
        if not text:
            raise MachineFailed(OUT_OF_MEMORY)
        (size,) = struct.unpack("<I", self._memory.read(self._store, self._scratch, self._scratch + 4))
        if text + size > self._memory.data_len(self._store):
            raise MachineFailed(TRAPPED)
        return bytes(self._memory.read(self._store, text, text + size))
