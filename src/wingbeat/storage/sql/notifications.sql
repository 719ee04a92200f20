-- What people are told, until and after they have read it.

-- name: insert_notification(notification_id, recipient, title, text, link, level, data, workflow_id, execution_id, node_id)!
-- A step that runs again tells nobody twice.
INSERT INTO notifications (notification_id, recipient, title, text, link, level, data, workflow_id, execution_id, node_id)
VALUES (:notification_id, :recipient, :title, :text, :link, :level, :data, :workflow_id, :execution_id, :node_id)
ON CONFLICT (notification_id) DO NOTHING;

-- name: mark_read(notification_id)^
UPDATE notifications SET read_at = coalesce(read_at, clock_timestamp()) WHERE notification_id = :notification_id
RETURNING *;

-- name: mark_all_read(recipient)$
WITH marked AS (
    UPDATE notifications SET read_at = clock_timestamp() WHERE recipient = :recipient AND read_at IS NULL RETURNING 1
)
SELECT count(*) FROM marked;

-- name: forget(before)!
-- What was read long ago.
DELETE FROM notifications WHERE read_at < :before;
