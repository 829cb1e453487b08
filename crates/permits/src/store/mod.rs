//! The SQL of permits: versions go in with their limits and their audit record, and never change.

mod read;
mod write;

pub use read::{
    all, all_in_force, approvals, background_of, by_number, classes, in_force, numbers, of, quotas,
    stamp,
};
pub use write::{Kept, end, keep};

use crate::PermitError;

fn wrong(what: &'static str, found: impl ToString) -> PermitError {
    PermitError::Content { what, found: found.to_string() }
}
