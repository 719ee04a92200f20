-- Events and commands that came from outside, how far each has been delivered, and what it led to.

-- name: insert(event_id, kind, identity, digest, type, source, id, content, community_id, user_id, publisher, principal)^
-- Whoever says the same at the same moment waits here for the one who came first.
INSERT INTO events
    (event_id, kind, identity, digest, type, source, id, content, community_id, user_id, publisher, principal)
VALUES (:event_id::uuid, :kind, :identity, :digest, :type, :source, :id, :content::json, :community_id, :user_id,
        :publisher, :principal::json)
ON CONFLICT (identity) DO NOTHING
RETURNING *;

-- name: note_repeat(identity, digest)^
UPDATE events SET repeats = repeats + (digest = :digest)::integer WHERE identity = :identity RETURNING *;

-- name: list_started(event_id, most)
SELECT workflow_id, node_id, execution_id FROM trigger_decisions
WHERE trigger_id = :event_id::uuid AND outcome = 'fired' ORDER BY decision_id LIMIT :most;

-- name: lock(event_id)^
SELECT * FROM events WHERE event_id = :event_id::uuid FOR UPDATE;

-- name: advance(event_id, workflow_id, node_id, wait_id, matched, started, woken, done)^
UPDATE events
SET after_workflow = :workflow_id::uuid, after_node = :node_id, after_wait = :wait_id::uuid,
    matched = matched + :matched, started = started + :started, woken = woken + :woken,
    delivered_at = CASE WHEN :done::boolean THEN clock_timestamp() END
WHERE event_id = :event_id::uuid
RETURNING *;

-- name: insert_wakes(event_id, waits, executions, nodes)!
INSERT INTO event_wakes (event_id, wait_id, execution_id, node_id)
SELECT :event_id::uuid, wait_id, execution_id, node_id
FROM unnest(:waits::uuid[], :executions::uuid[], :nodes::text[]) AS woken (wait_id, execution_id, node_id);

-- name: remove(event_id)!
DELETE FROM events WHERE event_id = :event_id::uuid;

-- name: find_undelivered(seconds, most)
-- Those that nobody goes on with: whoever took them in is gone.
SELECT event_id FROM events
WHERE delivered_at IS NULL AND received_at < clock_timestamp() - make_interval(secs => :seconds)
ORDER BY received_at LIMIT :most;

-- name: forget(before)!
DELETE FROM events WHERE event_id < :before::uuid AND delivered_at IS NOT NULL;
