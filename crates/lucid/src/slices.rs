//! Everything that the binary is put together from, in one place.

use store::Migration;

/// The schema of each crate that keeps something.
pub(crate) fn migrations() -> Vec<&'static [Migration]> {
    vec![registry::MIGRATIONS, observations::MIGRATIONS, ingest::MIGRATIONS]
}
