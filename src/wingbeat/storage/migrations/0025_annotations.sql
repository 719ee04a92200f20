-- Notes and groups of the drawing that is being edited; null where it has none. In the order in which they were written.
ALTER TABLE workflows ADD COLUMN annotations json;
