-- What the licence server said of each community, and what each workflow needs of a licence.

CREATE TABLE licences (
    community_id integer PRIMARY KEY,
    features text[] NOT NULL DEFAULT '{}',
    limits jsonb NOT NULL DEFAULT '{}',
    message text NOT NULL DEFAULT '',
    expires_at timestamptz,
    -- When the server last answered, and since when it does not.
    answered_at timestamptz,
    away_since timestamptz,
    -- When it was last asked, by whichever process.
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE licences ENABLE ROW LEVEL SECURITY;

-- Taken out of the published definition, so that starting needs no plan. What was published before needs the basics
-- until it is published again.
ALTER TABLE workflows ADD COLUMN licence_features text[] NOT NULL DEFAULT '{workflows}';

-- How much a community uses. Past the policies on purpose: it counts what a caller may not see as well.
CREATE FUNCTION wingbeat_count_workflows(community integer) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT count(*) FROM workflows w WHERE w.community_id = community AND w.status <> 'archived';
END;
