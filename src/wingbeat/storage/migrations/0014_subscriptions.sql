-- What starts workflows from outside, kept as rows beside what is published: subscriptions to events and commands, and
-- forms; the events and commands that came, and what became of them.

-- For which revision, and in which format, the rows of its triggers stand: what is behind is brought in line at start.
ALTER TABLE workflows
    ADD COLUMN triggers_revision integer,
    ADD COLUMN triggers_format integer;

-- A trigger of a published revision that listens. Looked up by key; the rest says whether it is really meant.
CREATE TABLE trigger_subscriptions (
    workflow_id uuid NOT NULL REFERENCES workflows (workflow_id) ON DELETE CASCADE,
    node_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('event', 'command')),
    -- Of a pattern what it begins with; of a command its name or an alias, with the case folded.
    key text NOT NULL,
    -- The whole pattern of an event, or the prefix of a command.
    pattern text NOT NULL,
    -- Where a command is heard; empty is everywhere.
    platforms text[] NOT NULL DEFAULT '{}',
    -- The source of an expression that must hold before anything starts, and the values that it sees.
    filter text,
    names json NOT NULL DEFAULT '{}',
    PRIMARY KEY (workflow_id, node_id, kind, key)
);
CREATE INDEX idx_subscriptions_key ON trigger_subscriptions (kind, key, workflow_id, node_id);

-- An event or a command as it came. It is its own outbox: until `delivered_at`, somebody goes on from the cursors.
CREATE TABLE events (
    event_id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('event', 'command')),
    -- A digest of who published it, where it is heard, its source and its id there: the same thing has the same.
    identity bytea NOT NULL UNIQUE,
    -- A digest of all that it says, to tell what came again from what is another thing under the same id.
    digest bytea NOT NULL,
    type text NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    -- As triggers and waits get it.
    content json NOT NULL,
    -- Only workflows of this community hear it; without one, all that the publisher may execute.
    community_id integer,
    user_id integer NOT NULL DEFAULT 0,
    publisher text NOT NULL,
    -- Who published it, with all that it was allowed then, for whoever delivers the rest of it later.
    principal json NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The last trigger and the last wait that were dealt with.
    after_workflow uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    after_node text NOT NULL DEFAULT '',
    after_wait uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    matched integer NOT NULL DEFAULT 0,
    started integer NOT NULL DEFAULT 0,
    woken integer NOT NULL DEFAULT 0,
    delivered_at timestamptz,
    -- How often it came again.
    repeats integer NOT NULL DEFAULT 0
);
CREATE INDEX idx_events_undelivered ON events (received_at) WHERE delivered_at IS NULL;
CREATE INDEX idx_events_type ON events (type, event_id);
CREATE INDEX idx_events_user ON events (user_id, event_id) WHERE user_id <> 0;
CREATE INDEX idx_events_community ON events (community_id, event_id) WHERE community_id IS NOT NULL;

-- Which waits an event ended.
CREATE TABLE event_wakes (
    event_id uuid NOT NULL REFERENCES events (event_id) ON DELETE CASCADE,
    wait_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    node_id text NOT NULL,
    PRIMARY KEY (event_id, wait_id)
);

-- A form that anybody may fill in who knows its address. It outlives revisions without it, so that its address stays.
CREATE TABLE workflow_forms (
    form_id uuid PRIMARY KEY,
    workflow_id uuid NOT NULL REFERENCES workflows (workflow_id) ON DELETE CASCADE,
    node_id text NOT NULL,
    token text NOT NULL UNIQUE,
    enabled boolean NOT NULL DEFAULT true,
    -- Whether the published revision has it, and what it asks for there.
    published boolean NOT NULL DEFAULT true,
    definition json NOT NULL,
    -- What one address may send within a window of so many seconds.
    rate_limit_max integer NOT NULL DEFAULT 10 CHECK (rate_limit_max > 0),
    rate_limit_window integer NOT NULL DEFAULT 60 CHECK (rate_limit_window > 0),
    thanks_title text NOT NULL DEFAULT '',
    thanks_text text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    submission_count bigint NOT NULL DEFAULT 0,
    last_submitted_at timestamptz,
    last_execution_id uuid,
    UNIQUE (workflow_id, node_id)
);

-- What was sent: a page that was shown once is taken once, however often it is sent.
CREATE TABLE form_submissions (
    form_id uuid NOT NULL REFERENCES workflow_forms (form_id) ON DELETE CASCADE,
    nonce bytea NOT NULL,
    digest bytea NOT NULL,
    execution_id uuid,
    submitted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (form_id, nonce)
);
CREATE INDEX idx_form_submissions_at ON form_submissions (submitted_at);

-- How often an address sent a form in the present window; the address itself is not kept.
CREATE TABLE form_visits (
    form_id uuid NOT NULL REFERENCES workflow_forms (form_id) ON DELETE CASCADE,
    visitor bytea NOT NULL,
    window_start timestamptz NOT NULL,
    count integer NOT NULL,
    PRIMARY KEY (form_id, visitor)
);
CREATE INDEX idx_form_visits_at ON form_visits (window_start);

-- Decisions that led to nothing, which are few.
CREATE INDEX idx_trigger_decisions_refused ON trigger_decisions (workflow_id, decision_id DESC)
    WHERE outcome <> 'fired';
CREATE INDEX idx_trigger_decisions_execution ON trigger_decisions (execution_id)
    WHERE execution_id IS NOT NULL AND outcome <> 'fired';
