"""Recomputes from the journal what must hold of every execution, whatever happened to the processes that ran it."""

from __future__ import annotations

from typing import NamedTuple

import asyncpg

# Each statement counts what must not be; its name says what that is.
RULES: dict[str, str] = {
    "not ended": """
        SELECT count(*) FROM workflow_executions
        WHERE status NOT IN ('completed', 'failed', 'cancelled') OR end_time IS NULL
    """,
    "without exactly one last row that says its status": """
        SELECT count(*) FROM workflow_executions e LEFT JOIN (
            SELECT execution_id, count(*) AS ends, max(sequence) AS sequence, max(ports) AS status
            FROM workflow_execution_steps WHERE status = 'ended' GROUP BY execution_id
        ) s USING (execution_id) LEFT JOIN (
            SELECT execution_id, max(sequence) AS last FROM workflow_execution_steps GROUP BY execution_id
        ) l USING (execution_id)
        WHERE e.status IN ('completed', 'failed', 'cancelled')
          AND (s.ends IS DISTINCT FROM 1 OR s.sequence <> l.last OR s.status <> e.status)
    """,
    "with gaps in its sequence": """
        SELECT count(*) FROM (
            SELECT execution_id FROM workflow_execution_steps GROUP BY execution_id
            HAVING min(sequence) <> 1 OR max(sequence) <> count(*)
        ) wrong
    """,
    "outcomes that are recorded twice": """
        SELECT count(*) FROM (
            SELECT FROM workflow_execution_steps WHERE status IN ('completed', 'failed')
            GROUP BY execution_id, node_id, scope, attempt HAVING count(*) > 1
        ) wrong
    """,
    "steps that completed twice": """
        SELECT count(*) FROM (
            SELECT FROM workflow_execution_steps WHERE status = 'completed'
            GROUP BY execution_id, node_id, scope HAVING count(*) > 1
        ) wrong
    """,
    "starts that are recorded twice": """
        SELECT count(*) FROM (
            -- A step that a person has cleared begins once more.
            SELECT FROM (
                SELECT *, count(*) FILTER (WHERE status = 'cleared') OVER (
                    PARTITION BY execution_id, node_id, scope, attempt ORDER BY sequence
                ) AS cleared
                FROM workflow_execution_steps
            ) rows
            WHERE status IN ('started', 'opened', 'waiting', 'round')
            -- A step may wait for one thing after the other.
            GROUP BY execution_id, node_id, scope, attempt, status, cleared, output ->> 'wait' HAVING count(*) > 1
        ) wrong
    """,
    "executions that sleep though what they wait for has come": """
        SELECT count(*) FROM workflow_executions e JOIN workflow_waits w ON w.wait_id = ANY(e.awaits)
        WHERE e.status = 'waiting' AND w.resolved_at IS NOT NULL
    """,
    "rows of an older lease after those of a newer one": """
        SELECT count(*) FROM (
            SELECT epoch, lag(epoch) OVER (PARTITION BY execution_id ORDER BY sequence) AS before
            FROM workflow_execution_steps
        ) rows WHERE epoch < before
    """,
    "rows of a lease that never was": """
        SELECT count(*) FROM workflow_execution_steps s LEFT JOIN workflow_executions e USING (execution_id)
        WHERE e.execution_id IS NULL OR s.epoch > e.epoch
    """,
    "inputs that are no earlier rows": """
        SELECT count(*) FROM workflow_execution_steps s, unnest(s.inputs) AS input
        WHERE NOT input BETWEEN 0 AND s.sequence - 1
    """,
    "leases of ended executions": """
        SELECT count(*) FROM workflow_executions
        WHERE worker_id IS NOT NULL AND status IN ('completed', 'failed', 'cancelled')
    """,
    "leases of unknown workers": """
        SELECT count(*) FROM workflow_executions e
        WHERE worker_id IS NOT NULL AND NOT EXISTS (SELECT FROM workers w WHERE w.worker_id = e.worker_id)
    """,
}


class Verdict(NamedTuple):
    """What was found; `wrong` is empty when all holds."""

    executions: int
    completed: int
    failed: int
    rows: int
    takeovers: int
    wrong: dict[str, int]


async def check(dsn: str, *, ended: bool = True) -> Verdict:
    """Look through the whole database; with `ended`, every execution must have ended."""
    connection = await asyncpg.connect(dsn)
    try:
        wrong = {}
        for name, statement in RULES.items():
            found = await connection.fetchval(statement)
            if found and (ended or name != "not ended"):
                wrong[name] = found
        counts = await connection.fetchrow("""
            SELECT count(*) AS executions, count(*) FILTER (WHERE status = 'completed') AS completed,
                   count(*) FILTER (WHERE status = 'failed') AS failed,
                   (SELECT count(*) FROM workflow_execution_steps) AS rows,
                   (SELECT count(DISTINCT (execution_id, epoch)) FROM workflow_execution_steps)
                   - (SELECT count(DISTINCT execution_id) FROM workflow_execution_steps) AS takeovers
            FROM workflow_executions
        """)
        return Verdict(**dict(counts), wrong=wrong)
    finally:
        await connection.close()
