-- What became of each time that something was to start an execution.

-- name: forget(before)!
DELETE FROM trigger_decisions WHERE decision_id < :before::uuid;

-- name: insert_decisions(ids, workflow_ids, kinds, trigger_ids, node_ids, outcomes, execution_ids, planned, reasons, details, actors)!
INSERT INTO trigger_decisions
    (decision_id, workflow_id, kind, trigger_id, node_id, outcome, execution_id, planned_for, reason, detail, actor)
SELECT * FROM unnest(:ids::uuid[], :workflow_ids::uuid[], :kinds::text[], :trigger_ids::uuid[], :node_ids::text[],
                     :outcomes::text[], :execution_ids::uuid[], :planned::timestamptz[], :reasons::text[],
                     :details::jsonb[], :actors::int[]);
