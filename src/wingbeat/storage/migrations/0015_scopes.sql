-- Who may see and change what: the second wall, behind the checks of the services. Whoever acts for a caller does so as
-- the role wingbeat_scoped (storage/roles.py makes it), with the caller in settings that end with the transaction
-- (storage/scoping.py). The owner of the tables, as whom the engine works, is not held by these policies.

-- Roles have names, as tokens carry them.
ALTER TABLE workflow_permissions DROP COLUMN role_id;
ALTER TABLE workflow_permissions
    ADD COLUMN role varchar(100),
    ADD COLUMN granted_by integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT one_grantee CHECK (num_nonnulls(user_id, role, community_id) = 1),
    -- 0 is nobody, and nobody's community.
    ADD CONSTRAINT real_grantee CHECK (user_id > 0 OR role <> '' OR community_id > 0);
CREATE UNIQUE INDEX idx_permissions_once
    ON workflow_permissions (workflow_id, user_id, role, community_id) NULLS NOT DISTINCT;
CREATE INDEX idx_permissions_role ON workflow_permissions (role) WHERE role IS NOT NULL;

-- Whoever started an execution may see and steer it; 0 is nobody.
CREATE INDEX idx_executions_started_by ON workflow_executions (started_by, execution_id) WHERE started_by > 0;

-- A key means something to the one who sent it, and nothing to anybody else.
ALTER TABLE idempotency_keys ADD COLUMN owner text NOT NULL DEFAULT '';
ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey;
ALTER TABLE idempotency_keys ADD PRIMARY KEY (owner, operation, key);

-- The caller, as the settings of the transaction say. Without them: nobody, who may do nothing.
CREATE FUNCTION wingbeat_user() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(nullif(current_setting('wingbeat.user_id', true), ''), '0')::integer
$$;
CREATE FUNCTION wingbeat_roles() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('wingbeat.roles', true), ''), '{}')::text[]
$$;
CREATE FUNCTION wingbeat_scope(permission text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT permission = ANY (coalesce(nullif(current_setting('wingbeat.scopes', true), ''), '{}')::text[])
$$;
-- The communities in which the caller's role gives a permission; with 'member', all that it belongs to.
CREATE FUNCTION wingbeat_communities(permission text) RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('wingbeat.communities_' || permission, true), ''), '{}')::integer[]
$$;

-- Past the policies on purpose: policies that ask each other would go round in a circle.
CREATE FUNCTION wingbeat_granted(permission text) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT p.workflow_id FROM workflow_permissions p
    WHERE (p.user_id = wingbeat_user() OR p.role = ANY (wingbeat_roles())
           OR p.community_id = ANY (wingbeat_communities('member')))
      AND CASE permission
          WHEN 'view' THEN p.can_view OR p.can_edit OR p.can_delete
          WHEN 'edit' THEN p.can_edit
          WHEN 'delete' THEN p.can_delete
          WHEN 'execute' THEN p.can_execute
          ELSE false
      END;
END;
CREATE FUNCTION wingbeat_may(permission text, workflow uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT wingbeat_scope(permission) AND EXISTS (
        SELECT FROM workflows w WHERE w.workflow_id = workflow AND (
            w.author_id = wingbeat_user()
            OR w.community_id = ANY (wingbeat_communities(permission))
            OR EXISTS (
                SELECT FROM workflow_permissions p
                WHERE p.workflow_id = workflow
                  AND (p.user_id = wingbeat_user() OR p.role = ANY (wingbeat_roles())
                       OR p.community_id = ANY (wingbeat_communities('member')))
                  AND CASE permission
                      WHEN 'view' THEN p.can_view OR p.can_edit OR p.can_delete
                      WHEN 'edit' THEN p.can_edit
                      WHEN 'delete' THEN p.can_delete
                      WHEN 'execute' THEN p.can_execute
                      ELSE false
                  END
            )
        )
    );
END;
-- Its author, or an administrator of its community: who may say who else may do what.
CREATE FUNCTION wingbeat_owns(workflow uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT wingbeat_scope('edit') AND EXISTS (
        SELECT FROM workflows w WHERE w.workflow_id = workflow AND (
            w.author_id = wingbeat_user() OR w.community_id = ANY (wingbeat_communities('delete'))
        )
    );
END;

GRANT USAGE ON SCHEMA public TO wingbeat_scoped;

-- A subquery that asks for a setting is evaluated once for a statement, a bare call once for a row.
ALTER TABLE workflows ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON workflows TO wingbeat_scoped;
CREATE POLICY scoped_view ON workflows FOR SELECT TO wingbeat_scoped USING (
    (SELECT wingbeat_scope('view')) AND (
        author_id = (SELECT wingbeat_user())
        OR community_id = ANY ((SELECT wingbeat_communities('view'))::integer[])
        OR workflow_id IN (SELECT wingbeat_granted('view'))
    )
);
CREATE POLICY scoped_insert ON workflows FOR INSERT TO wingbeat_scoped WITH CHECK (
    (SELECT wingbeat_scope('edit')) AND author_id = coalesce((SELECT wingbeat_user()), 0)
    AND (
        community_id = ANY ((SELECT wingbeat_communities('edit'))::integer[])
        OR (community_id = 0 AND (SELECT wingbeat_user()) IS NOT NULL)
    )
);
-- Archiving is an update that asks for the right to delete.
CREATE POLICY scoped_update ON workflows FOR UPDATE TO wingbeat_scoped USING (
    (
        (SELECT wingbeat_scope('edit')) AND (
            author_id = (SELECT wingbeat_user())
            OR community_id = ANY ((SELECT wingbeat_communities('edit'))::integer[])
            OR workflow_id IN (SELECT wingbeat_granted('edit'))
        )
    ) OR (
        (SELECT wingbeat_scope('delete')) AND (
            author_id = (SELECT wingbeat_user())
            OR community_id = ANY ((SELECT wingbeat_communities('delete'))::integer[])
            OR workflow_id IN (SELECT wingbeat_granted('delete'))
        )
    )
);

ALTER TABLE workflow_revisions ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON workflow_revisions TO wingbeat_scoped;
CREATE POLICY scoped_view ON workflow_revisions FOR SELECT TO wingbeat_scoped
    USING (EXISTS (SELECT FROM workflows w WHERE w.workflow_id = workflow_revisions.workflow_id));
CREATE POLICY scoped_insert ON workflow_revisions FOR INSERT TO wingbeat_scoped
    WITH CHECK (wingbeat_may('edit', workflow_id));

ALTER TABLE workflow_permissions ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON workflow_permissions TO wingbeat_scoped;
GRANT USAGE ON SEQUENCE workflow_permissions_permission_id_seq TO wingbeat_scoped;
CREATE POLICY scoped_all ON workflow_permissions TO wingbeat_scoped USING (wingbeat_owns(workflow_id));
-- What is granted to the caller itself: the checks of the services read it.
CREATE POLICY scoped_own ON workflow_permissions FOR SELECT TO wingbeat_scoped USING (
    user_id = (SELECT wingbeat_user())
    OR role = ANY ((SELECT wingbeat_roles())::text[])
    OR community_id = ANY ((SELECT wingbeat_communities('member'))::integer[])
);

ALTER TABLE workflow_webhooks ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON workflow_webhooks TO wingbeat_scoped;
CREATE POLICY scoped_view ON workflow_webhooks FOR SELECT TO wingbeat_scoped
    USING (EXISTS (SELECT FROM workflows w WHERE w.workflow_id = workflow_webhooks.workflow_id));
CREATE POLICY scoped_insert ON workflow_webhooks FOR INSERT TO wingbeat_scoped
    WITH CHECK (wingbeat_may('edit', workflow_id));
CREATE POLICY scoped_update ON workflow_webhooks FOR UPDATE TO wingbeat_scoped
    USING (wingbeat_may('edit', workflow_id));
CREATE POLICY scoped_delete ON workflow_webhooks FOR DELETE TO wingbeat_scoped
    USING (wingbeat_may('edit', workflow_id));

ALTER TABLE workflow_schedules ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON workflow_schedules TO wingbeat_scoped;
CREATE POLICY scoped_view ON workflow_schedules FOR SELECT TO wingbeat_scoped
    USING (EXISTS (SELECT FROM workflows w WHERE w.workflow_id = workflow_schedules.workflow_id));
CREATE POLICY scoped_insert ON workflow_schedules FOR INSERT TO wingbeat_scoped
    WITH CHECK (wingbeat_may('edit', workflow_id));
CREATE POLICY scoped_update ON workflow_schedules FOR UPDATE TO wingbeat_scoped
    USING (wingbeat_may('edit', workflow_id));
CREATE POLICY scoped_delete ON workflow_schedules FOR DELETE TO wingbeat_scoped
    USING (wingbeat_may('edit', workflow_id));

-- An update is for the lock alone: what an execution becomes is the engine's to write.
ALTER TABLE workflow_executions ENABLE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE ON workflow_executions TO wingbeat_scoped;
CREATE POLICY scoped_view ON workflow_executions FOR SELECT TO wingbeat_scoped USING (
    (SELECT wingbeat_scope('view')) AND (
        started_by = (SELECT wingbeat_user())
        OR EXISTS (SELECT FROM workflows w WHERE w.workflow_id = workflow_executions.workflow_id)
    )
);
CREATE POLICY scoped_update ON workflow_executions FOR UPDATE TO wingbeat_scoped USING (
    (SELECT wingbeat_scope('execute'))
    AND (started_by = (SELECT wingbeat_user()) OR wingbeat_may('execute', workflow_id))
);

-- A scalar subquery is one look into an index for each row, and never a table of all executions.
ALTER TABLE workflow_execution_steps ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON workflow_execution_steps TO wingbeat_scoped;
CREATE POLICY scoped_view ON workflow_execution_steps FOR SELECT TO wingbeat_scoped USING (
    (SELECT true FROM workflow_executions e WHERE e.execution_id = workflow_execution_steps.execution_id)
);

ALTER TABLE workflow_waits ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON workflow_waits TO wingbeat_scoped;
CREATE POLICY scoped_view ON workflow_waits FOR SELECT TO wingbeat_scoped USING (
    (SELECT true FROM workflow_executions e WHERE e.execution_id = workflow_waits.execution_id)
);

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON idempotency_keys TO wingbeat_scoped;
CREATE POLICY scoped_own ON idempotency_keys TO wingbeat_scoped
    USING (owner = (SELECT current_setting('wingbeat.owner', true)));

-- Everybody's doings are noted; who may read the notes is another policy's to say.
ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
GRANT INSERT ON audit_log TO wingbeat_scoped;
CREATE POLICY scoped_insert ON audit_log FOR INSERT TO wingbeat_scoped WITH CHECK (true);
