-- What steps made follows its workflow to whoever comes to own it, as its executions do: who had it before would go on
-- seeing its tasks, and deciding about them.
CREATE OR REPLACE FUNCTION wingbeat_draw_in() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE workflow_revisions r
    SET reaches_author = r.reaches_author AND NEW.author_id = OLD.author_id,
        reaches_community = r.reaches_community AND NEW.community_id = OLD.community_id
    WHERE r.workflow_id = NEW.workflow_id;
    UPDATE tasks SET author_id = NEW.author_id, community_id = NEW.community_id WHERE workflow_id = NEW.workflow_id;
    RETURN NULL;
END
$$;

UPDATE tasks t SET author_id = w.author_id, community_id = w.community_id
FROM workflows w
WHERE w.workflow_id = t.workflow_id AND (t.author_id <> w.author_id OR t.community_id <> w.community_id);
