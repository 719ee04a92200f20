-- The journal's writing side. Nothing here changes an execution whose epoch is not the writer's.

-- name: hold(ids, epochs)
-- The fence: of these executions, those that are still the writer's; none can be taken away before the commit. Whoever
-- resolves a wait locks the execution too: the statements after this one see what they did, or they what these do.
SELECT e.execution_id
FROM unnest(:ids::uuid[], :epochs::int[]) AS mine (id, epoch)
JOIN workflow_executions e ON e.execution_id = mine.id AND e.epoch = mine.epoch AND e.worker_id IS NOT NULL
ORDER BY e.execution_id
FOR NO KEY UPDATE OF e;

-- name: finish(held_ids, held_epochs, ids, epochs, statuses, outputs, errors, counts, paths, states, variables, ends, execution_ids, sequences, node_ids, scopes, attempts, row_statuses, started, ended, row_epochs, ports, inputs, row_outputs, blobs, row_errors, changes, logs)
-- The one place where a running execution becomes terminal, together with the last rows of its journal; or else rows of
-- executions that run on, fenced as by `hold`. Only what belongs to executions that are still the writer's is written. One
-- statement, so one way to the database and back.
WITH held AS MATERIALIZED (
SELECT e.execution_id
FROM unnest(:held_ids::uuid[], :held_epochs::int[]) AS mine (id, epoch)
JOIN workflow_executions e ON e.execution_id = mine.id AND e.epoch = mine.epoch AND e.worker_id IS NOT NULL
ORDER BY e.execution_id
FOR SHARE OF e
), finished AS (
UPDATE workflow_executions e
SET status = ended.status, end_time = ended.at, worker_id = NULL, pause_requested = false,
    execution_time_seconds = extract(epoch FROM ended.at - e.start_time),
    final_output = ended.output, error = ended.error,
    error_message = ended.error ->> 'message', error_node_id = left(ended.error ->> 'node', 255),
    nodes_executed = ended.executed, execution_path = ended.path, node_states = ended.states,
    final_variables = ended.variables
FROM unnest(:ids::uuid[], :epochs::int[], :statuses::text[], :outputs::json[], :errors::jsonb[], :counts::int[],
            :paths::jsonb[], :states::jsonb[], :variables::json[], :ends::timestamptz[])
    AS ended (id, epoch, status, output, error, executed, path, states, variables, at)
WHERE e.execution_id = ended.id AND e.epoch = ended.epoch AND e.worker_id IS NOT NULL
RETURNING e.execution_id
), recorded AS (
INSERT INTO workflow_execution_steps
    (execution_id, sequence, node_id, scope, attempt, status, started_at, ended_at, epoch, ports, inputs, output, output_blob,
     error, changes, log)
SELECT r.execution_id, r.sequence, r.node_id, r.scope, r.attempt, r.status, r.started_at, r.ended_at, r.epoch, r.ports,
       r.inputs::int[], r.output, r.output_blob, r.error, r.changes, r.log
FROM unnest(:execution_ids::uuid[], :sequences::int[], :node_ids::text[], :scopes::text[], :attempts::int[],
            :row_statuses::text[], :started::timestamptz[], :ended::timestamptz[], :row_epochs::int[], :ports::text[],
            :inputs::text[], :row_outputs::json[], :blobs::text[], :row_errors::jsonb[], :changes::json[], :logs::json[])
    AS r (execution_id, sequence, node_id, scope, attempt, status, started_at, ended_at, epoch, ports, inputs, output,
          output_blob, error, changes, log)
JOIN (SELECT execution_id FROM finished UNION ALL SELECT execution_id FROM held) AS ours USING (execution_id)
)
SELECT execution_id FROM finished UNION ALL SELECT execution_id FROM held;

-- name: release(ids, epochs, statuses, wakes, questions, awaits)
-- A running execution that lets go of its worker: it waits for a time, is paused, or wants another worker. Whether it is
-- to pause is known here alone: the request may have come, or have been withdrawn, since the worker last heard of it.
-- One with a question rests until a person answers it. One of whose waits was resolved goes on at once.
UPDATE workflow_executions e
SET status = CASE WHEN e.pause_requested OR released.question IS NOT NULL THEN 'paused' WHEN released.status = 'paused' THEN 'pending'
                  WHEN awaited.resolved THEN 'pending' ELSE released.status END,
    wake_at = CASE WHEN NOT e.pause_requested AND NOT awaited.resolved THEN to_timestamp(released.wake) END,
    awaits = awaited.ids,
    error = released.question, error_message = released.question ->> 'message', worker_id = NULL, pause_requested = false,
    active_seconds = active_seconds + extract(epoch FROM clock_timestamp() - e.leased_at)
FROM unnest(:ids::uuid[], :epochs::int[], :statuses::text[], :wakes::float8[], :questions::jsonb[], :awaits::text[])
    AS released (id, epoch, status, wake, question, awaits)
CROSS JOIN LATERAL (
    SELECT released.awaits::uuid[] AS ids, released.awaits IS NOT NULL AND EXISTS (
        SELECT FROM workflow_waits w WHERE w.wait_id = ANY(released.awaits::uuid[]) AND w.resolved_at IS NOT NULL
    ) AS resolved
) AS awaited
WHERE e.execution_id = released.id AND e.epoch = released.epoch AND e.worker_id IS NOT NULL
RETURNING e.execution_id, e.priority, e.status;

-- name: settled(ids, epochs)
-- Of these, those that left the writer's hands by the writer's own statement: a commit whose answer was lost.
SELECT e.execution_id
FROM unnest(:ids::uuid[], :epochs::int[]) AS mine (id, epoch)
JOIN workflow_executions e ON e.execution_id = mine.id AND e.epoch = mine.epoch AND e.worker_id IS NULL;

-- name: written(ids)
-- How far the journal of each execution goes.
SELECT s.execution_id, max(s.sequence) AS last, max(s.epoch) AS epoch
FROM workflow_execution_steps s WHERE s.execution_id = ANY(:ids::uuid[]) GROUP BY s.execution_id;

-- name: read_page(execution_id, after, most)
SELECT sequence, node_id, scope, attempt, status, ports, output, output_blob, error, changes, ended_at
FROM workflow_execution_steps WHERE execution_id = :execution_id::uuid AND sequence > :after
ORDER BY sequence LIMIT :most;

-- name: read_first_pages(ids, most)
SELECT execution_id, sequence, node_id, scope, attempt, status, ports, output, output_blob, error, changes, ended_at
FROM workflow_execution_steps WHERE execution_id = ANY(:ids::uuid[]) AND sequence <= :most
ORDER BY execution_id, sequence;
