-- The leases' other half: which processes live. All times are the database's.

-- name: register(worker_id, host, pid, lock_key)!
INSERT INTO workers (worker_id, host, pid, lock_key) VALUES (:worker_id::uuid, :host, :pid, :lock_key);

-- name: hold_lock(lock_key)$
SELECT pg_try_advisory_lock(:lock_key);

-- name: end_holder(lock_key, session)!
-- A session that is lost on our side may live on the server's, with its locks, until the network tells.
SELECT pg_terminate_backend(pid, 2000) FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 1 AND pid = :session::integer
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid::bigint = (:lock_key::bigint >> 32) AND objid::bigint = (:lock_key::bigint & 4294967295);

-- name: beat(worker_id)$
UPDATE workers SET heartbeat_at = clock_timestamp() WHERE worker_id = :worker_id::uuid RETURNING worker_id;

-- name: unregister(worker_id)!
DELETE FROM workers WHERE worker_id = :worker_id::uuid;

-- name: find_dead(worker_id, lease_seconds, by_lock)
-- Other workers whose heartbeat is too old, or whose session is gone: its lock can be had.
SELECT worker_id, host, pid, heartbeat_at,
       heartbeat_at < clock_timestamp() - make_interval(secs => :lease_seconds) AS lapsed
FROM workers
WHERE worker_id <> :worker_id::uuid
  AND (heartbeat_at < clock_timestamp() - make_interval(secs => :lease_seconds)
       OR (:by_lock::boolean AND pg_try_advisory_xact_lock(lock_key)));

-- name: end_sessions(session_name, before)!
-- A process that stands still in the middle of a transaction must not keep its locks: it could wait in a COPY for ever.
-- One that has opened a session since its last heartbeat goes on, perhaps as another worker: that session stays.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND application_name = :session_name
  AND application_name <> current_setting('application_name') AND backend_start < :before::timestamptz;

-- name: lock_dead(worker_id)$
SELECT worker_id FROM workers WHERE worker_id = :worker_id::uuid FOR UPDATE SKIP LOCKED;

-- name: take_over(worker_id, deaths)
-- Give back what a worker held. `takeovers` counts the deaths of workers without any progress between.
UPDATE workflow_executions e
SET status = CASE WHEN pause_requested THEN 'paused' ELSE 'pending' END,
    worker_id = NULL, epoch = epoch + 1, pause_requested = false,
    active_seconds = active_seconds + greatest(0, extract(epoch FROM clock_timestamp() - leased_at)),
    takeovers = CASE WHEN s.last > e.takeover_sequence THEN 0 ELSE takeovers END + :deaths::int,
    takeover_sequence = s.last
FROM (
    SELECT held.execution_id, coalesce((
        SELECT max(sequence) FROM workflow_execution_steps WHERE execution_id = held.execution_id
    ), 0) AS last
    FROM (
        SELECT execution_id FROM workflow_executions WHERE worker_id = :worker_id::uuid
        ORDER BY execution_id FOR UPDATE
    ) AS held
) AS s
WHERE e.execution_id = s.execution_id
RETURNING e.execution_id, e.priority, e.status;

-- name: look(worker_id, running, seconds)^
-- The time, and whether there is anything to take back.
SELECT extract(epoch FROM clock_timestamp())::float8 AS now, EXISTS (
    SELECT FROM workflow_executions
    WHERE worker_id = :worker_id::uuid AND NOT execution_id = ANY(:running::uuid[])
      AND leased_at < clock_timestamp() - make_interval(secs => :seconds)
) AS forgotten;

-- name: take_back(worker_id, running, seconds)
-- Executions that a living worker holds without knowing it, since the answer to its claim was lost.
UPDATE workflow_executions
SET status = CASE WHEN pause_requested THEN 'paused' ELSE 'pending' END,
    worker_id = NULL, epoch = epoch + 1, pause_requested = false
WHERE execution_id IN (
    SELECT execution_id FROM workflow_executions
    WHERE worker_id = :worker_id::uuid AND NOT execution_id = ANY(:running::uuid[])
      AND leased_at < clock_timestamp() - make_interval(secs => :seconds)
    ORDER BY execution_id FOR UPDATE
)
RETURNING execution_id, priority, status;

-- name: find_orphans()
-- Executions whose worker is not known at all.
SELECT DISTINCT worker_id FROM workflow_executions e
WHERE worker_id IS NOT NULL AND NOT EXISTS (SELECT FROM workers w WHERE w.worker_id = e.worker_id);

-- name: find_changed(worker_id, ids)
-- What somebody else decided about executions that this worker believes to hold.
SELECT believed.id AS execution_id, e.worker_id IS NOT DISTINCT FROM :worker_id::uuid AS held,
       coalesce(e.pause_requested, false) AS pause_requested
FROM unnest(:ids::uuid[]) AS believed (id)
LEFT JOIN workflow_executions e ON e.execution_id = believed.id
WHERE e.worker_id IS DISTINCT FROM :worker_id::uuid OR e.pause_requested;
