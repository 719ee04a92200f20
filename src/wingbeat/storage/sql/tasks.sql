-- Tasks of people. Whoever closes one has locked it first, and then resolves the waits for it.

-- name: insert_task(task_id, title, description, assignee, priority, due_at, labels, data, form, workflow_id, execution_id, node_id, scope, community_id, author_id, entity_id)!
-- A step that runs again finds its own. What a step makes is whose its workflow is.
INSERT INTO tasks (task_id, title, description, assignee, priority, due_at, labels, data, form,
                   workflow_id, execution_id, node_id, scope, community_id, author_id, entity_id)
SELECT :task_id::uuid, :title, :description, :assignee, :priority, :due_at, :labels, :data, :form,
       :workflow_id, :execution_id, :node_id, :scope, coalesce(w.community_id, :community_id),
       coalesce(w.author_id, :author_id), :entity_id
FROM (SELECT 1) AS always LEFT JOIN workflows w ON w.workflow_id = :workflow_id::uuid
ON CONFLICT (task_id) DO NOTHING;

-- name: is_reached(task_id, execution_id)$
-- Tasks of its own workflow, and of its owner.
SELECT coalesce(e.workflow_id = t.workflow_id, false)
    OR coalesce(wingbeat_reaches(e.workflow_id, e.revision, t.author_id, t.community_id), false)
FROM tasks t LEFT JOIN workflow_executions e ON e.execution_id = :execution_id::uuid
WHERE t.task_id = :task_id;

-- name: get_task(task_id)^
SELECT * FROM tasks WHERE task_id = :task_id;

-- name: lock_task(task_id)^
SELECT * FROM tasks WHERE task_id = :task_id FOR UPDATE;

-- name: update_task(task_id, title, description, status, assignee, priority, due_at, labels, data)^
UPDATE tasks
SET title = :title, description = :description, status = :status, assignee = :assignee, priority = :priority,
    due_at = :due_at, labels = :labels, data = :data, revision = revision + 1, updated_at = clock_timestamp()
WHERE task_id = :task_id
RETURNING *;

-- name: close_task(task_id, status, result, closed_by, closing_step)^
UPDATE tasks
SET status = :status, result = :result, closed_by = :closed_by, closing_step = :closing_step,
    revision = revision + 1, updated_at = clock_timestamp(), completed_at = clock_timestamp()
WHERE task_id = :task_id
RETURNING *;
