-- Administrators of a community read what concerns it; all others read nothing. Only they may delete everything in it.
GRANT SELECT ON audit_log TO wingbeat_scoped;
CREATE POLICY scoped_select ON audit_log FOR SELECT TO wingbeat_scoped
    USING (community_id > 0 AND community_id = ANY (wingbeat_communities('delete')));
