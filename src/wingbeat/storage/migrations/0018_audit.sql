-- The record of who did what: from where, by which request, with which token; and nobody changes it afterwards.

ALTER TABLE audit_log
    ADD COLUMN user_id integer NOT NULL DEFAULT 0,
    ADD COLUMN token_id text NOT NULL DEFAULT '',
    ADD COLUMN address text NOT NULL DEFAULT '',
    ADD COLUMN request_id text NOT NULL DEFAULT '',
    ADD COLUMN workflow_id uuid,
    ADD COLUMN message text NOT NULL DEFAULT '';

-- Ids are UUIDv7: pages go from the newest to the oldest along the id.
CREATE INDEX idx_audit_log_community ON audit_log (community_id, audit_id DESC);
CREATE INDEX idx_audit_log_actor ON audit_log (actor, audit_id DESC);
CREATE INDEX idx_audit_log_request ON audit_log (request_id) WHERE request_id <> '';
CREATE INDEX idx_audit_log_workflow ON audit_log (workflow_id, audit_id DESC) WHERE workflow_id IS NOT NULL;

-- Entries are added and, after their retention, deleted by the upkeep; a slip or a hole in the program changes none.
-- The upkeep says who it is for the length of its transaction, and even it cannot delete what is younger than a day.
CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('wingbeat.audit_upkeep', true) = 'on' AND OLD.at < clock_timestamp() - interval '1 day' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'The record of what was done is append-only: % refused.', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END;
$$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only();
CREATE TRIGGER audit_log_never_emptied BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();
