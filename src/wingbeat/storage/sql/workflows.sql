-- Workflows: the definition that is being edited, and every definition that was ever saved.

-- name: insert_workflow(workflow_id, author_id, name, description, entity_id, community_id, version, enabled, nodes, connections, global_variables, settings, annotations, tags, folder)^
INSERT INTO workflows (workflow_id, author_id, name, description, entity_id, community_id, version, enabled,
                       nodes, connections, global_variables, settings, annotations, tags, folder)
VALUES (:workflow_id, :author_id, :name, :description, coalesce(:entity_id::integer, 0), :community_id,
        coalesce(:version::text, '1.0.0'), coalesce(:enabled::boolean, true),
        :nodes, :connections, :global_variables, :settings, :annotations,
        coalesce(:tags::text[], '{}'), coalesce(:folder::text, ''))
RETURNING *;

-- name: insert_revision(workflow_id, revision, definition, reaches_author, reaches_community, message, saved_by, saved_by_name)!
INSERT INTO workflow_revisions (workflow_id, revision, definition, reaches_author, reaches_community, message, saved_by,
                                saved_by_name)
VALUES (:workflow_id, :revision, :definition, :reaches_author, :reaches_community, :message, :saved_by, :saved_by_name);

-- name: vouch(workflow_id, revision, reaches_author, reaches_community)!
-- Whoever publishes what somebody else saved stands for it too.
UPDATE workflow_revisions
SET reaches_author = reaches_author OR :reaches_author, reaches_community = reaches_community OR :reaches_community,
    published_at = now()
WHERE workflow_id = :workflow_id AND revision = :revision;

-- name: get_workflow(workflow_id)^
SELECT * FROM workflows WHERE workflow_id = :workflow_id;

-- name: lock_workflow(workflow_id)^
-- The rule what may follow is decided on the row as it is, so nobody may change it meanwhile. Executions of it may begin:
-- who fires holds the row of a trigger that publishing waits for, and would wait for this one in a circle.
SELECT * FROM workflows WHERE workflow_id = :workflow_id FOR NO KEY UPDATE;

-- name: update_workflow(workflow_id, name, description, entity_id, community_id, version, enabled, nodes, connections, global_variables, settings, annotations, tags, folder)^
-- What is about the workflow and was not said stays as it is.
UPDATE workflows
SET name = :name, description = :description, entity_id = coalesce(:entity_id::integer, entity_id),
    community_id = :community_id, version = coalesce(:version::text, version),
    enabled = coalesce(:enabled::boolean, enabled), nodes = :nodes, connections = :connections,
    global_variables = :global_variables, settings = :settings, annotations = :annotations,
    tags = coalesce(:tags::text[], tags), folder = coalesce(:folder::text, folder),
    revision = revision + 1, updated_at = now()
WHERE workflow_id = :workflow_id
RETURNING *;

-- name: organise_workflow(workflow_id, enabled, tags, folder)^
-- It changes nothing that runs, and so makes no revision.
UPDATE workflows
SET enabled = coalesce(:enabled::boolean, enabled), tags = coalesce(:tags::text[], tags),
    folder = coalesce(:folder::text, folder)
WHERE workflow_id = :workflow_id
RETURNING *;

-- name: publish_workflow(workflow_id, revision, max_concurrent, max_per_minute, error_workflow, priority, trigger_nodes, licence_features, guard, trigger_priorities)^
UPDATE workflows
SET status = 'published', published_revision = :revision, published_at = now(), updated_at = now(),
    max_concurrent = :max_concurrent, max_per_minute = :max_per_minute,
    error_workflow = :error_workflow::uuid, priority = :priority, trigger_nodes = :trigger_nodes,
    licence_features = :licence_features,
    guard = :guard::jsonb, trigger_priorities = :trigger_priorities::jsonb
WHERE workflow_id = :workflow_id
RETURNING *;

-- name: withdraw_workflow(workflow_id)^
-- Out of use, or back from the archive: a draft, of which nothing runs.
UPDATE workflows SET status = 'draft', published_revision = NULL, updated_at = now()
WHERE workflow_id = :workflow_id
RETURNING *;

-- name: archive_workflow(workflow_id)^
UPDATE workflows SET status = 'archived', updated_at = now()
WHERE workflow_id = :workflow_id
RETURNING *;

-- name: get_revision(workflow_id, revision)$
SELECT definition FROM workflow_revisions WHERE workflow_id = :workflow_id AND revision = :revision;
