-- Whose things are, and what of them is granted to a caller.

-- name: read_workflow_ownership(workflow_id, user_id, communities)^
SELECT w.author_id, w.community_id,
       coalesce(bool_or(p.can_view), false) AS can_view, coalesce(bool_or(p.can_edit), false) AS can_edit,
       coalesce(bool_or(p.can_delete), false) AS can_delete, coalesce(bool_or(p.can_execute), false) AS can_execute
FROM workflows w
LEFT JOIN workflow_permissions p ON p.workflow_id = w.workflow_id AND (
    (p.user_id = :user_id AND p.user_id <> 0) OR p.community_id = ANY(:communities::int[])
)
WHERE w.workflow_id = :workflow_id::uuid
GROUP BY w.workflow_id;
