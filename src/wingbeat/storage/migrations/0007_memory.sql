-- What workflows remember from one execution to the next: keys that were seen, and turns that were given out.

-- A key of a set; `owner` is a workflow, or all zeros for a set of all workflows. `step` is who marked it last, and for
-- that step alone it still counts as not seen: the step may run again after a crash.
CREATE TABLE seen_keys (
    owner uuid NOT NULL,
    set_name text NOT NULL,
    key bytea NOT NULL,
    step text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (owner, set_name, key)
);
CREATE INDEX idx_seen_keys_age ON seen_keys (owner, set_name, seen_at);
CREATE INDEX idx_seen_keys_expiry ON seen_keys (expires_at);

-- How many keys a set keeps at most, as its node says.
CREATE TABLE seen_sets (
    owner uuid NOT NULL,
    set_name text NOT NULL,
    most integer NOT NULL,
    PRIMARY KEY (owner, set_name)
);

-- Turns of a rate limit, in their order. A step keeps the turn that it got.
CREATE TABLE rate_turns (
    owner uuid NOT NULL,
    key bytea NOT NULL,
    number bigint NOT NULL,
    step text NOT NULL,
    turn_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (owner, key, number),
    UNIQUE (owner, key, step)
);
CREATE INDEX idx_rate_turns_expiry ON rate_turns (expires_at);
