//! What an area hands to evaluation.

use crate::Verdict;
use crate::alerts::Signal;
use jiff::Timestamp;
use observations::{Latest, Row};
use registry::Snapshot;

/// What a judge may look at.
pub struct Context<'a> {
    /// The city's nouns.
    pub snapshot: &'a Snapshot,
    /// The newest rows.
    pub latest: &'a Latest,
    /// The time now.
    pub now: Timestamp,
}

/// What a judge says.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// To be kept.
    pub verdicts: Vec<Verdict>,
    /// To open, update or close alerts.
    pub signals: Vec<Signal>,
}

/// A rule of an area, run for every row that is committed and at every tick of the clock.
pub trait Judge: Send + Sync {
    /// The judge's name, for logs.
    fn name(&self) -> &'static str;

    /// Judges a row that is new or has changed. Called for every row: what does not concern the
    /// judge must be passed over quickly.
    fn judge(&self, context: &Context<'_>, row: &Row, judgement: &mut Judgement);

    /// Judges the passing of time: what should have come and has not.
    fn tick(&self, _context: &Context<'_>, _judgement: &mut Judgement) {}
}
