//! Reads figures out of what somebody downloaded: JSON of the interface, or CSV of a page.

use super::{Figure, Part, Publication, Publications};
use jiff::Timestamp;
use jiff::civil::DateTime;
use rulebook::{Decimal, Period, beijing_offset};
use serde_json::Value;
use std::collections::BTreeMap;
use std::str::FromStr;

/// No file of ours holds more; somebody else's need not be read.
const FIGURES_MAX: usize = 2000;

/// What was found in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadFigures {
    /// The figures, in the order of the text.
    pub figures: Vec<Figure>,
    /// Verdicts in the form in which the interface gives them.
    pub verdicts: Vec<Value>,
    /// What could not be read, each with its line or place, in Chinese and English.
    pub problems: Vec<(String, String)>,
}

impl ReadFigures {
    fn problem(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.problems.push((zh.into(), en.into()));
        self
    }
}

/// Reads `text`; `point` is the point that a CSV is about, which it does not say itself.
pub fn read(text: &str, publications: &Publications, point: Option<&str>) -> ReadFigures {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return ReadFigures::default().problem("没有内容", "there is nothing to read");
    }
    let mut found = match serde_json::from_str::<Value>(text) {
        Ok(value) if value.is_object() || value.is_array() => {
            let mut found = ReadFigures::default();
            of_json(&value, publications, &mut found);
            found
        }
        _ if text.starts_with(['{', '[']) => {
            ReadFigures::default().problem("JSON 不完整或有误", "the JSON is cut short or wrong")
        }
        _ => of_csv(text, publications, point),
    };
    if found.figures.is_empty() && found.verdicts.is_empty() && found.problems.is_empty() {
        found = found.problem(
            "没有认出公开数据:请粘贴站点或断面的小时数据(JSON 或 CSV)",
            "no published figure was recognised: paste the hours of a station or section as JSON \
             or CSV",
        );
    }
    if found.figures.len() > FIGURES_MAX {
        found.figures.truncate(FIGURES_MAX);
        found = found.problem(
            format!("只核对前 {FIGURES_MAX} 条"),
            format!("only the first {FIGURES_MAX} are checked"),
        );
    }
    found
}

fn of_json(value: &Value, publications: &Publications, found: &mut ReadFigures) {
    if let Some(items) = value.as_array() {
        for item in items {
            of_json(item, publications, found);
        }
        return;
    }
    if let Some(figure) = whole(value) {
        found.figures.push(figure);
    } else if value["series"].is_array() && value["point"].is_string() {
        series(value, publications, found);
    } else if value["rule"].is_string() && value["reasons"].is_object() {
        found.verdicts.push(value.clone());
    } else if let Some(members) = value.as_object() {
        for name in ["figure", "stations", "sections", "figures"] {
            if let Some(inner) = members.get(name) {
                of_json(inner, publications, found);
            }
        }
    }
}

/// A figure in the form of [`Figure::to_json`].
fn whole(value: &Value) -> Option<Figure> {
    let values = value["values"].as_object()?.iter().map(|(name, value)| {
        Some((name.clone(), if value.is_null() { None } else { Some(number(value)?) }))
    });
    Some(Figure {
        point: value["point"].as_str()?.to_owned(),
        period: Period::parse(value["period"].as_str()?)?,
        time: time(value["time"].as_str()?)?,
        values: values.collect::<Option<_>>()?,
    })
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

/// The series of a chart: each with a code and points of time and value.
fn series(value: &Value, publications: &Publications, found: &mut ReadFigures) {
    let point = value["point"].as_str().unwrap_or_default();
    let period = value["period"].as_str().and_then(Period::parse);
    let publication = period.and_then(|period| publications.of_point(point, period));
    let (Some(period), Some(publication)) = (period, publication) else {
        found.problems.push((
            "这个时段的数据不进日志,请下载小时数据".to_owned(),
            "this period is not in the log: download the hours".to_owned(),
        ));
        return;
    };
    let names: Vec<&str> = publication.parts().iter().map(|part| part.name).collect();
    let none = || names.iter().map(|name| ((*name).to_owned(), None)).collect();
    let mut figures: BTreeMap<Timestamp, BTreeMap<String, Option<Decimal>>> = BTreeMap::new();
    for one in value["series"].as_array().into_iter().flatten() {
        let Some(name) = one["code"].as_str().filter(|code| names.contains(code)) else { continue };
        for pair in one["points"].as_array().into_iter().flatten() {
            let Some(at) = pair[0].as_str().and_then(time) else {
                found.problems.push((
                    format!("{name}: 时间无法识别 {}", pair[0]),
                    format!("{name}: {} is no time", pair[0]),
                ));
                continue;
            };
            let values = figures.entry(at).or_insert_with(none);
            values.insert(name.to_owned(), number(&pair[1]));
        }
    }
    found.figures.extend(figures.into_iter().map(|(time, values)| Figure {
        point: point.to_owned(),
        period,
        time,
        values,
    }));
}

fn of_csv(text: &str, publications: &Publications, point: Option<&str>) -> ReadFigures {
    let mut found = ReadFigures::default();
    let Some(point) = point else {
        return found.problem(
            "CSV 里没有站点名称:请在上面选择站点或断面",
            "a CSV does not say its station: choose the station or section above",
        );
    };
    // Only hours of a point are published as files that the log holds.
    let Some(publication) = publications.of_point(point, Period::Hour) else {
        return found.problem("没有这个站点", format!("there is no published point {point}"));
    };
    let parts = publication.parts();
    let delimiter =
        if text.lines().next().is_some_and(|line| line.contains('\t')) { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut columns: Vec<Option<&Part>> = parts.iter().map(Some).collect();
    for (index, record) in reader.records().enumerate() {
        let Ok(record) = record else {
            return found.problem(
                format!("第 {} 行不是 CSV", index + 1),
                format!("line {} is no CSV", index + 1),
            );
        };
        let cells: Vec<&str> = record.iter().collect();
        let Some((first, rest)) = cells.split_first() else { continue };
        if index == 0 && is_head(first) {
            columns = rest.iter().map(|head| part_of(head, &parts)).collect();
            continue;
        }
        match csv_figure(point, publication, first, rest, &columns) {
            Ok(figure) => found.figures.push(figure),
            Err((zh, en)) => {
                found = found.problem(
                    format!("第 {} 行: {zh}", index + 1),
                    format!("line {}: {en}", index + 1),
                );
            }
        }
    }
    found
}

fn is_head(cell: &str) -> bool {
    matches!(cell, "时间" | "Time")
}

/// The part whose title this head gives, with or without a unit in brackets.
fn part_of<'parts>(head: &str, parts: &'parts [Part]) -> Option<&'parts Part> {
    let title = head.split_once(" (").map_or(head, |(title, _)| title);
    parts.iter().find(|part| [&part.title.zh, &part.title.en].into_iter().any(|one| one == title))
}

fn csv_figure(
    point: &str,
    publication: &dyn Publication,
    first: &str,
    rest: &[&str],
    columns: &[Option<&Part>],
) -> Result<Figure, (String, String)> {
    let wrong_time =
        || (format!("时间无法识别 {first:?}"), format!("{first:?} is no time of our files"));
    let time = time(first).ok_or_else(wrong_time)?;
    let names = publication.parts();
    let mut values: BTreeMap<String, Option<Decimal>> =
        names.iter().map(|part| (part.name.to_owned(), None)).collect();
    if rest.len() != columns.len() {
        return Err((
            format!("应有 {} 列,实有 {} 列", columns.len() + 1, rest.len() + 1),
            format!("{} columns are due, there are {}", columns.len() + 1, rest.len() + 1),
        ));
    }
    for (cell, part) in rest.iter().zip(columns) {
        let Some(part) = part else { continue };
        let value = cell_value(cell, part)
            .map_err(|_| (format!("{cell:?} 不是数值"), format!("{cell:?} is no number")))?;
        values.insert(part.name.to_owned(), value);
    }
    Ok(Figure { point: point.to_owned(), period: publication.period(), time, values })
}

/// The number in a cell; `None` where it says that there is none.
fn cell_value(cell: &str, part: &Part) -> Result<Option<Decimal>, <Decimal as FromStr>::Err> {
    if matches!(cell, "" | "—" | "-") {
        return Ok(None);
    }
    let word = part.words.iter().find(|(word, _)| word.zh == cell || word.en == cell);
    match word {
        Some((_, number)) => Ok(Some(*number)),
        None => cell.parse().map(Some),
    }
}

/// A time of ours: RFC 3339, or Beijing time as pages and spreadsheets write it.
fn time(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let text = text.trim().replace('/', "-");
    let local = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
        .into_iter()
        .find_map(|form| DateTime::strptime(form, &text).ok())?;
    beijing_offset().to_timestamp(local).ok()
}
