"""The errors in which code ends that its limits or its machine stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.core.errors import StepError

if TYPE_CHECKING:
    from wingbeat.core.json_value import JsonObject
    from wingbeat.sdk.code import CodeLimits


def failure(kind: str, limits: CodeLimits) -> StepError:
    """The error for one of the failures that machines.py names."""
    match kind:
        case "memory":
            return out_of_memory(limits, {})
        case "stack":
            return too_deep(limits, {})
        case "exit":
            return StepError(
                "The code ended its machine itself, and gave no value.",
                code="CODE_EXITED",
                remedy="Return the value instead of calling an exit function.",
            )
        case "waits":
            return StepError(
                "The code waits for a promise that nothing can settle any more.",
                code="CODE_WAITS_FOREVER",
                remedy="Await only what the code itself settles; there is no network, and no other event.",
            )
        case _:
            return StepError(
                "The machine broke down under the code.",
                code="CODE_CRASHED",
                remedy="Look for what goes to the limits of the language, such as very deep nesting or huge arrays.",
            )


def out_of_memory(limits: CodeLimits, details: JsonObject) -> StepError:
    """More than the machine has."""
    return StepError(
        f"The code needs more than its {limits.memory_mb} MB of memory.",
        code="CODE_MEMORY",
        remedy="Work on less at once, or raise `memory_mb`.",
        details=details,
    )


def too_deep(limits: CodeLimits, details: JsonObject) -> StepError:
    """Calls in calls in calls."""
    return StepError(
        f"The code calls itself too deeply (the limit is {limits.recursion} in Python, some thousands in JavaScript).",
        code="CODE_RECURSION",
        remedy="Look for a call that never ends; write a loop; in Python, raise `recursion`.",
        details=details,
    )


def too_large(size: int | None, limits: CodeLimits) -> StepError:
    """A value with more bytes than it may have."""
    found = f"{size} bytes" if size is not None else "too many bytes"
    return StepError(
        f"The value of the code has {found} as JSON; {limits.output_bytes} are allowed.",
        code="CODE_OUTPUT_TOO_LARGE",
        remedy="Return less, or raise `output_bytes`.",
    )
