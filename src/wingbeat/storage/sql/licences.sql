-- What the licence server said of each community.

-- name: read(community_id)^
SELECT features, limits, message, answered_at IS NOT NULL AS answered,
       extract(epoch FROM expires_at - clock_timestamp())::double precision AS expires_in,
       extract(epoch FROM clock_timestamp() - away_since)::double precision AS away_for
FROM licences WHERE community_id = :community_id;

-- name: take_turn(community_id, seconds, retry)$
-- Whether it is this process that is to ask now: one of all, when the last time is long enough ago.
INSERT INTO licences AS l (community_id) VALUES (:community_id)
ON CONFLICT (community_id) DO UPDATE SET asked_at = clock_timestamp()
WHERE l.asked_at < clock_timestamp()
    - make_interval(secs => CASE WHEN l.away_since IS NULL THEN :seconds::float8 ELSE :retry::float8 END)
RETURNING true;

-- name: keep_answer(community_id, features, limits, message, expires_at)!
UPDATE licences SET features = :features, limits = :limits, message = :message, expires_at = :expires_at::timestamptz,
       answered_at = clock_timestamp(), away_since = NULL
WHERE community_id = :community_id;

-- name: keep_silence(community_id)!
UPDATE licences SET away_since = coalesce(away_since, clock_timestamp()) WHERE community_id = :community_id;

-- name: count_workflows(community_id)$
SELECT wingbeat_count_workflows(:community_id);

-- name: count_executions(community_id, since)$
-- A range of ids is a range of time, and there is an index of the ids of each workflow.
SELECT count(*) FROM workflows w JOIN workflow_executions e USING (workflow_id)
WHERE w.community_id = :community_id AND e.execution_id >= :since::uuid;

-- name: take_turn_at_creating(community_id)!
-- Until the caller's transaction ends, nobody else creates a workflow in the community.
SELECT pg_advisory_xact_lock(1466524752, :community_id);
