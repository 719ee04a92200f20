-- Where people keep their workflows, apart from what the workflows do; and who saved each revision, and why.

ALTER TABLE workflows
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
    -- Names with / between them; empty at the top.
    ADD COLUMN folder text NOT NULL DEFAULT '';
CREATE INDEX idx_workflows_tags ON workflows USING gin (tags);
CREATE INDEX idx_workflows_folder ON workflows (folder) WHERE folder <> '';

ALTER TABLE workflow_revisions
    -- What changed, in the words of whoever saved it.
    ADD COLUMN message text NOT NULL DEFAULT '',
    ADD COLUMN saved_by integer NOT NULL DEFAULT 0,
    ADD COLUMN saved_by_name text NOT NULL DEFAULT '',
    -- When it was last made the one that runs; null if it never was.
    ADD COLUMN published_at timestamptz;
UPDATE workflow_revisions r SET published_at = w.published_at
FROM workflows w
WHERE w.workflow_id = r.workflow_id AND w.published_revision = r.revision;
