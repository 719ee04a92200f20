"""The benchmarks by the names under which they are asked for."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from wingbeat.bench import (
    code,
    fanout,
    foreach,
    intake,
    permission,
    plan,
    recovery,
    schedules,
    start,
    subworkflow,
    throughput,
    wake,
    webhook,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from wingbeat.bench.report import Effort, Report

BENCHMARKS: Mapping[str, Callable[[Effort], Awaitable[Report]]] = MappingProxyType(
    {
        "throughput": throughput.measure,
        "webhook": webhook.measure,
        "intake": intake.measure,
        "permission": permission.measure,
        "fanout": fanout.measure,
        "foreach": foreach.measure,
        "plan": plan.measure,
        "recovery": recovery.measure,
        "wake": wake.measure,
        "schedules": schedules.measure,
        "start": start.measure,
        "subworkflow": subworkflow.measure,
        "code-steps": code.measure,
    }
)
