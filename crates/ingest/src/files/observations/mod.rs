//! Tables of observations that a person fills in: the template's columns, and what a table holds.

mod cells;
mod row;
mod table;

use std::collections::BTreeMap;

use jiff::Timestamp;
use observations::{FactorValue, NewRow, RowKey};
use registry::{PointKind, Snapshot};
use rulebook::Period;

use super::Problem;
pub use table::Table;

/// A column of the template: its name, its other name, what belongs into it, an example.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The name in the header.
    pub name: &'static str,
    /// The Chinese name, understood as well.
    pub zh: &'static str,
    /// What belongs into it.
    pub meaning: &'static str,
    /// An example.
    pub example: &'static str,
}

/// The columns of the template, in order.
pub const COLUMNS: [Column; 11] = [
    Column {
        name: "point_kind",
        zh: "点位类型",
        meaning: "air-station, water-section or outlet 空气站、断面、排放口",
        example: "water-section",
    },
    Column {
        name: "point",
        zh: "点位编码",
        meaning: "code of the point in the city's files 点位编码",
        example: "ZZ-PUNAN",
    },
    Column {
        name: "period",
        zh: "时段",
        meaning: "realtime, minute, hour or day 实时、分钟、小时、日",
        example: "hour",
    },
    Column {
        name: "observed_at",
        zh: "时间",
        meaning: "start of the period, Beijing time 时段起点，北京时间",
        example: "2026-03-01 08:00",
    },
    Column {
        name: "factor",
        zh: "因子编码",
        meaning: "code of the factor in HJ 212 因子编码",
        example: "w21003",
    },
    Column {
        name: "value",
        zh: "值",
        meaning: "value or mean of the period 实测值或均值",
        example: "0.45",
    },
    Column { name: "min", zh: "最小值", meaning: "smallest, may be empty 可空", example: "" },
    Column { name: "max", zh: "最大值", meaning: "largest, may be empty 可空", example: "" },
    Column { name: "sum", zh: "累计值", meaning: "quantity, may be empty 可空", example: "" },
    Column {
        name: "converted",
        zh: "折算值",
        meaning: "converted to the reference oxygen content, may be empty 可空",
        example: "",
    },
    Column {
        name: "flag",
        zh: "数据标记",
        meaning: "one letter as in HJ 212 (N, D, M …), may be empty 可空",
        example: "N",
    },
];

/// What a table held.
#[derive(Clone, Debug, Default)]
pub struct ReadTable {
    /// The good rows, those of one point, period and time put together.
    pub rows: Vec<NewRow>,
    /// How many lines of the table the rows come from.
    pub good_lines: usize,
    /// Lines that were not taken: number and cells.
    pub rejected: Vec<(u64, Vec<String>)>,
    /// Why, and what concerns the table as a whole.
    pub problems: Vec<Problem>,
}

/// One good line.
pub(super) struct Line {
    key: RowKey,
    value: FactorValue,
}

/// Reads a table against the city's points and factors. `now` bounds times that can be true.
///
/// Never fails: a line that cannot be taken is in `rejected` and in `problems`.
pub fn read(table: &Table, city: &Snapshot, now: Timestamp) -> ReadTable {
    let mut found = ReadTable::default();
    let places = match row::places(table) {
        Ok(places) => places,
        Err(problems) => return ReadTable { problems, ..found },
    };
    let mut grouped: BTreeMap<RowKey, Vec<(FactorValue, u64)>> = BTreeMap::new();
    let mut order: Vec<RowKey> = Vec::new();
    for (number, cells) in &table.lines {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let mut problems = Vec::new();
        let read = row::read(&places, *number, cells, city, now, &mut problems);
        let line = read.filter(|_| problems.is_empty());
        let Some(line) = line else {
            found.problems.append(&mut problems);
            found.rejected.push((*number, cells.clone()));
            continue;
        };
        let values = grouped.entry(line.key).or_insert_with(|| {
            order.push(line.key);
            Vec::new()
        });
        let same = values.iter().find(|(value, _)| value.factor == line.value.factor);
        if let Some((_, first)) = same {
            let what = format!("the same point, period, time and factor stand in line {first}");
            let cure = "Keep one of the two lines.";
            found.problems.push(Problem::of_row("import.twice", Some(*number), what, cure));
            found.rejected.push((*number, cells.clone()));
        } else {
            values.push((line.value, *number));
            found.good_lines += 1;
        }
    }
    found.rows = order
        .into_iter()
        .filter_map(|key| {
            let values = grouped.remove(&key)?.into_iter().map(|(value, _)| value).collect();
            let RowKey { point, period, observed_at } = key;
            Some(NewRow { point, period, observed_at, values })
        })
        .collect();
    if found.rows.is_empty() && found.problems.is_empty() {
        let cure = "Fill in the template: `lucid import template observations -o FILE.xlsx`.";
        found.problems.push(Problem::of_file("import.empty", "the table has no rows", cure));
    }
    found
}

/// One line of a table for each factor of a row, in the columns of the template.
pub fn lines_of(
    kind: PointKind,
    code: &str,
    row: &observations::Row,
    city: &Snapshot,
) -> Vec<[String; 11]> {
    let civil = rulebook::beijing_offset().to_datetime(row.observed_at);
    let shown = |number: Option<rulebook::Decimal>| {
        number.map_or_else(String::new, |number| number.to_string())
    };
    let line = |value: &FactorValue| {
        [
            kind.as_str().to_owned(),
            code.to_owned(),
            row.period.as_str().to_owned(),
            civil.strftime(seconds_if_any(row.period)).to_string(),
            city.factor(value.factor).map_or_else(String::new, |factor| factor.code.clone()),
            shown(value.value),
            shown(value.min),
            shown(value.max),
            shown(value.sum),
            shown(value.converted),
            value.flag.map_or_else(String::new, |flag| char::from(flag).to_string()),
        ]
    };
    row.values.iter().map(line).collect()
}

const fn seconds_if_any(period: Period) -> &'static str {
    match period {
        Period::RealTime => "%Y-%m-%d %H:%M:%S",
        Period::Minute | Period::Hour => "%Y-%m-%d %H:%M",
        Period::Day => "%Y-%m-%d",
    }
}

#[cfg(test)]
mod tests;
