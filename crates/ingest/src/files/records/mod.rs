//! Records of named texts out of JSON, XML or CSV, before anything is believed.

mod json;
mod table;
mod xml;

use super::Problem;

/// One record: names and contents as they stand in the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawRecord {
    /// The line of a table or the number of the record, from one.
    pub(crate) line: u64,
    /// Name and content of each field.
    pub(crate) fields: Vec<(String, String)>,
}

impl RawRecord {
    fn push(&mut self, name: &str, content: impl Into<String>) {
        self.fields.push((name.to_owned(), content.into()));
    }
}

/// Says whether the fields of a record are those of the publication wanted.
pub(crate) type IsRecord<'a> = &'a dyn Fn(&RawRecord) -> bool;

/// Reads all records that `is_record` knows; the form is told by the first character.
pub(crate) fn read(
    text: &str,
    is_record: IsRecord<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<RawRecord> {
    match text.trim_start_matches('\u{feff}').trim_start().chars().next() {
        Some('[' | '{') => json::read(text, is_record, problems),
        Some('<') => xml::read(text, is_record, problems),
        _ => table::read(text, is_record, problems),
    }
}
