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

-- name: find_by_token(token)^
-- With whether anybody may fill it in now, and the database's time.
SELECT f.*, f.enabled AND f.published AND w.enabled AND w.status = 'published' AS open,
       extract(epoch FROM clock_timestamp())::float8 AS now
FROM workflow_forms f JOIN workflows w USING (workflow_id) WHERE f.token = :token;

-- name: count_visit(form_id, visitor, seconds)^
-- Counts it within the present window, or begins another; says how many there were, and when the window is over.
INSERT INTO form_visits AS v (form_id, visitor, window_start, count)
VALUES (:form_id::uuid, :visitor, clock_timestamp(), 1)
ON CONFLICT (form_id, visitor) DO UPDATE
SET count = CASE WHEN v.window_start + make_interval(secs => :seconds) > clock_timestamp() THEN v.count + 1 ELSE 1 END,
    window_start = CASE WHEN v.window_start + make_interval(secs => :seconds) > clock_timestamp()
                        THEN v.window_start ELSE clock_timestamp() END
RETURNING count,
    greatest(1, ceil(extract(epoch FROM window_start - clock_timestamp()) + :seconds))::integer AS seconds_left;

-- name: insert_submission(form_id, nonce, digest, execution_id)$
-- Whoever sends the same at the same moment waits here for the one who came first.
INSERT INTO form_submissions (form_id, nonce, digest, execution_id)
VALUES (:form_id::uuid, :nonce, :digest, :execution_id::uuid)
ON CONFLICT DO NOTHING RETURNING form_id;

-- name: find_submission(form_id, nonce)^
SELECT digest, execution_id FROM form_submissions WHERE form_id = :form_id::uuid AND nonce = :nonce;

-- name: remove_submission(form_id, nonce)!
DELETE FROM form_submissions WHERE form_id = :form_id::uuid AND nonce = :nonce;

-- name: note_submission(form_id, nonce, execution_id)!
WITH led AS (
    UPDATE form_submissions SET execution_id = :execution_id::uuid
    WHERE form_id = :form_id::uuid AND nonce = :nonce AND execution_id IS DISTINCT FROM :execution_id::uuid
)
UPDATE workflow_forms
SET submission_count = submission_count + 1, last_submitted_at = clock_timestamp(),
    last_execution_id = :execution_id::uuid
WHERE form_id = :form_id::uuid;

-- name: list_of_workflow(workflow_id)
SELECT * FROM workflow_forms WHERE workflow_id = :workflow_id::uuid ORDER BY created_at, form_id;

-- name: lock_form(workflow_id, form_id)^
SELECT * FROM workflow_forms WHERE workflow_id = :workflow_id::uuid AND form_id = :form_id::uuid FOR UPDATE;

-- name: change(form_id, token, enabled, rate_limit_max, rate_limit_window, thanks_title, thanks_text)^
UPDATE workflow_forms
SET token = :token, enabled = :enabled, rate_limit_max = :rate_limit_max, rate_limit_window = :rate_limit_window,
    thanks_title = :thanks_title, thanks_text = :thanks_text, updated_at = now()
WHERE form_id = :form_id::uuid
RETURNING *;
