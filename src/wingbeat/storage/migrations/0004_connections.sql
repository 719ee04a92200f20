-- Connections to other systems, their secrets, and the record of who did what.

CREATE TABLE connector_instances (
    connection_id uuid PRIMARY KEY,
    name varchar(255) NOT NULL,
    kind text NOT NULL,
    description text NOT NULL DEFAULT '',
    -- Nothing secret: addresses, user names, what goes where.
    config json NOT NULL DEFAULT '{}',
    allowed_hosts text[] NOT NULL DEFAULT '{}',
    entity_id integer NOT NULL DEFAULT 0,
    community_id integer NOT NULL DEFAULT 0,
    author_id integer NOT NULL DEFAULT 0,
    enabled boolean NOT NULL DEFAULT true,
    revision integer NOT NULL DEFAULT 1,
    -- The circuit breaker, shared by all workers: failures in a row, since when and until when nothing is let through,
    -- and until when the one that tries again has to say how it went.
    breaker_failures integer NOT NULL DEFAULT 0,
    breaker_opened_at timestamptz,
    breaker_until timestamptz,
    breaker_trial_until timestamptz,
    -- What the answer to the last request for authorisation must bring; taken away by the first that does.
    authorization_nonce text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    rotated_at timestamptz,
    last_used_at timestamptz,
    last_tested_at timestamptz,
    last_test json
);
CREATE INDEX idx_connector_instances_kind ON connector_instances (kind);
CREATE INDEX idx_connector_instances_community_id ON connector_instances (community_id);
CREATE INDEX idx_connector_instances_created_at ON connector_instances (created_at, connection_id);

-- Ciphertexts, each bound to its row, purpose and version; see storage/sealing.py.
CREATE TABLE connector_secrets (
    connection_id uuid NOT NULL REFERENCES connector_instances (connection_id) ON DELETE CASCADE,
    -- What somebody entered, or the tokens that a server gave for it.
    purpose text NOT NULL CHECK (purpose IN ('secrets', 'tokens')),
    version integer NOT NULL DEFAULT 1,
    -- Which fields are set, without what they hold.
    fields text[] NOT NULL DEFAULT '{}',
    -- Which master key wraps the data key.
    key_name text NOT NULL,
    wrapped_key bytea NOT NULL,
    payload bytea NOT NULL,
    expires_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (connection_id, purpose)
);
CREATE INDEX idx_connector_secrets_key_name ON connector_secrets (key_name);

-- Who did what, to what, and how it went. `detail` never holds a secret.
CREATE TABLE audit_log (
    audit_id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    category text NOT NULL CHECK (category IN ('AUTH', 'AUTHZ', 'AUDIT', 'ERROR', 'SYSTEM')),
    action text NOT NULL,
    actor text NOT NULL DEFAULT '',
    community_id integer NOT NULL DEFAULT 0,
    object_type text NOT NULL DEFAULT '',
    object_id text NOT NULL DEFAULT '',
    execution_id uuid,
    node_id text,
    result text NOT NULL DEFAULT 'success',
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX idx_audit_log_at ON audit_log (at);
CREATE INDEX idx_audit_log_object ON audit_log (object_type, object_id, at);
CREATE INDEX idx_audit_log_execution ON audit_log (execution_id) WHERE execution_id IS NOT NULL;
