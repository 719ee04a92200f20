-- What workflows say about starts beyond their limits, and about starts that follow each other closely.

ALTER TABLE workflows
    -- Taken out of the published settings; null where starts are only queued.
    ADD COLUMN guard jsonb,
    ADD COLUMN trigger_priorities jsonb NOT NULL DEFAULT '{}';

ALTER TABLE workflow_executions
    -- Whether it counts for its workflow's guard.
    ADD COLUMN guarded boolean NOT NULL DEFAULT false,
    -- Until it begins, later starts with the same key become part of it.
    ADD COLUMN debounce_key text;

CREATE INDEX idx_executions_guarded ON workflow_executions (workflow_id, execution_id)
    WHERE guarded AND status IN ('pending', 'running', 'waiting', 'paused');
CREATE UNIQUE INDEX idx_executions_debounced ON workflow_executions (workflow_id, trigger_node_id, debounce_key)
    WHERE debounce_key IS NOT NULL AND status = 'waiting' AND epoch = 0;
