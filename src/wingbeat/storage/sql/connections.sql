-- Connections to other systems: their rows, their ciphertexts, their circuit breakers.

-- name: insert_connection(connection_id, author_id, name, kind, description, config, allowed_hosts, enabled, entity_id, community_id)^
INSERT INTO connector_instances (connection_id, author_id, name, kind, description, config, allowed_hosts, enabled,
                                 entity_id, community_id)
VALUES (:connection_id, :author_id, :name, :kind, :description, :config, :allowed_hosts, :enabled, :entity_id, :community_id)
RETURNING *;

-- name: update_connection(connection_id, name, description, config, allowed_hosts, enabled, entity_id, community_id)^
-- What is changed is tried anew: the breaker closes.
UPDATE connector_instances
SET name = :name, description = :description, config = :config, allowed_hosts = :allowed_hosts, enabled = :enabled,
    entity_id = :entity_id, community_id = :community_id, revision = revision + 1, updated_at = now(),
    breaker_failures = 0, breaker_opened_at = NULL, breaker_until = NULL, breaker_trial_until = NULL
WHERE connection_id = :connection_id
RETURNING *;

-- name: get_connection(connection_id)^
SELECT * FROM connector_instances WHERE connection_id = :connection_id;

-- name: lock_connection(connection_id)^
SELECT * FROM connector_instances WHERE connection_id = :connection_id FOR UPDATE;

-- name: list_kinds(connection_ids)
-- What is needed to say whether a workflow may name them.
SELECT connection_id, name, kind, enabled, author_id, community_id FROM connector_instances WHERE connection_id = ANY(:connection_ids);

-- name: find_named(names, kinds)
-- What an imported workflow could mean by a connection's name.
SELECT connection_id, name, kind, author_id, community_id FROM connector_instances
WHERE name = ANY(:names::text[]) AND kind = ANY(:kinds::text[]) AND enabled;

-- name: delete_connection(connection_id)$
DELETE FROM connector_instances WHERE connection_id = :connection_id RETURNING connection_id;

-- name: list_users(connection_id, connection_id_text)
-- The workflows that name it, as they are being edited or as they run, and that could use it: what others write into
-- theirs keeps nobody from deleting a connection.
SELECT w.workflow_id, w.name
FROM workflows w
JOIN connector_instances c ON c.connection_id = :connection_id
LEFT JOIN workflow_revisions r ON r.workflow_id = w.workflow_id AND r.revision = w.published_revision
WHERE w.status <> 'archived'
  AND wingbeat_reaches(w.workflow_id, coalesce(w.published_revision, w.revision), c.author_id, c.community_id)
  AND (strpos(lower(w.nodes::text), :connection_id_text) > 0
       OR strpos(lower(r.definition::text), :connection_id_text) > 0)
ORDER BY w.name
LIMIT 100;

-- name: note_rotation(connection_id)^
UPDATE connector_instances
SET rotated_at = now(), updated_at = now(), revision = revision + 1,
    breaker_failures = 0, breaker_opened_at = NULL, breaker_until = NULL, breaker_trial_until = NULL
WHERE connection_id = :connection_id
RETURNING *;

-- name: note_use(connection_id)!
-- To the minute: many steps use one connection at the same time, and none must wait for another.
UPDATE connector_instances SET last_used_at = now()
WHERE connection_id = :connection_id AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');

-- name: note_test(connection_id, result)^
UPDATE connector_instances SET last_tested_at = now(), last_test = :result
WHERE connection_id = :connection_id
RETURNING *;

-- name: get_for_use(connection_id, execution_id, node_id)^
-- All that one use needs, at one moment of the database's clock. Whether the execution may use it is looked at each time:
-- it is of the workflow's owner, or belongs to the connector whose operation the node is.
SELECT c.connection_id, c.name, c.kind, c.config, c.allowed_hosts, c.enabled, c.community_id, c.last_used_at,
       c.breaker_failures, c.breaker_opened_at, c.breaker_until, c.breaker_trial_until,
       now() AS now,
       s.version, s.key_name, s.wrapped_key, s.payload, e.workflow_id,
       :execution_id::uuid IS NULL
           OR coalesce(wingbeat_reaches(e.workflow_id, e.revision, c.author_id, c.community_id), false)
           OR coalesce(wingbeat_brings(e.workflow_id, e.revision, :node_id::text, c.connection_id), false) AS admitted
FROM connector_instances c
LEFT JOIN connector_secrets s ON s.connection_id = c.connection_id AND s.purpose = 'secrets'
LEFT JOIN workflow_executions e ON e.execution_id = :execution_id::uuid
WHERE c.connection_id = :connection_id;

-- name: get_secret(connection_id, purpose)^
SELECT version, key_name, wrapped_key, payload, expires_at, now() AS now
FROM connector_secrets WHERE connection_id = :connection_id AND purpose = :purpose;

-- name: list_fields(connection_ids)
-- What is set and until when, without what it is.
SELECT connection_id, purpose, fields, expires_at
FROM connector_secrets WHERE connection_id = ANY(:connection_ids);

-- name: put_secret(connection_id, purpose, version, fields, key_name, wrapped_key, payload, expires_at)!
INSERT INTO connector_secrets (connection_id, purpose, version, fields, key_name, wrapped_key, payload, expires_at)
VALUES (:connection_id, :purpose, :version, :fields, :key_name, :wrapped_key, :payload, :expires_at)
ON CONFLICT (connection_id, purpose) DO UPDATE
SET version = excluded.version, fields = excluded.fields, key_name = excluded.key_name,
    wrapped_key = excluded.wrapped_key, payload = excluded.payload, expires_at = excluded.expires_at,
    updated_at = now();

-- name: delete_secret(connection_id, purpose)!
DELETE FROM connector_secrets WHERE connection_id = :connection_id AND purpose = :purpose;

-- name: lock_secrets()
-- Every ciphertext, kept from changing until all of them are wrapped anew.
SELECT connection_id, purpose, version, key_name, wrapped_key, payload FROM connector_secrets
ORDER BY connection_id, purpose FOR UPDATE;

-- name: put_wrapping(connection_id, purpose, key_name, wrapped_key)!
UPDATE connector_secrets SET key_name = :key_name, wrapped_key = :wrapped_key
WHERE connection_id = :connection_id AND purpose = :purpose;

-- name: count_wrapped_by_others(key_names)
-- Those of webhooks among them: it is one key for all.
SELECT key_name, count(*) AS secrets FROM (
    SELECT key_name FROM connector_secrets UNION ALL SELECT key_name FROM workflow_webhook_secrets
) s
WHERE key_name <> ALL(:key_names::text[]) GROUP BY key_name ORDER BY key_name;

-- name: begin_trial(connection_id, seconds)$
-- Of all that come when the cool-down is over, one is let through; it has so long to say how it went.
UPDATE connector_instances
SET breaker_trial_until = now() + make_interval(secs => :seconds::double precision)
WHERE connection_id = :connection_id AND breaker_until <= now()
  AND (breaker_trial_until IS NULL OR breaker_trial_until <= now())
RETURNING true;

-- name: close_breaker(connection_id)!
UPDATE connector_instances
SET breaker_failures = 0, breaker_opened_at = NULL, breaker_until = NULL, breaker_trial_until = NULL
WHERE connection_id = :connection_id AND (breaker_failures > 0 OR breaker_until IS NOT NULL);

-- name: count_failure(connection_id, failures, seconds, trial)^
-- One more in a row. It opens the breaker when there are enough, or when it was the trial; it does not lengthen the
-- cool-down of one that is open.
UPDATE connector_instances
SET breaker_failures = least(breaker_failures + 1, 1000000),
    breaker_opened_at = CASE
        WHEN breaker_until > now() THEN breaker_opened_at
        WHEN :trial::boolean OR breaker_failures + 1 >= :failures::integer THEN coalesce(breaker_opened_at, now())
        ELSE breaker_opened_at
    END,
    breaker_until = CASE
        WHEN breaker_until > now() THEN breaker_until
        WHEN :trial::boolean OR breaker_failures + 1 >= :failures::integer
            THEN now() + make_interval(secs => :seconds::double precision)
        ELSE breaker_until
    END,
    breaker_trial_until = NULL
WHERE connection_id = :connection_id
RETURNING breaker_failures, breaker_opened_at, breaker_until;

-- name: begin_authorization(connection_id, nonce, user_id, session)!
UPDATE connector_instances
SET authorization_nonce = :nonce, authorization_by = :user_id, authorization_session = :session
WHERE connection_id = :connection_id;

-- name: end_authorization(connection_id, nonce)^
-- The first answer takes it, be it the right one or not; a second one finds nothing.
WITH asked AS (
    SELECT connection_id, authorization_by, authorization_session FROM connector_instances
    WHERE connection_id = :connection_id AND authorization_nonce = :nonce FOR UPDATE
)
UPDATE connector_instances c
SET authorization_nonce = NULL, authorization_by = NULL, authorization_session = NULL
FROM asked WHERE c.connection_id = asked.connection_id
RETURNING asked.authorization_by AS user_id, asked.authorization_session AS session;

-- name: try_lock_secrets(connection_id)$
-- Held by the one who fetches tokens; whoever finds it held looks again later.
SELECT true FROM connector_secrets WHERE connection_id = :connection_id AND purpose = 'secrets'
FOR UPDATE SKIP LOCKED;
