-- What starting an execution has to know, and how a caller that waits learns of the end.

-- name: find_startable(ids)
SELECT workflow_id, status, enabled, published_revision, priority, trigger_nodes, community_id, licence_features,
       max_concurrent IS NOT NULL OR max_per_minute IS NOT NULL AS limited, guard, trigger_priorities
FROM workflows WHERE workflow_id = ANY(:ids::uuid[]);

-- name: find_callable(ids, callers)
-- The same for steps that would start them: each id with the execution that asks. `admitted`: its workflow's owner may.
SELECT w.workflow_id, asked.caller, w.status, w.enabled, w.published_revision, w.community_id, w.licence_features,
       w.max_concurrent IS NOT NULL OR w.max_per_minute IS NOT NULL AS limited,
       coalesce(wingbeat_may_start(e.workflow_id, e.revision, w.workflow_id), false) AS admitted, e.workflow_id AS calling
FROM unnest(:ids::uuid[], :callers::uuid[]) AS asked (id, caller)
JOIN workflows w ON w.workflow_id = asked.id
LEFT JOIN workflow_executions e ON e.execution_id = asked.caller;

-- name: find_startable_by(ids, users, roles, communities)
-- The same for callers who may start some and not others: whose they are, and what is granted to any of the callers.
SELECT workflow_id, status, enabled, published_revision, priority, trigger_nodes, licence_features,
       max_concurrent IS NOT NULL OR max_per_minute IS NOT NULL AS limited, guard,
       author_id, community_id, (
           SELECT json_agg(p) FROM workflow_permissions p
           WHERE p.workflow_id = w.workflow_id
             AND (p.user_id = ANY(:users::int[]) OR p.role = ANY(:roles::text[])
                  OR p.community_id = ANY(:communities::int[]))
       ) AS grants
FROM workflows w WHERE workflow_id = ANY(:ids::uuid[]);

-- name: read_summary(execution_id)^
SELECT execution_id, workflow_id, status, start_time, end_time, final_output, error, nodes_executed, response
FROM workflow_executions WHERE execution_id = :execution_id::uuid;

-- name: touch(execution_id)$
-- Whether the execution is there; and a commit that waits for the disk, for this one and all before it.
UPDATE workflow_executions SET priority = priority WHERE execution_id = :execution_id::uuid RETURNING execution_id;

-- name: respond(execution_id, response)$
-- The first answer stays; what was there before comes back.
WITH before AS (
    SELECT response FROM workflow_executions WHERE execution_id = :execution_id::uuid FOR NO KEY UPDATE
), given AS (
    UPDATE workflow_executions SET response = :response::json
    WHERE execution_id = :execution_id::uuid AND (SELECT response IS NULL FROM before)
    RETURNING execution_id
)
SELECT response FROM before;
