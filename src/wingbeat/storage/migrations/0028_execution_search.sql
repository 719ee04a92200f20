-- Lists of executions are searched by the text of their errors, which few have.
CREATE INDEX idx_executions_errors ON workflow_executions (execution_id) WHERE error_message IS NOT NULL;
