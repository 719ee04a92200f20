-- The state of the whole installation, as the status page shows it.

-- name: list_workers(lease)
SELECT worker_id, host, pid, started_at, heartbeat_at,
       heartbeat_at > clock_timestamp() - :lease::interval AS alive,
       (SELECT count(*) FROM workflow_executions held WHERE held.worker_id = workers.worker_id) AS executions
FROM workers
ORDER BY started_at, worker_id;

-- name: measure_queue()^
SELECT count(*) AS jobs, extract(epoch FROM clock_timestamp() - min(created))::float8 AS oldest_seconds,
       (SELECT count(*) FROM workflow_executions WHERE parked) AS parked
FROM pgqueuer;

-- name: describe_database()^
SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS bytes,
       (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections;
