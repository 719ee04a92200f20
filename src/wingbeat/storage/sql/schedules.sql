-- Schedules: what people and nodes of workflows set down, and what became of their times.

-- name: insert_schedule(schedule_id, workflow_id, source, name, description, cron_expression, interval_seconds, timezone, trigger_node_id, data, priority, max_instances, coalesce_runs, misfire_policy, misfire_grace_seconds, misfire_window_seconds, misfire_max, jitter_seconds, start_at, end_at, enabled)^
INSERT INTO workflow_schedules
    (schedule_id, workflow_id, source, name, description, cron_expression, interval_seconds, timezone, trigger_node_id,
     data, priority, max_instances, coalesce_runs, misfire_policy, misfire_grace_seconds, misfire_window_seconds,
     misfire_max, jitter_seconds, start_at, end_at, enabled)
VALUES (:schedule_id, :workflow_id, :source, :name, :description, :cron_expression, :interval_seconds, :timezone,
        :trigger_node_id, :data::json, :priority, :max_instances, :coalesce_runs, :misfire_policy,
        :misfire_grace_seconds, :misfire_window_seconds, :misfire_max, :jitter_seconds, :start_at, :end_at, :enabled)
RETURNING *;

-- name: update_schedule(schedule_id, name, description, cron_expression, interval_seconds, timezone, trigger_node_id, data, priority, max_instances, coalesce_runs, misfire_policy, misfire_grace_seconds, misfire_window_seconds, misfire_max, jitter_seconds, start_at, end_at, enabled)^
UPDATE workflow_schedules
SET name = :name, description = :description, cron_expression = :cron_expression, interval_seconds = :interval_seconds,
    timezone = :timezone, trigger_node_id = :trigger_node_id, data = :data::json, priority = :priority,
    max_instances = :max_instances, coalesce_runs = :coalesce_runs, misfire_policy = :misfire_policy,
    misfire_grace_seconds = :misfire_grace_seconds, misfire_window_seconds = :misfire_window_seconds,
    misfire_max = :misfire_max, jitter_seconds = :jitter_seconds, start_at = :start_at, end_at = :end_at,
    enabled = :enabled, revision = revision + 1, updated_at = clock_timestamp()
WHERE schedule_id = :schedule_id
RETURNING *;

-- name: begin_anew(schedule_id, anchored)^
-- Its times are counted from now on: `anchored` if those of an interval keep their places. Whoever looks after schedules
-- plans the first of them; null is one that does not run.
UPDATE workflow_schedules
SET decided_until = clock_timestamp(), next_planned_for = NULL, last_error = NULL,
    anchor = CASE WHEN :anchored::boolean THEN anchor ELSE clock_timestamp() END,
    next_run_at = CASE WHEN enabled AND NOT paused THEN clock_timestamp() END
WHERE schedule_id = :schedule_id
RETURNING *;

-- name: set_paused(schedule_id, paused)^
UPDATE workflow_schedules SET paused = :paused, revision = revision + 1, updated_at = clock_timestamp()
WHERE schedule_id = :schedule_id
RETURNING *;

-- name: plan_next(schedule_id, next_planned_for, next_run_at)^
UPDATE workflow_schedules SET next_planned_for = :next_planned_for::timestamptz, next_run_at = :next_run_at::timestamptz
WHERE schedule_id = :schedule_id
RETURNING *;

-- name: get_schedule(workflow_id, schedule_id)^
SELECT * FROM workflow_schedules WHERE workflow_id = :workflow_id AND schedule_id = :schedule_id;

-- name: lock_schedule(workflow_id, schedule_id)^
SELECT * FROM workflow_schedules WHERE workflow_id = :workflow_id AND schedule_id = :schedule_id FOR UPDATE;

-- name: find_schedule(schedule_id)^
SELECT * FROM workflow_schedules WHERE schedule_id = :schedule_id;

-- name: count_of_workflow(workflow_id)$
SELECT count(*) FROM workflow_schedules WHERE workflow_id = :workflow_id;

-- name: delete_schedule(schedule_id)!
DELETE FROM workflow_schedules WHERE schedule_id = :schedule_id;

-- name: lock_of_nodes(workflow_id)
SELECT * FROM workflow_schedules WHERE workflow_id = :workflow_id AND source = 'node' FOR UPDATE;

-- name: stop_all(workflow_id)!
-- Those of a workflow that is out of use.
UPDATE workflow_schedules SET enabled = false, next_run_at = NULL, next_planned_for = NULL
WHERE workflow_id = :workflow_id AND (enabled OR next_run_at IS NOT NULL);

-- name: tell_changed()!
SELECT pg_notify('wingbeat_schedules', '');

-- name: now_with(offset)$
-- The offset is no time but for tests.
SELECT clock_timestamp() + :offset::interval;

-- name: lock_due(now, most)
-- Whoever comes first has them; others go on with the next ones.
SELECT * FROM workflow_schedules
WHERE enabled AND next_run_at <= :now
ORDER BY next_run_at LIMIT :most FOR UPDATE SKIP LOCKED;

-- name: lock_one_due(now, schedule_id)
SELECT * FROM workflow_schedules
WHERE enabled AND next_run_at <= :now AND schedule_id = :schedule_id FOR UPDATE SKIP LOCKED;

-- name: turn_back(now)!
-- The clock was set back behind what was decided: what it shows again counts from now on, once.
UPDATE workflow_schedules SET decided_until = :now::timestamptz - make_interval(secs => jitter_seconds), next_planned_for = NULL,
    next_run_at = :now::timestamptz
WHERE schedule_id IN (
    SELECT schedule_id FROM workflow_schedules
    WHERE next_run_at IS NOT NULL AND decided_until > :now::timestamptz + interval '1 second'
    LIMIT 1000 FOR UPDATE SKIP LOCKED
);

-- name: look_ahead(offset)^
-- In how many seconds one is due, and whether the clock was set back behind what was decided.
SELECT extract(epoch FROM (SELECT min(next_run_at) FROM workflow_schedules WHERE enabled) - clock.now)::float8
           AS seconds_to_next,
       EXISTS (
           SELECT FROM workflow_schedules
           WHERE next_run_at IS NOT NULL AND decided_until > clock.now + interval '1 second'
       ) AS set_back
FROM (SELECT clock_timestamp() + :offset::interval AS now) AS clock;

-- name: find_runs(schedule_ids, since, now)
-- What each has run, or was kept from running by a limit, from a moment on up to now.
SELECT r.schedule_id, r.planned_for FROM unnest(:schedule_ids::uuid[], :since::timestamptz[]) AS asked (schedule_id, since)
JOIN schedule_runs r ON r.schedule_id = asked.schedule_id AND r.planned_for BETWEEN asked.since AND :now;

-- name: count_open(schedule_ids)
-- How many executions of each have not ended; those that have are not asked about again. Several times may have led to
-- one execution, which waited for later starts.
WITH looked_at AS (
    SELECT r.schedule_id, r.planned_for, r.execution_id,
           coalesce(e.status IN ('pending', 'running', 'waiting', 'paused'), false) AS going_on
    FROM schedule_runs r LEFT JOIN workflow_executions e USING (execution_id)
    WHERE r.schedule_id = ANY(:schedule_ids::uuid[]) AND r.open
), closed AS (
    UPDATE schedule_runs r SET open = false FROM looked_at l
    WHERE r.schedule_id = l.schedule_id AND r.planned_for = l.planned_for AND NOT l.going_on
)
SELECT schedule_id, count(DISTINCT execution_id) AS number FROM looked_at WHERE going_on GROUP BY schedule_id;

-- name: insert_runs(schedule_ids, planned, execution_ids)!
INSERT INTO schedule_runs (schedule_id, planned_for, execution_id, open)
SELECT schedule_id, planned_for, execution_id, execution_id IS NOT NULL
FROM unnest(:schedule_ids::uuid[], :planned::timestamptz[], :execution_ids::uuid[])
    AS new (schedule_id, planned_for, execution_id);

-- name: note_looks(schedule_ids, now, planned, due, fired, executions, outcomes)!
UPDATE workflow_schedules s
SET next_planned_for = look.planned_for, next_run_at = look.due, decided_until = :now::timestamptz, last_error = NULL,
    run_count = run_count + look.fired,
    last_run_at = CASE WHEN look.fired > 0 THEN :now::timestamptz ELSE last_run_at END,
    last_execution_id = coalesce(look.execution_id, last_execution_id),
    last_outcome = coalesce(look.outcome, last_outcome)
FROM unnest(:schedule_ids::uuid[], :planned::timestamptz[], :due::timestamptz[], :fired::int[], :executions::uuid[],
            :outcomes::text[])
    AS look (schedule_id, planned_for, due, fired, execution_id, outcome)
WHERE s.schedule_id = look.schedule_id;

-- name: set_aside(schedule_id, now, seconds, error)!
-- One that cannot be looked at does not hold up the others.
UPDATE workflow_schedules
SET next_run_at = :now::timestamptz + make_interval(secs => :seconds), last_error = :error
WHERE schedule_id = :schedule_id AND next_run_at IS NOT NULL;

-- name: forget_runs(days)!
DELETE FROM schedule_runs WHERE created_at < clock_timestamp() - make_interval(days => :days) AND NOT open;
