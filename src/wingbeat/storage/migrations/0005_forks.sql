-- Executions that begin with a part of another one's journal, and breakpoints.

ALTER TABLE workflow_executions
    ADD COLUMN forked_from uuid,
    -- The step from which it began anew; null where it goes on with all that had not completed.
    ADD COLUMN forked_node_id text,
    ADD COLUMN forked_scope text,
    -- Whose id is in the idempotency keys of its steps, if not its own: another try asks for the same effects.
    ADD COLUMN key_owner uuid,
    -- [{"node": ..., "condition": ...}, ...], null for none.
    ADD COLUMN breakpoints json,
    -- Whether it stops before every step.
    ADD COLUMN stepping boolean NOT NULL DEFAULT false;
CREATE INDEX idx_executions_forked_from ON workflow_executions (forked_from) WHERE forked_from IS NOT NULL;
