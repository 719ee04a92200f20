-- Executions and their journals, as they are read.

-- name: get_execution(execution_id)^
SELECT e.*, e.error ->> 'code' AS error_code,
       (SELECT w.name FROM workflows w WHERE w.workflow_id = e.workflow_id) AS workflow_name
FROM workflow_executions e WHERE e.execution_id = :execution_id;

-- name: list_steps(execution_id, after_sequence, maximum)
SELECT sequence, node_id, scope, attempt, status, ports, output, error, changes, log, started_at, ended_at
FROM workflow_execution_steps
WHERE execution_id = :execution_id AND sequence > :after_sequence
ORDER BY sequence
LIMIT :maximum;

-- name: read_progress(execution_id)^
-- What the journal says of the nodes: what the worker itself keeps of an execution that it brings to its end.
SELECT coalesce(sum(runs + failures), 0)::int AS nodes_executed,
       coalesce(jsonb_agg(node_id ORDER BY first_run, first_failure), '[]') AS execution_path,
       coalesce(jsonb_object_agg(node_id, jsonb_build_object(
           'status', CASE WHEN runs > 0 THEN 'completed' ELSE 'failed' END, 'runs', runs, 'failures', failures
       )), '{}') AS node_states
FROM (
    SELECT node_id, count(*) FILTER (WHERE status = 'completed') AS runs,
           count(*) FILTER (WHERE status = 'failed') AS failures,
           min(sequence) FILTER (WHERE status = 'completed') AS first_run,
           min(sequence) FILTER (WHERE status = 'failed') AS first_failure
    FROM workflow_execution_steps
    WHERE execution_id = :execution_id::uuid AND status IN ('completed', 'failed')
    GROUP BY node_id
) AS nodes;

-- name: hold_execution(execution_id)$
-- Keeps it from changing. In a transaction of a caller's, the database gives only what the caller may steer.
SELECT execution_id FROM workflow_executions WHERE execution_id = :execution_id::uuid FOR NO KEY UPDATE;

-- name: count_by_status()
-- Only statuses that the partial index has: counting the completed ones would read the whole table.
SELECT status, count(*) AS number FROM workflow_executions
WHERE status IN ('pending', 'running', 'waiting', 'paused', 'failed')
GROUP BY status;

-- name: files_of(execution_id)$
-- Under which other id files of it are kept: that of the start whose data it has.
SELECT files_of FROM workflow_executions WHERE execution_id = :execution_id::uuid;
