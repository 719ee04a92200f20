-- What a list of workflows shows besides the workflows.

-- name: read_runs(ids, most)
-- A few looks into the index by workflow for each, however many executions there are.
SELECT asked.workflow_id, e.execution_id, e.status, e.start_time, e.end_time
FROM unnest(:ids::uuid[]) AS asked (workflow_id)
CROSS JOIN LATERAL (
    SELECT x.execution_id, x.status, x.start_time, x.end_time
    FROM workflow_executions x
    WHERE x.workflow_id = asked.workflow_id
    ORDER BY x.execution_id DESC
    LIMIT :most
) AS e
ORDER BY asked.workflow_id, e.execution_id DESC;
