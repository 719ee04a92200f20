-- Ends that come from outside the engine: cancelling, and giving up on what cannot go on.

-- name: lock_execution(execution_id)^
SELECT e.status, e.epoch, e.worker_id, e.workflow_id, e.error, w.max_concurrent IS NOT NULL AS limited
FROM workflow_executions e JOIN workflows w USING (workflow_id)
WHERE e.execution_id = :execution_id::uuid FOR UPDATE OF e;

-- name: end_execution(execution_id, status, error, executed, path, states)!
-- Terminal at once, whoever runs it: the raised epoch refuses all that its worker may still write.
WITH ended AS (
    UPDATE workflow_executions
    SET status = :status, end_time = clock_timestamp(), epoch = epoch + 1, worker_id = NULL, parked = false,
        wake_at = NULL, pause_requested = false, error = :error::jsonb, error_message = :error::jsonb ->> 'message',
        execution_time_seconds = extract(epoch FROM clock_timestamp() - start_time),
        nodes_executed = :executed, execution_path = :path::jsonb, node_states = :states::jsonb
    WHERE execution_id = :execution_id::uuid
    RETURNING execution_id, epoch
)
INSERT INTO workflow_execution_steps
    (execution_id, sequence, node_id, scope, attempt, status, ports, error, started_at, ended_at, epoch)
SELECT ended.execution_id, coalesce((
           SELECT max(s.sequence) FROM workflow_execution_steps s WHERE s.execution_id = ended.execution_id
       ), 0) + 1, '', '', 1, 'ended', :status, :error::jsonb, clock_timestamp(), clock_timestamp(), ended.epoch
FROM ended;

-- name: request_pause(execution_id)!
UPDATE workflow_executions SET pause_requested = true WHERE execution_id = :execution_id::uuid;

-- name: pause_idle(execution_id)!
-- Nobody runs it: it is paused at once. What it waits for is remembered in its journal.
UPDATE workflow_executions SET status = 'paused', epoch = epoch + 1, parked = false, wake_at = NULL
WHERE execution_id = :execution_id::uuid;

-- name: resume(execution_id, stepping)$
UPDATE workflow_executions
SET status = 'pending', epoch = epoch + 1, error = NULL, error_message = NULL, deferred_since = NULL,
    stepping = :stepping::boolean
WHERE execution_id = :execution_id::uuid RETURNING priority;

-- name: ask_again(execution_id, question)!
-- It rests until the rest of the question is answered too.
UPDATE workflow_executions SET error = :question::jsonb WHERE execution_id = :execution_id::uuid;

-- name: set_breakpoints(execution_ids, breakpoints)!
UPDATE workflow_executions e SET breakpoints = given.breakpoints
FROM unnest(:execution_ids::uuid[], :breakpoints::json[]) AS given (id, breakpoints)
WHERE e.execution_id = given.id;

-- name: set_draft(execution_id, draft, seed)!
UPDATE workflow_executions SET draft = :draft::jsonb, seed = :seed::json WHERE execution_id = :execution_id::uuid;

-- name: read_breakpoints(ids)
SELECT execution_id, breakpoints FROM workflow_executions
WHERE execution_id = ANY(:ids::uuid[]) AND breakpoints IS NOT NULL;

-- name: answer(execution_id, node_id, scope, attempt, status, ports, output, error)!
-- What a person found out about a step becomes its next row.
INSERT INTO workflow_execution_steps
    (execution_id, sequence, node_id, scope, attempt, status, ports, output, error, started_at, ended_at, epoch)
SELECT e.execution_id, coalesce((
           SELECT max(s.sequence) FROM workflow_execution_steps s WHERE s.execution_id = e.execution_id
       ), 0) + 1, :node_id, :scope, :attempt, :status, :ports, :output::json, :error::jsonb, clock_timestamp(),
       clock_timestamp(), e.epoch
FROM workflow_executions e WHERE e.execution_id = :execution_id::uuid;

-- name: withdraw_pause(execution_id)!
UPDATE workflow_executions SET pause_requested = false WHERE execution_id = :execution_id::uuid;

-- name: notify_control(message)!
SELECT pg_notify('wingbeat_control', :message);
