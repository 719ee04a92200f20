-- Executions, as they are read; and pausing and going on, as far as the row is concerned.

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

-- name: lock_status(execution_id)^
SELECT status, priority, pause_requested FROM workflow_executions WHERE execution_id = :execution_id FOR UPDATE;

-- name: request_pause(execution_id)!
-- Its worker stops at the next step and writes `paused` itself.
UPDATE workflow_executions SET pause_requested = true WHERE execution_id = :execution_id;

-- name: withdraw_pause(execution_id)!
UPDATE workflow_executions SET pause_requested = false WHERE execution_id = :execution_id;

-- name: pause_idle(execution_id)!
-- Nobody holds it: its job in the queue, if any, will find it paused. `wake_at` stays, for it still waits when it goes on.
UPDATE workflow_executions SET status = 'paused', pause_requested = false, parked = false, admit_after = NULL
WHERE execution_id = :execution_id;

-- name: resume(execution_id)!
UPDATE workflow_executions SET status = 'pending', pause_requested = false WHERE execution_id = :execution_id;

-- name: notify_control(message)!
SELECT pg_notify('wingbeat_control', :message);
