//! What the platform knows beside a page: the permit, what was measured, earlier pages.

use super::measured;
use super::model::{LedgerPage, entry, names, outlets};
use super::store::{self as ledger, LedgerError};
use crate::entry::{Content, Explained, explained};
use crate::execution_reports::shape::OutletRow;
use jiff::ToSpan as _;
use jiff::civil::Date;
use permits::PermitVersion;
use plausibility::{Check, Entry, History, Measured};
use registry::Snapshot;
use std::collections::{BTreeMap, BTreeSet};
use store::Store;

/// What is usual is taken from so many of the last pages; a habit of this platform, no rule.
const USUAL: usize = 90;

/// The newest version of each day of a permit's ledger, up to a last day and a year back.
#[derive(Clone, Default)]
pub(super) struct Past {
    pages: BTreeMap<Date, Content>,
}

impl Past {
    /// The pages that stand beside the days from one to another.
    pub(super) async fn of(
        store: &Store,
        version: &PermitVersion,
        from: Date,
        to: Date,
    ) -> Result<Self, LedgerError> {
        let begin = from.checked_sub(1.year()).unwrap_or(from);
        let pages = ledger::newest(store, version.permit.id, begin, to).await?;
        Ok(Self { pages: pages.into_iter().map(|page| (page.day, page.content)).collect() })
    }

    /// What stands there for a day.
    pub(super) fn get(&self, day: Date) -> Option<&Content> {
        self.pages.get(&day)
    }

    /// Writes a page that later days of a file are compared with.
    pub(super) fn put(&mut self, day: Date, content: Content) {
        self.pages.insert(day, content);
    }

    /// The last day before another that has a page.
    fn last_before(&self, day: Date) -> Option<Date> {
        self.pages.range(..day).next_back().map(|(day, _)| *day)
    }

    /// As the checks read it.
    fn history(&self, day: Date) -> History {
        let on = |day: Date| self.pages.get(&day).map(|content| entry(content, day, day));
        History {
            last_year: day.checked_sub(1.year()).ok().and_then(on),
            last: day.yesterday().ok().and_then(on),
            earlier: self
                .pages
                .range(..day)
                .rev()
                .take(USUAL)
                .map(|(day, content)| entry(content, *day, *day))
                .collect(),
        }
    }
}

/// What the platform knows beside a page.
pub(super) struct Facts {
    /// The version of the permit that holds on the day.
    pub(super) version: PermitVersion,
    /// The day.
    pub(super) day: Date,
    /// Outlets with their factors.
    pub(super) outlets: Vec<OutletRow>,
    /// The names of its fields.
    pub(super) names: BTreeSet<String>,
    /// Measured and permitted.
    pub(super) known: Measured,
    /// The day before, the same day of the year before, all earlier ones.
    pub(super) history: History,
    /// The last page, where it is not that of the day before.
    pub(super) last: Option<(Date, Entry)>,
}

impl Facts {
    /// Everything known beside the page of a day.
    pub(super) async fn of(
        store: &Store,
        snapshot: &Snapshot,
        version: &PermitVersion,
        day: Date,
        past: &Past,
    ) -> Result<Self, LedgerError> {
        let outlets = outlets(version, snapshot, day);
        let mut known = Measured::default();
        for row in outlets.iter().flat_map(|outlet| &outlet.factors) {
            let limits = [("permit.at_most", row.at_most), ("permit.at_least", row.at_least)];
            for (word, limit) in limits {
                if let Some(limit) = limit {
                    known.put(row.key.clone(), word, limit);
                }
            }
        }
        measured::put(&mut known, store, snapshot, version, day).await?;
        let history = past.history(day);
        let last = past.last_before(day).filter(|_| history.last.is_none());
        let last = last.and_then(|on| Some((on, entry(past.get(on)?, on, on))));
        let names = names(&outlets);
        Ok(Self { version: version.clone(), day, outlets, names, known, history, last })
    }

    /// What the checks find in a content, with the reasons given.
    pub(super) fn findings(
        &self,
        checks: &[Check],
        content: &Content,
        reasons: &BTreeMap<String, String>,
        today: Date,
    ) -> Vec<Explained> {
        let entry = entry(content, self.day, today);
        explained(checks, &entry, &self.history, &self.known, reasons)
    }

    /// A page that is about to be recorded.
    pub(super) fn page(&self, content: Content, findings: Vec<Explained>, seen: u32) -> NewPage {
        NewPage { version: self.version.clone(), day: self.day, content, findings, seen }
    }
}

/// A page that is about to be recorded.
pub(super) struct NewPage {
    /// The version of the permit.
    pub(super) version: PermitVersion,
    /// The day.
    pub(super) day: Date,
    /// What was filled in.
    pub(super) content: Content,
    /// What the checks found, with reasons.
    pub(super) findings: Vec<Explained>,
    /// The last version that its author saw; 0 for none.
    pub(super) seen: u32,
}

impl NewPage {
    /// Whether it says nothing that a recorded version does not.
    pub(super) fn is_same_as(&self, page: &LedgerPage) -> bool {
        self.content == page.content && self.findings == page.findings
    }
}
