"""What must have become of the planned times of schedules, worked out by a walk over the minutes, and what did."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from tests.rig.cron_oracles import Walker, Window

from wingbeat.core.schedule import Misfire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    import asyncpg
    from tests.campaigns.verdicts import Report

    from wingbeat.storage.pool import Database

DECIDED = """
SELECT trigger_id, outcome, planned_for, detail::text, execution_id FROM trigger_decisions ORDER BY decision_id
"""


class Planned(NamedTuple):
    """A schedule of the campaign."""

    text: str
    zone: str
    misfire: Misfire


class Leap(NamedTuple):
    """The clock went to `last` when `first` was to come next."""

    first: datetime
    last: datetime


async def judge(
    report: Report,
    database: Database,
    wanted: Mapping[UUID, Planned],
    leaps: Sequence[Leap],
    span: tuple[datetime, datetime],
) -> None:
    """Each time is decided once, and fires if its policy says so; each that fired has its execution."""
    rows: dict[UUID, list[asyncpg.Record]] = {schedule_id: [] for schedule_id in wanted}
    for row in await database.pool.fetch(DECIDED):
        rows[row["trigger_id"]].append(row)
    windows: dict[str, Window] = {}
    outcomes: Counter[str] = Counter()
    planned_times = 0
    for schedule_id, planned in wanted.items():
        window = windows.setdefault(planned.zone, Window(planned.zone, *span))
        times = Walker(planned.text, planned.zone).within(window)
        planned_times += len(times)
        outcomes.update(row["outcome"] for row in rows[schedule_id])
        wrong = _wrong(times, rows[schedule_id], _firing(times, planned.misfire, leaps))
        if wrong:
            report.wrong[f"{planned.text} in {planned.zone}, {planned.misfire}"] = wrong
    started = {row["execution_id"] for of_one in rows.values() for row in of_one if row["outcome"] == "fired"}
    there = {row["execution_id"] for row in await database.pool.fetch("SELECT execution_id FROM workflow_executions")}
    report.expect("executions of what fired", True, started == there)
    report.expect("each with one of its own", outcomes["fired"], len(started))
    report.figures |= {"planned times": planned_times, **{f"rows that say {name}": n for name, n in outcomes.items()}}


def _firing(times: Sequence[datetime], misfire: Misfire, leaps: Sequence[Leap]) -> set[datetime]:
    """Those that must fire: of what the clock has skipped, what the policy says."""
    firing = set(times)
    for leap in leaps:
        skipped = [time for time in times if leap.first <= time <= leap.last]
        match misfire:
            case Misfire.SKIP:
                firing -= {time for time in skipped if time < leap.last}
            case Misfire.ONCE:
                firing -= set(skipped[:-1])
            case Misfire.ALL:
                pass
    return firing


def _wrong(times: Sequence[datetime], rows: Sequence[asyncpg.Record], firing: set[datetime]) -> str:
    """What of these rows is not as it must be, or nothing."""
    fired = Counter(row["planned_for"] for row in rows if row["outcome"] == "fired")
    decided = Counter(fired)
    for row in rows:
        if row["outcome"] == "fired":
            continue
        detail = json.loads(row["detail"])
        first, last = (
            datetime.fromisoformat(detail.get(name) or str(row["planned_for"])) for name in ("first", "last")
        )
        meant = [time for time in times if first <= time <= last]
        if len(meant) != detail.get("count", 1):
            return f"{row['outcome']}: {detail}, and there are {len(meant)}"
        decided.update(meant)
    missing, more = firing - set(fired), set(fired) - firing
    if missing or more:
        return f"not fired {sorted(missing)[:3]}, fired {sorted(more)[:3]}"
    not_once = [f"{time:%c}: {decided[time]}" for time in sorted({*times, *decided}) if decided[time] != 1]
    return f"times decided {not_once[:3]}" if not_once else ""
