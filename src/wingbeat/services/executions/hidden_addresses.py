"""Addresses that are all it takes to end a wait or to decide a question: not for those who may only look on.

Steps give them away in mails and so on, so they stand in outputs, in logs and among the variables.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from wingbeat.storage.secret_addresses import PATTERN, REPLACEMENT

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json
    from wingbeat.storage.executions import ExecutionHeader, StoredExecution, StoredStep

TOKEN = re.compile(PATTERN)
OF_EXECUTION = ("trigger_data", "variables", "node_states", "final_variables", "final_output", "error", "breakpoints")
OF_STEP = ("output", "error", "changes", "log")


def hide_addresses(value: Json) -> Json:
    """The value with what makes such addresses work taken out of its texts, and out of the names of its fields."""
    if isinstance(value, str):
        return TOKEN.sub(REPLACEMENT, value)
    if isinstance(value, list):
        return [hide_addresses(item) for item in value]
    if isinstance(value, dict):
        return {cast("str", hide_addresses(name)): hide_addresses(item) for name, item in value.items()}
    return value


def hide_in_header(header: ExecutionHeader) -> ExecutionHeader:
    """A line of a list."""
    if header.error_message is None:
        return header
    return replace(header, error_message=cast("str", hide_addresses(header.error_message)))


def hide_in_execution(execution: StoredExecution) -> StoredExecution:
    """An execution for somebody who may only look on."""
    hidden = {name: hide_addresses(getattr(execution, name)) for name in OF_EXECUTION}
    return replace(execution, header=hide_in_header(execution.header), **hidden)  # type: ignore[arg-type] # each is of the kind that it was


def hide_in_step(step: StoredStep) -> StoredStep:
    """A step of one."""
    return replace(step, **{name: hide_addresses(getattr(step, name)) for name in OF_STEP})  # type: ignore[arg-type] # the same
