-- Waiting for what comes from outside, executions that other executions started, and what follows the end of one.

-- What a step waits for. It is resolved once; the step's row in the journal says that it waits for it.
CREATE TABLE workflow_waits (
    wait_id uuid PRIMARY KEY,
    execution_id uuid NOT NULL REFERENCES workflow_executions (execution_id) ON DELETE CASCADE,
    node_id text NOT NULL,
    scope text NOT NULL,
    attempt integer NOT NULL,
    kind text NOT NULL,
    -- A step may wait again for the same kind of thing, as when nobody answered the first time.
    round integer NOT NULL DEFAULT 1,
    -- By what it is found from outside: the type of an event, the hash of a token, the id of a task.
    key text NOT NULL,
    opening json NOT NULL DEFAULT 'null',
    expires_at timestamptz,
    -- For a wait for children: how many of the step's children are to have ended.
    target integer,
    resolved_at timestamptz,
    outcome text CHECK (outcome IN ('resolved', 'expired', 'withdrawn')),
    resolution json,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((resolved_at IS NULL) = (outcome IS NULL)),
    -- A step that runs again after a crash finds its own wait.
    UNIQUE (execution_id, node_id, scope, kind, round)
);
CREATE INDEX idx_waits_key ON workflow_waits (kind, key) WHERE kind <> 'children';
CREATE INDEX idx_waits_open ON workflow_waits (kind, key) WHERE resolved_at IS NULL AND kind <> 'children';
CREATE INDEX idx_waits_resolved ON workflow_waits (resolved_at) WHERE resolved_at IS NOT NULL AND kind <> 'children';

ALTER TABLE workflow_executions
    -- The waits of an execution that has let go of its worker.
    ADD COLUMN awaits uuid[],
    ADD COLUMN parent_execution_id uuid,
    ADD COLUMN root_execution_id uuid,
    ADD COLUMN depth integer NOT NULL DEFAULT 0,
    ADD COLUMN parent_node_id text,
    ADD COLUMN parent_scope text,
    ADD COLUMN child_index integer,
    -- Whether the parent waits for the end of this one.
    ADD COLUMN parent_waits boolean,
    ADD COLUMN has_children boolean,
    -- The failed execution because of which this one, of an error workflow, was started.
    ADD COLUMN error_of uuid,
    -- What the execution answered to whoever started it and waits.
    ADD COLUMN response json;
CREATE UNIQUE INDEX idx_executions_parent
    ON workflow_executions (parent_execution_id, parent_node_id, parent_scope, child_index)
    WHERE parent_execution_id IS NOT NULL;
CREATE UNIQUE INDEX idx_executions_error_of ON workflow_executions (error_of) WHERE error_of IS NOT NULL;

-- Taken out of the published settings.
ALTER TABLE workflows ADD COLUMN error_workflow uuid;

-- Ends of executions that concern another execution: a parent that waits, children that are not wanted any more, an
-- error workflow. Whoever ends an execution, and however, the row is there with the end, until it is dealt with.
CREATE TABLE workflow_endings (
    -- Not one row for each execution: a second reason may come while somebody deals with the first.
    ending_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id uuid NOT NULL REFERENCES workflow_executions (execution_id) ON DELETE CASCADE,
    ended_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION wingbeat_note_ending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.parent_waits
        OR (NEW.status = 'failed' AND NEW.error_of IS NULL AND EXISTS (
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

-- An ordinary end costs no more than looking at this condition.
CREATE TRIGGER note_ending AFTER UPDATE OF status ON workflow_executions FOR EACH ROW
WHEN (
    NEW.status IN ('completed', 'failed', 'cancelled') AND OLD.status <> NEW.status
    AND (NEW.parent_waits OR NEW.has_children OR (NEW.status = 'failed' AND NEW.error_of IS NULL))
)
EXECUTE FUNCTION wingbeat_note_ending();
