"""The checker of the journal finds each thing that it looks for."""

from __future__ import annotations

import pytest
from tests.rig.checker import RULES, check
from tests.rig.engine import START, Engine, node

STEPS = "UPDATE workflow_execution_steps SET "
EXECUTIONS = "UPDATE workflow_executions SET "
# The journal of a finished execution is: 1 start, 2 end, 3 the end of the execution.
HARM = {
    "not ended": EXECUTIONS + "status = 'running', worker_id = NULL",
    "without exactly one last row that says its status": STEPS + "ports = 'failed' WHERE sequence = 3",
    "with gaps in its sequence": STEPS + "sequence = 9 WHERE sequence = 3",
    "outcomes that are recorded twice": STEPS + "status = 'failed', node_id = 'x' WHERE sequence < 3",
    "steps that completed twice": STEPS + "node_id = 'x', attempt = sequence WHERE sequence < 3",
    "starts that are recorded twice": STEPS + "status = 'started', node_id = 'x' WHERE sequence < 3",
    "executions that sleep though what they wait for has come": (
        """WITH wait AS (
            INSERT INTO workflow_waits
                (wait_id, execution_id, node_id, scope, attempt, kind, key, resolved_at, outcome)
            SELECT gen_random_uuid(), execution_id, 'x', '', 1, 'event', 'k', now(), 'resolved'
            FROM workflow_executions RETURNING wait_id
        ) UPDATE workflow_executions SET status = 'waiting', awaits = ARRAY(SELECT wait_id FROM wait)"""
    ),
    "rows of an older lease after those of a newer one": STEPS + "epoch = 0 WHERE sequence = 3",
    "rows of a lease that never was": STEPS + "epoch = 7 WHERE sequence = 3",
    "inputs that are no earlier rows": STEPS + "inputs = '{2}' WHERE sequence = 2",
    "leases of ended executions": EXECUTIONS + "worker_id = gen_random_uuid()",
    "leases of unknown workers": EXECUTIONS + "worker_id = gen_random_uuid(), status = 'running'",
}


def test_every_rule_is_tried() -> None:
    """A rule without a case here could be one that never finds anything."""
    assert set(RULES) == set(HARM)


@pytest.mark.parametrize("rule", HARM)
async def test_the_checker_finds_what_is_wrong(engine: Engine, rule: str) -> None:
    """A sound journal has nothing wrong; harmed in this way, the rule says so."""
    worker = await engine.worker()
    await engine.ended(await engine.start(await engine.publish(START, node("end", "flow.end"))))
    await worker.stop()
    assert {} == (await check(engine.database.dsn)).wrong
    await engine.database.pool.execute(HARM[rule])
    assert rule in (await check(engine.database.dsn)).wrong
    # The fixture looks as well. Nothing that needs a whole table for itself: it would wait for everybody who looks in.
    await engine.database.pool.execute("DELETE FROM workflow_execution_steps")
    await engine.database.pool.execute("DELETE FROM workflow_executions")
