"""What it costs to ask whether a caller may see something: the rule, the look-up, and the second wall behind them."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from wingbeat.bench.installation import open_installation
from wingbeat.bench.report import Figure, Goal, Report, percentile
from wingbeat.bench.workloads import reference_workflow
from wingbeat.core.access import SYSTEM, Permission, Principal, PrincipalKind
from wingbeat.services.permissions.access import require
from wingbeat.services.registration import id_for, register

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.bench.report import Effort
    from wingbeat.storage.pool import Database

WORKFLOWS = 1_000
GRANTS = 10
MILLISECONDS = 1_000
FEWEST = 20
GOAL_MILLISECONDS = 0.2

METHOD = (
    "One workflow of a thousand is read in a transaction, in turn by the platform itself, which is asked nothing, and "
    "by a user of three roles and three communities to whom one of its ten grants gives it: with the permission "
    "looked up and decided, and the policies of the database in force. What the check adds is the difference, by the "
    "median. One connection at a time."
)
GRANT = """
INSERT INTO workflow_permissions (workflow_id, user_id, role, can_view)
SELECT workflow_id, CASE WHEN n > 0 THEN 1000 + n END, CASE WHEN n = 0 THEN 'reader' END, true
FROM workflows, generate_series(0, $1 - 1) AS n
"""
READ = "SELECT revision FROM workflows WHERE workflow_id = $1"
CALLER = Principal(
    PrincipalKind.USER,
    user_id=7,
    username="reader",
    roles=frozenset({"reader", "writer", "guest"}),
    communities={1: "member", 2: "member", 3: "viewer"},
)


async def measure(effort: Effort) -> Report:
    """Measure for the seconds given, one of each after the other, so that what else goes on slows both alike."""
    number = effort.sized(WORKFLOWS, least=2)
    async with open_installation() as here:
        database = here.platform.database
        ids = [id_for("permission", str(place)) for place in range(number)]
        for workflow_id in ids:
            await register(database, workflow_id, reference_workflow())
        await database.pool.execute(GRANT, GRANTS)
        await database.pool.execute("ANALYZE workflows, workflow_permissions")
        unasked, asked = await _read_in_turn(database, ids, effort.seconds)
    added = percentile(asked, 0.5) - percentile(unasked, 0.5)
    return Report(
        "permission",
        METHOD,
        (
            Figure("a check adds", added * MILLISECONDS, "ms", Goal(GOAL_MILLISECONDS, at_most=True)),
            Figure("without it, p50", percentile(unasked, 0.5) * MILLISECONDS, "ms"),
            Figure("with it, p50", percentile(asked, 0.5) * MILLISECONDS, "ms"),
        ),
        {"workflows": number, "grants": number * GRANTS},
    )


async def _read_in_turn(database: Database, ids: list[UUID], seconds: float) -> tuple[list[float], list[float]]:
    """How long each reading took, by whom nobody asks and by whom somebody does."""
    taken: tuple[list[float], list[float]] = ([], [])
    chosen = random.Random(1)  # noqa: S311 - the same ones each time
    for caller in (SYSTEM, CALLER):
        await _read(database, caller, ids[0])  # Statements are prepared once in each connection.
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(taken[1]) < FEWEST:
        workflow_id = chosen.choice(ids)
        for caller, times in zip((SYSTEM, CALLER), taken, strict=True):
            began = time.perf_counter()
            await _read(database, caller, workflow_id)
            times.append(time.perf_counter() - began)
    return taken


async def _read(database: Database, caller: Principal, workflow_id: UUID) -> None:
    async with database.scoped(caller) as connection:
        if not caller.unrestricted:
            await require(connection, caller, workflow_id, Permission.VIEW)
        await connection.fetchval(READ, workflow_id)
