"""PostgreSQL, the only database: everything that reads or writes it lives here, and nothing that decides anything."""
