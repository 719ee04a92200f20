-- What somebody watches of executions that run: how they stand, and the rows of their journals without what is big.

-- name: tell(channel, messages)
-- In one round trip, and to nobody before it is committed.
SELECT pg_notify(:channel, message) FROM unnest(:messages::text[]) AS told (message);

-- name: read_revisions(ids)
SELECT w.workflow_id, w.revision, w.published_revision, r.saved_by_name
FROM workflows w JOIN workflow_revisions r USING (workflow_id, revision) WHERE w.workflow_id = ANY(:ids::uuid[]);

-- name: read_standings(ids)
-- How far their journals go as well: whatever is seen of the status, the rows that led to it are seen after it.
SELECT e.execution_id, e.workflow_id, e.status, e.epoch, e.start_time, e.end_time, e.wake_at, e.execution_time_seconds,
    e.error ->> 'code' AS code, e.error ->> 'message' AS message, e.error ->> 'node' AS node, e.error ->> 'scope' AS scope,
    CASE WHEN jsonb_typeof(e.error -> 'steps') = 'array' THEN jsonb_path_query_array(e.error, '$.steps[0 to 49]') END AS steps,
    coalesce((SELECT max(s.sequence) FROM workflow_execution_steps s WHERE s.execution_id = e.execution_id), 0) AS sequence
FROM workflow_executions e WHERE e.execution_id = ANY(:ids::uuid[]);

-- name: read_rows(ids, afters, most)
-- The next rows of several journals, without inputs, outputs and logs.
SELECT wanted.id AS execution_id, wanted.after, s.sequence, s.node_id, s.scope, s.attempt, s.status, s.ports,
    s.started_at, s.ended_at, s.error ->> 'code' AS code, left(s.error ->> 'message', 500) AS message,
    (s.error ->> 'retry_at')::float8 AS retry_at,
    CASE WHEN s.status = 'opened' AND json_typeof(s.output -> 'items') = 'array'
         THEN json_array_length(s.output -> 'items') END AS total
FROM unnest(:ids::uuid[], :afters::int[]) AS wanted (id, after)
CROSS JOIN LATERAL (
    SELECT * FROM workflow_execution_steps
    WHERE execution_id = wanted.id AND sequence > wanted.after ORDER BY sequence LIMIT :most
) AS s
ORDER BY wanted.id, wanted.after, s.sequence;

-- name: count_rows(execution_id, after, until)
-- What a stretch of a journal comes to, node by node, where it is too long to be told row by row.
WITH kinds AS (
    SELECT node_id, status, ports, error ->> 'retry_at' IS NOT NULL AS retried, count(*) AS number, min(sequence) AS first,
        max(sequence) AS sequence, sum(extract(epoch FROM ended_at - started_at)) AS seconds
    FROM workflow_execution_steps
    WHERE execution_id = :execution_id::uuid AND sequence > :after AND sequence <= :until AND node_id <> ''
    GROUP BY node_id, status, ports, retried
)
SELECT node_id,
    coalesce(sum(number) FILTER (WHERE status = 'completed'), 0)::int AS completed,
    coalesce(sum(number) FILTER (WHERE status = 'failed' AND NOT retried), 0)::int AS failed,
    coalesce(sum(number) FILTER (WHERE status = 'failed' AND retried), 0)::int AS retried,
    max(sequence) AS sequence,
    max(sequence) FILTER (WHERE status IN ('completed', 'failed', 'opened', 'waiting', 'started')) AS last,
    coalesce(1000 * sum(seconds) FILTER (WHERE status IN ('completed', 'failed')), 0)::float8 AS duration_ms,
    coalesce(jsonb_object_agg(ports, number) FILTER (WHERE status = 'completed' AND ports <> ''), '{}') AS ports
FROM kinds GROUP BY node_id ORDER BY min(first);

-- name: read_rows_at(execution_id, sequences)
-- Single rows, as `read_rows` gives them.
SELECT s.execution_id, 0 AS after, s.sequence, s.node_id, s.scope, s.attempt, s.status, s.ports,
    s.started_at, s.ended_at, s.error ->> 'code' AS code, left(s.error ->> 'message', 500) AS message,
    (s.error ->> 'retry_at')::float8 AS retry_at,
    CASE WHEN s.status = 'opened' AND json_typeof(s.output -> 'items') = 'array'
         THEN json_array_length(s.output -> 'items') END AS total
FROM workflow_execution_steps s
WHERE s.execution_id = :execution_id::uuid AND s.sequence = ANY(:sequences::int[]) ORDER BY s.sequence;

-- name: read_listed(ids)
-- Executions as a list shows them, and whose they are.
SELECT execution_id, workflow_id, status, start_time, end_time, execution_time_seconds, started_by
FROM workflow_executions WHERE execution_id = ANY(:ids::uuid[]);
