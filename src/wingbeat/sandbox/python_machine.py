"""A machine with CPython in it: the component python.wasm, which build.py makes of guest/python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import wasmtime
from wasmtime.component import Component, Linker

from wingbeat.sandbox.machines import MEGABYTE, discard, failure_of

if TYPE_CHECKING:
    from wingbeat.sandbox.machines import Job, Machine, Write


class PythonMachines:
    """Makes machines with CPython in them."""

    def __init__(self, engine: wasmtime.Engine, component: Component) -> None:
        self._engine = engine
        self._component = component
        self._linker = Linker(engine)
        self._linker.add_wasip2()
        self._write: Write = discard
        with self._linker.root() as root:
            root.add_func("log", self._log)
        index = component.get_export_index("run")
        if index is None:
            raise LookupError("The component has no run.")
        self._index = index

    def _log(self, _store: object, line: str) -> None:
        self._write(line.encode("utf-8", "replace"))

    def make(self) -> Machine:
        """A fresh machine, as what runs one job in it."""
        store = wasmtime.Store(self._engine)
        # No arguments, environment, folders, network; its standard streams lead nowhere.
        store.set_wasi(wasmtime.WasiConfig())
        instance = self._linker.instantiate(store, self._component)
        function = instance.get_func(store, self._index)
        if function is None:
            raise LookupError("The component has no run.")

        def run(job: Job, write: Write) -> bytes:
            self._write = write
            store.set_limits(memory_size=job.memory_mb * MEGABYTE)
            try:
                answer = function(store, job.code.decode(), job.limits.decode(), job.data.decode())
            except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
                raise failure_of(error) from None
            return str(answer).encode("utf-8", "replace")

        return run
