-- Executions that steps of other executions started. A child is known by its parent's step and its number there, so that
-- none is started twice, however often the step runs.

-- name: lock_parents(ids, epochs, waits)
-- The parents that their workers still hold, marked as such; whoever tells a parent of a child's end takes the same lock.
-- Locked in the order of their ids, as everywhere.
WITH mine AS (
    SELECT e.execution_id, id.waits
    FROM unnest(:ids::uuid[], :epochs::int[], :waits::boolean[]) AS id (parent, epoch, waits)
    JOIN workflow_executions e ON e.execution_id = id.parent AND e.epoch = id.epoch AND e.worker_id IS NOT NULL
    ORDER BY e.execution_id FOR NO KEY UPDATE OF e
)
UPDATE workflow_executions e SET has_children = e.has_children IS TRUE OR mine.waits
FROM mine WHERE e.execution_id = mine.execution_id
RETURNING e.execution_id, e.epoch, coalesce(e.root_execution_id, e.execution_id) AS root_execution_id, e.depth;

-- name: list_of_steps(parents, nodes, scopes)
SELECT c.parent_execution_id, c.parent_node_id, c.parent_scope, c.child_index, c.execution_id, c.status
FROM (SELECT DISTINCT * FROM unnest(:parents::uuid[], :nodes::text[], :scopes::text[])) AS step (parent, node, scope)
JOIN workflow_executions c
  ON c.parent_execution_id = step.parent AND c.parent_node_id = step.node AND c.parent_scope = step.scope
ORDER BY c.child_index;

-- name: insert_leased(ids, workflow_ids, revisions, triggers, data, variables, priorities, parents, roots, depths, nodes, scopes, indexes, waits, worker_id, slots)
-- Those that the inserting process runs itself, at once, as many as there are free slots.
WITH free AS (SELECT :slots - count(*) AS slots FROM workflow_executions WHERE worker_id IS NOT NULL)
INSERT INTO workflow_executions
    (execution_id, workflow_id, revision, status, trigger_node_id, trigger_data, variables, priority,
     parent_execution_id, root_execution_id, depth, parent_node_id, parent_scope, child_index, parent_waits,
     trigger_kind, worker_id, epoch, leased_at)
SELECT id, workflow_id, revision, 'running', trigger_node_id, data, variables, priority,
       parent, root, depth, node, scope, index, waits, 'workflow', :worker_id::uuid, 1, clock_timestamp()
FROM free, unnest(:ids::uuid[], :workflow_ids::uuid[], :revisions::int[], :triggers::text[], :data::json[],
                  :variables::json[], :priorities::int[], :parents::uuid[], :roots::uuid[], :depths::int[],
                  :nodes::text[], :scopes::text[], :indexes::int[], :waits::boolean[])
    WITH ORDINALITY AS new (id, workflow_id, revision, trigger_node_id, data, variables, priority, parent, root, depth,
                            node, scope, index, waits, place)
WHERE place <= free.slots
RETURNING execution_id, start_time;

-- name: insert_queued(ids, workflow_ids, revisions, triggers, data, variables, priorities, parents, roots, depths, nodes, scopes, indexes, waits)
INSERT INTO workflow_executions
    (execution_id, workflow_id, revision, status, trigger_node_id, trigger_data, variables, priority,
     parent_execution_id, root_execution_id, depth, parent_node_id, parent_scope, child_index, parent_waits,
     trigger_kind)
SELECT id, workflow_id, revision, 'pending', trigger_node_id, data, variables, priority,
       parent, root, depth, node, scope, index, waits, 'workflow'
FROM unnest(:ids::uuid[], :workflow_ids::uuid[], :revisions::int[], :triggers::text[], :data::json[],
            :variables::json[], :priorities::int[], :parents::uuid[], :roots::uuid[], :depths::int[],
            :nodes::text[], :scopes::text[], :indexes::int[], :waits::boolean[])
    AS new (id, workflow_id, revision, trigger_node_id, data, variables, priority, parent, root, depth, node, scope,
            index, waits);

-- name: open_waits(ids, parents, nodes, scopes, attempts, targets, openings)
-- A step waits until so many of its children have ended. It may have waited for just that before.
INSERT INTO workflow_waits
    (wait_id, execution_id, node_id, scope, attempt, kind, round, key, opening, target)
SELECT id, parent, node, scope, attempt, 'children', target, '', opening, target
FROM unnest(:ids::uuid[], :parents::uuid[], :nodes::text[], :scopes::text[], :attempts::int[], :targets::int[],
            :openings::json[])
    AS new (id, parent, node, scope, attempt, target, opening)
ON CONFLICT (execution_id, node_id, scope, kind, round) DO UPDATE SET kind = excluded.kind
RETURNING execution_id, node_id, scope, wait_id;

-- name: first_opening(parent, node, scope)$
-- What the step wanted when it first waited.
SELECT opening FROM workflow_waits
WHERE execution_id = :parent::uuid AND node_id = :node AND scope = :scope AND kind = 'children'
ORDER BY round LIMIT 1;

-- name: read_results(parent, node, scope, only_bad)
SELECT child_index, execution_id, status, final_output, error
FROM workflow_executions
WHERE parent_execution_id = :parent::uuid AND parent_node_id = :node AND parent_scope = :scope
  AND status IN ('failed', 'cancelled', CASE WHEN :only_bad::boolean THEN 'failed' ELSE 'completed' END)
ORDER BY child_index;

-- name: running_of_step(parent, node, scope)
SELECT execution_id FROM workflow_executions
WHERE parent_execution_id = :parent::uuid AND parent_node_id = :node AND parent_scope = :scope
  AND status NOT IN ('completed', 'failed', 'cancelled');

-- name: pausable_children(parents)
-- Children that these wait for, and that do something or would.
SELECT execution_id FROM workflow_executions
WHERE parent_execution_id = ANY(:parents::uuid[]) AND parent_waits AND status IN ('pending', 'running', 'waiting');

-- name: resting_children(parents)
-- Children that these wait for, and that rest without asking anything, or are about to.
SELECT execution_id FROM workflow_executions
WHERE parent_execution_id = ANY(:parents::uuid[]) AND parent_waits
  AND (status = 'paused' AND error IS NULL OR status = 'running' AND pause_requested);

-- name: any_endings()$
SELECT EXISTS (SELECT FROM workflow_endings);

-- name: take_endings(most)
-- Ends that somebody else is to learn of; locked, so that one process deals with each.
SELECT n.ending_id, n.execution_id, e.status, e.workflow_id, e.revision, e.trigger_node_id, e.trigger_data, e.error, e.error_of,
       e.start_time, e.end_time, e.has_children, e.parent_waits, e.parent_execution_id, e.parent_node_id, e.parent_scope,
       w.name AS workflow_name,
       CASE WHEN e.draft IS NULL THEN w.error_workflow END AS error_workflow, root.error_of IS NOT NULL AS of_error_workflow,
       w.error_workflow IS NOT NULL
           AND coalesce(wingbeat_may_start(e.workflow_id, e.revision, w.error_workflow), false) AS may_tell
FROM workflow_endings n JOIN workflow_executions e USING (execution_id) JOIN workflows w USING (workflow_id)
LEFT JOIN workflow_executions root ON root.execution_id = coalesce(e.root_execution_id, e.execution_id)
ORDER BY n.ending_id LIMIT :most FOR UPDATE OF n SKIP LOCKED;

-- name: forget_endings(ids)!
DELETE FROM workflow_endings WHERE ending_id = ANY(:ids::bigint[]);

-- name: lock_waiting_parents(ids)
-- Those that have not ended; `locked` is false where somebody else is at it. Whoever held some of these and waited for
-- others could be waited for by a claim, and that by whom it waits for.
WITH locked AS (
    SELECT execution_id, worker_id FROM workflow_executions
    WHERE execution_id = ANY(:ids::uuid[]) AND status NOT IN ('completed', 'failed', 'cancelled')
    FOR NO KEY UPDATE SKIP LOCKED
)
SELECT e.execution_id, locked.execution_id IS NOT NULL AS locked, locked.worker_id
FROM workflow_executions e LEFT JOIN locked USING (execution_id)
WHERE e.execution_id = ANY(:ids::uuid[]) AND e.status NOT IN ('completed', 'failed', 'cancelled');

-- name: resolve_waits(parents, nodes, scopes)
-- Waits of these steps for which enough children have ended. Counted anew each time, so that telling twice is harmless.
UPDATE workflow_waits w SET resolved_at = clock_timestamp(), outcome = 'resolved'
FROM (SELECT DISTINCT * FROM unnest(:parents::uuid[], :nodes::text[], :scopes::text[])) AS step (parent, node, scope)
WHERE w.execution_id = step.parent AND w.node_id = step.node AND w.scope = step.scope
  AND w.kind = 'children' AND w.resolved_at IS NULL AND w.target <= (
      SELECT count(*) FROM workflow_executions c
      WHERE c.parent_execution_id = step.parent AND c.parent_node_id = step.node AND c.parent_scope = step.scope
        AND c.status IN ('completed', 'failed', 'cancelled')
  )
RETURNING w.execution_id, w.wait_id;

-- name: wake_parents(ids)
UPDATE workflow_executions SET status = 'pending', wake_at = NULL
WHERE execution_id = ANY(:ids::uuid[]) AND status = 'waiting' RETURNING execution_id, priority;

-- name: unwanted_children(parents)
-- Children that their parents do not wait for any more: those have ended, or their steps were cancelled.
SELECT c.execution_id FROM workflow_executions c JOIN workflow_executions p ON p.execution_id = c.parent_execution_id
WHERE c.parent_execution_id = ANY(:parents::uuid[]) AND c.parent_waits
  AND c.status NOT IN ('completed', 'failed', 'cancelled')
  AND (p.status IN ('completed', 'failed', 'cancelled') OR EXISTS (
      SELECT FROM workflow_waits w
      WHERE w.execution_id = p.execution_id AND w.node_id = c.parent_node_id AND w.scope = c.parent_scope
        AND w.kind = 'children' AND w.outcome = 'withdrawn'
  ));

-- name: insert_error_execution(id, workflow_id, revision, trigger, data, priority, error_of)$
-- Once for each execution that failed.
INSERT INTO workflow_executions
    (execution_id, workflow_id, revision, status, trigger_node_id, trigger_data, priority, error_of,
     trigger_kind)
VALUES (:id::uuid, :workflow_id::uuid, :revision, 'pending', :trigger, :data::json, :priority, :error_of::uuid, 'error')
ON CONFLICT (error_of) WHERE error_of IS NOT NULL DO NOTHING
RETURNING execution_id;
