-- What a step of an execution found: where it stands in the journal, and in which execution a node ran last.

-- name: find_run(execution_id, node_id, scope)^
-- The run of a node that came last, or that in a scope: from its first row to its last, with the ports it left by.
SELECT scope, min(sequence) AS first, max(sequence) AS last, max(ended_at) AS at,
  (array_agg(ports ORDER BY sequence DESC) FILTER (WHERE ports IS NOT NULL))[1] AS ports
FROM workflow_execution_steps
WHERE execution_id = :execution_id::uuid AND node_id = :node_id AND (:scope::text IS NULL OR scope = :scope)
  AND status IN ('started', 'completed', 'failed', 'waiting', 'opened')
GROUP BY scope ORDER BY max(sequence) DESC LIMIT 1;

-- name: find_last_execution(workflow_id, node_ids, scope, most)$
-- The latest execution in which one of the nodes ran, among the latest ones; not one of a node alone, which found no
-- more than what it needed.
SELECT e.execution_id
FROM (
    SELECT execution_id FROM workflow_executions
    WHERE workflow_id = :workflow_id::uuid AND draft ->> 'only_node' IS NULL ORDER BY execution_id DESC LIMIT :most
) AS e
WHERE EXISTS (
    SELECT FROM workflow_execution_steps s
    WHERE s.execution_id = e.execution_id AND s.node_id = ANY(:node_ids::text[])
      AND (:scope::text IS NULL OR s.scope = :scope)
      AND s.status IN ('started', 'completed', 'failed', 'waiting', 'opened')
)
ORDER BY e.execution_id DESC LIMIT 1;
