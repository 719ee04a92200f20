-- The second wall around what comes from outside: who sees events, decisions and forms, and who changes forms. What the
-- engine alone deals with (subscriptions, what was sent, how often) is granted to no caller.

ALTER TABLE trigger_decisions ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON trigger_decisions TO wingbeat_scoped;
CREATE POLICY scoped_view ON trigger_decisions FOR SELECT TO wingbeat_scoped
    USING (EXISTS (SELECT FROM workflows w WHERE w.workflow_id = trigger_decisions.workflow_id));

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON events TO wingbeat_scoped;
CREATE POLICY scoped_view ON events FOR SELECT TO wingbeat_scoped USING (
    (SELECT wingbeat_scope('view')) AND (
        user_id = (SELECT wingbeat_user())
        OR community_id = ANY ((SELECT wingbeat_communities('view'))::integer[])
    )
);

ALTER TABLE event_wakes ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON event_wakes TO wingbeat_scoped;
CREATE POLICY scoped_view ON event_wakes FOR SELECT TO wingbeat_scoped USING (
    (SELECT true FROM workflow_executions e WHERE e.execution_id = event_wakes.execution_id)
);

ALTER TABLE workflow_forms ENABLE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE ON workflow_forms TO wingbeat_scoped;
CREATE POLICY scoped_view ON workflow_forms FOR SELECT TO wingbeat_scoped
    USING (EXISTS (SELECT FROM workflows w WHERE w.workflow_id = workflow_forms.workflow_id));
CREATE POLICY scoped_update ON workflow_forms FOR UPDATE TO wingbeat_scoped
    USING (wingbeat_may('edit', workflow_id));

ALTER TABLE trigger_subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE form_submissions ENABLE ROW LEVEL SECURITY;
ALTER TABLE form_visits ENABLE ROW LEVEL SECURITY;
