-- An execution and all that come from it through sub-workflows, however deep, are one trace, listed by its root.
CREATE INDEX idx_executions_root ON workflow_executions (root_execution_id) WHERE root_execution_id IS NOT NULL;
