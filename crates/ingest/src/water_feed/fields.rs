//! The names of the columns in all their spellings.

use super::record::Indicator;
use crate::files::html::{self, Cell};
use crate::files::records::RawRecord;

/// A column of a record, whatever the file calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Province,
    Basin,
    City,
    River,
    Section,
    Time,
    Class,
    Status,
    Month,
    FetchedOn,
    Shown(Indicator),
    Raw(Indicator),
    Flag(Indicator),
}

/// The column that a name means; units in brackets and tags do not count.
pub(crate) fn field(name: &str) -> Option<Field> {
    let plain = html::cell(name).text;
    let bare = plain.split(['(', '（']).next().unwrap_or_default().trim();
    let bare = bare.trim_start_matches('\u{feff}').to_lowercase();
    Some(match bare.as_str() {
        "省份" | "province" => Field::Province,
        "流域" | "basin" => Field::Basin,
        "所在地市" | "城市" | "city" => Field::City,
        "所属河流" | "河流" | "river" => Field::River,
        "断面名称" | "断面" | "section" => Field::Section,
        "监测时间" | "obs_time_mmdd_hhmm" | "time" => Field::Time,
        "水质类别" | "class_published" | "class" => Field::Class,
        "站点情况" | "station_status" | "status" => Field::Status,
        "month" => Field::Month,
        "snapshot_date" | "抓取日期" => Field::FetchedOn,
        other => {
            if let Some(stem) = other.strip_suffix("_raw") {
                Field::Raw(Indicator::of_column(stem)?)
            } else if let Some(stem) = other.strip_suffix("_flag") {
                Field::Flag(Indicator::of_column(stem)?)
            } else {
                Field::Shown(Indicator::of_column(other)?)
            }
        }
    })
}

/// A record with the meanings of its names, its cells taken apart.
pub(crate) struct Fields {
    /// The line of a table or the number of the record, from one.
    pub(crate) line: u64,
    known: Vec<(Field, Cell)>,
}

impl Fields {
    /// The known columns of a record.
    pub(crate) fn of(record: &RawRecord) -> Self {
        let known = record.fields.iter();
        let known = known.filter_map(|(name, text)| Some((field(name)?, html::cell(text))));
        Self { line: record.line, known: known.collect() }
    }

    /// The cell of a column, `None` where the file has no such column.
    pub(crate) fn cell(&self, field: Field) -> Option<&Cell> {
        self.known.iter().rev().find(|(known, _)| *known == field).map(|(_, cell)| cell)
    }

    /// What a reader sees in a column.
    pub(crate) fn text(&self, field: Field) -> &str {
        self.cell(field).map_or("", |cell| cell.text.as_str())
    }
}

/// Whether this can be a record of the publication at all.
pub(crate) fn is_record(record: &RawRecord) -> bool {
    let has = |wanted| record.fields.iter().any(|(name, _)| field(name) == Some(wanted));
    has(Field::Section) && has(Field::Time)
}
