-- What people and programs show to say who they are. Of every secret only a hash is kept, from which it cannot be found.

-- Somebody's way in for programs, until it ends or is taken back.
CREATE TABLE api_tokens (
    token_id uuid PRIMARY KEY,
    -- Whose it is; 0 is the service. Users of another issuer have no row in users, so nothing refers to one.
    user_id integer NOT NULL CHECK (user_id >= 0),
    name text NOT NULL,
    -- Its first characters, by which its owner knows it again.
    prefix text NOT NULL,
    hash bytea NOT NULL UNIQUE,
    scopes text[] NOT NULL CHECK (scopes <@ '{view,edit,delete,execute,service}'),
    -- Those of its owner's communities that it reaches; all if it is null.
    community_ids integer[],
    -- Who its owner was when it was made, which counts for owners who have no row in users.
    username text NOT NULL DEFAULT '',
    roles text[] NOT NULL DEFAULT '{}',
    communities json NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX idx_api_tokens_user ON api_tokens (user_id, created_at, token_id);
CREATE INDEX idx_api_tokens_expires ON api_tokens (expires_at);

-- Somebody who is signed in with a browser. It is over when its user is gone, disabled, or has a later session_version.
CREATE TABLE sessions (
    session_id uuid PRIMARY KEY,
    user_id integer NOT NULL,
    session_version integer NOT NULL,
    hash bytea NOT NULL UNIQUE,
    -- The secret before the last one still holds for a short time: requests were under way when it was replaced.
    previous_hash bytea UNIQUE,
    previous_until timestamptz,
    address text NOT NULL DEFAULT '',
    agent text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    rotated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX idx_sessions_user ON sessions (user_id, created_at, session_id);
CREATE INDEX idx_sessions_expires ON sessions (expires_at);
