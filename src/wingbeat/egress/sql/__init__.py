"""SQL on databases of others: PostgreSQL, MySQL and MariaDB, and SQLite in files."""
