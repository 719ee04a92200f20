-- Taking executions that have ended out of the database, for good.

-- name: hold_family(execution_id)
-- The execution and the sub-workflows under it, kept from changing: what one decides about them now stays true. An end
-- that others still have to hear of is not dealt with yet.
WITH RECURSIVE family AS (
    SELECT execution_id FROM workflow_executions WHERE execution_id = :execution_id::uuid
    UNION
    SELECT c.execution_id FROM workflow_executions c JOIN family f ON c.parent_execution_id = f.execution_id
)
SELECT execution_id, parent_execution_id, workflow_id, status,
       EXISTS (SELECT FROM workflow_endings n WHERE n.execution_id = e.execution_id) AS is_ending
FROM workflow_executions e WHERE execution_id IN (SELECT execution_id FROM family)
ORDER BY execution_id
FOR UPDATE;

-- name: parent_goes_on(execution_id)$
SELECT EXISTS (
    SELECT FROM workflow_executions c JOIN workflow_executions p ON p.execution_id = c.parent_execution_id
    WHERE c.execution_id = :execution_id::uuid AND p.status NOT IN ('completed', 'failed', 'cancelled')
);

-- name: find_heir(ids, others)$
-- One that refers to values which lie with these, and is neither of these nor of the others.
SELECT execution_id FROM workflow_executions
WHERE (forked_from = ANY(:ids::uuid[]) OR files_of = ANY(:ids::uuid[]))
  AND NOT execution_id = ANY(:ids::uuid[]) AND NOT execution_id = ANY(:others::uuid[])
LIMIT 1;

-- name: detach(ids)!
-- Each of these begins a trace of its own, with all that is under it: what it was a part of goes.
WITH RECURSIVE kept AS (
    SELECT execution_id, NULL::uuid AS root FROM workflow_executions WHERE execution_id = ANY(:ids::uuid[])
    UNION ALL
    SELECT c.execution_id, coalesce(k.root, k.execution_id)
    FROM workflow_executions c JOIN kept k ON c.parent_execution_id = k.execution_id
)
UPDATE workflow_executions e
SET root_execution_id = kept.root,
    parent_execution_id = CASE WHEN kept.root IS NOT NULL THEN e.parent_execution_id END,
    parent_node_id = CASE WHEN kept.root IS NOT NULL THEN e.parent_node_id END,
    parent_scope = CASE WHEN kept.root IS NOT NULL THEN e.parent_scope END,
    child_index = CASE WHEN kept.root IS NOT NULL THEN e.child_index END,
    parent_waits = CASE WHEN kept.root IS NOT NULL THEN e.parent_waits END
FROM kept WHERE e.execution_id = kept.execution_id;

-- name: remove_steps(ids)!
DELETE FROM workflow_execution_steps WHERE execution_id = ANY(:ids::uuid[]);

-- name: remove_executions(ids)!
-- What waits, approvals and endings of them go along.
DELETE FROM workflow_executions WHERE execution_id = ANY(:ids::uuid[]);
