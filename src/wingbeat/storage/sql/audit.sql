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

-- name: find_names(ids)
-- What things of these ids are called now, as far as the caller sees them, and the workflow that they belong to.
SELECT 'workflow' AS object_type, workflow_id::text AS object_id, name, workflow_id
FROM workflows WHERE workflow_id = ANY(:ids::uuid[])
UNION ALL
SELECT 'execution', execution_id::text, workflows.name, workflow_id
FROM workflow_executions JOIN workflows USING (workflow_id) WHERE execution_id = ANY(:ids::uuid[])
UNION ALL
SELECT 'schedule', schedule_id::text, name, workflow_id FROM workflow_schedules WHERE schedule_id = ANY(:ids::uuid[])
UNION ALL
SELECT 'webhook', webhook_id::text, name, workflow_id FROM workflow_webhooks WHERE webhook_id = ANY(:ids::uuid[])
UNION ALL
SELECT 'connection', connection_id::text, name, NULL FROM connector_instances WHERE connection_id = ANY(:ids::uuid[]);

-- name: find_names_of_people(ids)
-- The same of users and communities, for those who look after the installation.
SELECT 'user' AS object_type, user_id::text AS object_id, username AS name, NULL::uuid AS workflow_id
FROM users WHERE user_id = ANY(:ids::integer[])
UNION ALL
SELECT 'community', community_id::text, name, NULL FROM communities WHERE community_id = ANY(:ids::integer[]);

-- name: begin_upkeep()!
SELECT set_config('wingbeat.audit_upkeep', 'on', true);

-- name: forget(before, most)$
WITH old AS (
    SELECT audit_id FROM audit_log WHERE at < :before ORDER BY at LIMIT :most
), gone AS (
    DELETE FROM audit_log WHERE audit_id IN (SELECT audit_id FROM old) RETURNING 1
)
SELECT count(*) FROM gone;
