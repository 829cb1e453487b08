//! Reading: a case as somebody sees it, lists, search, numbers, what citizens and everybody see.

pub(crate) mod case;
pub(crate) mod citizen;
pub(crate) mod duplicates;
pub(crate) mod lists;
pub(crate) mod notices;
pub(crate) mod public;
mod standing;
pub(crate) mod statistics;

pub use standing::CaseStanding;
