-- People who sign in here.

-- name: next_user_id()$
SELECT nextval(pg_get_serial_sequence('users', 'user_id'))::integer;

-- name: insert_user(user_id, username, display_name, email, password_hash, is_admin)^
-- Nothing, if the name is taken.
INSERT INTO users (user_id, username, display_name, email, password_hash, is_admin)
VALUES (:user_id, :username, :display_name, :email, :password_hash, :is_admin)
ON CONFLICT DO NOTHING
RETURNING *;

-- name: lock_first_user()!
-- Whoever creates the first user, or takes away an administrator, takes turns with all who do.
SELECT pg_advisory_xact_lock(hashtext('wingbeat.users'));

-- name: has_users()$
SELECT EXISTS (SELECT 1 FROM users);

-- name: get_user(user_id)^
SELECT * FROM users WHERE user_id = :user_id;

-- name: lock_user(user_id)^
SELECT * FROM users WHERE user_id = :user_id FOR NO KEY UPDATE;

-- name: get_user_by_name(username)^
SELECT * FROM users WHERE lower(username) = lower(:username);

-- name: update_user(user_id, username, display_name, email, is_admin, enabled, ends_sessions)^
UPDATE users
SET username = :username, display_name = :display_name, email = :email, is_admin = :is_admin, enabled = :enabled,
    session_version = session_version + :ends_sessions::boolean::integer, updated_at = clock_timestamp()
WHERE user_id = :user_id
RETURNING *;

-- name: set_password(user_id, password_hash)^
-- Ends every session, and every lock: whoever may set it is let in.
UPDATE users
SET password_hash = :password_hash, session_version = session_version + 1, failed_attempts = 0, locked_until = NULL,
    updated_at = clock_timestamp()
WHERE user_id = :user_id
RETURNING *;

-- name: rehash_password(user_id, old_hash, password_hash)!
-- The same password under other parameters: nothing ends by it.
UPDATE users SET password_hash = :password_hash WHERE user_id = :user_id AND password_hash = :old_hash;

-- name: end_sessions(user_id)!
UPDATE users SET session_version = session_version + 1 WHERE user_id = :user_id;

-- name: begin_attempt(username, free, base_seconds, longest_seconds)^
-- Counted before the password is looked at, so that many at once are no more guesses than one after the other.
-- Nothing, if there is no such user, or while it is locked.
UPDATE users
SET failed_attempts = failed_attempts + 1,
    locked_until = CASE WHEN failed_attempts + 1 >= :free::integer THEN
        clock_timestamp() + make_interval(secs => least(
            :longest_seconds::float8,
            :base_seconds::float8 * power(2, least(failed_attempts + 1 - :free::integer, 30))
        ))
    END
WHERE lower(username) = lower(:username) AND (locked_until IS NULL OR locked_until <= clock_timestamp())
RETURNING *;

-- name: note_sign_in(user_id)^
UPDATE users
SET failed_attempts = 0, locked_until = NULL, last_sign_in_at = clock_timestamp()
WHERE user_id = :user_id AND enabled
RETURNING *;

-- name: count_attempt(address, window_seconds)$
INSERT INTO sign_in_addresses AS known (address) VALUES (:address)
ON CONFLICT (address) DO UPDATE
SET attempts = CASE WHEN known.window_began_at < clock_timestamp() - make_interval(secs => :window_seconds::float8)
                    THEN 1 ELSE known.attempts + 1 END,
    window_began_at = CASE WHEN known.window_began_at < clock_timestamp() - make_interval(secs => :window_seconds::float8)
                           THEN clock_timestamp() ELSE known.window_began_at END
RETURNING attempts;

-- name: forget_attempts(window_seconds)!
DELETE FROM sign_in_addresses WHERE window_began_at < clock_timestamp() - make_interval(secs => :window_seconds::float8);

-- name: lock_other_admins(user_id)
-- Those who are left when this one goes.
SELECT user_id FROM users WHERE is_admin AND enabled AND user_id <> :user_id;

-- name: nobody_signed_in()$
SELECT NOT EXISTS (SELECT 1 FROM users WHERE last_sign_in_at IS NOT NULL);

-- name: insert_link(hash, user_id, purpose, lifetime)$
INSERT INTO sign_in_links (hash, user_id, purpose, expires_at)
VALUES (:hash, :user_id, :purpose, clock_timestamp() + :lifetime::interval)
RETURNING expires_at;

-- name: end_links(user_id)!
UPDATE sign_in_links SET used_at = clock_timestamp() WHERE user_id = :user_id AND used_at IS NULL;

-- name: get_link(hash)^
SELECT users.* FROM sign_in_links JOIN users USING (user_id)
WHERE hash = :hash AND used_at IS NULL AND expires_at > clock_timestamp() AND enabled;

-- name: use_link(hash)$
UPDATE sign_in_links SET used_at = clock_timestamp()
WHERE hash = :hash AND used_at IS NULL AND expires_at > clock_timestamp()
RETURNING user_id;

-- name: forget_links()!
DELETE FROM sign_in_links WHERE expires_at < clock_timestamp() - interval '7 days';

-- name: get_standing(user_id)^
-- Asked with every request of somebody who signed in, so it is one round trip.
SELECT user_id, username, is_admin, enabled, session_version,
    ARRAY(SELECT DISTINCT name FROM user_roles JOIN roles USING (role_id)
          WHERE user_roles.user_id = users.user_id ORDER BY name) AS roles,
    ARRAY(SELECT community_id FROM community_members
          WHERE community_members.user_id = users.user_id ORDER BY community_id) AS community_ids,
    ARRAY(SELECT role FROM community_members
          WHERE community_members.user_id = users.user_id ORDER BY community_id) AS community_roles
FROM users WHERE user_id = :user_id;
