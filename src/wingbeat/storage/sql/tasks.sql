-- Tasks of people. Whoever closes one has locked it first, and then resolves the waits for it.

-- name: insert_task(task_id, title, description, assignee, priority, due_at, labels, data, form, workflow_id, execution_id, node_id, scope, community_id, entity_id)!
-- A step that runs again finds its own.
INSERT INTO tasks (task_id, title, description, assignee, priority, due_at, labels, data, form,
                   workflow_id, execution_id, node_id, scope, community_id, entity_id)
VALUES (:task_id, :title, :description, :assignee, :priority, :due_at, :labels, :data, :form,
        :workflow_id, :execution_id, :node_id, :scope, :community_id, :entity_id)
ON CONFLICT (task_id) DO NOTHING;

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
