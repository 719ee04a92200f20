"""What a campaign found, from the journal, the results and the other server's own count."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import asyncpg
from tests.campaigns.load import Ledger, expected
from tests.campaigns.meddling import Meddler
from tests.rig.checker import check

RESULTS = """
    SELECT execution_id, (trigger_data::jsonb ->> 'n')::int AS n, status, final_output::jsonb ->> 'total' AS total,
           final_output::jsonb -> 'paid' -> 'error' ->> 'code' AS unpaid, error::jsonb ->> 'code' AS code
    FROM workflow_executions
"""


@dataclass
class Report:
    """One line of figures, and all that is wrong."""

    name: str
    figures: dict[str, float | int | str] = field(default_factory=dict)
    wrong: dict[str, int | str] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    def expect(self, what: str, wanted: object, found: object) -> None:
        """Note what is not as it should be."""
        if wanted != found:
            self.wrong[what] = f"{found}, not {wanted}"

    def text(self) -> str:
        """The line."""
        figures = ", ".join(f"{value} {name}" for name, value in self.figures.items())
        verdict = "nothing wrong" if not self.wrong else f"WRONG: {self.wrong}"
        return f"{self.name}: {figures}, {time.monotonic() - self.started:.0f} s: {verdict}"


async def judge(
    report: Report, dsn: str, count: int, ledger: Ledger | None = None, meddler: Meddler | None = None
) -> None:
    """Recompute everything about the executions 0 to `count` - 1 of the load."""
    verdict = await check(dsn)
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch(RESULTS)
    claims = await connection.fetchval("SELECT coalesce(sum(epoch), 0) FROM workflow_executions")
    await connection.close()
    unknown = sum(row["unpaid"] == "STEP_OUTCOME_UNKNOWN" for row in rows)
    report.figures.update(
        {
            "executions": verdict.executions,
            "rows": verdict.rows,
            "leases": claims,
            "lost": count - len({row["n"] for row in rows}),
            "stuck": verdict.wrong.get("not ended", 0),
            "double": verdict.wrong.get("outcomes that are recorded twice", 0),
            "unknown outcomes, said so": unknown,
        }
    )
    report.wrong.update(verdict.wrong)
    report.expect("executions", count, len(rows))
    report.expect("failed", [], [(row["n"], row["code"]) for row in rows if row["status"] == "failed"][:5])
    cancelled = {row["execution_id"] for row in rows if row["status"] == "cancelled"}
    if meddler is not None:
        report.figures["cancelled"] = len(cancelled)
        report.expect("cancelled and yet not", set(), meddler.cancelled - cancelled)
    report.expect("cancelled by nobody", set(), cancelled - (meddler.asked if meddler is not None else set()))
    results = [row for row in rows if row["status"] == "completed"]
    report.expect("wrong results", [], [row["n"] for row in results if row["total"] != str(expected(row["n"]))][:5])
    if ledger is not None:
        report.figures["asked"] = ledger.asked.total()
        report.expect("paid twice", [], [n for n, times in ledger.paid.items() if times > 1][:5])
        known = {row["n"] for row in results if row["unpaid"] is None}
        report.expect("said to be paid and not paid", [], [n for n in known if not ledger.paid[n]][:5])
