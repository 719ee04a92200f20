-- Forks: a new execution with a part of another one's journal. The other one is only read. Blobs stay where they are:
-- they are kept for as long as a fork has steps.
-- `dropped` are the rows that do not come along, in order. As many of them as there are before a row is how much lower
-- its number becomes, which is what width_bucket counts.

-- name: read_outline(execution_id, after, most)
-- What the state machine needs to know of each row. Outputs are needed only where they say how it goes on.
SELECT sequence, node_id, scope, attempt, status, ports,
       CASE WHEN status IN ('opened', 'waiting', 'round', 'loaded', 'released') THEN output END AS output,
       CASE WHEN status IN ('opened', 'waiting', 'round', 'loaded', 'released') THEN output_blob END AS output_blob,
       CASE WHEN status = 'failed' THEN json_build_object('retry_at', error -> 'retry_at') END AS error,
       changes, ended_at, inputs
FROM workflow_execution_steps WHERE execution_id = :execution_id::uuid AND sequence > :after AND status <> 'ended'
ORDER BY sequence LIMIT :most;

-- name: find_step(execution_id, node_id, scope, iteration)^
-- The first and the last row of a step, or with `iteration` of all that happened in that scope.
SELECT min(sequence) AS first, max(sequence) AS last
FROM workflow_execution_steps
WHERE execution_id = :execution_id::uuid
  AND ((node_id = :node_id AND scope = :scope)
       OR (:iteration::boolean AND (scope = :scope OR starts_with(scope, :scope || '/'))));

-- name: has_journal(execution_id)$
SELECT EXISTS (SELECT FROM workflow_execution_steps WHERE execution_id = :execution_id::uuid);

-- name: has_failed(execution_id, node_id, scope)$
SELECT EXISTS (
    SELECT FROM workflow_execution_steps
    WHERE execution_id = :execution_id::uuid AND node_id = :node_id AND scope = :scope AND status = 'failed'
      AND error ->> 'retry_at' IS NULL
);

-- name: list_scopes(execution_id, node_id, most)
-- Where a node has run, the latest first.
SELECT scope FROM workflow_execution_steps
WHERE execution_id = :execution_id::uuid AND node_id = :node_id
GROUP BY scope ORDER BY max(sequence) DESC LIMIT :most;

-- name: insert_fork(new_id, execution_id, revision, trigger_data, node_id, scope, keeps_keys, rows, started_by)^
-- Its first lease was that of the rows that it brings along, so whoever claims it reads them. That of a sub-workflow has
-- no parent: nobody waits for it.
INSERT INTO workflow_executions
    (execution_id, workflow_id, revision, status, trigger_node_id, trigger_data, variables, priority, epoch,
     takeover_sequence, depth, forked_from, forked_node_id, forked_scope, key_owner, trigger_kind, trigger_id,
     started_by, draft, seed)
SELECT :new_id::uuid, e.workflow_id, :revision::int, 'pending', e.trigger_node_id,
       coalesce(:trigger_data::json, e.trigger_data), e.variables, e.priority, 1, :rows::int,
       e.depth, e.execution_id, :node_id, :scope,
       CASE WHEN :keeps_keys::boolean THEN coalesce(e.key_owner, e.execution_id) END, e.trigger_kind, e.trigger_id,
       :started_by::int, e.draft, e.seed
FROM workflow_executions e WHERE e.execution_id = :execution_id::uuid
-- Whoever deletes the original waits for this, and then finds what goes back to it.
FOR KEY SHARE
RETURNING workflow_id, start_time, priority;

-- name: copy_rows(new_id, execution_id, dropped, after, last, except_row)!
INSERT INTO workflow_execution_steps
    (execution_id, sequence, node_id, scope, attempt, status, ports, inputs, output, output_blob, error, changes, log,
     started_at, ended_at, epoch)
SELECT :new_id::uuid, sequence - width_bucket(sequence, :dropped::int[]), node_id, scope, attempt, status, ports,
       CASE WHEN inputs IS NOT NULL THEN (
           SELECT array_agg(input - width_bucket(input, :dropped::int[]) ORDER BY place)
           FROM unnest(inputs) WITH ORDINALITY AS given (input, place)
       ) END,
       output, output_blob, error, changes, log, started_at, ended_at, 1
FROM workflow_execution_steps
WHERE execution_id = :execution_id::uuid AND sequence > :after AND sequence <= :last
  AND sequence IS DISTINCT FROM :except_row::int
  AND width_bucket(sequence, :dropped::int[]) = width_bucket(sequence - 1, :dropped::int[]);

-- name: count_rows(new_id)$
SELECT count(*) FROM workflow_execution_steps WHERE execution_id = :new_id::uuid;

-- name: add_row(new_id, sequence, node_id, scope, status, ports, output, output_blob)!
-- What a person gives in the place of what the step got or came to.
INSERT INTO workflow_execution_steps
    (execution_id, sequence, node_id, scope, attempt, status, ports, output, output_blob, started_at, ended_at, epoch)
VALUES (:new_id::uuid, :sequence, :node_id, :scope, 1, :status, :ports, :output::json, :output_blob,
        clock_timestamp(), clock_timestamp(), 1);
