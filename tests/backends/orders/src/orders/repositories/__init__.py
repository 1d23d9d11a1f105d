"""Questions to the database, one module a table."""
