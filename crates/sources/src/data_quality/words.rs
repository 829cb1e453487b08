//! The words of this slice in both languages.

use super::report::{Line, Report};
use registry::Snapshot;
use rulebook::{Decimal, Text};
use web::Reader;

/// A rate as it is printed: two decimals, or a dash.
pub(super) fn rate(value: Option<Decimal>) -> String {
    value.map_or_else(|| "—".to_owned(), |value| web::decimal(value, 2))
}

/// Whether a line passes.
pub(super) fn standing(report: &Report, line: &Line) -> (&'static str, Text) {
    match report.passes(&line.counts) {
        Some(true) => ("good", Text::fixed("达标", "passes")),
        Some(false) => ("bad", Text::fixed("未达标", "below")),
        None if report.pass.is_none() => ("quiet", Text::fixed("无达标线", "no pass mark")),
        None => ("quiet", Text::fixed("无应传数据", "nothing due")),
    }
}

/// The name of a division.
pub(super) fn division<'a>(snapshot: &'a Snapshot, reader: &Reader, code: &'a str) -> &'a str {
    snapshot.division(code).map_or(code, |division| reader.name(&division.name))
}

/// The heads of the table, in the order of [`cells`].
pub(super) const HEADS: [(&str, &str); 11] = [
    ("应联网", "Must be connected"),
    ("已安装", "Installed"),
    ("已联网", "Connected"),
    ("传输率(%)", "Transmitted (%)"),
    ("有效率(%)", "Valid (%)"),
    ("传输有效率(%)", "Effective (%)"),
    ("标记占应传(%)", "Marked (%)"),
    ("超限被标记(%)", "Marked while over the limit (%)"),
    ("废气超标小时", "Hours over (gas)"),
    ("废水超标日", "Days over (water)"),
    ("未标记缺失", "Unmarked gaps"),
];

/// The first heads and cells are of the connection.
const OF_CONNECTION: usize = 3;

/// The heads of the page's table: one column for the connection.
pub(super) fn page_heads(reader: &Reader) -> Vec<String> {
    let mut heads = vec![reader.pick("已联网/应联网", "Connected").to_owned()];
    heads.extend(self::heads(reader).split_off(OF_CONNECTION));
    heads
}

/// The cells of the page's table, in the order of [`page_heads`].
pub(super) fn page_cells(line: &Line) -> Vec<String> {
    let mut shown = vec![format!("{} / {}", line.connected, line.must)];
    shown.extend(cells(line).iter().skip(OF_CONNECTION).map(Value::text));
    shown
}

/// The heads in the reader's language.
pub(super) fn heads(reader: &Reader) -> Vec<String> {
    HEADS.iter().map(|(zh, en)| reader.pick(zh, en).to_owned()).collect()
}

/// A cell of the table.
pub(super) enum Value {
    /// A count.
    Count(i64),
    /// A share in per cent.
    Rate(Option<Decimal>),
}

impl Value {
    /// As printed.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Count(count) => count.to_string(),
            Self::Rate(value) => rate(*value),
        }
    }
}

/// The cells of a line, in the order of [`heads`].
pub(super) fn cells(line: &Line) -> Vec<Value> {
    let counts = &line.counts;
    vec![
        Value::Count(line.must),
        Value::Count(line.installed),
        Value::Count(line.connected),
        Value::Rate(counts.transmission_rate()),
        Value::Rate(counts.validity_rate()),
        Value::Rate(counts.effective_rate()),
        Value::Rate(counts.marked_share()),
        Value::Rate(counts.marked_exceedance_share()),
        Value::Count(counts.exceedance_hours),
        Value::Count(counts.exceedance_days),
        Value::Count(counts.unmarked_gaps),
    ]
}
