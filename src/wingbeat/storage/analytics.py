"""Figures about executions: what became of those that began in a range of time, and how long they took.

Durations are counted in classes that grow by two per cent, so that one pass over an index gives their percentiles, each
exact to one per cent. Slow nodes are looked for in the journals of the latest executions alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.storage.access import visible_executions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.storage.access import Condition

GROWTH = 1.02
# The middle of a class, as a multiple of its upper bound.
MIDDLE = 2 / (1 + GROWTH)
# What no duration falls into but those below a millisecond.
NO_TIME = -100_000
SAMPLED_EXECUTIONS = 500
SAMPLED_STEPS = 20_000
ENDED = "status IN ('completed', 'failed', 'cancelled')"
OPEN = "status IN ('pending', 'running', 'waiting', 'paused')"


class Wanted(NamedTuple):
    """Which executions count: those that began from `since` until before `until`, perhaps of one workflow or community.

    `before` begins the range that they are compared with, which ends at `since`. `bucket` is a unit of time, as
    `date_trunc` knows it, on the clock of `timezone`.
    """

    before: datetime
    since: datetime
    until: datetime
    bucket: str
    timezone: str
    workflow_id: UUID | None = None
    community_id: int | None = None


class Percentiles(NamedTuple):
    """How long executions took that ended by themselves, in seconds."""

    p50: float
    p95: float
    p99: float


class Count(NamedTuple):
    """So many executions with one outcome; `active` is that of those that have not ended."""

    status: str
    number: int


class Tally(NamedTuple):
    """What became of the executions: in all, in each bucket and for each workflow; and in the range before."""

    buckets: list[datetime]
    by_bucket: Mapping[datetime, list[Count]]
    by_workflow: Mapping[UUID, list[Count]]
    durations: Mapping[datetime, Percentiles]
    duration: Percentiles | None
    before: list[Count]
    duration_before: Percentiles | None


class Present(NamedTuple):
    """How many executions there are now that have not ended."""

    queued: int
    running: int
    waiting: int
    paused: int
    parked: int


class Failure(NamedTuple):
    """The last failure of a workflow within the range."""

    workflow_id: UUID
    execution_id: UUID
    failed_at: datetime | None
    code: str | None
    message: str | None
    node_id: str | None


class NodeTime(NamedTuple):
    """How long a node took in the executions that were looked at, in seconds."""

    workflow_id: UUID
    node_id: str
    runs: int
    p50: float
    p95: float
    longest: float


class NodeTimes(NamedTuple):
    """The slowest nodes, and how much was looked at to find them."""

    nodes: list[NodeTime]
    executions: int
    steps: int


async def tally(connection: asyncpg.Connection, principal: Principal, wanted: Wanted) -> Tally:
    """Count what the caller may see."""
    kept, arguments = _where(principal, wanted, first_argument=6)
    given = (wanted.before, wanted.since, wanted.until, wanted.bucket, wanted.timezone, *arguments)
    await connection.execute(HASH_MEMORY)
    rows = await connection.fetch(TALLY.format(kept=kept), *given)
    buckets = await connection.fetch(BUCKETS, wanted.since, wanted.until, wanted.bucket, wanted.timezone)
    by_bucket: dict[datetime, list[Count]] = {}
    by_workflow: dict[UUID, list[Count]] = {}
    durations: dict[datetime | None, Percentiles] = {}
    before: list[Count] = []
    duration_before = None
    for row in rows:
        found = Count(row["status"], row["number"])
        match row["kind"], row["present"]:
            case "bucket", True:
                by_bucket.setdefault(row["bucket"], []).append(found)
            case "bucket", _:
                before.append(found)
            case "workflow", _:
                by_workflow.setdefault(row["workflow_id"], []).append(found)
            case _, True:
                durations[row["bucket"]] = _percentiles(row)
            case _:
                duration_before = _percentiles(row)
    duration = durations.pop(None, None)
    named = {bucket: found for bucket, found in durations.items() if bucket is not None}
    return Tally([row["start"] for row in buckets], by_bucket, by_workflow, named, duration, before, duration_before)


async def count_present(connection: asyncpg.Connection, principal: Principal, wanted: Wanted) -> Present:
    """How many the caller may see that have not ended, whenever they began."""
    kept, arguments = _where(principal, wanted, first_argument=1)
    rows = await connection.fetch(PRESENT.format(kept=kept), *arguments)
    found = {"parked" if row["parked"] else row["status"]: row["number"] for row in rows}
    return Present(
        found.get("pending", 0),
        found.get("running", 0),
        found.get("waiting", 0),
        found.get("paused", 0),
        found.get("parked", 0),
    )


async def last_failures(
    connection: asyncpg.Connection, principal: Principal, wanted: Wanted, workflows: Sequence[UUID]
) -> dict[UUID, Failure]:
    """The last failure that the caller may see of each of these workflows."""
    kept, arguments = _where(principal, wanted, first_argument=4)
    rows = await connection.fetch(FAILURES.format(kept=kept), list(workflows), wanted.since, wanted.until, *arguments)
    return {row["workflow_id"]: Failure(**row) for row in rows}


async def slowest_nodes(connection: asyncpg.Connection, principal: Principal, wanted: Wanted, most: int) -> NodeTimes:
    """The nodes whose steps took longest, in the journals of the latest executions of the range.

    Loops, whose time is that of what is in them, do not count, nor do steps that waited for something.
    """
    kept, arguments = _where(principal, wanted, first_argument=6)
    given = (wanted.since, wanted.until, SAMPLED_EXECUTIONS, SAMPLED_STEPS, most, *arguments)
    rows = await connection.fetch(SLOWEST.format(kept=kept), *given)
    if not rows:
        return NodeTimes([], 0, 0)
    nodes = [NodeTime(*(row[name] for name in NodeTime._fields)) for row in rows if row["node_id"] is not None]
    return NodeTimes(nodes, rows[0]["executions"], rows[0]["steps"])


async def read_names(connection: asyncpg.Connection, workflows: Collection[UUID]) -> dict[UUID, str]:
    """What those of the workflows are called that the transaction shows."""
    rows = await connection.fetch(
        "SELECT workflow_id, name FROM workflows WHERE workflow_id = ANY($1::uuid[])", list(workflows)
    )
    return {row["workflow_id"]: row["name"] for row in rows}


async def read_node_names(
    connection: asyncpg.Connection, workflows: Collection[UUID]
) -> dict[UUID, dict[str, tuple[str, str]]]:
    """For each workflow, by the ids of its nodes, their names and types as they are being edited."""
    rows = await connection.fetch(
        "SELECT workflow_id, nodes FROM workflows WHERE workflow_id = ANY($1::uuid[])", list(workflows)
    )
    return {
        row["workflow_id"]: {node["id"]: (node.get("name", ""), node["type"]) for node in row["nodes"]} for row in rows
    }


def _where(principal: Principal, wanted: Wanted, *, first_argument: int) -> tuple[str, list[object]]:
    """The condition that an execution is one of those that are wanted and visible, and its arguments."""
    visible: Condition = visible_executions(principal, first_argument=first_argument, table="e", many=True)
    conditions, arguments = [visible.sql], list(visible.arguments)
    if wanted.workflow_id is not None:
        arguments.append(wanted.workflow_id)
        conditions.append(f"e.workflow_id = ${first_argument + len(arguments) - 1}")
    if wanted.community_id is not None:
        arguments.append(wanted.community_id)
        number = f"${first_argument + len(arguments) - 1}"
        conditions.append(f"e.workflow_id IN (SELECT workflow_id FROM workflows WHERE community_id = {number})")  # noqa: S608 - constants
    return " AND ".join(conditions), arguments


def _percentiles(row: Mapping[str, Any]) -> Percentiles:
    return Percentiles(*(_seconds(row[name]) for name in Percentiles._fields))


def _seconds(size: int) -> float:
    """The middle of a class of durations."""
    return 0.0 if size == NO_TIME else float(f"{GROWTH**size * MIDDLE:.3g}")


# The groups are few, which the planner does not foresee: with less it would sort all rows on the disk.
HASH_MEMORY = "SET LOCAL work_mem = '64MB'"

# Grouped once; what is asked of the groups is small.
TALLY = f"""
WITH seen AS (
    SELECT e.start_time >= $2 AS present,
           CASE WHEN e.start_time >= $2 THEN date_trunc($4, e.start_time, $5) END AS bucket,
           CASE WHEN e.start_time >= $2 THEN e.workflow_id END AS workflow_id,
           e.status,
           CASE WHEN e.status = 'cancelled' THEN NULL
                WHEN e.execution_time_seconds >= 0.001
                THEN ceil(ln(e.execution_time_seconds::float8) / ln({GROWTH}::float8))::int
                ELSE {NO_TIME} END AS size
    FROM workflow_executions e
    WHERE e.{ENDED} AND e.start_time >= $1 AND e.start_time < $3 AND {{kept}}
    UNION ALL
    SELECT e.start_time >= $2, CASE WHEN e.start_time >= $2 THEN date_trunc($4, e.start_time, $5) END,
           CASE WHEN e.start_time >= $2 THEN e.workflow_id END, 'active', NULL
    FROM workflow_executions e
    WHERE e.{OPEN} AND e.start_time >= $1 AND e.start_time < $3 AND {{kept}}
), grouped AS MATERIALIZED (
    SELECT present, bucket, workflow_id, status, size, count(*) AS number,
           CASE WHEN grouping(size) = 0 THEN 'size' WHEN grouping(bucket) = 0 THEN 'bucket' ELSE 'workflow' END AS kind
    FROM seen
    GROUP BY GROUPING SETS ((present, bucket, status), (present, bucket, size), (present, workflow_id, status))
), sizes AS (
    SELECT present, bucket, size, number FROM grouped WHERE kind = 'size' AND size IS NOT NULL
    UNION ALL
    SELECT present, NULL, size, number FROM grouped WHERE kind = 'size' AND size IS NOT NULL AND bucket IS NOT NULL
), ranked AS (
    SELECT present, bucket, size, sum(number) OVER up AS upto, sum(number) OVER (PARTITION BY present, bucket) AS total
    FROM sizes
    WINDOW up AS (PARTITION BY present, bucket ORDER BY size)
)
SELECT kind, present, bucket, workflow_id, status, number, NULL::int AS p50, NULL::int AS p95, NULL::int AS p99
FROM grouped WHERE kind = 'bucket' OR (kind = 'workflow' AND present)
UNION ALL
SELECT 'percentiles', present, bucket, NULL, NULL, NULL, min(size) FILTER (WHERE upto >= total * 0.5),
       min(size) FILTER (WHERE upto >= total * 0.95), min(size) FILTER (WHERE upto >= total * 0.99)
FROM ranked GROUP BY present, bucket
"""  # noqa: S608 - constants

# Steps that none is longer than half of the shortest unit, so that each is met however its clock is put.
BUCKETS = """
SELECT DISTINCT date_trunc($3, moment, $4) AS start
FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 microsecond', CASE $3
    WHEN 'minute' THEN interval '1 minute' WHEN 'hour' THEN interval '30 minutes' WHEN 'day' THEN interval '12 hours'
    ELSE interval '72 hours' END) AS moment
UNION
SELECT date_trunc($3, $2::timestamptz - interval '1 microsecond', $4)
ORDER BY start
"""

PRESENT = f"""
SELECT e.status, e.parked, count(*) AS number FROM workflow_executions e
WHERE e.{OPEN} AND {{kept}}
GROUP BY e.status, e.parked
"""  # noqa: S608 - constants

FAILURES = """
SELECT last.* FROM unnest($1::uuid[]) AS named (id) CROSS JOIN LATERAL (
    SELECT e.workflow_id, e.execution_id, e.end_time AS failed_at, e.error ->> 'code' AS code,
           e.error_message AS message, e.error_node_id AS node_id
    FROM workflow_executions e
    WHERE e.status = 'failed' AND e.workflow_id = named.id AND e.start_time >= $2 AND e.start_time < $3 AND {kept}
    ORDER BY e.start_time DESC LIMIT 1
) AS last
"""

SLOWEST = f"""
WITH sampled AS MATERIALIZED (
    SELECT e.execution_id, e.workflow_id FROM workflow_executions e
    WHERE e.{ENDED} AND e.start_time >= $1 AND e.start_time < $2 AND {{kept}}
    ORDER BY e.start_time DESC LIMIT $3
), steps AS MATERIALIZED (
    SELECT sampled.workflow_id, s.execution_id, s.node_id, s.scope, s.attempt, s.status, s.started_at, s.ended_at
    FROM sampled CROSS JOIN LATERAL (
        SELECT * FROM workflow_execution_steps s WHERE s.execution_id = sampled.execution_id
    ) AS s
    LIMIT $4
), runs AS (
    SELECT workflow_id, node_id, max(extract(epoch FROM ended_at - started_at)
           ) FILTER (WHERE status IN ('completed', 'failed'))::float8 AS seconds
    FROM steps
    GROUP BY workflow_id, execution_id, node_id, scope, attempt
    HAVING NOT bool_or(status IN ('waiting', 'opened'))
), nodes AS (
    SELECT workflow_id, node_id, count(*) AS runs, max(seconds) AS longest,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY seconds) AS percentiles
    FROM runs WHERE seconds IS NOT NULL
    GROUP BY workflow_id, node_id
)
SELECT looked.executions, looked.steps, nodes.workflow_id, nodes.node_id, nodes.runs, nodes.percentiles[1] AS p50,
       nodes.percentiles[2] AS p95, nodes.longest
FROM (SELECT (SELECT count(*) FROM sampled) AS executions, (SELECT count(*) FROM steps) AS steps) AS looked
LEFT JOIN nodes ON true
ORDER BY p95 DESC NULLS LAST, nodes.node_id
LIMIT $5
"""  # noqa: S608 - constants
