-- Descriptions of other systems whose operations are node types.

CREATE TABLE connectors (
    connector_id uuid PRIMARY KEY,
    -- The middle of the names of its node types: api.<slug>.<operation>.
    slug varchar(40) NOT NULL UNIQUE CHECK (slug ~ '^[a-z][a-z0-9_]*$'),
    kind varchar(20) NOT NULL CHECK (kind IN ('openapi', 'mcp')),
    name varchar(255) NOT NULL,
    description text NOT NULL DEFAULT '',
    -- Of OpenAPI the document, of MCP the list of tools; as it was given.
    document json NOT NULL,
    -- Where the document came from, and where requests go instead of the servers that it names.
    source_url text NOT NULL DEFAULT '',
    base_url text NOT NULL DEFAULT '',
    connection_id uuid,
    enabled boolean NOT NULL DEFAULT true,
    revision integer NOT NULL DEFAULT 1,
    entity_id integer NOT NULL DEFAULT 0,
    community_id integer NOT NULL DEFAULT 0,
    author_id integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- One row, whose number rises with every change of a connector: what processes compare to know that theirs are old.
CREATE TABLE connector_changes (one boolean PRIMARY KEY DEFAULT true CHECK (one), number bigint NOT NULL DEFAULT 0);
INSERT INTO connector_changes DEFAULT VALUES;
