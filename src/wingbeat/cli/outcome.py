"""What an execution that `run` followed came to, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
import typer

from wingbeat.cli.reporting import say_fields, say_wrapped
from wingbeat.cli.wording import count, duration, visible_json
from wingbeat.core.status import ExecutionStatus
from wingbeat.storage.encoding import encode_json

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.core.json_value import Json, JsonObject

TOLD = ("node", "scope", "attempt", "parameter", "code", "message", "remedy")
STOP_TOLD = ("node", "scope", "input", "variables")
STYLES = {ExecutionStatus.COMPLETED.value: "green", ExecutionStatus.FAILED.value: "red"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of an execution; `states` is what its nodes came to."""

    status: str
    execution_id: UUID
    output: Json
    error: JsonObject | None
    steps: int
    seconds: float
    states: JsonObject
    exit_status: int

    def show(self, *, as_json: bool) -> None:
        """Print it: the output on standard output, everything else on standard error."""
        if as_json:
            typer.echo(encode_json(self.to_json()))
            return
        steps = count(self.steps, "step", "steps")
        ending = f"{self.status} after {steps} in {duration(self.seconds)} (execution {self.execution_id})"
        say_wrapped(ending, style=STYLES.get(self.status, "yellow"))
        if self.error is not None:
            say_fields(where_and_what(self.error))
            self._show_stops(self.error)
        if self.output is not None:
            written = orjson.dumps(self.output, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS, default=str)
            typer.echo(visible_json(written.decode()))

    def _show_stops(self, error: JsonObject) -> None:
        """Where it stands, if it has stopped, with what the steps would find."""
        steps = error.get("steps")
        if self.status != ExecutionStatus.PAUSED or not isinstance(steps, list):
            return
        for step in steps:
            if isinstance(step, dict):
                say_fields([(name, _as_text(step.get(name))) for name in STOP_TOLD])
        say_wrapped(f"wingbeat resume {self.execution_id} goes on; --step stops before the next step.")

    def to_json(self) -> JsonObject:
        """The object of `--json`."""
        shown: dict[str, Json] = {
            "status": self.status,
            "execution_id": str(self.execution_id),
            "output": self.output,
            "steps": self.steps,
            "seconds": round(self.seconds, 3),
        }
        return shown if self.error is None else {**shown, "error": self.error}


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else encode_json(value).decode()


def where_and_what(error: JsonObject) -> list[tuple[str, Json]]:
    """Where it happened, what it was, and what to do."""
    details = error.get("details")
    known = {**(details if isinstance(details, dict) else {}), **error}
    if known.get("attempt") == 1:
        del known["attempt"]
    return [(name, known.get(name)) for name in TOLD]
