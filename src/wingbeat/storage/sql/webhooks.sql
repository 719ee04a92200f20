-- Webhooks: their rows, their secrets, and what comes in by them.

-- name: insert_webhook(webhook_id, workflow_id, token, author_id, name, description, enabled, trigger_node_id, methods, answer, timeout_seconds, require_signature, signature_scheme, ip_allowlist, rate_limit_max, rate_limit_window, replay_window_seconds)^
INSERT INTO workflow_webhooks
    (webhook_id, workflow_id, token, author_id, name, description, enabled, trigger_node_id, methods, answer,
     timeout_seconds, require_signature, signature_scheme, ip_allowlist, rate_limit_max, rate_limit_window,
     replay_window_seconds)
VALUES (:webhook_id, :workflow_id, :token, :author_id, :name, :description, :enabled, :trigger_node_id, :methods,
        :answer, :timeout_seconds, :require_signature, :signature_scheme, :ip_allowlist, :rate_limit_max,
        :rate_limit_window, :replay_window_seconds)
RETURNING *;

-- name: update_webhook(webhook_id, name, description, enabled, trigger_node_id, methods, answer, timeout_seconds, require_signature, signature_scheme, ip_allowlist, rate_limit_max, rate_limit_window, replay_window_seconds)^
-- What was let in is forgotten with the window that it was counted in.
UPDATE workflow_webhooks
SET name = :name, description = :description, enabled = :enabled, trigger_node_id = :trigger_node_id,
    methods = :methods, answer = :answer, timeout_seconds = :timeout_seconds, require_signature = :require_signature,
    signature_scheme = :signature_scheme, ip_allowlist = :ip_allowlist, rate_limit_max = :rate_limit_max,
    recent = CASE WHEN rate_limit_window = :rate_limit_window THEN recent ELSE '[]' END,
    rate_limit_window = :rate_limit_window, replay_window_seconds = :replay_window_seconds,
    revision = revision + 1, updated_at = now()
WHERE webhook_id = :webhook_id
RETURNING *;

-- name: get_webhook(workflow_id, webhook_id)^
SELECT * FROM workflow_webhooks WHERE workflow_id = :workflow_id AND webhook_id = :webhook_id;

-- name: lock_webhook(workflow_id, webhook_id)^
SELECT * FROM workflow_webhooks WHERE workflow_id = :workflow_id AND webhook_id = :webhook_id FOR UPDATE;

-- name: count_webhooks(workflow_id)$
SELECT count(*) FROM workflow_webhooks WHERE workflow_id = :workflow_id;

-- name: delete_webhook(webhook_id)!
DELETE FROM workflow_webhooks WHERE webhook_id = :webhook_id;

-- name: note_rotation(webhook_id, token)^
UPDATE workflow_webhooks
SET token = coalesce(:token::text, token), rotated_at = now(), updated_at = now(), revision = revision + 1
WHERE webhook_id = :webhook_id
RETURNING *;

-- name: put_secret(webhook_id, purpose, version, key_name, wrapped_key, payload, seconds)!
INSERT INTO workflow_webhook_secrets (webhook_id, purpose, version, key_name, wrapped_key, payload, expires_at)
VALUES (:webhook_id, :purpose, :version, :key_name, :wrapped_key, :payload,
        clock_timestamp() + make_interval(secs => :seconds::float8))
ON CONFLICT (webhook_id, purpose) DO UPDATE
SET version = excluded.version, key_name = excluded.key_name, wrapped_key = excluded.wrapped_key,
    payload = excluded.payload, expires_at = excluded.expires_at;

-- name: get_secret(webhook_id, purpose)^
SELECT version, key_name, wrapped_key, payload, expires_at FROM workflow_webhook_secrets
WHERE webhook_id = :webhook_id AND purpose = :purpose;

-- name: delete_secret(webhook_id, purpose)!
DELETE FROM workflow_webhook_secrets WHERE webhook_id = :webhook_id AND purpose = :purpose;

-- name: lock_secrets()
SELECT webhook_id, purpose, version, key_name, wrapped_key, payload FROM workflow_webhook_secrets
ORDER BY webhook_id, purpose FOR UPDATE;

-- name: put_wrapping(webhook_id, purpose, key_name, wrapped_key)!
UPDATE workflow_webhook_secrets SET key_name = :key_name, wrapped_key = :wrapped_key
WHERE webhook_id = :webhook_id AND purpose = :purpose;

-- name: find_by_tokens(tokens)
-- What a delivery is judged by: the webhook, its workflow, and the secrets that count now.
SELECT h.webhook_id, h.workflow_id, h.token, h.name, h.enabled AND w.status <> 'archived' AS open, h.trigger_node_id,
       h.methods, h.answer, h.timeout_seconds, h.require_signature, h.signature_scheme, h.ip_allowlist,
       h.rate_limit_max, h.rate_limit_window, h.replay_window_seconds, h.recent,
       s.version, s.key_name, s.wrapped_key, s.payload,
       p.version AS old_version, p.key_name AS old_key_name, p.wrapped_key AS old_wrapped_key, p.payload AS old_payload,
       extract(epoch FROM clock_timestamp())::float8 AS now
FROM workflow_webhooks h
JOIN workflows w USING (workflow_id)
LEFT JOIN workflow_webhook_secrets s ON s.webhook_id = h.webhook_id AND s.purpose = 'current'
LEFT JOIN workflow_webhook_secrets p
    ON p.webhook_id = h.webhook_id AND p.purpose = 'previous' AND p.expires_at > clock_timestamp()
WHERE h.token = ANY(:tokens::text[]);

-- name: lock_for_intake(webhook_ids)
-- All that come in by one webhook at the same moment are counted together; in this order, so that nobody waits in a
-- circle. The time is that after the row is locked.
WITH locked AS MATERIALIZED (
    SELECT webhook_id, enabled, rate_limit_max, rate_limit_window, recent FROM workflow_webhooks
    WHERE webhook_id = ANY(:webhook_ids::uuid[]) ORDER BY webhook_id FOR NO KEY UPDATE
)
SELECT *, extract(epoch FROM clock_timestamp())::float8 AS now FROM locked;

-- name: find_deliveries(webhook_ids, delivery_ids)
-- Those deliveries that came before.
SELECT d.webhook_id, d.delivery_id, d.digest, d.execution_id
FROM unnest(:webhook_ids::uuid[], :delivery_ids::text[]) AS asked (webhook_id, delivery_id)
JOIN workflow_webhook_deliveries d USING (webhook_id, delivery_id)
JOIN workflow_webhooks h USING (webhook_id)
WHERE d.created_at > clock_timestamp() - make_interval(secs => h.replay_window_seconds);

-- name: keep_deliveries(webhook_ids, delivery_ids, digests, execution_ids)!
-- One that is known from before its window is known anew.
INSERT INTO workflow_webhook_deliveries (webhook_id, delivery_id, digest, execution_id)
SELECT * FROM unnest(:webhook_ids::uuid[], :delivery_ids::text[], :digests::bytea[], :execution_ids::uuid[])
ON CONFLICT (webhook_id, delivery_id) DO UPDATE
SET digest = excluded.digest, execution_id = excluded.execution_id, created_at = clock_timestamp();

-- name: count_accepted(webhook_ids, counts, execution_ids, recent)!
UPDATE workflow_webhooks h
SET trigger_count = h.trigger_count + n.accepted, last_triggered_at = clock_timestamp(),
    last_execution_id = coalesce(n.execution_id, h.last_execution_id), recent = n.recent
FROM unnest(:webhook_ids::uuid[], :counts::int[], :execution_ids::uuid[], :recent::json[])
    AS n (webhook_id, accepted, execution_id, recent)
WHERE h.webhook_id = n.webhook_id;

-- name: forget_deliveries(most)$
-- Those whose webhooks do not know them again any more.
WITH gone AS (
    DELETE FROM workflow_webhook_deliveries WHERE (webhook_id, delivery_id) IN (
        SELECT d.webhook_id, d.delivery_id
        FROM workflow_webhook_deliveries d JOIN workflow_webhooks h USING (webhook_id)
        WHERE d.created_at < clock_timestamp() - make_interval(secs => h.replay_window_seconds)
        ORDER BY d.created_at LIMIT :most
    ) RETURNING 1
)
SELECT count(*) FROM gone;

-- name: list_decisions(webhook_id, outcomes, before, most)
-- What became of the last deliveries.
SELECT decision_id, at, outcome, execution_id, reason, detail FROM trigger_decisions
WHERE trigger_id = :webhook_id AND (cardinality(:outcomes::text[]) = 0 OR outcome = ANY(:outcomes::text[]))
  AND (:before::uuid IS NULL OR decision_id < :before::uuid)
ORDER BY decision_id DESC LIMIT :most;
