-- Who is signed in with a browser.

-- name: insert_session(session_id, user_id, hash, address, agent, lifetime)^
-- Nothing, if there is no such user or it is disabled.
INSERT INTO sessions (session_id, user_id, session_version, hash, address, agent, expires_at)
SELECT :session_id, user_id, session_version, :hash, :address, :agent, clock_timestamp() + :lifetime::interval
FROM users WHERE user_id = :user_id AND enabled
RETURNING *;

-- name: find_session(hash, idle, rotate)^
-- Asked with every request of somebody who is signed in, so it is one round trip with all there is to know.
SELECT s.session_id, s.expires_at, s.hash = :hash AS is_current,
    s.rotated_at < clock_timestamp() - :rotate::interval AS is_old,
    s.last_seen_at < clock_timestamp() - interval '1 minute' AS is_unseen,
    u.user_id, u.username, u.is_admin, u.enabled, u.session_version,
    ARRAY(SELECT DISTINCT name FROM user_roles JOIN roles USING (role_id)
          WHERE user_roles.user_id = u.user_id ORDER BY name) AS roles,
    ARRAY(SELECT community_id FROM community_members
          WHERE community_members.user_id = u.user_id ORDER BY community_id) AS community_ids,
    ARRAY(SELECT role FROM community_members
          WHERE community_members.user_id = u.user_id ORDER BY community_id) AS community_roles
FROM sessions s JOIN users u ON u.user_id = s.user_id AND u.session_version = s.session_version AND u.enabled
WHERE (s.hash = :hash OR (s.previous_hash = :hash AND s.previous_until > clock_timestamp()))
  AND s.expires_at > clock_timestamp() AND s.last_seen_at > clock_timestamp() - :idle::interval;

-- name: find_session_by_id(session_id, idle)^
-- The same for who was let in before and is still there, whatever the secret is by now.
SELECT s.session_id, s.expires_at, true AS is_current, false AS is_old, false AS is_unseen,
    u.user_id, u.username, u.is_admin, u.enabled, u.session_version,
    ARRAY(SELECT DISTINCT name FROM user_roles JOIN roles USING (role_id)
          WHERE user_roles.user_id = u.user_id ORDER BY name) AS roles,
    ARRAY(SELECT community_id FROM community_members
          WHERE community_members.user_id = u.user_id ORDER BY community_id) AS community_ids,
    ARRAY(SELECT role FROM community_members
          WHERE community_members.user_id = u.user_id ORDER BY community_id) AS community_roles
FROM sessions s JOIN users u ON u.user_id = s.user_id AND u.session_version = s.session_version AND u.enabled
WHERE s.session_id = :session_id
  AND s.expires_at > clock_timestamp() AND s.last_seen_at > clock_timestamp() - :idle::interval;

-- name: rotate_session(session_id, old_hash, new_hash, overlap)$
-- Of several requests that would replace the secret, one does.
UPDATE sessions
SET hash = :new_hash, previous_hash = :old_hash, previous_until = clock_timestamp() + :overlap::interval,
    rotated_at = clock_timestamp(), last_seen_at = clock_timestamp()
WHERE session_id = :session_id AND hash = :old_hash
RETURNING session_id;

-- name: see_session(session_id)!
UPDATE sessions SET last_seen_at = clock_timestamp()
WHERE session_id = :session_id AND last_seen_at < clock_timestamp() - interval '1 minute';

-- name: list_sessions(user_id, idle)
SELECT s.session_id, s.address, s.agent, s.created_at, s.last_seen_at, s.expires_at
FROM sessions s JOIN users u ON u.user_id = s.user_id AND u.session_version = s.session_version
WHERE s.user_id = :user_id AND s.expires_at > clock_timestamp() AND s.last_seen_at > clock_timestamp() - :idle::interval
ORDER BY s.last_seen_at DESC, s.session_id;

-- name: delete_session(session_id, user_id)$
DELETE FROM sessions WHERE session_id = :session_id AND user_id = :user_id RETURNING session_id;

-- name: delete_sessions(user_id, but)$
-- All of a user's, but for one if that is named.
WITH gone AS (
    DELETE FROM sessions WHERE user_id = :user_id AND (:but::uuid IS NULL OR session_id <> :but) RETURNING 1
)
SELECT count(*) FROM gone;

-- name: forget_sessions(idle)!
-- What nobody can use any more.
DELETE FROM sessions s
WHERE s.expires_at <= clock_timestamp() OR s.last_seen_at <= clock_timestamp() - :idle::interval
   OR NOT EXISTS (
       SELECT FROM users u WHERE u.user_id = s.user_id AND u.enabled AND u.session_version = s.session_version
   );
