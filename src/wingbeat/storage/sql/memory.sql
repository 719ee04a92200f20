-- What workflows remember from one execution to the next.

-- name: read_owner(workflow_id)^
-- Whose the things are that the workflow shares with others.
SELECT author_id, community_id FROM workflows WHERE workflow_id = :workflow_id::uuid;

-- name: mark(owner, set_name, keys, step, seconds)
-- The keys come in one order, whoever marks them, so that two who mark the same ones cannot block each other for good.
INSERT INTO seen_keys (owner, set_name, key, step, expires_at)
SELECT :owner::uuid, :set_name, one.key, :step, clock_timestamp() + make_interval(secs => :seconds::float8)
FROM unnest(:keys::bytea[]) WITH ORDINALITY AS one (key, place) ORDER BY place
ON CONFLICT (owner, set_name, key) DO UPDATE
SET step = excluded.step, seen_at = excluded.seen_at, expires_at = excluded.expires_at
WHERE seen_keys.step = excluded.step OR seen_keys.expires_at <= clock_timestamp()
RETURNING key;

-- name: note_most(owner, set_name, most)!
INSERT INTO seen_sets (owner, set_name, most) VALUES (:owner::uuid, :set_name, :most)
ON CONFLICT (owner, set_name) DO UPDATE SET most = excluded.most WHERE seen_sets.most <> excluded.most;

-- name: lock_turns(lock)!
-- Turns of one key are given out one after the other, in the order in which they are asked for.
SELECT pg_advisory_xact_lock(:lock::bigint);

-- name: find_turn(owner, key, step)$
SELECT extract(epoch FROM turn_at)::float8 FROM rate_turns
WHERE owner = :owner::uuid AND key = :key::bytea AND step = :step;

-- name: next_turn(owner, key, most, seconds)^
-- Not before now, not before the last one given out, and a whole window after the one `most` turns ago.
WITH latest AS (
    SELECT number, turn_at FROM rate_turns
    WHERE owner = :owner::uuid AND key = :key::bytea ORDER BY number DESC LIMIT 1
)
SELECT coalesce(latest.number, 0) + 1 AS number, clock_timestamp() AS now,
       greatest(clock_timestamp(), latest.turn_at, (
           SELECT before.turn_at + make_interval(secs => :seconds::float8) FROM rate_turns before
           WHERE before.owner = :owner::uuid AND before.key = :key::bytea
             AND before.number = latest.number + 1 - :most::bigint
       )) AS turn_at
FROM (SELECT 1) AS always LEFT JOIN latest ON true;

-- name: take_turn(owner, key, number, step, turn_at, seconds)!
-- Kept an hour longer than it counts, so that a step which runs again after a crash finds it.
INSERT INTO rate_turns (owner, key, number, step, turn_at, expires_at)
VALUES (:owner::uuid, :key::bytea, :number, :step, :turn_at::timestamptz,
        :turn_at::timestamptz + make_interval(secs => :seconds::float8 + 3600));

-- name: forget_keys()$
WITH gone AS (DELETE FROM seen_keys WHERE expires_at < clock_timestamp() RETURNING 1) SELECT count(*) FROM gone;

-- name: forget_turns()$
WITH gone AS (DELETE FROM rate_turns WHERE expires_at < clock_timestamp() RETURNING 1) SELECT count(*) FROM gone;

-- name: list_sets()
SELECT owner, set_name, most FROM seen_sets;

-- name: trim_set(owner, set_name, most)$
WITH gone AS (
    DELETE FROM seen_keys
    WHERE (owner, set_name) = (:owner::uuid, :set_name) AND seen_at < (
        SELECT seen_at FROM seen_keys WHERE (owner, set_name) = (:owner::uuid, :set_name)
        ORDER BY seen_at DESC OFFSET :most - 1 LIMIT 1
    )
    RETURNING 1
) SELECT count(*) FROM gone;

-- name: forget_sets()!
DELETE FROM seen_sets s
WHERE NOT EXISTS (SELECT FROM seen_keys k WHERE (k.owner, k.set_name) = (s.owner, s.set_name));
