-- A start that becomes part of an execution that waits has kept its files under the id that it was to have.

ALTER TABLE workflow_executions
    -- The start whose data it has, if that is not the one that it came into being with.
    ADD COLUMN files_of uuid;

CREATE INDEX idx_executions_files_of ON workflow_executions (files_of) WHERE files_of IS NOT NULL;
