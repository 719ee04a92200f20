-- Webhooks: what each takes and how it answers, their secrets, and which deliveries came before.

ALTER TABLE workflow_webhooks
    -- Sealed, in a table of its own; the address follows from the token and from where this service is reached.
    DROP COLUMN secret,
    DROP COLUMN url,
    ALTER COLUMN trigger_count TYPE bigint,
    ALTER COLUMN rate_limit_max DROP NOT NULL,
    ADD COLUMN revision integer NOT NULL DEFAULT 1,
    -- The trigger that executions begin at; without it, the workflow's first.
    ADD COLUMN trigger_node_id text,
    ADD COLUMN methods text[] NOT NULL DEFAULT '{POST}',
    ADD COLUMN answer text NOT NULL DEFAULT 'immediately' CHECK (answer IN ('immediately', 'finished', 'respond')),
    -- How long whoever waits for an answer waits.
    ADD COLUMN timeout_seconds integer NOT NULL DEFAULT 30,
    ADD COLUMN signature_scheme text NOT NULL DEFAULT 'any' CHECK (signature_scheme IN ('any', 'body', 'timestamped')),
    -- For how long the id of a delivery is known again.
    ADD COLUMN replay_window_seconds integer NOT NULL DEFAULT 86400,
    ADD COLUMN author_id integer NOT NULL DEFAULT 0,
    ADD COLUMN rotated_at timestamptz,
    -- How many deliveries were let in, and when, within the window of the rate limit: numbers of slices of time, each
    -- with a count. See services/webhooks/rates.py.
    ADD COLUMN recent json NOT NULL DEFAULT '[]',
    ADD CONSTRAINT webhook_rate CHECK (rate_limit_max > 0 AND rate_limit_window > 0),
    ALTER COLUMN ip_allowlist SET DEFAULT '{}';
UPDATE workflow_webhooks SET ip_allowlist = '{}' WHERE ip_allowlist IS NULL;
ALTER TABLE workflow_webhooks ALTER COLUMN ip_allowlist SET NOT NULL;
-- A row is rewritten by each batch of deliveries: there must be room for that where it is.
ALTER TABLE workflow_webhooks SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- Ciphertexts, each bound to its row, purpose and version; see storage/sealing.py.
CREATE TABLE workflow_webhook_secrets (
    webhook_id uuid NOT NULL REFERENCES workflow_webhooks (webhook_id) ON DELETE CASCADE,
    -- The one that counts, or the one before it, which counts until it expires.
    purpose text NOT NULL CHECK (purpose IN ('current', 'previous')),
    version integer NOT NULL,
    key_name text NOT NULL,
    wrapped_key bytea NOT NULL,
    payload bytea NOT NULL,
    expires_at timestamptz,
    PRIMARY KEY (webhook_id, purpose)
);

-- The deliveries that led to executions, by the ids that their senders gave them.
CREATE TABLE workflow_webhook_deliveries (
    webhook_id uuid NOT NULL REFERENCES workflow_webhooks (webhook_id) ON DELETE CASCADE,
    delivery_id text NOT NULL,
    -- Of what was delivered: another body under the same id is another delivery, and refused.
    digest bytea NOT NULL,
    execution_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (webhook_id, delivery_id)
);
CREATE INDEX idx_webhook_deliveries_created_at ON workflow_webhook_deliveries (created_at);

-- Decisions by what they are about: a webhook, a schedule, a form, an event.
CREATE INDEX idx_trigger_decisions_trigger ON trigger_decisions (trigger_id, decision_id DESC)
    WHERE trigger_id IS NOT NULL;
