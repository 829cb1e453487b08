//! The words of this slice in both languages.

use super::model::StoredSign;
use crate::words as area;
use detectors::{Detector, OutletId, Span};
use registry::{Factor, PointId, Snapshot};
use rulebook::Text;
use web::{Reader, local_minute, unit};

/// What every page says first.
pub(super) const NO_PROOF: Text = Text::fixed(
    "以下是提示先看哪里的线索,不是证据,也不作为处罚依据;每条都可能有正常原因,须由人员现场核实。",
    "These are signs of where to look first. They are no proof and no ground for a penalty; each may have an innocent cause, and a person must go and see.",
);

/// What a detector is called.
pub(super) fn detector(detector: Detector) -> &'static Text {
    &detector.definition().name
}

/// An outlet by its enterprise and name.
pub(super) fn outlet(snapshot: &Snapshot, reader: &Reader, point: PointId) -> String {
    snapshot.point(point).map_or_else(
        || OutletId(point.0).0.to_string(),
        |point| reader.text(&area::point(snapshot, point)).to_owned(),
    )
}

/// The factor of a sign, if it is about one.
pub(super) fn factor<'snapshot>(
    snapshot: &'snapshot Snapshot,
    sign: &StoredSign,
) -> Option<&'snapshot Factor> {
    snapshot.factor(sign.factor?)
}

/// `氮氧化物 · 数据雷同`.
pub(super) fn title(snapshot: &Snapshot, reader: &Reader, sign: &StoredSign) -> String {
    let name = reader.text(detector(sign.detector));
    match factor(snapshot, sign) {
        Some(factor) => format!("{} · {name}", reader.name(&factor.name)),
        None => name.to_owned(),
    }
}

/// The unit of a factor as it is printed.
pub(super) fn unit_of(factor: Option<&Factor>) -> String {
    factor.map(|factor| unit(&factor.unit)).unwrap_or_default()
}

/// From when to when.
pub(super) fn span(span: Span) -> String {
    format!("{} – {}", local_minute(span.from), local_minute(span.to))
}

/// A score from 0 to 1 as a whole number of a hundred.
pub(super) fn score(score: f64) -> String {
    format!("{:.0}", 100.0 * score)
}
