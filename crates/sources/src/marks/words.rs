//! The words of this slice in both languages.

use jiff::Timestamp;
use registry::{FactorId, MonitoringPoint, PointId, Snapshot};
use rulebook::{Text, beijing_offset};
use validity::{BureauVerdict, Decision, EnterpriseMark, facilities, mark_due, mark_kind};
use web::{Reader, local_minute};

/// The kind of a mark.
pub(super) fn kind(mark: &EnterpriseMark) -> Text {
    let day = beijing_offset().to_datetime(mark.from).date();
    mark_kind(&mark.kind, day)
        .map_or_else(|| Text::plain(&mark.kind), |row| Text::new(row.zh, row.en))
}

/// The facility of a mark.
pub(super) fn facility(mark: &EnterpriseMark) -> Option<Text> {
    if mark.facility.is_empty() {
        return None;
    }
    let day = beijing_offset().to_datetime(mark.from).date();
    let found = facilities(day).into_iter().find(|(word, _)| *word == mark.facility);
    Some(found.map_or(OTHER_FACILITY, |(_, name)| name))
}

/// A facility without an allowance.
pub(super) const OTHER_FACILITY: Text = Text::fixed("其他设施", "another facility");

/// What was decided.
pub(super) fn verdict(verdict: BureauVerdict) -> Text {
    match verdict {
        BureauVerdict::Accepted => Text::fixed("采纳", "accepted"),
        BureauVerdict::Rejected => Text::fixed("不采纳", "not accepted"),
        BureauVerdict::Invalid => Text::fixed("认定无效", "held invalid"),
        BureauVerdict::Valid => Text::fixed("认定有效", "held valid"),
    }
}

/// How a mark stands: tone of its badge and words.
pub(super) fn standing(mark: &EnterpriseMark, decision: Option<&Decision>) -> (&'static str, Text) {
    match (&mark.withdrawn, decision.map(|decision| decision.verdict)) {
        (Some(_), _) => ("quiet", Text::fixed("已撤回", "withdrawn")),
        (None, Some(BureauVerdict::Accepted)) => ("good", Text::fixed("已采纳", "accepted")),
        (None, Some(_)) => ("bad", Text::fixed("未采纳", "not accepted")),
        (None, None) if mark.is_late => {
            ("warning", Text::fixed("逾期，待审核，尚未生效", "late: no effect until accepted"))
        }
        (None, None) => ("warning", Text::fixed("待审核，先行生效", "to be decided, in effect")),
    }
}

/// When a mark came and when it was due.
pub(super) fn clock(mark: &EnterpriseMark) -> Text {
    let due = local_minute(mark_due(mark.to));
    if mark.is_late {
        Text::new(format!("应于 {due} 前标记，逾期"), format!("due by {due}: late"))
    } else {
        Text::new(format!("应于 {due} 前标记，按时"), format!("due by {due}: in time"))
    }
}

/// From when to when.
pub(super) fn stretch(from: Timestamp, to: Timestamp) -> String {
    format!("{} – {}", local_minute(from), local_minute(to))
}

/// The factor that a mark is about.
pub(super) fn factor(snapshot: &Snapshot, factor: Option<FactorId>) -> Text {
    match factor {
        None => Text::fixed("全部因子", "all factors"),
        Some(id) => snapshot.factor(id).map_or_else(
            || Text::plain(id.0),
            |factor| Text::new(factor.name.zh.clone(), factor.name.en.clone()),
        ),
    }
}

/// An outlet with its enterprise.
pub(super) fn outlet(snapshot: &Snapshot, reader: &Reader, point: PointId) -> String {
    let name =
        |point: &MonitoringPoint| reader.text(&crate::words::point(snapshot, point)).to_owned();
    snapshot.point(point).map_or_else(|| point.0.to_string(), name)
}
