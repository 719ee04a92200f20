-- What starts executions, and what became of each time that something was to start one.

ALTER TABLE workflow_executions
    -- The user who started it; 0 where nobody did, as for a schedule.
    ADD COLUMN started_by integer NOT NULL DEFAULT 0,
    ADD COLUMN trigger_kind text NOT NULL DEFAULT 'api',
    -- The webhook, the schedule or the form.
    ADD COLUMN trigger_id uuid;

-- Taken out of the published definition, so that starting needs no plan.
ALTER TABLE workflows
    ADD COLUMN priority integer NOT NULL DEFAULT 0,
    -- The triggers that are not disabled, in their order.
    ADD COLUMN trigger_nodes text[] NOT NULL DEFAULT '{}';

UPDATE workflows w SET
    priority = coalesce((r.definition -> 'settings' ->> 'priority')::integer, 0),
    trigger_nodes = ARRAY(
        SELECT node ->> 'id' FROM json_array_elements(r.definition -> 'nodes') WITH ORDINALITY AS n (node, place)
        WHERE node ->> 'type' LIKE 'trigger.%' AND coalesce((node ->> 'disabled')::boolean, false) = false
        ORDER BY place
    )
FROM workflow_revisions r
WHERE r.workflow_id = w.workflow_id AND r.revision = w.published_revision;

-- One row for each time that something was to start an execution: what came of it, and why.
CREATE TABLE trigger_decisions (
    -- Of what fired, the id of its execution.
    decision_id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    workflow_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('manual', 'api', 'webhook', 'schedule', 'event', 'command', 'form')),
    -- The webhook, the schedule or the form.
    trigger_id uuid,
    node_id text,
    outcome text NOT NULL CHECK (outcome IN (
        'fired', 'coalesced', 'missed', 'limited', 'duplicate', 'signature_wrong', 'address_refused', 'disabled',
        'no_permission', 'invalid', 'overflow'
    )),
    -- The execution that it led to: of a duplicate, the one that the first delivery led to.
    execution_id uuid,
    -- The time for which a schedule had planned it.
    planned_for timestamptz,
    -- A stable code that says more than the outcome.
    reason text NOT NULL DEFAULT '',
    -- What tells it from others: the id of a delivery or an event, the caller's address. Nothing secret.
    detail jsonb NOT NULL DEFAULT '{}',
    actor integer NOT NULL DEFAULT 0
);
CREATE INDEX idx_trigger_decisions_workflow ON trigger_decisions (workflow_id, decision_id DESC);
