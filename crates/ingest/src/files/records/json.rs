//! Records out of JSON: objects in an array, alone or at any depth (`{"rows": […]}`), and tables
//! given as a row of heads and rows of cells (`{"thead": […], "tbody": [[…], …]}`).

use serde_json::{Map, Value};

use super::{IsRecord, RawRecord};
use crate::files::Problem;

pub(super) fn read(
    text: &str,
    is_record: IsRecord<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<RawRecord> {
    let mut records = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        match value {
            Ok(value) => collect(&value, is_record, &mut records),
            Err(error) => {
                problems.push(Problem::of_file(
                    "feed.json",
                    format!("the JSON breaks off or is wrong: {error}"),
                    "Fetch the publication again.",
                ));
                break;
            }
        }
    }
    records
}

fn collect(value: &Value, is_record: IsRecord<'_>, records: &mut Vec<RawRecord>) {
    match value {
        Value::Array(items) => {
            for item in items {
                collect(item, is_record, records);
            }
        }
        Value::Object(fields) if table(fields, is_record, records) => {}
        Value::Object(fields) => {
            let mut record = RawRecord::default();
            for (name, content) in fields {
                match cell(content) {
                    Some(text) => record.push(name, text),
                    None => collect(content, is_record, records),
                }
            }
            keep(record, is_record, records);
        }
        _ => {}
    }
}

fn table(
    fields: &Map<String, Value>,
    is_record: IsRecord<'_>,
    records: &mut Vec<RawRecord>,
) -> bool {
    let (Some(Value::Array(heads)), Some(Value::Array(rows))) =
        (fields.get("thead"), fields.get("tbody"))
    else {
        return false;
    };
    for row in rows {
        let Value::Array(cells) = row else { continue };
        let mut record = RawRecord::default();
        for (head, content) in heads.iter().zip(cells) {
            if let (Some(head), Some(text)) = (head.as_str(), cell(content)) {
                record.push(head, text);
            }
        }
        keep(record, is_record, records);
    }
    true
}

fn keep(mut record: RawRecord, is_record: IsRecord<'_>, records: &mut Vec<RawRecord>) {
    record.line = records.len() as u64 + 1;
    if is_record(&record) {
        records.push(record);
    }
}

fn cell(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null => Some(String::new()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}
