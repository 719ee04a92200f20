"""How much one execution may do: the defaults, what a workflow asks for, and the operator's caps."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Limits:
    """Reaching one fails the execution with a code of its own; nothing is truncated."""

    timeout_seconds: float = 300.0
    loop_iterations: int = 100
    total_operations: int = 1000
    loop_depth: int = 10
    parallel_nodes: int = 10

    def raised_to(self, wanted: LimitsWanted, caps: Limits) -> Limits:
        """The defaults with what the workflow asks for, at most the caps."""
        changes = {}
        for field in fields(wanted):
            value = getattr(wanted, field.name)
            if value is not None:
                changes[field.name] = min(value, getattr(caps, field.name))
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class LimitsWanted:
    """What a workflow's settings ask for; None takes the default."""

    timeout_seconds: float | None = None
    loop_iterations: int | None = None
    total_operations: int | None = None
    loop_depth: int | None = None
    parallel_nodes: int | None = None


NO_WISHES = LimitsWanted()
DEFAULT_LIMITS = Limits()
DEFAULT_CAPS = Limits(
    timeout_seconds=604_800.0,
    loop_iterations=10_000_000,
    total_operations=100_000_000,
    loop_depth=100,
    parallel_nodes=1000,
)
