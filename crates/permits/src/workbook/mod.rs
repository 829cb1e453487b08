//! Permits as workbooks, in the layout in which officers keep them: one file, one version.
//!
//! What is written is read again as the same: a file that was exported and not changed makes no
//! new version.

mod cells;
pub(crate) mod layout;
mod read;
mod write;

pub use read::read;
pub use write::{template, write};
