-- Whose a thing is decides what may use it: connections, sub-workflows, error workflows, tasks, memory.

-- In whose name a revision speaks. What ids it computes while it runs nobody can check when it is saved, so it reaches
-- no further than whoever saved or published it: things of the workflow's author only if that was the author, things of
-- the workflow's community only if that was somebody who may use them. Both for what was there before.
ALTER TABLE workflow_revisions
    ADD COLUMN reaches_author boolean NOT NULL DEFAULT true,
    ADD COLUMN reaches_community boolean NOT NULL DEFAULT true;

-- Who made a task: the author of the workflow, where a step did.
ALTER TABLE tasks ADD COLUMN author_id integer NOT NULL DEFAULT 0;
-- Which user decided, where one did: somebody who is asked by several names has one voice.
ALTER TABLE approval_decisions ADD COLUMN decided_by integer NOT NULL DEFAULT 0;
CREATE INDEX idx_tasks_workflow_id ON tasks (workflow_id) WHERE workflow_id IS NOT NULL;
CREATE INDEX idx_tasks_author_id ON tasks (author_id, created_at);
CREATE INDEX idx_approvals_workflow_id ON approvals (workflow_id) WHERE workflow_id IS NOT NULL;
CREATE INDEX idx_connector_instances_author_id ON connector_instances (author_id);

-- Who asked for a sign-in, and by which session of a browser, if by one; nobody else may bring its answer.
ALTER TABLE connector_instances
    ADD COLUMN authorization_by integer,
    ADD COLUMN authorization_session text;

-- Who comes to own a workflow has not vouched for what others wrote: until a revision is published again, it reaches
-- nothing of the new author's, or of the new community's. Past the policies, since a caller changes no revision.
CREATE FUNCTION wingbeat_draw_in() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE workflow_revisions r
    SET reaches_author = r.reaches_author AND NEW.author_id = OLD.author_id,
        reaches_community = r.reaches_community AND NEW.community_id = OLD.community_id
    WHERE r.workflow_id = NEW.workflow_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER draw_in AFTER UPDATE OF author_id, community_id ON workflows FOR EACH ROW
WHEN (NEW.author_id <> OLD.author_id OR NEW.community_id <> OLD.community_id)
EXECUTE FUNCTION wingbeat_draw_in();

-- Whether a thing of this author and community may be used by an execution of this revision of a workflow: it is of the
-- same community, or of the same author. Community 0 is nobody's and joins nothing.
CREATE FUNCTION wingbeat_reaches(of_workflow uuid, of_revision integer, author integer, community integer)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM workflows w JOIN workflow_revisions r ON r.workflow_id = w.workflow_id AND r.revision = of_revision
        WHERE w.workflow_id = of_workflow
          AND ((community <> 0 AND w.community_id = community AND r.reaches_community)
               OR (w.author_id = author AND r.reaches_author))
    )
$$;

-- Whether an execution of this revision of a workflow may start another workflow: one that it reaches, itself, or one
-- whose execution was granted to its author or to its community.
CREATE FUNCTION wingbeat_may_start(of_workflow uuid, of_revision integer, wanted uuid)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT of_workflow = wanted OR EXISTS (
        SELECT FROM workflows callee
        WHERE callee.workflow_id = wanted
          AND wingbeat_reaches(of_workflow, of_revision, callee.author_id, callee.community_id)
    ) OR EXISTS (
        SELECT FROM workflow_permissions p
        JOIN workflows w ON w.workflow_id = of_workflow
        JOIN workflow_revisions r ON r.workflow_id = of_workflow AND r.revision = of_revision
        WHERE p.workflow_id = wanted AND p.can_execute
          AND ((w.author_id <> 0 AND p.user_id = w.author_id AND r.reaches_author)
               OR (w.community_id <> 0 AND p.community_id = w.community_id AND r.reaches_community))
    )
$$;

-- Whether a node is of a connector that brings this connection along: its operations are there for everybody.
CREATE FUNCTION wingbeat_brings(of_workflow uuid, of_revision integer, node text, connection uuid)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM workflow_revisions r, json_array_elements(r.definition -> 'nodes') AS n (definition), connectors k
        WHERE r.workflow_id = of_workflow AND r.revision = of_revision AND n.definition ->> 'id' = node
          AND k.connection_id = connection AND k.enabled
          AND starts_with(n.definition ->> 'type',
                          CASE k.kind WHEN 'mcp' THEN 'mcp.' ELSE 'api.' END || k.slug || '.')
    )
$$;

-- The second wall (see 0015_scopes.sql). Ciphertexts are the engine's alone: a caller's role reads none, and its changes
-- of them are made by the engine once the service has checked them.
ALTER TABLE connector_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE connector_instances ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON connector_instances TO wingbeat_scoped;
CREATE POLICY scoped_view ON connector_instances FOR SELECT TO wingbeat_scoped USING (
    (SELECT wingbeat_scope('view')) AND (
        author_id = (SELECT wingbeat_user()) OR community_id = ANY ((SELECT wingbeat_communities('view'))::integer[])
    )
);
CREATE POLICY scoped_insert ON connector_instances FOR INSERT TO wingbeat_scoped WITH CHECK (
    (SELECT wingbeat_scope('edit')) AND author_id = coalesce((SELECT wingbeat_user()), 0)
    AND (
        community_id = ANY ((SELECT wingbeat_communities('edit'))::integer[])
        OR (community_id = 0 AND (SELECT wingbeat_user()) IS NOT NULL)
    )
);
CREATE POLICY scoped_update ON connector_instances FOR UPDATE TO wingbeat_scoped USING (
    (
        (SELECT wingbeat_scope('edit')) AND (
            author_id = (SELECT wingbeat_user())
            OR community_id = ANY ((SELECT wingbeat_communities('edit'))::integer[])
        )
    ) OR (
        (SELECT wingbeat_scope('delete')) AND (
            author_id = (SELECT wingbeat_user())
            OR community_id = ANY ((SELECT wingbeat_communities('delete'))::integer[])
        )
    )
);
CREATE POLICY scoped_delete ON connector_instances FOR DELETE TO wingbeat_scoped USING (
    (SELECT wingbeat_scope('delete')) AND (
        author_id = (SELECT wingbeat_user())
        OR community_id = ANY ((SELECT wingbeat_communities('delete'))::integer[])
    )
);

-- By which names the caller is known in workflows: user id, user name, role:NAME, community:ID.
CREATE FUNCTION wingbeat_names() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('wingbeat.names', true), ''), '{}')::text[]
$$;

-- Of what people do callers see what is theirs; the engine writes it, once the service has checked it.
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON tasks TO wingbeat_scoped;
CREATE POLICY scoped_view ON tasks FOR SELECT TO wingbeat_scoped USING (
    (SELECT wingbeat_scope('view')) AND (
        assignee = ANY ((SELECT wingbeat_names())::text[])
        OR author_id = (SELECT wingbeat_user())
        OR community_id = ANY ((SELECT wingbeat_communities('execute'))::integer[])
        OR EXISTS (SELECT FROM workflows w WHERE w.workflow_id = tasks.workflow_id)
    )
);

ALTER TABLE approvals ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON approvals TO wingbeat_scoped;
CREATE POLICY scoped_view ON approvals FOR SELECT TO wingbeat_scoped USING (
    (SELECT wingbeat_scope('view')) AND (
        approvers && (SELECT wingbeat_names())::text[]
        OR EXISTS (SELECT FROM workflows w WHERE w.workflow_id = approvals.workflow_id)
    )
);

ALTER TABLE approval_decisions ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON approval_decisions TO wingbeat_scoped;
CREATE POLICY scoped_view ON approval_decisions FOR SELECT TO wingbeat_scoped USING (
    EXISTS (SELECT FROM approvals a WHERE a.approval_id = approval_decisions.approval_id)
);

ALTER TABLE notifications ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON notifications TO wingbeat_scoped;
CREATE POLICY scoped_view ON notifications FOR SELECT TO wingbeat_scoped USING (
    (SELECT wingbeat_scope('view')) AND recipient = ANY ((SELECT wingbeat_names())::text[])
);
