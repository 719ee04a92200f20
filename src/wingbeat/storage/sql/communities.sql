-- Communities, who is what in them, and the roles of users.

-- name: next_community_id()$
SELECT nextval(pg_get_serial_sequence('communities', 'community_id'))::integer;

-- name: insert_community(community_id, name)^
-- Nothing, if the id or the name is taken.
INSERT INTO communities (community_id, name) VALUES (:community_id, :name) ON CONFLICT DO NOTHING RETURNING *;

-- name: get_community(community_id)^
SELECT * FROM communities WHERE community_id = :community_id;

-- name: lock_community(community_id)^
SELECT * FROM communities WHERE community_id = :community_id FOR UPDATE;

-- name: get_community_by_name(name)^
SELECT * FROM communities WHERE lower(name) = lower(:name);

-- name: update_community(community_id, name)^
UPDATE communities SET name = :name, updated_at = clock_timestamp() WHERE community_id = :community_id RETURNING *;

-- name: delete_community(community_id)!
DELETE FROM communities WHERE community_id = :community_id;

-- name: has_things(community_id)$
SELECT EXISTS (SELECT 1 FROM workflows WHERE community_id = :community_id)
    OR EXISTS (SELECT 1 FROM connector_instances WHERE community_id = :community_id)
    OR EXISTS (SELECT 1 FROM tasks WHERE community_id = :community_id AND status IN ('open', 'in_progress'));

-- name: get_member(community_id, user_id)^
SELECT member.*, username, display_name FROM community_members AS member JOIN users USING (user_id)
WHERE community_id = :community_id AND user_id = :user_id;

-- name: put_member(community_id, user_id, role)!
-- What somebody says here is more than what an identity provider says.
INSERT INTO community_members (community_id, user_id, role) VALUES (:community_id, :user_id, :role)
ON CONFLICT (community_id, user_id) DO UPDATE SET role = EXCLUDED.role, source = 'local';

-- name: delete_member(community_id, user_id)!
DELETE FROM community_members WHERE community_id = :community_id AND user_id = :user_id;

-- name: replace_provided_members(user_id, community_ids, roles)!
-- Those that an identity provider tells of and that exist here; others stay as somebody said.
WITH told AS (
    SELECT * FROM unnest(:community_ids::integer[], :roles::text[]) AS told (community_id, role)
    WHERE EXISTS (SELECT 1 FROM communities WHERE communities.community_id = told.community_id)
), gone AS (
    DELETE FROM community_members
    WHERE user_id = :user_id AND source = 'oidc' AND community_id NOT IN (SELECT community_id FROM told)
)
INSERT INTO community_members AS member (community_id, user_id, role, source)
SELECT community_id, :user_id, role, 'oidc' FROM told
ON CONFLICT (community_id, user_id) DO UPDATE SET role = EXCLUDED.role WHERE member.source = 'oidc';

-- name: list_roles()
SELECT role_id, name, created_at, (SELECT count(DISTINCT user_id) FROM user_roles WHERE role_id = roles.role_id) AS users
FROM roles ORDER BY name;

-- name: roles_of(user_id)
SELECT name, array_agg(source ORDER BY source) AS sources
FROM user_roles JOIN roles USING (role_id) WHERE user_id = :user_id GROUP BY name ORDER BY name;

-- name: ensure_roles(names)!
INSERT INTO roles (name) SELECT unnest(:names::text[]) ON CONFLICT DO NOTHING;

-- name: replace_roles(user_id, names, source)!
WITH wanted AS (
    SELECT role_id FROM roles WHERE name = ANY(:names::text[])
), gone AS (
    DELETE FROM user_roles
    WHERE user_id = :user_id AND source = :source AND role_id NOT IN (SELECT role_id FROM wanted)
)
INSERT INTO user_roles (user_id, role_id, source) SELECT :user_id, role_id, :source FROM wanted ON CONFLICT DO NOTHING;

-- name: forget_roles()!
-- Those that nobody has.
DELETE FROM roles WHERE NOT EXISTS (SELECT 1 FROM user_roles WHERE user_roles.role_id = roles.role_id);
