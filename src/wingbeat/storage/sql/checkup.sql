-- What `wingbeat doctor` asks of the database. Read only.

-- name: describe_server()^
SELECT current_setting('server_version_num')::int AS version_number, current_setting('server_version') AS version,
       current_setting('max_connections')::int AS most_connections,
       (SELECT count(*) FROM pg_stat_activity) AS connections,
       clock_timestamp() AS now, pg_is_in_recovery() AS read_only;

-- name: count_stuck(lease)^
-- What no worker will go on with by itself, were the workers that live all right: `abandoned` names a worker that is not
-- known or dead; `overdue` should have been woken a minute ago; `forgotten` waits for a worker and has no job.
SELECT
    (SELECT count(*) FROM workflow_executions e
     WHERE e.worker_id IS NOT NULL AND NOT EXISTS (
         SELECT FROM workers w
         WHERE w.worker_id = e.worker_id AND w.heartbeat_at > clock_timestamp() - :lease::interval
     )) AS abandoned,
    (SELECT count(*) FROM workflow_executions
     WHERE status = 'waiting' AND wake_at < clock_timestamp() - interval '1 minute') AS overdue,
    (SELECT count(*) FROM workflow_executions
     WHERE status = 'pending' AND NOT parked AND start_time < clock_timestamp() - interval '1 minute')
    - (SELECT count(*) FROM pgqueuer WHERE created < clock_timestamp() - interval '1 minute') AS forgotten,
    (SELECT count(*) FROM workflow_executions WHERE status = 'paused') AS paused;
