-- Executions by which somebody tries a workflow while drawing it: of any revision, as a whole or in part.

ALTER TABLE workflow_executions
    -- What is run: up to which node, or which alone, and whether with pinned outputs; NULL for what was published.
    ADD COLUMN draft jsonb,
    -- What a node that runs alone finds.
    ADD COLUMN seed json;

-- The failure of such a try is seen by whoever tries, and concerns no error workflow.
CREATE OR REPLACE FUNCTION wingbeat_note_ending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.parent_waits
        OR (NEW.status = 'failed' AND NEW.error_of IS NULL AND NEW.draft IS NULL AND EXISTS (
            SELECT FROM workflows w WHERE w.workflow_id = NEW.workflow_id AND w.error_workflow IS NOT NULL
        ))
        OR (NEW.has_children AND EXISTS (
            SELECT FROM workflow_executions c
            WHERE c.parent_execution_id = NEW.execution_id AND c.parent_waits
              AND c.status NOT IN ('completed', 'failed', 'cancelled')
        ))
    THEN
        INSERT INTO workflow_endings (execution_id) VALUES (NEW.execution_id);
        PERFORM pg_notify('wingbeat_endings', '');
    END IF;
    RETURN NULL;
END
$$;
