-- Triggers that listen to events and commands, as rows beside the published revision.

-- name: forget(workflow_id)!
DELETE FROM trigger_subscriptions WHERE workflow_id = :workflow_id::uuid;

-- name: insert(workflow_id, nodes, kinds, keys, patterns, platforms, filters, names)!
INSERT INTO trigger_subscriptions (workflow_id, node_id, kind, key, pattern, platforms, filter, names)
SELECT :workflow_id::uuid, node_id, kind, key, pattern,
       ARRAY(SELECT json_array_elements_text(platforms)), filter, names
FROM unnest(:nodes::text[], :kinds::text[], :keys::text[], :patterns::text[], :platforms::json[], :filters::text[],
            :names::json[])
    AS new (node_id, kind, key, pattern, platforms, filter, names)
ON CONFLICT DO NOTHING;

-- name: find_behind(format, after, most)
-- Published workflows whose triggers have no rows yet, or those of another revision or another release.
SELECT workflow_id FROM workflows
WHERE status = 'published' AND published_revision IS NOT NULL
  AND (triggers_format IS DISTINCT FROM :format OR triggers_revision IS DISTINCT FROM published_revision)
  AND workflow_id > :after::uuid
ORDER BY workflow_id LIMIT :most;

-- name: read_behind(workflow_id, format)^
-- One of them, locked: whoever publishes or archives it now takes turns with us.
SELECT w.published_revision, r.definition
FROM workflows w JOIN workflow_revisions r ON r.workflow_id = w.workflow_id AND r.revision = w.published_revision
WHERE w.workflow_id = :workflow_id::uuid AND w.status = 'published'
  AND (w.triggers_format IS DISTINCT FROM :format OR w.triggers_revision IS DISTINCT FROM w.published_revision)
FOR NO KEY UPDATE OF w SKIP LOCKED;

-- name: note_in_line(workflow_id, format)!
UPDATE workflows SET triggers_revision = published_revision, triggers_format = :format
WHERE workflow_id = :workflow_id::uuid;

-- name: list_of_workflow(workflow_id, latest)
-- What the published revision listens to, one row for each trigger, with the last that it started among the workflow's
-- latest: further back it is not looked for.
WITH latest AS (
    SELECT execution_id, trigger_node_id, start_time FROM workflow_executions
    WHERE workflow_id = :workflow_id::uuid AND draft IS NULL
    ORDER BY execution_id DESC LIMIT :latest::int
), nodes AS (
    SELECT node ->> 'id' AS node_id, node ->> 'name' AS name, node -> 'parameters' ->> 'filter' AS filter
    FROM workflows w
    JOIN workflow_revisions r ON r.workflow_id = w.workflow_id AND r.revision = w.published_revision,
    json_array_elements(r.definition -> 'nodes') AS node
    WHERE w.workflow_id = :workflow_id::uuid
)
SELECT s.node_id, s.kind, coalesce(n.name, '') AS name, min(s.pattern) AS pattern, array_agg(s.key ORDER BY s.key) AS keys,
       (SELECT t.platforms FROM trigger_subscriptions t
        WHERE t.workflow_id = :workflow_id::uuid AND t.node_id = s.node_id LIMIT 1) AS platforms,
       n.filter,
       (SELECT l.execution_id FROM latest l WHERE l.trigger_node_id = s.node_id
        ORDER BY l.execution_id DESC LIMIT 1) AS last_execution_id,
       (SELECT l.start_time FROM latest l WHERE l.trigger_node_id = s.node_id
        ORDER BY l.execution_id DESC LIMIT 1) AS last_started_at
FROM trigger_subscriptions s LEFT JOIN nodes n USING (node_id)
WHERE s.workflow_id = :workflow_id::uuid
GROUP BY s.node_id, s.kind, n.name, n.filter
ORDER BY s.node_id;
