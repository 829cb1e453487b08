//! Backup and restore: every table as lines of JSON in one compressed file, the same for both
//! engines, so that a backup of one can be restored into the other.
