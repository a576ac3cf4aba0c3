"""The only SQL: tables, records, jobs, the change log, on SQLite and PostgreSQL."""
