-- What figures over time are made of, without a look at the rows themselves. An execution comes in here once, as it ends.
CREATE INDEX idx_executions_ended ON workflow_executions (start_time)
    INCLUDE (workflow_id, started_by, status, execution_time_seconds)
    WHERE status IN ('completed', 'failed', 'cancelled');

-- The last failure of a workflow that seldom fails.
CREATE INDEX idx_executions_failed ON workflow_executions (workflow_id, start_time) WHERE status = 'failed';
