//! Safekeeping: backups, the restore drill, the deep look of the doctor, upgrades from every
//! released schema, the move to PostgreSQL.

mod deep;
mod drill;
mod moving;
mod support;
mod upgrades;
