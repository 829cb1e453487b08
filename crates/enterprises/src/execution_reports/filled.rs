//! A form as it was sent: values of the report's fields, reasons, and what is to be done.

use super::model::{Content, ReportSubject};
use super::shape::Shape;
use crate::entry::{LONGEST, REASON};
use permits::ReportCycle;
use std::collections::BTreeMap;

/// A form as it was sent.
#[derive(Debug, Default)]
pub(super) struct Filled {
    /// The content, with what was typed in place of what was there.
    pub(super) content: Content,
    /// Reasons by the finding's id.
    pub(super) reasons: BTreeMap<String, String>,
    /// The revision that the author saw.
    pub(super) revision: Option<i64>,
    /// Whether it is to be filed.
    pub(super) is_filing: bool,
}

impl Filled {
    /// Reads a form over what was saved: a field that the form does not hold stays.
    pub(super) fn read(
        shape: &Shape,
        subject: &ReportSubject,
        saved: &Content,
        pairs: Vec<(String, String)>,
    ) -> Self {
        let mut known = shape.names(subject.cycle == ReportCycle::Year);
        let mut filled = Self { content: saved.clone(), ..Self::default() };
        for (name, typed) in pairs {
            let typed: String = typed.chars().take(LONGEST).collect();
            if let Some(id) = name.strip_prefix(REASON) {
                filled.reasons.insert(id.to_owned(), typed);
            } else if name == "revision" {
                filled.revision = typed.parse().ok();
            } else if name == "do" {
                filled.is_filing = typed == "file";
            } else if known.remove(&name) {
                filled.content.put(name, &typed);
            }
        }
        filled
    }
}
