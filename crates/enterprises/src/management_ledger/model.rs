//! The nouns: a page of the ledger, and the fields that a permit gives it.

use crate::entry::{Content, Explained, place};
use crate::execution_reports::shape::{OutletRow, Shape};
use jiff::Timestamp;
use jiff::civil::Date;
use permits::{PermitDuty, PermitId, PermitVersion};
use plausibility::{Entry, Field, Form, Key, Level, PeriodKind, Span, fields};
use registry::{EnterpriseId, Snapshot};
use std::collections::BTreeSet;

/// A page of the ledger (台账记录), one version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LedgerPage {
    /// Its number in the store.
    pub(super) id: i64,
    /// Whose.
    pub(super) enterprise: EnterpriseId,
    /// The permit.
    pub(super) permit: PermitId,
    /// The permit's number, 22 characters.
    pub(super) permit_number: String,
    /// The version of the permit that held on the day.
    pub(super) permit_version: u32,
    /// The day.
    pub(super) day: Date,
    /// Its version, from 1.
    pub(super) version: u32,
    /// What was filled in.
    pub(super) content: Content,
    /// What the checks found, with reasons.
    pub(super) findings: Vec<Explained>,
    /// When it was recorded.
    pub(super) recorded_at: Timestamp,
    /// By whom.
    pub(super) recorded_name: String,
}

/// Whether a permit asks for a ledger.
pub(super) fn asks_for_it(version: &PermitVersion) -> bool {
    version.duties.iter().any(|duty| matches!(duty, PermitDuty::Ledger { .. }))
}

/// The outlets of a permit with their factors: the rows of a page.
pub(super) fn outlets(version: &PermitVersion, snapshot: &Snapshot, day: Date) -> Vec<OutletRow> {
    let all = Shape::of(version, snapshot, day.year()).outlets.into_iter();
    all.filter(|outlet| outlet.number.is_some() && !outlet.factors.is_empty()).collect()
}

/// The fields of a level.
pub(super) fn of_level(level: Level) -> impl Iterator<Item = &'static Field> {
    fields(Form::Ledger).iter().filter(move |field| field.level == level)
}

/// The names of all fields of a page.
pub(super) fn names(outlets: &[OutletRow]) -> BTreeSet<String> {
    let head = of_level(Level::Head).map(|field| place(&Key::head(), field.id));
    let factors = outlets.iter().flat_map(|outlet| &outlet.factors);
    let of_factors =
        factors.flat_map(|row| of_level(Level::Factor).map(|field| place(&row.key, field.id)));
    head.chain(of_factors).collect()
}

/// Whether a page says anything but when and by whom it was written.
pub(super) fn says_something(content: &Content) -> bool {
    let says_who = |place: &str| place.ends_with("/recorded_on") || place.ends_with("/recorder");
    content.iter().any(|(place, _)| !says_who(place))
}

/// A content as the checks read it.
pub(super) fn entry(content: &Content, day: Date, today: Date) -> Entry {
    content.entry(Form::Ledger, Span { kind: PeriodKind::Day, from: day, to: day }, today)
}
