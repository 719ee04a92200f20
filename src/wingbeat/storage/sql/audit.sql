-- The record of who did what.

-- name: insert_event(audit_id, category, action, actor, community_id, object_type, object_id, execution_id, node_id, result, detail)!
INSERT INTO audit_log (audit_id, category, action, actor, community_id, object_type, object_id,
                       execution_id, node_id, result, detail)
VALUES (:audit_id, :category, :action, :actor, :community_id, :object_type, :object_id,
        :execution_id, :node_id, :result, :detail);

-- name: list_events(object_type, object_id, maximum)
SELECT * FROM audit_log WHERE object_type = :object_type AND object_id = :object_id
ORDER BY at DESC, audit_id DESC LIMIT :maximum;
