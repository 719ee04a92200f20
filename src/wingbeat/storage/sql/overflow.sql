-- Starts of workflows that say what happens beyond their limits. Whoever counts for one of them does it alone.

-- name: lock_guard(workflow_id)!
SELECT pg_advisory_xact_lock(hashtextextended('wingbeat.guard ' || :workflow_id::uuid::text, 0));

-- name: read_standing(workflow_id)^
SELECT count(*) AS going_on,
       count(*) FILTER (WHERE status = 'running') AS running,
       count(*) FILTER (WHERE status = 'pending' AND epoch = 0) AS queued,
       count(*) FILTER (WHERE status IN ('pending', 'waiting') AND epoch = 0 AND NOT admitted) AS unadmitted,
       (
           SELECT count(*) FROM workflow_admissions a
           WHERE a.workflow_id = :workflow_id::uuid AND a.admitted_at > clock_timestamp() - interval '60 seconds'
       ) AS admitted
FROM workflow_executions
WHERE workflow_id = :workflow_id::uuid AND guarded AND status IN ('pending', 'running', 'waiting', 'paused');

-- name: find_oldest(workflow_id, queued, most)
SELECT execution_id FROM workflow_executions
WHERE workflow_id = :workflow_id::uuid AND guarded AND status IN ('pending', 'running', 'waiting', 'paused')
  AND (NOT :queued::boolean OR (status = 'pending' AND epoch = 0))
ORDER BY start_time, execution_id LIMIT :most;

-- name: guard_executions(ids)!
UPDATE workflow_executions SET guarded = true WHERE execution_id = ANY(:ids::uuid[]);

-- name: insert_asleep(id, workflow_id, revision, trigger, data, variables, priority, starter, kind, source, planned, key, seconds)$
-- One that waits for later starts; it has no job before it wakes.
WITH decided AS (
    INSERT INTO trigger_decisions
        (decision_id, workflow_id, kind, trigger_id, node_id, outcome, execution_id, planned_for, actor)
    VALUES (:id::uuid, :workflow_id::uuid, :kind, :source::uuid, :trigger, 'fired', :id::uuid, :planned::timestamptz,
            :starter::int)
)
INSERT INTO workflow_executions
    (execution_id, workflow_id, revision, status, trigger_node_id, trigger_data, variables, priority, started_by,
     trigger_kind, trigger_id, guarded, debounce_key, wake_at)
VALUES (:id::uuid, :workflow_id::uuid, :revision::int, 'waiting', :trigger, :data::json, :variables::json,
        :priority::int, :starter::int, :kind, :source::uuid, true, :key,
        clock_timestamp() + make_interval(secs => :seconds::float8))
RETURNING start_time;

-- name: put_off(id, workflow_id, revision, trigger, data, variables, priority, key, seconds, longest)^
-- The last start has its say, and the quiet time begins anew. Its files stay under the id that it was to have.
UPDATE workflow_executions
SET files_of = :id::uuid, trigger_data = :data::json, variables = :variables::json, revision = :revision::int,
    priority = greatest(priority, :priority::int),
    wake_at = least(
        clock_timestamp() + make_interval(secs => :seconds::float8),
        start_time + make_interval(secs => :longest::float8)
    )
WHERE workflow_id = :workflow_id::uuid AND trigger_node_id = :trigger AND debounce_key = :key
  AND status = 'waiting' AND epoch = 0
RETURNING execution_id, start_time;

-- name: seconds_to_room(workflow_id)$
-- Until the oldest start of the last minute counts no more.
SELECT extract(epoch FROM min(admitted_at) + interval '60 seconds' - clock_timestamp())::float8
FROM workflow_admissions
WHERE workflow_id = :workflow_id::uuid AND admitted_at > clock_timestamp() - interval '60 seconds';
