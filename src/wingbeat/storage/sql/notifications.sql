-- What people are told, until and after they have read it.

-- name: insert_notification(notification_id, recipient, title, text, link, level, data, workflow_id, execution_id, node_id)!
-- A step that runs again tells nobody twice.
INSERT INTO notifications (notification_id, recipient, title, text, link, level, data, workflow_id, execution_id, node_id,
                           community_id)
SELECT :notification_id::uuid, :recipient, :title, :text, :link, :level, :data, :workflow_id, :execution_id, :node_id,
       coalesce(w.community_id, 0)
FROM (SELECT 1) AS always LEFT JOIN workflows w ON w.workflow_id = :workflow_id::uuid
ON CONFLICT (notification_id) DO NOTHING;

-- name: mark_read(notification_id, recipients)^
UPDATE notifications SET read_at = coalesce(read_at, clock_timestamp())
WHERE notification_id = :notification_id AND (:recipients::text[] IS NULL OR recipient = ANY(:recipients::text[]))
RETURNING *;

-- name: mark_all_read(recipients)$
WITH marked AS (
    UPDATE notifications SET read_at = clock_timestamp()
    WHERE recipient = ANY(:recipients::text[]) AND read_at IS NULL RETURNING 1
)
SELECT count(*) FROM marked;

-- name: forget(before)!
-- What was read long ago.
DELETE FROM notifications WHERE read_at < :before;
