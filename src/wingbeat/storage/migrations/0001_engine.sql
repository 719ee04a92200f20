-- The tables of the engine. Times are timestamptz; ids of executions are UUIDv7, so a range of ids is a range of time.
-- What users wrote or steps gave is json and not jsonb: it comes back with its keys in their order.

CREATE TABLE workflows (
    workflow_id uuid PRIMARY KEY,
    name varchar(255) NOT NULL,
    description text,
    entity_id integer NOT NULL DEFAULT 0,
    community_id integer NOT NULL DEFAULT 0,
    author_id integer NOT NULL DEFAULT 0,
    status varchar(50) NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'published', 'archived')),
    version varchar(20) NOT NULL DEFAULT '1.0.0',
    nodes json NOT NULL,
    connections json NOT NULL,
    global_variables json NOT NULL DEFAULT '{}',
    settings jsonb NOT NULL DEFAULT '{}',
    revision integer NOT NULL DEFAULT 1,
    published_revision integer,
    -- Taken out of the published settings, for admission.
    max_concurrent integer CHECK (max_concurrent > 0),
    max_per_minute integer CHECK (max_per_minute > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    enabled boolean NOT NULL DEFAULT true
);
CREATE INDEX idx_workflows_entity_id ON workflows (entity_id);
CREATE INDEX idx_workflows_community_id ON workflows (community_id);
CREATE INDEX idx_workflows_status ON workflows (status);
CREATE INDEX idx_workflows_author_id ON workflows (author_id);
CREATE INDEX idx_workflows_created_at ON workflows (created_at, workflow_id);

-- What an execution runs: a definition as it was when it was saved. Never rewritten.
CREATE TABLE workflow_revisions (
    workflow_id uuid NOT NULL REFERENCES workflows (workflow_id) ON DELETE CASCADE,
    revision integer NOT NULL,
    definition json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workflow_id, revision)
);

CREATE TABLE workers (
    worker_id uuid PRIMARY KEY,
    host text NOT NULL,
    pid integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The session advisory lock that the process holds while it lives.
    lock_key bigint NOT NULL
);

CREATE TABLE workflow_executions (
    execution_id uuid PRIMARY KEY,
    workflow_id uuid NOT NULL REFERENCES workflows (workflow_id),
    revision integer NOT NULL,
    status varchar(50) NOT NULL
        CHECK (status IN ('pending', 'running', 'waiting', 'paused', 'completed', 'failed', 'cancelled')),
    start_time timestamptz NOT NULL DEFAULT clock_timestamp(),
    end_time timestamptz,
    execution_time_seconds decimal(14, 3),
    nodes_executed integer NOT NULL DEFAULT 0,
    execution_path jsonb NOT NULL DEFAULT '[]',
    node_states jsonb NOT NULL DEFAULT '{}',
    final_variables json NOT NULL DEFAULT '{}',
    final_output json,
    error_message text,
    error_node_id varchar(255),
    error jsonb,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    trigger_node_id varchar(255) NOT NULL,
    trigger_data json,
    variables json NOT NULL DEFAULT '{}',
    priority integer NOT NULL DEFAULT 0,
    -- The lease: who runs it, under which epoch. Every claim and every takeover raises the epoch.
    worker_id uuid,
    epoch integer NOT NULL DEFAULT 0,
    -- When the present or the last lease began.
    leased_at timestamptz,
    -- Admission: a parked execution has no job in the queue; `admit_after` is when a rate limit lets it go.
    parked boolean NOT NULL DEFAULT false,
    -- Whether it has been counted by a limit per minute.
    admitted boolean NOT NULL DEFAULT false,
    admit_after timestamptz,
    -- Suspension: when a waiting execution is to go on.
    wake_at timestamptz,
    pause_requested boolean NOT NULL DEFAULT false,
    -- Seconds that earlier leases have used of the workflow's time-out.
    active_seconds double precision NOT NULL DEFAULT 0,
    -- Takeovers from dead workers since the journal last grew: what poisons its workers is stopped.
    takeovers integer NOT NULL DEFAULT 0,
    takeover_sequence integer NOT NULL DEFAULT 0,
    -- Since when no worker that took it could run it.
    deferred_since timestamptz
) WITH (fillfactor = 80);
CREATE INDEX idx_executions_workflow_id ON workflow_executions (workflow_id, execution_id DESC);
CREATE INDEX idx_executions_status ON workflow_executions (status)
    WHERE status IN ('pending', 'running', 'waiting', 'paused', 'failed');
CREATE INDEX idx_executions_leased ON workflow_executions (worker_id, workflow_id) WHERE worker_id IS NOT NULL;
CREATE INDEX idx_executions_wake ON workflow_executions (wake_at) WHERE status = 'waiting';
CREATE INDEX idx_executions_parked ON workflow_executions (workflow_id, priority DESC, execution_id) WHERE parked;

-- When executions of workflows with a limit per minute were let in; rows older than a minute mean nothing.
CREATE TABLE workflow_admissions (
    workflow_id uuid NOT NULL REFERENCES workflows (workflow_id) ON DELETE CASCADE,
    admitted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX idx_workflow_admissions ON workflow_admissions (workflow_id, admitted_at);

-- The journal: append-only, one row for each thing that happened, numbered without gaps within an execution.
CREATE TABLE workflow_execution_steps (
    execution_id uuid NOT NULL,
    sequence integer NOT NULL,
    node_id text NOT NULL,
    scope text NOT NULL,
    attempt integer NOT NULL,
    status text NOT NULL,
    ports text,
    -- The rows whose outputs came in.
    inputs integer[],
    output json,
    -- Where the output is, when it is too big for a row.
    output_blob text,
    error json,
    changes json,
    log json,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    epoch integer NOT NULL,
    PRIMARY KEY (execution_id, sequence)
) PARTITION BY RANGE (execution_id);
CREATE TABLE workflow_execution_steps_default PARTITION OF workflow_execution_steps DEFAULT;

CREATE TABLE workflow_webhooks (
    webhook_id uuid PRIMARY KEY,
    workflow_id uuid NOT NULL REFERENCES workflows (workflow_id) ON DELETE CASCADE,
    token varchar(64) UNIQUE NOT NULL,
    -- Encrypted, therefore longer than what it holds.
    secret text NOT NULL,
    name varchar(255) NOT NULL,
    description text,
    url varchar(512),
    enabled boolean NOT NULL DEFAULT true,
    require_signature boolean NOT NULL DEFAULT true,
    ip_allowlist text[],
    rate_limit_max integer NOT NULL DEFAULT 60,
    rate_limit_window integer NOT NULL DEFAULT 60,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    last_triggered_at timestamptz,
    trigger_count integer NOT NULL DEFAULT 0,
    last_execution_id uuid
);
CREATE INDEX idx_webhooks_workflow_id ON workflow_webhooks (workflow_id);

CREATE TABLE workflow_permissions (
    permission_id serial PRIMARY KEY,
    workflow_id uuid NOT NULL REFERENCES workflows (workflow_id) ON DELETE CASCADE,
    user_id integer,
    role_id integer,
    community_id integer,
    can_view boolean NOT NULL DEFAULT false,
    can_edit boolean NOT NULL DEFAULT false,
    can_delete boolean NOT NULL DEFAULT false,
    can_execute boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_permissions_workflow_id ON workflow_permissions (workflow_id);
CREATE INDEX idx_permissions_user_id ON workflow_permissions (user_id);
CREATE INDEX idx_permissions_community_id ON workflow_permissions (community_id);

CREATE TABLE workflow_schedules (
    schedule_id uuid PRIMARY KEY,
    workflow_id uuid NOT NULL REFERENCES workflows (workflow_id) ON DELETE CASCADE,
    name varchar(255) NOT NULL,
    cron_expression varchar(255) NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    timezone varchar(50) NOT NULL DEFAULT 'UTC',
    last_run_at timestamptz,
    next_run_at timestamptz,
    run_count integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_schedules_workflow_id ON workflow_schedules (workflow_id);
CREATE INDEX idx_schedules_next_run ON workflow_schedules (next_run_at) WHERE enabled;

-- What a POST with an Idempotency-Key led to; the same key with another request is refused.
CREATE TABLE idempotency_keys (
    operation text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    result_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (operation, key)
);
CREATE INDEX idx_idempotency_keys_created_at ON idempotency_keys (created_at);
