-- Tokens with which programs come in somebody's name.

-- name: lock_tokens(user_id)!
-- Whoever makes one takes turns with those who make others for the same user, so that they can be counted.
SELECT pg_advisory_xact_lock(hashtext('wingbeat.tokens'), :user_id::integer);

-- name: count_tokens(user_id)$
SELECT count(*) FROM api_tokens
WHERE user_id = :user_id AND revoked_at IS NULL AND expires_at > clock_timestamp();

-- name: insert_token(token_id, user_id, name, prefix, hash, scopes, community_ids, username, roles, communities, lifetime)^
INSERT INTO api_tokens
    (token_id, user_id, name, prefix, hash, scopes, community_ids, username, roles, communities, expires_at)
VALUES
    (:token_id, :user_id, :name, :prefix, :hash, :scopes, :community_ids, :username, :roles, :communities,
     clock_timestamp() + :lifetime::interval)
RETURNING *;

-- name: find_token(hash)^
-- Asked with every request that carries one, so it is one round trip with all there is to know.
SELECT t.*, t.last_used_at IS NULL OR t.last_used_at < clock_timestamp() - interval '1 minute' AS is_unseen,
    t.expires_at <= clock_timestamp() AS is_over,
    u.user_id IS NOT NULL AS is_known, u.username AS known_username, u.is_admin, u.enabled,
    ARRAY(SELECT DISTINCT r.name FROM user_roles JOIN roles r USING (role_id)
          WHERE user_roles.user_id = u.user_id ORDER BY r.name) AS known_roles,
    ARRAY(SELECT m.community_id FROM community_members m
          WHERE m.user_id = u.user_id ORDER BY m.community_id) AS known_communities,
    ARRAY(SELECT m.role FROM community_members m
          WHERE m.user_id = u.user_id ORDER BY m.community_id) AS known_community_roles
FROM api_tokens t LEFT JOIN users u ON u.user_id = t.user_id
WHERE t.hash = :hash;

-- name: see_token(token_id)!
UPDATE api_tokens SET last_used_at = clock_timestamp()
WHERE token_id = :token_id AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute');

-- name: get_token(token_id)^
SELECT * FROM api_tokens WHERE token_id = :token_id;

-- name: revoke_token(token_id, user_id)^
-- Once; of anybody, if no user is named.
UPDATE api_tokens SET revoked_at = coalesce(revoked_at, clock_timestamp())
WHERE token_id = :token_id AND (:user_id::integer IS NULL OR user_id = :user_id)
RETURNING *;

-- name: forget_tokens(keep)!
-- Those that have been of no use for long; until then they can be looked at.
DELETE FROM api_tokens WHERE least(expires_at, revoked_at) < clock_timestamp() - :keep::interval;
