"""The process that code runs in: loads the modules, shuts itself in, and then does one job after the other.

Started by processes.py with an empty environment; it reads jobs from its standard input and answers on its standard
output until the input ends.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import wasmtime
from wasmtime.component import Component

from wingbeat.sandbox.confinement import seal, shut_in
from wingbeat.sandbox.frames import ANSWER, FAILURE, JOB, LINE, READY, Language, read_exactly, write_all
from wingbeat.sandbox.javascript_machine import JavaScriptMachines, Places
from wingbeat.sandbox.machines import Job, MachineFailed, make_engine
from wingbeat.sandbox.python_machine import PythonMachines

if TYPE_CHECKING:
    from wingbeat.sandbox.machines import Machine

INPUT, OUTPUT = 0, 1
WARM_LIMITS = b'{"log_lines": 1, "output_bytes": 1000, "recursion": 1000}'
# One job each before the walls are up: whatever is made with the first one is made by then.
WARM_JOBS = {
    Language.PYTHON: Job(64, b"import time\ntime.sleep(0.001)\nprint(input)\ninput + 1", WARM_LIMITS, b'{"input": 1}'),
    Language.JAVASCRIPT: Job(64, b"console.log(input); input + Math.random()", WARM_LIMITS, b'{"input": 1}'),
}


class Runner:
    """Machines that are ready, by language."""

    def __init__(self, python: str, javascript: str, places: Places) -> None:
        engine = make_engine()
        self._makers: dict[Language, PythonMachines | JavaScriptMachines] = {
            Language.PYTHON: PythonMachines(engine, Component.deserialize_file(engine, python)),
            Language.JAVASCRIPT: JavaScriptMachines(
                engine, wasmtime.Module.deserialize_file(engine, javascript), places
            ),
        }
        self._ready: dict[Language, Machine] = {}
        # Taking a machine down takes a while; the answer is not to wait for it.
        self._used: Machine | None = None

    def warm_up(self) -> None:
        """Run something in each."""
        for language, job in WARM_JOBS.items():
            self._machine(language)(job, lambda _line: None)

    def prepare(self, language: Language) -> None:
        """See that a machine is ready."""
        self._used = None
        if language not in self._ready:
            self._ready[language] = self._makers[language].make()

    def run(self, language: Language, job: Job) -> bytes:
        """Do one job: what is to be answered."""
        try:
            self._used = self._machine(language)
            answer = self._used(job, _say_line)
        except MachineFailed as error:
            return ANSWER.pack(FAILURE, len(error.kind)) + error.kind.encode()
        return ANSWER.pack(answer[:1], len(answer) - 1) + answer[1:]

    def _machine(self, language: Language) -> Machine:
        return self._ready.pop(language, None) or self._makers[language].make()


def _say_line(line: bytes) -> None:
    write_all(OUTPUT, ANSWER.pack(LINE, len(line)) + line)


def main() -> None:
    """Serve until the input ends. The arguments say where the modules are, and whose process this is."""
    given = json.loads(sys.argv[1])
    runner = Runner(given["python"], given["javascript"], Places(*given["places"]))
    standing = shut_in(parent=given["parent"])
    runner.warm_up()
    walls = json.dumps({**standing, **seal()}).encode()
    write_all(OUTPUT, ANSWER.pack(READY, len(walls)) + walls)
    try:
        while True:
            number, memory, *sizes = JOB.unpack(read_exactly(INPUT, JOB.size))
            language = Language(number)
            write_all(OUTPUT, runner.run(language, Job(memory, *(read_exactly(INPUT, size) for size in sizes))))
            runner.prepare(language)
    except (EOFError, BrokenPipeError):
        os._exit(0)
