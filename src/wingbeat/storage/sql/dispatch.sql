-- Executions come into being, are claimed, given back, woken and taken over. Every statement that gives an execution to
-- somebody, or takes it away, raises its epoch: what the former holder still writes is refused from then on.

-- name: insert_executions(ids, workflow_ids, revisions, triggers, data, variables, priorities, starters, kinds, sources, planned)
-- Executions that wait for a worker, each with the decision that it was to be; their jobs are put in the same
-- transaction.
WITH new AS (
    SELECT * FROM unnest(:ids::uuid[], :workflow_ids::uuid[], :revisions::int[], :triggers::text[], :data::json[],
                         :variables::json[], :priorities::int[], :starters::int[], :kinds::text[], :sources::uuid[],
                         :planned::timestamptz[])
        AS new (id, workflow_id, revision, trigger_node_id, data, variables, priority, starter, kind, source, planned)
), decided AS (
    INSERT INTO trigger_decisions
        (decision_id, workflow_id, kind, trigger_id, node_id, outcome, execution_id, planned_for, actor)
    SELECT id, workflow_id, kind, source, trigger_node_id, 'fired', id, planned, starter FROM new
)
INSERT INTO workflow_executions
    (execution_id, workflow_id, revision, status, trigger_node_id, trigger_data, variables, priority, started_by,
     trigger_kind, trigger_id)
SELECT id, workflow_id, revision, 'pending', trigger_node_id, data, variables, priority, starter, kind, source FROM new
RETURNING execution_id, start_time;

-- name: insert_leased_executions(ids, workflow_ids, revisions, triggers, data, variables, priorities, starters, kinds, sources, planned, worker_id, slots)
-- Executions that the inserting process runs itself, at once: no queue between. As many as there are free slots.
WITH free AS (SELECT :slots - count(*) AS slots FROM workflow_executions WHERE worker_id IS NOT NULL),
new AS (
    SELECT new.* FROM free, unnest(
        :ids::uuid[], :workflow_ids::uuid[], :revisions::int[], :triggers::text[], :data::json[], :variables::json[],
        :priorities::int[], :starters::int[], :kinds::text[], :sources::uuid[], :planned::timestamptz[]
    ) WITH ORDINALITY AS new (id, workflow_id, revision, trigger_node_id, data, variables, priority, starter, kind,
                              source, planned, place)
    WHERE place <= free.slots
), decided AS (
    INSERT INTO trigger_decisions
        (decision_id, workflow_id, kind, trigger_id, node_id, outcome, execution_id, planned_for, actor)
    SELECT id, workflow_id, kind, source, trigger_node_id, 'fired', id, planned, starter FROM new
)
INSERT INTO workflow_executions
    (execution_id, workflow_id, revision, status, trigger_node_id, trigger_data, variables, priority, started_by,
     trigger_kind, trigger_id, worker_id, epoch, leased_at)
SELECT id, workflow_id, revision, 'running', trigger_node_id, data, variables, priority, starter, kind, source,
       :worker_id::uuid, 1, clock_timestamp()
FROM new
RETURNING execution_id, start_time;

-- name: lock_admission()!
-- Whoever counts slots and takes some does it alone.
SELECT pg_advisory_xact_lock(7018132019981204);

-- name: lock_admission_and_hurry()!
-- The same, and the commit of this transaction does not wait for the disk: it is durable with the next one that does.
SELECT pg_advisory_xact_lock(7018132019981204), set_config('synchronous_commit', 'off', true);

-- name: wait_for_the_disk()!
SET LOCAL synchronous_commit TO on;

-- name: count_leased()$
SELECT count(*) FROM workflow_executions WHERE worker_id IS NOT NULL;

-- name: find_limited(ids)
-- Those among these executions whose workflow limits itself, with how much room each workflow has now. One that was
-- cancelled or paused meanwhile needs none.
SELECT e.execution_id, e.workflow_id, e.admitted, w.max_per_minute,
       w.max_concurrent - (
           SELECT count(*) FROM workflow_executions o WHERE o.worker_id IS NOT NULL AND o.workflow_id = w.workflow_id
       ) AS free_slots,
       w.max_per_minute - (
           SELECT count(*) FROM workflow_admissions a
           WHERE a.workflow_id = w.workflow_id AND a.admitted_at > clock_timestamp() - interval '60 seconds'
       ) AS free_this_minute
FROM workflow_executions e JOIN workflows w USING (workflow_id)
WHERE e.execution_id = ANY(:ids::uuid[]) AND (w.max_concurrent IS NOT NULL OR w.max_per_minute IS NOT NULL)
  AND e.status = 'pending' AND NOT e.parked AND e.worker_id IS NULL
ORDER BY e.priority DESC, e.execution_id;

-- name: park(ids)!
-- Executions over a limit leave the queue; the end of another, or the clock, brings them back.
UPDATE workflow_executions e SET parked = true, admit_after = (
    SELECT min(a.admitted_at) + interval '60 seconds' FROM workflow_admissions a
    JOIN workflows w USING (workflow_id)
    WHERE a.workflow_id = e.workflow_id AND NOT e.admitted
      AND a.admitted_at > clock_timestamp() - interval '60 seconds'
    HAVING count(*) >= min(w.max_per_minute)
)
WHERE e.execution_id = ANY(:ids::uuid[]) AND e.status = 'pending';

-- name: admit(ids)!
-- Count these against their workflows' limits per minute.
WITH admitted AS (
    UPDATE workflow_executions SET admitted = true
    WHERE execution_id = ANY(:ids::uuid[]) AND NOT admitted
    RETURNING workflow_id
)
INSERT INTO workflow_admissions (workflow_id) SELECT workflow_id FROM admitted;

-- name: claim(ids, checked, worker_id)
-- One of a workflow that limits itself must be among those that were `checked` against its limits: it may have become
-- pending after that, as when it goes on from a pause while a job of before is still in the queue.
UPDATE workflow_executions e
SET status = 'running', worker_id = :worker_id::uuid, epoch = epoch + 1, leased_at = clock_timestamp(),
    wake_at = NULL, parked = false
WHERE execution_id = ANY(:ids::uuid[]) AND status = 'pending' AND NOT parked AND worker_id IS NULL
  AND (execution_id = ANY(:checked::uuid[]) OR NOT EXISTS (
      SELECT FROM workflows w
      WHERE w.workflow_id = e.workflow_id AND (w.max_concurrent IS NOT NULL OR w.max_per_minute IS NOT NULL)
  ))
RETURNING execution_id, workflow_id, revision, epoch, trigger_node_id, trigger_data, variables, active_seconds,
          takeovers, start_time, deferred_since IS NOT NULL AS deferred, key_owner, breakpoints, stepping, draft,
          seed;

-- name: defer(execution_id, epoch, seconds, longest)$
-- What its worker cannot run waits, unless nobody could for the longest time.
UPDATE workflow_executions
SET status = CASE WHEN pause_requested THEN 'paused' ELSE 'waiting' END,
    wake_at = CASE WHEN NOT pause_requested THEN clock_timestamp() + make_interval(secs => :seconds) END,
    worker_id = NULL, pause_requested = false, deferred_since = coalesce(deferred_since, clock_timestamp())
WHERE execution_id = :execution_id::uuid AND epoch = :epoch AND worker_id IS NOT NULL
  AND coalesce(deferred_since > clock_timestamp() - make_interval(secs => :longest), true)
RETURNING execution_id;

-- name: forget_deferral(execution_id, epoch)!
UPDATE workflow_executions SET deferred_since = NULL WHERE execution_id = :execution_id::uuid AND epoch = :epoch;

-- name: remove_jobs(ids)!
-- A job says no more than "somebody run this"; once the lease says who does, the job is done.
DELETE FROM pgqueuer WHERE id = ANY(:ids::bigint[]);

-- name: wake_due(most)
-- Waiting executions whose time has come.
UPDATE workflow_executions SET status = 'pending', wake_at = NULL
WHERE execution_id IN (
    SELECT execution_id FROM workflow_executions
    WHERE status = 'waiting' AND wake_at <= clock_timestamp()
    ORDER BY wake_at LIMIT :most FOR UPDATE SKIP LOCKED
)
RETURNING execution_id, priority;

-- name: look_ahead()^
-- Whether anything waits for the clock, in one round trip: asked twice a second, and mostly for nothing.
SELECT (SELECT extract(epoch FROM min(wake_at) - clock_timestamp())::float8
        FROM workflow_executions WHERE status = 'waiting') AS seconds_to_next_wake,
       EXISTS (SELECT FROM workflow_executions WHERE parked) AS parked;

-- name: has_jobs()$
SELECT EXISTS (SELECT FROM pgqueuer WHERE status = 'queued');

-- name: release_parked(workflow_ids, most)
-- As many parked executions of each workflow as may have room; the claim counts again.
UPDATE workflow_executions SET parked = false, admit_after = NULL
WHERE execution_id IN (
    SELECT next.execution_id FROM unnest(:workflow_ids::uuid[]) AS freed (workflow_id)
    CROSS JOIN LATERAL (
        SELECT execution_id FROM workflow_executions p
        WHERE p.workflow_id = freed.workflow_id AND p.parked AND p.status = 'pending'
          AND (p.admit_after IS NULL OR p.admit_after <= clock_timestamp())
        ORDER BY priority DESC, execution_id LIMIT :most FOR UPDATE SKIP LOCKED
    ) AS next
)
RETURNING execution_id, priority;

-- name: parked_workflows(only)
-- Workflows with parked executions, and how many of them may be let go: one that was counted in its minute needs only a
-- slot, the others need room in this minute too. All workflows, or those of `only`.
SELECT p.workflow_id, least(
           CASE WHEN w.max_concurrent IS NULL THEN 1000 ELSE w.max_concurrent - (
               SELECT count(*) FROM workflow_executions o
               WHERE o.worker_id IS NOT NULL AND o.workflow_id = w.workflow_id
           ) END,
           -- `greatest` passes over NULL, so it must not see that of a workflow without a limit per minute.
           p.admitted + CASE WHEN w.max_per_minute IS NULL THEN 1000 ELSE greatest(w.max_per_minute - (
               SELECT count(*) FROM workflow_admissions a
               WHERE a.workflow_id = w.workflow_id AND a.admitted_at > clock_timestamp() - interval '60 seconds'
           ), 0) END
       ) AS free_slots
FROM (
    SELECT workflow_id, count(*) FILTER (WHERE admitted) AS admitted FROM workflow_executions
    WHERE parked AND status = 'pending' AND (admit_after IS NULL OR admit_after <= clock_timestamp())
      AND (:only::uuid[] IS NULL OR workflow_id = ANY(:only::uuid[]))
    GROUP BY workflow_id
) AS p JOIN workflows w USING (workflow_id);

-- name: forget_admissions()!
DELETE FROM workflow_admissions WHERE admitted_at < clock_timestamp() - interval '2 minutes';
