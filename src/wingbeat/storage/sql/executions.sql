-- Executions and their journals, as they are read.

-- name: get_execution(execution_id)^
SELECT * FROM workflow_executions WHERE execution_id = :execution_id;

-- name: list_steps(execution_id, after_sequence, maximum)
SELECT sequence, node_id, scope, attempt, status, ports, output, error, changes, log, started_at, ended_at
FROM workflow_execution_steps
WHERE execution_id = :execution_id AND sequence > :after_sequence
ORDER BY sequence
LIMIT :maximum;

-- name: count_executions(workflow_id, statuses)$
SELECT count(*) FROM workflow_executions
WHERE (:workflow_id::uuid IS NULL OR workflow_id = :workflow_id) AND status = ANY(:statuses);

-- name: count_by_status()
-- Only statuses that the partial index has: counting the completed ones would read the whole table.
SELECT status, count(*) AS number FROM workflow_executions
WHERE status IN ('pending', 'running', 'waiting', 'paused', 'failed')
GROUP BY status;
