-- What people do in workflows: tasks, approvals, and what they are told.

-- A step's own task has an id that follows from the step, so that it is made once however often the step runs.
CREATE TABLE tasks (
    task_id uuid PRIMARY KEY,
    title text NOT NULL,
    description text NOT NULL DEFAULT '',
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'in_progress', 'done', 'cancelled')),
    -- A user id, an e-mail address or a role, as the installation names people; empty is nobody yet.
    assignee text NOT NULL DEFAULT '',
    priority integer NOT NULL DEFAULT 0,
    due_at timestamptz,
    labels text[] NOT NULL DEFAULT '{}',
    data json NOT NULL DEFAULT 'null',
    -- The fields that the result is asked for; none means that any result will do.
    form json NOT NULL DEFAULT '[]',
    result json NOT NULL DEFAULT 'null',
    closed_by text NOT NULL DEFAULT '',
    -- The step that closed it, which may say so again after a crash.
    closing_step text NOT NULL DEFAULT '',
    workflow_id uuid,
    -- A task outlives the execution that made it.
    execution_id uuid,
    node_id text,
    scope text,
    community_id integer NOT NULL DEFAULT 0,
    entity_id integer NOT NULL DEFAULT 0,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    completed_at timestamptz
);
CREATE INDEX idx_tasks_created_at ON tasks (created_at, task_id);
CREATE INDEX idx_tasks_assignee ON tasks (assignee, created_at) WHERE status IN ('open', 'in_progress');
CREATE INDEX idx_tasks_due_at ON tasks (due_at) WHERE status IN ('open', 'in_progress');
CREATE INDEX idx_tasks_execution_id ON tasks (execution_id) WHERE execution_id IS NOT NULL;

-- A question to people, asked by a step that waits for the answer.
CREATE TABLE approvals (
    approval_id uuid PRIMARY KEY,
    title text NOT NULL,
    text text NOT NULL DEFAULT '',
    data json NOT NULL DEFAULT 'null',
    -- What there is to choose from: name, label, whether it rejects, what it asks of a comment.
    options json NOT NULL,
    form json NOT NULL DEFAULT '[]',
    approvers text[] NOT NULL,
    -- The first decision counts, or so many must agree.
    rule text NOT NULL CHECK (rule IN ('first', 'count', 'all')),
    needed integer NOT NULL DEFAULT 1,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'decided', 'expired')),
    -- The name of the option that won; of an expired one, what it came to by default, if anything.
    outcome text,
    -- How many of its escalations it has been through.
    level integer NOT NULL DEFAULT 0,
    expires_at timestamptz,
    workflow_id uuid,
    execution_id uuid NOT NULL REFERENCES workflow_executions (execution_id) ON DELETE CASCADE,
    node_id text NOT NULL,
    scope text NOT NULL,
    community_id integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_at timestamptz
);
CREATE INDEX idx_approvals_created_at ON approvals (created_at, approval_id);
CREATE INDEX idx_approvals_execution_id ON approvals (execution_id);
CREATE INDEX idx_approvals_approvers ON approvals USING gin (approvers) WHERE status = 'pending';

-- Who decided what, when, and by which way; one decision for each approver, never changed.
CREATE TABLE approval_decisions (
    approval_id uuid NOT NULL REFERENCES approvals (approval_id) ON DELETE CASCADE,
    approver text NOT NULL,
    option text NOT NULL,
    comment text NOT NULL DEFAULT '',
    fields json NOT NULL DEFAULT '{}',
    way text NOT NULL CHECK (way IN ('api', 'link', 'app')),
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (approval_id, approver)
);

-- What somebody is told, until and after it is read.
CREATE TABLE notifications (
    notification_id uuid PRIMARY KEY,
    recipient text NOT NULL,
    title text NOT NULL,
    text text NOT NULL DEFAULT '',
    link text NOT NULL DEFAULT '',
    level text NOT NULL DEFAULT 'info' CHECK (level IN ('info', 'success', 'warning', 'error')),
    data json NOT NULL DEFAULT 'null',
    workflow_id uuid,
    execution_id uuid,
    node_id text,
    community_id integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    read_at timestamptz
);
CREATE INDEX idx_notifications_created_at ON notifications (created_at, notification_id);
CREATE INDEX idx_notifications_recipient ON notifications (recipient, created_at, notification_id);
CREATE INDEX idx_notifications_unread ON notifications (recipient) WHERE read_at IS NULL;
