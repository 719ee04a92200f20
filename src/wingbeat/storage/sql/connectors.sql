-- Connectors: descriptions of other systems whose operations are node types.

-- name: change_number()$
SELECT number FROM connector_changes;

-- name: count_change()!
WITH counted AS (UPDATE connector_changes SET number = number + 1 RETURNING number)
SELECT pg_notify('wingbeat_connectors', number::text) FROM counted;

-- name: list_connectors()
SELECT connector_id, slug, kind, name, description, source_url, base_url, connection_id, enabled, revision,
       created_at, updated_at
FROM connectors ORDER BY slug;

-- name: list_enabled()
-- Whole, for the catalogue of node types.
SELECT connector_id, slug, kind, document, source_url, base_url, connection_id, revision
FROM connectors WHERE enabled ORDER BY slug;

-- name: get_connector(connector_id)^
SELECT * FROM connectors WHERE connector_id = :connector_id::uuid;

-- name: lock_connector(connector_id)^
SELECT * FROM connectors WHERE connector_id = :connector_id::uuid FOR UPDATE;

-- name: insert_connector(connector_id, slug, kind, name, description, document, source_url, base_url, connection_id)^
INSERT INTO connectors
    (connector_id, slug, kind, name, description, document, source_url, base_url, connection_id)
VALUES (:connector_id::uuid, :slug, :kind, :name, :description, :document::json, :source_url, :base_url,
        :connection_id::uuid)
ON CONFLICT (slug) DO NOTHING
RETURNING *;

-- name: update_connector(connector_id, name, description, document, source_url, base_url, connection_id, enabled)^
UPDATE connectors
SET name = :name, description = :description, document = :document::json, source_url = :source_url,
    base_url = :base_url, connection_id = :connection_id::uuid, enabled = :enabled, revision = revision + 1,
    updated_at = now()
WHERE connector_id = :connector_id::uuid
RETURNING *;

-- name: delete_connector(connector_id)!
DELETE FROM connectors WHERE connector_id = :connector_id::uuid;

-- name: workflows_using(prefix)
-- Workflows that are not archived and have a node of one of these types.
SELECT workflow_id, name FROM workflows
WHERE status <> 'archived'
  AND jsonb_path_exists(nodes::jsonb, '$[*] ? (@.type starts with $prefix)', jsonb_build_object('prefix', :prefix::text))
ORDER BY name LIMIT 20;
