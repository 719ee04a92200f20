-- Questions to people and their decisions. Whoever decides has locked the question first, so decisions take turns.

-- name: insert_approval(approval_id, title, text, data, options, form, approvers, rule, needed, expires_at, workflow_id, execution_id, node_id, scope)!
-- A step that runs again finds its own.
INSERT INTO approvals (approval_id, title, text, data, options, form, approvers, rule, needed, expires_at,
                       workflow_id, execution_id, node_id, scope, community_id)
SELECT :approval_id::uuid, :title, :text, :data, :options, :form, :approvers, :rule, :needed, :expires_at,
       :workflow_id, :execution_id, :node_id, :scope, coalesce(w.community_id, 0)
FROM (SELECT 1) AS always LEFT JOIN workflows w ON w.workflow_id = :workflow_id::uuid
ON CONFLICT (approval_id) DO NOTHING;

-- name: get_approval(approval_id)^
SELECT a.*, clock_timestamp() AS now FROM approvals a WHERE approval_id = :approval_id;

-- name: lock_approval(approval_id)^
SELECT a.*, clock_timestamp() AS now FROM approvals a WHERE approval_id = :approval_id FOR UPDATE;

-- name: is_awaited(approval_id_text)$
-- Between two turns of an escalation the last wait has expired, and the step still asks.
SELECT EXISTS (
    SELECT FROM workflow_waits w JOIN workflow_executions e USING (execution_id)
    WHERE w.kind = 'approval' AND w.key = :approval_id_text AND (w.outcome IS NULL OR w.outcome = 'expired')
      AND e.status NOT IN ('completed', 'failed', 'cancelled')
);

-- name: list_decisions(approval_ids)
SELECT * FROM approval_decisions WHERE approval_id = ANY(:approval_ids::uuid[]) ORDER BY decided_at, approver;

-- name: insert_decision(approval_id, approver, option, comment, fields, way, decided_by)!
INSERT INTO approval_decisions (approval_id, approver, option, comment, fields, way, decided_by)
VALUES (:approval_id, :approver, :option, :comment, :fields, :way, :decided_by);

-- name: escalate(approval_id, approvers, level)!
UPDATE approvals SET approvers = :approvers, level = :level WHERE approval_id = :approval_id;

-- name: finish(approval_id, status, outcome)!
UPDATE approvals SET status = :status, outcome = :outcome, decided_at = clock_timestamp()
WHERE approval_id = :approval_id;
