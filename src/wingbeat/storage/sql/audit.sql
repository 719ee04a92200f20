-- The record of who did what.

-- name: insert_event(audit_id, category, action, actor, user_id, token_id, community_id, object_type, object_id, workflow_id, execution_id, node_id, result, message, address, request_id, detail)!
INSERT INTO audit_log (audit_id, category, action, actor, user_id, token_id, community_id, object_type, object_id,
                       workflow_id, execution_id, node_id, result, message, address, request_id, detail)
VALUES (:audit_id, :category, :action, :actor, :user_id, :token_id, :community_id, :object_type, :object_id,
        :workflow_id, :execution_id, :node_id, :result, :message, :address, :request_id, :detail);

-- name: insert_noted(rows)!
-- What was noted outside of any transaction, many at once; `age` says how many seconds ago it happened.
INSERT INTO audit_log (audit_id, at, category, action, actor, user_id, token_id, community_id, object_type, object_id,
                       workflow_id, execution_id, node_id, result, message, address, request_id, detail)
SELECT audit_id, clock_timestamp() - make_interval(secs => age), category, action, actor, user_id, token_id,
       community_id, object_type, object_id, workflow_id, execution_id, node_id, result, message, address, request_id,
       detail
FROM jsonb_to_recordset(:rows::jsonb) AS noted (
    audit_id uuid, age double precision, category text, action text, actor text, user_id integer, token_id text,
    community_id integer, object_type text, object_id text, workflow_id uuid, execution_id uuid, node_id text,
    result text, message text, address text, request_id text, detail jsonb)
ON CONFLICT (audit_id) DO NOTHING;

-- name: find_committed(ids)
SELECT audit_id, at FROM audit_log WHERE audit_id = ANY(:ids)
UNION ALL
SELECT decision_id, at FROM trigger_decisions WHERE decision_id = ANY(:ids);

-- name: list_events(object_type, object_id, maximum)
SELECT * FROM audit_log WHERE object_type = :object_type AND object_id = :object_id
ORDER BY at DESC, audit_id DESC LIMIT :maximum;

-- name: begin_upkeep()!
SELECT set_config('wingbeat.audit_upkeep', 'on', true);

-- name: forget(before, most)$
WITH old AS (
    SELECT audit_id FROM audit_log WHERE at < :before ORDER BY at LIMIT :most
), gone AS (
    DELETE FROM audit_log WHERE audit_id IN (SELECT audit_id FROM old) RETURNING 1
)
SELECT count(*) FROM gone;
