-- Taking executions that have ended out of the database, for good.

-- name: hold_family(execution_id)
-- The execution and the sub-workflows under it, kept from changing: what one decides about them now stays true. An end
-- that others still have to hear of is not dealt with yet.
WITH RECURSIVE family AS (
    SELECT execution_id FROM workflow_executions WHERE execution_id = :execution_id::uuid
    UNION
    SELECT c.execution_id FROM workflow_executions c JOIN family f ON c.parent_execution_id = f.execution_id
)
SELECT execution_id, status,
       EXISTS (SELECT FROM workflow_endings n WHERE n.execution_id = e.execution_id) AS is_ending
FROM workflow_executions e WHERE execution_id IN (SELECT execution_id FROM family)
ORDER BY execution_id
FOR UPDATE;

-- name: parent_goes_on(execution_id)$
SELECT EXISTS (
    SELECT FROM workflow_executions c JOIN workflow_executions p ON p.execution_id = c.parent_execution_id
    WHERE c.execution_id = :execution_id::uuid AND p.status NOT IN ('completed', 'failed', 'cancelled')
);

-- name: find_heir(ids)$
-- One outside of the family that refers to values which lie with it.
SELECT execution_id FROM workflow_executions
WHERE (forked_from = ANY(:ids::uuid[]) OR files_of = ANY(:ids::uuid[])) AND NOT execution_id = ANY(:ids::uuid[])
LIMIT 1;

-- name: remove_steps(ids)!
DELETE FROM workflow_execution_steps WHERE execution_id = ANY(:ids::uuid[]);

-- name: remove_executions(ids)!
-- What waits, approvals and endings of them go along.
DELETE FROM workflow_executions WHERE execution_id = ANY(:ids::uuid[]);
