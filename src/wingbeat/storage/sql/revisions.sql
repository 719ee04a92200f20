-- Every definition that was ever saved: who saved it, when, why, and whether it ran.

-- name: list_page(workflow_id, before, most)
-- The newest first. How many nodes there are is counted of the rows that are shown alone.
SELECT r.workflow_id, r.revision, r.created_at, r.message, r.saved_by, r.saved_by_name, r.published_at,
       coalesce(w.published_revision = r.revision, false) AS published, w.revision = r.revision AS current,
       r.definition ->> 'name' AS name, json_array_length(r.definition -> 'nodes') AS node_count
FROM workflow_revisions r JOIN workflows w USING (workflow_id)
WHERE r.workflow_id = :workflow_id AND r.revision < coalesce(:before::integer, 2147483647)
ORDER BY r.revision DESC
LIMIT :most;

-- name: get_one(workflow_id, revision)^
SELECT r.workflow_id, r.revision, r.created_at, r.message, r.saved_by, r.saved_by_name, r.published_at,
       coalesce(w.published_revision = r.revision, false) AS published, w.revision = r.revision AS current,
       r.definition ->> 'name' AS name, json_array_length(r.definition -> 'nodes') AS node_count, r.definition
FROM workflow_revisions r JOIN workflows w USING (workflow_id)
WHERE r.workflow_id = :workflow_id AND r.revision = :revision;

-- name: describe(workflow_id, revision, message)!
UPDATE workflow_revisions SET message = :message WHERE workflow_id = :workflow_id AND revision = :revision;
