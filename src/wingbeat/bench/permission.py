"""What it costs to ask whether a caller may see something: the rule, the look-up, and the second wall behind them."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import psutil

from wingbeat.bench.installation import open_installation
from wingbeat.bench.processes import cpu_seconds
from wingbeat.bench.report import Figure, Goal, Report, percentile
from wingbeat.bench.workloads import reference_workflow
from wingbeat.core.access import SYSTEM, Permission, Principal, PrincipalKind
from wingbeat.services.permissions.access import require
from wingbeat.services.registration import id_for, register

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from wingbeat.bench.report import Effort
    from wingbeat.storage.pool import Database

WORKFLOWS = 1_000
GRANTS = 10
FEW = 10
MILLISECONDS = 1_000
FEWEST = 20
GOAL_MILLISECONDS = 0.2

METHOD = (
    "One workflow of a thousand is read in a transaction: by the platform itself, which is asked nothing; by a user to "
    "whom one of the ten grants of ten workflows gives it; and by one whose role gives all thousand; in turn, so that "
    "what else goes on slows all alike. For the users the permission is looked up and decided, and the policies of the "
    "database are in force. What a check adds is the difference of the medians; and of the processor times, of this "
    "process and of PostgreSQL's together, which say more on a machine that is busy. One connection at a time."
)
GRANT = """
INSERT INTO workflow_permissions (workflow_id, user_id, role, can_view)
SELECT w.workflow_id, CASE WHEN n > 1 THEN 1000 + n WHEN n = 1 AND w.place <= $2 THEN 7 WHEN n = 1 THEN 8 END,
       CASE WHEN n = 0 THEN 'reader' END, true
FROM unnest($3::uuid[]) WITH ORDINALITY AS w (workflow_id, place), generate_series(0, $1 - 1) AS n
"""
# Each caller reads by a statement of its own, since a plan that is used for one is made anew for the other.
READ = "SELECT revision FROM workflows WHERE workflow_id = $1 -- {}"
COMMUNITIES = {1: "member", 2: "member", 3: "viewer"}


@dataclass
class _Taken:
    """The seconds that each reading took, and the processor time of all of them."""

    seconds: list[float] = field(default_factory=list)
    processor: float = 0.0


class _Reader(NamedTuple):
    """A caller, and which workflows it reads."""

    caller: Principal
    reads: Sequence[UUID]


def _user(user_id: int, role: str) -> Principal:
    roles = frozenset({role, "writer", "guest"})
    return Principal(PrincipalKind.USER, user_id=user_id, username=role, roles=roles, communities=COMMUNITIES)


async def measure(effort: Effort) -> Report:
    """Measure for the seconds given."""
    number = effort.sized(WORKFLOWS, least=2)
    async with open_installation() as here:
        database = here.platform.database
        ids = [id_for("permission", str(place)) for place in range(number)]
        for workflow_id in ids:
            await register(database, workflow_id, reference_workflow())
        await database.pool.execute(GRANT, GRANTS, FEW, ids)
        await database.pool.execute("ANALYZE workflows, workflow_permissions")
        readers = [_Reader(SYSTEM, ids), _Reader(_user(7, "someone"), ids[:FEW]), _Reader(_user(9, "reader"), ids)]
        taken = await _read_in_turn(database, readers, effort.seconds)
    unasked, few, every = (percentile(one.seconds, 0.5) * MILLISECONDS for one in taken)
    used, used_few, used_every = (one.processor / len(one.seconds) * MILLISECONDS for one in taken)
    return Report(
        "permission",
        METHOD,
        (
            Figure("a check adds", few - unasked, "ms", Goal(GOAL_MILLISECONDS, at_most=True)),
            Figure("for who may see all, it adds", every - unasked, "ms"),
            Figure("reading without a check, p50", unasked, "ms"),
            Figure("processor time of a check", used_few - used, "ms"),
            Figure("for who may see all", used_every - used, "ms"),
            Figure("of reading without a check", used, "ms"),
        ),
        {"workflows": number, "grants": number * GRANTS},
    )


async def _read_in_turn(database: Database, readers: Sequence[_Reader], seconds: float) -> list[_Taken]:
    """How long each reading took, by each of the readers."""
    taken = [_Taken() for _ in readers]
    chosen = random.Random(1)  # noqa: S311 - the same ones each time
    for reader in readers:
        await _read(database, reader.caller, reader.reads[0])  # Statements are prepared once in each connection.
    sessions = await database.pool.fetch("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")
    processes = [psutil.Process(), *(psutil.Process(row["pid"]) for row in sessions)]
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(taken[0].seconds) < FEWEST:
        for reader, of_reader in zip(readers, taken, strict=True):
            before = sum(map(cpu_seconds, processes))
            for workflow_id in chosen.choices(reader.reads, k=FEWEST):
                began = time.perf_counter()
                await _read(database, reader.caller, workflow_id)
                of_reader.seconds.append(time.perf_counter() - began)
            of_reader.processor += sum(map(cpu_seconds, processes)) - before
    return taken


async def _read(database: Database, caller: Principal, workflow_id: UUID) -> None:
    async with database.scoped(caller) as connection:
        if not caller.unrestricted:
            await require(connection, caller, workflow_id, Permission.VIEW)
        await connection.fetchval(READ.format(caller.name), workflow_id)
