-- Schedules: what the seeds' table did not know, and which planned times were decided.

ALTER TABLE workflow_schedules
    ALTER COLUMN cron_expression DROP NOT NULL,
    -- Null where a schedule goes by what the installation says: time zone, instances, coalescing.
    ALTER COLUMN timezone DROP NOT NULL,
    ALTER COLUMN timezone DROP DEFAULT,
    ADD COLUMN interval_seconds double precision CHECK (interval_seconds >= 1),
    ADD COLUMN description text NOT NULL DEFAULT '',
    -- Null is the workflow's first trigger.
    ADD COLUMN trigger_node_id varchar(255),
    ADD COLUMN data json,
    ADD COLUMN priority integer,
    ADD COLUMN max_instances integer CHECK (max_instances > 0),
    ADD COLUMN coalesce_runs boolean,
    ADD COLUMN misfire_policy text NOT NULL DEFAULT 'skip' CHECK (misfire_policy IN ('skip', 'once', 'all')),
    ADD COLUMN misfire_grace_seconds double precision NOT NULL DEFAULT 60,
    ADD COLUMN misfire_window_seconds double precision NOT NULL DEFAULT 86400,
    ADD COLUMN misfire_max integer NOT NULL DEFAULT 100,
    ADD COLUMN jitter_seconds double precision NOT NULL DEFAULT 0,
    ADD COLUMN start_at timestamptz,
    ADD COLUMN end_at timestamptz,
    -- What an operator does with it; `enabled` belongs to what it is.
    ADD COLUMN paused boolean NOT NULL DEFAULT false,
    -- 'node' is one that a trigger.schedule node of the published workflow stands for.
    ADD COLUMN source text NOT NULL DEFAULT 'api' CHECK (source IN ('api', 'node')),
    ADD COLUMN revision integer NOT NULL DEFAULT 1,
    -- All times up to here are decided; the next one, when it is known.
    ADD COLUMN decided_until timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD COLUMN next_planned_for timestamptz,
    -- Where intervals are counted from, if there is no start.
    ADD COLUMN anchor timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD COLUMN last_execution_id uuid,
    ADD COLUMN last_outcome text,
    ADD COLUMN last_error text,
    ADD CONSTRAINT one_kind_of_times CHECK (num_nonnulls(cron_expression, interval_seconds) = 1);

CREATE UNIQUE INDEX idx_schedules_node ON workflow_schedules (workflow_id, trigger_node_id) WHERE source = 'node';
CREATE INDEX idx_schedules_created ON workflow_schedules (created_at, schedule_id);
-- A clock that was set back shows in those that were decided later than it is now.
CREATE INDEX idx_schedules_decided ON workflow_schedules (decided_until) WHERE next_run_at IS NOT NULL;

-- Each planned time of a schedule that was to fire, once: whoever comes second finds it here.
CREATE TABLE schedule_runs (
    schedule_id uuid NOT NULL REFERENCES workflow_schedules (schedule_id) ON DELETE CASCADE,
    planned_for timestamptz NOT NULL,
    -- Null where a limit stood against it.
    execution_id uuid,
    -- Whether its execution was seen not to have ended.
    open boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (schedule_id, planned_for)
);
CREATE INDEX idx_schedule_runs_open ON schedule_runs (schedule_id) WHERE open;
CREATE INDEX idx_schedule_runs_created ON schedule_runs (created_at);
