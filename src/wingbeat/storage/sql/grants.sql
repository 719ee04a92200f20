-- What is granted on workflows, and to whom.

-- name: list_grants(workflow_id)
SELECT permission_id, user_id, role, community_id, can_view, can_edit, can_delete, can_execute, granted_by, created_at
FROM workflow_permissions WHERE workflow_id = :workflow_id::uuid ORDER BY permission_id;

-- name: put_grant(workflow_id, user_id, role, community_id, can_view, can_edit, can_delete, can_execute, granted_by)^
-- Whoever was granted something before has this instead.
INSERT INTO workflow_permissions
    (workflow_id, user_id, role, community_id, can_view, can_edit, can_delete, can_execute, granted_by)
VALUES (:workflow_id::uuid, :user_id::int, :role, :community_id::int,
        :can_view, :can_edit, :can_delete, :can_execute, :granted_by)
ON CONFLICT (workflow_id, user_id, role, community_id) DO UPDATE SET
    can_view = excluded.can_view, can_edit = excluded.can_edit, can_delete = excluded.can_delete,
    can_execute = excluded.can_execute, granted_by = excluded.granted_by
RETURNING permission_id, user_id, role, community_id, can_view, can_edit, can_delete, can_execute, granted_by,
          created_at;

-- name: remove_grant(workflow_id, permission_id)^
DELETE FROM workflow_permissions WHERE workflow_id = :workflow_id::uuid AND permission_id = :permission_id
RETURNING permission_id, user_id, role, community_id, can_view, can_edit, can_delete, can_execute, granted_by,
          created_at;

-- name: remove_all_grants(workflow_id)!
DELETE FROM workflow_permissions WHERE workflow_id = :workflow_id::uuid;

-- name: count_grants(workflow_id)$
SELECT count(*) FROM workflow_permissions WHERE workflow_id = :workflow_id::uuid;

-- name: give_away(workflow_id, author_id)!
UPDATE workflows SET author_id = :author_id, updated_at = now()
WHERE workflow_id = :workflow_id::uuid;
