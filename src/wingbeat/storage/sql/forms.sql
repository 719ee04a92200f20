-- Forms that start workflows: one row for each trigger that has one, with its address.

-- name: keep(ids, tokens, workflow_id, nodes, definitions)!
-- A form that was there before keeps its address and how it is set.
INSERT INTO workflow_forms (form_id, token, workflow_id, node_id, definition)
SELECT form_id, token, :workflow_id::uuid, node_id, definition
FROM unnest(:ids::uuid[], :tokens::text[], :nodes::text[], :definitions::json[])
    AS new (form_id, token, node_id, definition)
ON CONFLICT (workflow_id, node_id) DO UPDATE
SET published = true, definition = excluded.definition, updated_at = now();

-- name: withdraw(workflow_id, nodes)!
-- Those that the published revision does not have.
UPDATE workflow_forms SET published = false, updated_at = now()
WHERE workflow_id = :workflow_id::uuid AND published AND node_id <> ALL(:nodes::text[]);

-- name: forget_submissions(before)!
DELETE FROM form_submissions WHERE submitted_at < :before;

-- name: forget_visits()!
-- Those whose window is over.
DELETE FROM form_visits v USING workflow_forms f
WHERE f.form_id = v.form_id AND v.window_start < clock_timestamp() - make_interval(secs => f.rate_limit_window);
