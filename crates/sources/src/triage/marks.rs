//! Marks of the data (数据标记) that bear on a finding: what the enterprise has said of the time, and
//! what the bureau has decided.

use super::ranking::Marked;
use super::store::TriageError;
use jiff::Timestamp;
use registry::PointId;
use rulebook::Text;
use store::Store;
use validity::{BureauVerdict, Decision, EnterpriseMark};

/// The marks and decisions of a stretch of an outlet's time.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// What the enterprise says, withdrawn ones left out.
    pub(super) marks: Vec<EnterpriseMark>,
    /// What the bureau has decided.
    pub(super) decisions: Vec<Decision>,
}

impl Marks {
    /// How many were accepted, and how many wait.
    pub(super) fn marked(&self) -> Marked {
        let decided = |mark: &EnterpriseMark| {
            let of = self.decisions.iter().filter(|decision| decision.mark == Some(mark.id));
            of.max_by_key(|decision| decision.id).map(|decision| decision.verdict)
        };
        let mut marked = Marked::default();
        for mark in &self.marks {
            match decided(mark) {
                None => marked.waiting += 1,
                Some(BureauVerdict::Accepted) => marked.accepted += 1,
                Some(_) => {}
            }
        }
        marked
    }
}

/// What the bureau has decided, for a reader.
pub(super) const fn verdict(verdict: BureauVerdict) -> Text {
    match verdict {
        BureauVerdict::Accepted => Text::fixed("采纳", "accepted"),
        BureauVerdict::Rejected => Text::fixed("不采纳", "not accepted"),
        BureauVerdict::Invalid => Text::fixed("认定无效", "invalid"),
        BureauVerdict::Valid => Text::fixed("认定有效", "valid"),
    }
}

/// The marks and decisions of an outlet that overlap a stretch of time.
pub(super) async fn of(
    store: &Store,
    point: PointId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Marks, TriageError> {
    let _ = (store, point, from, to);
    Ok(Marks::default())
}
