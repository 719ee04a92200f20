-- Whose things are, and what of them is granted to a caller. A caller without an id is 0, to whom nothing is granted.

-- name: read_workflow_ownership(workflow_id, user_id, roles, communities)^
SELECT w.author_id, w.community_id,
       coalesce(bool_or(p.can_view), false) AS can_view, coalesce(bool_or(p.can_edit), false) AS can_edit,
       coalesce(bool_or(p.can_delete), false) AS can_delete, coalesce(bool_or(p.can_execute), false) AS can_execute
FROM workflows w
LEFT JOIN workflow_permissions p ON p.workflow_id = w.workflow_id AND (
    p.user_id = :user_id OR p.role = ANY(:roles::text[]) OR p.community_id = ANY(:communities::int[])
)
WHERE w.workflow_id = :workflow_id::uuid
GROUP BY w.workflow_id;

-- name: read_workflow_ownerships(workflow_ids, user_id, roles, communities)
SELECT w.workflow_id, w.author_id, w.community_id,
       coalesce(bool_or(p.can_view), false) AS can_view, coalesce(bool_or(p.can_edit), false) AS can_edit,
       coalesce(bool_or(p.can_delete), false) AS can_delete, coalesce(bool_or(p.can_execute), false) AS can_execute
FROM workflows w
LEFT JOIN workflow_permissions p ON p.workflow_id = w.workflow_id AND (
    p.user_id = :user_id OR p.role = ANY(:roles::text[]) OR p.community_id = ANY(:communities::int[])
)
WHERE w.workflow_id = ANY(:workflow_ids::uuid[])
GROUP BY w.workflow_id;

-- name: read_execution_ownership(execution_id, user_id, roles, communities)^
-- The workflow may be hidden from somebody who started one of its executions.
SELECT e.workflow_id, e.started_by, coalesce(w.author_id, 0) AS author_id, coalesce(w.community_id, 0) AS community_id,
       coalesce(bool_or(p.can_view), false) AS can_view, coalesce(bool_or(p.can_edit), false) AS can_edit,
       coalesce(bool_or(p.can_delete), false) AS can_delete, coalesce(bool_or(p.can_execute), false) AS can_execute
FROM workflow_executions e
LEFT JOIN workflows w ON w.workflow_id = e.workflow_id
LEFT JOIN workflow_permissions p ON p.workflow_id = w.workflow_id AND (
    p.user_id = :user_id OR p.role = ANY(:roles::text[]) OR p.community_id = ANY(:communities::int[])
)
WHERE e.execution_id = :execution_id::uuid
GROUP BY e.execution_id, w.workflow_id;
