//! Surface water (地表水): the class of sections.

mod queries;
mod rules;

pub use queries::{SectionNow, sections_now};
pub use rules::{RULE_CLASS, SectionClass, sample_of};
