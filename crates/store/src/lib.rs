//! The only door to SQLite and PostgreSQL: pools, transactions, migrations, backup.
