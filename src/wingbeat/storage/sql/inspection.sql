-- Journals as somebody looks at them: part by part, without what steps gave until it is asked for.

-- name: list_lines(execution_id, after, node_id, scope, statuses, most)
SELECT sequence, node_id, scope, attempt, status, ports, started_at, ended_at,
       error ->> 'code' AS error_code, left(error ->> 'message', 500) AS error_message,
       to_timestamp((error ->> 'retry_at')::float8) AS retry_at,
       CASE WHEN status = 'waiting' AND output_blob IS NULL THEN to_timestamp((output ->> 'until')::float8) END AS until,
       log IS NOT NULL AS has_log
FROM workflow_execution_steps
WHERE execution_id = :execution_id::uuid AND sequence > :after
  AND (:node_id::text IS NULL OR node_id = :node_id) AND (:scope::text IS NULL OR scope = :scope)
  AND (:statuses::text[] IS NULL OR status = ANY(:statuses))
ORDER BY sequence LIMIT :most;

-- name: summarise(execution_id)
-- One line for each node, however long the journal: what came of it, when, and how long its attempts took together.
SELECT node_id, count(*) FILTER (WHERE status = 'completed') AS runs,
       count(*) FILTER (WHERE status = 'failed' AND error ->> 'retry_at' IS NULL) AS failures,
       count(*) FILTER (WHERE status = 'failed' AND error ->> 'retry_at' IS NOT NULL) AS retries,
       count(DISTINCT scope) AS scopes,
       min(started_at) AS first_start, max(ended_at) AS last_end,
       coalesce(sum(extract(epoch FROM ended_at - started_at)) FILTER (WHERE status IN ('completed', 'failed')), 0)::float8
           AS seconds,
       (array_agg(status ORDER BY sequence DESC))[1] AS last_status,
       (array_agg(scope ORDER BY sequence DESC))[1] AS last_scope,
       max(sequence) AS last_sequence,
       (array_agg(error ->> 'code' ORDER BY sequence DESC) FILTER (WHERE status = 'failed'))[1] AS last_error_code
FROM workflow_execution_steps
WHERE execution_id = :execution_id::uuid AND status NOT IN ('ended', 'spilled', 'loaded', 'round')
GROUP BY node_id ORDER BY min(sequence);

-- name: read_step(execution_id, sequence)^
SELECT sequence, node_id, scope, attempt, status, ports, inputs, output, output_blob, error, changes, log, started_at,
       ended_at
FROM workflow_execution_steps WHERE execution_id = :execution_id::uuid AND sequence = :sequence;

-- name: list_of_step(execution_id, node_id, scope, most)
SELECT sequence, attempt, status, started_at, ended_at, error ->> 'code' AS error_code
FROM workflow_execution_steps
WHERE execution_id = :execution_id::uuid AND node_id = :node_id AND scope = :scope
ORDER BY sequence LIMIT :most;

-- name: list_iterations(execution_id, node_id, after, most)
-- Where a node ran: each scope once, in the order of the first time, with what came of it last.
SELECT scope, min(sequence) AS sequence, max(sequence) AS last_sequence, max(attempt) AS attempts,
       (array_agg(status ORDER BY sequence DESC))[1] AS status, min(started_at) AS started_at, max(ended_at) AS ended_at
FROM workflow_execution_steps
WHERE execution_id = :execution_id::uuid AND node_id = :node_id
  AND status IN ('started', 'completed', 'failed', 'waiting', 'opened')
GROUP BY scope HAVING min(sequence) > :after ORDER BY min(sequence) LIMIT :most;

-- name: read_definition(execution_id)^
SELECT r.definition, e.revision, e.workflow_id, w.name AS workflow_name
FROM workflow_executions e
LEFT JOIN workflow_revisions r ON r.workflow_id = e.workflow_id AND r.revision = e.revision
LEFT JOIN workflows w ON w.workflow_id = e.workflow_id
WHERE e.execution_id = :execution_id::uuid;
