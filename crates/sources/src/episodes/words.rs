//! The words of episodes in both languages.

use super::model::{Choice, Computed, Figures, at, length_ms};
use crate::words as area;
use registry::{PointKind, Snapshot};
use rulebook::{Decimal, Period, Text};
use web::{local_date, local_minute};

/// The formula of the amount over the limit.
pub(super) const FORMULA: Text = Text::fixed(
    "超标排放量 = Σ 排放量 ×（浓度 − 限值）÷ 浓度，逐时段计算后求和；本平台的计算口径，无标准规定。",
    "amount over the limit = Σ amount × (concentration − limit) ÷ concentration, summed over the \
     periods; a convention of this platform, set by no standard.",
);
/// What is said where no record is stored yet.
pub(super) const PROVISIONAL: Text = Text::fixed(
    "暂定：当日数据尚未整日判定，次日判定后以存档记录为准。",
    "provisional: the day is not over; the stored record of the next day holds.",
);

/// The name of an outlet with its enterprise.
pub(super) fn outlet(snapshot: &Snapshot, computed: &Computed) -> Text {
    match snapshot.point(computed.point) {
        Some(point) => area::point(snapshot, point),
        None => Text::plain(computed.point.0),
    }
}

/// The name of the factor.
pub(super) fn factor(snapshot: &Snapshot, computed: &Computed) -> Text {
    match snapshot.factor(computed.factor) {
        Some(factor) => Text::new(factor.name.zh.clone(), factor.name.en.clone()),
        None => Text::plain(computed.factor.0),
    }
}

/// Outlet and factor, for a list of episodes.
pub(super) fn place(snapshot: &Snapshot, computed: &Computed) -> Text {
    let (outlet, factor) = (outlet(snapshot, computed), factor(snapshot, computed));
    Text::new(format!("{} · {}", outlet.zh, factor.zh), format!("{} · {}", outlet.en, factor.en))
}

/// The unit of the values.
pub(super) fn unit(snapshot: &Snapshot, computed: &Computed) -> String {
    let factor = snapshot.factor(computed.factor);
    factor.map_or_else(String::new, |factor| web::unit(factor.unit_at(PointKind::Outlet)))
}

/// How many places values are shown with.
pub(super) fn places(snapshot: &Snapshot, computed: &Computed) -> u32 {
    snapshot.factor(computed.factor).map_or(2, |factor| factor.decimals_at(PointKind::Outlet))
}

/// What an episode is called: outlet and factor.
pub(super) fn title(snapshot: &Snapshot, computed: &Computed) -> Text {
    let (outlet, factor) = (outlet(snapshot, computed), factor(snapshot, computed));
    Text::new(
        format!("{} · {} · 超标过程", outlet.zh, factor.zh),
        format!("{} · {} · exceedance episode", outlet.en, factor.en),
    )
}

/// When a period began, as a day or an hour.
pub(super) fn start(period: Period, milliseconds: i64) -> String {
    match period {
        Period::Day => local_date(at(milliseconds)),
        _ => local_minute(at(milliseconds)),
    }
}

/// From when to when.
pub(super) fn span(computed: &Computed) -> String {
    let first = computed.began_at();
    if computed.period == Period::Day {
        let last = at(computed.ended_at().as_millisecond() - length_ms(Period::Day));
        if last > first {
            return format!("{} – {}", local_date(first), local_date(last));
        }
        return local_date(first);
    }
    let (from, to) = (local_minute(first), local_minute(computed.ended_at()));
    match (from.split_once(' '), to.split_once(' ')) {
        (Some((day, _)), Some((same, clock))) if day == same => format!("{from} – {clock}"),
        _ => format!("{from} – {to}"),
    }
}

/// How many periods.
pub(super) fn count(period: Period, count: usize) -> Text {
    match period {
        Period::Day => Text::new(format!("{count} 日"), format!("{count} d")),
        _ => Text::new(format!("{count} 小时"), format!("{count} h")),
    }
}

/// A number, or a dash.
pub(super) fn number(value: Option<Decimal>, places: u32) -> String {
    value.map_or_else(|| "—".to_owned(), |value| web::decimal(value, places))
}

/// The highest multiple, `1.26` over the limit.
pub(super) fn multiple(figures: &Figures) -> String {
    number(figures.worst_excess, 2)
}

/// What was decided.
pub(super) const fn choice(choice: Choice) -> Text {
    match choice {
        Choice::Merge => Text::fixed("合并为一个超标行为", "counted as one act"),
        Choice::Split => Text::fixed("拆分为两个超标行为", "counted as two acts"),
    }
}

/// The number of a packet as documents bear it.
pub(super) fn packet_number(year: i64, number: i64) -> String {
    format!("证据〔{year}〕{number}号")
}
