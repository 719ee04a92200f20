-- Waits for what comes from outside. Whoever resolves one has locked its execution first, so that the execution either
-- has let go of its worker, and is woken, or will see that the wait is resolved before it lets go.

-- name: open(wait_id, execution_id, epoch, node_id, scope, attempt, kind, round, key, opening, until)^
-- The step's own row, if it opened it before: as it was then. Behind the fence of the lease, which stays until the commit:
-- whoever takes over sees the wait, or none comes after that which nobody would withdraw.
WITH held AS MATERIALIZED (
    SELECT execution_id FROM workflow_executions
    WHERE execution_id = :execution_id::uuid AND epoch = :epoch AND worker_id IS NOT NULL
    FOR SHARE
)
INSERT INTO workflow_waits
    (wait_id, execution_id, node_id, scope, attempt, kind, round, key, opening, expires_at)
SELECT :wait_id::uuid, execution_id, :node_id, :scope, :attempt, :kind, :round, :key, :opening::json,
       to_timestamp(:until::float8)
FROM held
ON CONFLICT (execution_id, node_id, scope, kind, round) DO UPDATE SET kind = excluded.kind
RETURNING wait_id, opening, extract(epoch FROM expires_at)::float8 AS until;

-- name: read_own(ids, execution_id)
-- A fork has rows in its journal that tell of the waits of another execution: those are not its own.
SELECT wait_id, outcome, resolution, opening FROM workflow_waits
WHERE wait_id = ANY(:ids::uuid[]) AND execution_id = :execution_id::uuid;

-- name: read_open(execution_id)
SELECT node_id, scope FROM workflow_waits WHERE execution_id = :execution_id::uuid AND resolved_at IS NULL;

-- name: find_settled(ids)
SELECT wait_id FROM workflow_waits WHERE wait_id = ANY(:ids::uuid[]) AND resolved_at IS NOT NULL;

-- name: expire(wait_id, execution_id, epoch)!
-- Its time has come: unless somebody resolved it, nobody will. Behind the fence of the lease.
UPDATE workflow_waits w SET resolved_at = clock_timestamp(), outcome = 'expired'
FROM workflow_executions e
WHERE w.wait_id = :wait_id::uuid AND w.resolved_at IS NULL AND w.execution_id = e.execution_id
  AND e.execution_id = :execution_id::uuid AND e.epoch = :epoch AND e.worker_id IS NOT NULL;

-- name: withdraw(nodes, scopes, execution_id, epoch)!
-- The steps that waited are not wanted any more, and neither are the children that they waited for. The execution comes
-- first, as wherever a wait is resolved: the note about children refers to it, and would wait for whoever has locked it.
WITH held AS MATERIALIZED (
    SELECT execution_id FROM workflow_executions
    WHERE execution_id = :execution_id::uuid AND epoch = :epoch AND worker_id IS NOT NULL
    FOR KEY SHARE
), withdrawn AS (
    UPDATE workflow_waits w SET resolved_at = clock_timestamp(), outcome = 'withdrawn'
    FROM held, unnest(:nodes::text[], :scopes::text[]) AS step (node, scope)
    WHERE w.execution_id = held.execution_id AND w.node_id = step.node AND w.scope = step.scope
      AND w.resolved_at IS NULL
    RETURNING w.execution_id, w.kind
), noted AS (
    INSERT INTO workflow_endings (execution_id)
    SELECT DISTINCT execution_id FROM withdrawn WHERE kind = 'children'
    RETURNING execution_id
)
SELECT pg_notify('wingbeat_endings', '') FROM noted;

-- name: find(wait_id)^
SELECT wait_id, execution_id, kind, opening, outcome, expires_at, clock_timestamp() AS now
FROM workflow_waits WHERE wait_id = :wait_id::uuid;

-- name: find_by_key(kind, key)^
-- The one that is open, else the last that was.
SELECT wait_id, execution_id, kind, opening, outcome, expires_at, clock_timestamp() AS now
FROM workflow_waits WHERE kind = :kind AND key = :key AND kind <> 'children'
ORDER BY resolved_at IS NULL DESC, created_at DESC LIMIT 1;

-- name: find_open(kind, keys, after, most)
SELECT wait_id, opening FROM workflow_waits
WHERE kind = :kind AND key = ANY(:keys::text[]) AND resolved_at IS NULL AND kind <> 'children'
  AND wait_id > :after::uuid
ORDER BY wait_id LIMIT :most;

-- name: list_open(kind, key)
-- In the order of their executions, so that two who lock them take turns.
SELECT wait_id, execution_id FROM workflow_waits
WHERE kind = :kind AND key = :key AND resolved_at IS NULL AND kind <> 'children'
ORDER BY execution_id, wait_id;

-- name: resolve(wait_id, value)$
-- Compare and set: the first one counts, and none after the wait's time.
UPDATE workflow_waits SET resolved_at = clock_timestamp(), outcome = 'resolved', resolution = :value::json
WHERE wait_id = :wait_id::uuid AND resolved_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
RETURNING wait_id;

-- name: wake(execution_id)$
UPDATE workflow_executions SET status = 'pending', wake_at = NULL
WHERE execution_id = :execution_id::uuid AND status = 'waiting' RETURNING priority;

-- name: wake_missed(most)
-- A safety net: executions that wait for what was resolved a while ago.
UPDATE workflow_executions SET status = 'pending', wake_at = NULL
WHERE execution_id IN (
    SELECT e.execution_id FROM workflow_waits w JOIN workflow_executions e USING (execution_id)
    WHERE w.resolved_at BETWEEN clock_timestamp() - interval '10 minutes' AND clock_timestamp() - interval '5 seconds'
      AND w.kind <> 'children' AND e.status = 'waiting' AND w.wait_id = ANY(e.awaits)
    LIMIT :most FOR UPDATE OF e SKIP LOCKED
)
RETURNING execution_id, priority;

-- name: list_of_execution(execution_id, most)
SELECT wait_id, node_id, scope, kind, round, opening, expires_at, resolved_at, outcome, created_at
FROM workflow_waits WHERE execution_id = :execution_id::uuid ORDER BY created_at, wait_id LIMIT :most;

-- name: forget(before)!
-- Those of executions that ended long ago: what was sent to them is kept no longer than their steps.
DELETE FROM workflow_waits w USING workflow_executions e
WHERE w.execution_id = e.execution_id AND w.execution_id < :before::uuid
  AND e.status IN ('completed', 'failed', 'cancelled');

-- name: lock_living(ids)
-- In the order of their ids, so that two who lock some of them take turns.
SELECT execution_id, worker_id FROM workflow_executions
WHERE execution_id = ANY(:ids::uuid[]) AND status NOT IN ('completed', 'failed', 'cancelled')
ORDER BY execution_id FOR UPDATE;

-- name: resolve_many(ids, value)
UPDATE workflow_waits SET resolved_at = clock_timestamp(), outcome = 'resolved', resolution = :value::json
WHERE wait_id = ANY(:ids::uuid[]) AND resolved_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
RETURNING wait_id, execution_id, node_id;

-- name: wake_many(ids)
UPDATE workflow_executions SET status = 'pending', wake_at = NULL
WHERE execution_id = ANY(:ids::uuid[]) AND status = 'waiting' RETURNING execution_id, priority;

-- name: tell_many(messages)!
SELECT pg_notify('wingbeat_control', message) FROM unnest(:messages::text[]) AS told (message);
