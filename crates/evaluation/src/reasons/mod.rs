//! The reasons of a verdict as they are kept: JSON that a page can show without the rule at hand.

mod packing;

pub(crate) use packing::{pack, unpack};

use rulebook::{Explanation, Judged, NotComputable, Text};
use serde_json::{Value, json};

/// The reasons of a judgement, with its explanation for a reader.
pub fn of_judged<T>(judged: &Judged<T>, explanation: &Explanation) -> Value {
    let inputs: Vec<Value> = judged
        .inputs
        .iter()
        .map(|input| {
            json!({
                "name": text(&input.name),
                "value": input.value.to_string(),
                "unit": input.unit,
            })
        })
        .collect();
    let rounding: Vec<Value> = judged
        .rounding
        .iter()
        .map(|rounding| json!({ "of": text(&rounding.of), "how": text(&rounding.how.text()) }))
        .collect();
    json!({
        "standard": judged.by.standard,
        "edition": judged.by.edition,
        "clause": judged.by.clause,
        "source": judged.by.source,
        "confidence": judged.confidence.as_str(),
        "inputs": inputs,
        "rounding": rounding,
        "explanation": explained(explanation),
    })
}

/// The reasons for which there is no value.
pub fn not_computable(reason: &NotComputable) -> Value {
    json!({ "not_computable": { "code": reason.code(), "text": text(&reason.text()) } })
}

fn explained(explanation: &Explanation) -> Value {
    let rows: Vec<Vec<Value>> =
        explanation.rows.iter().map(|row| row.iter().map(text).collect()).collect();
    json!({
        "sentence": text(&explanation.sentence),
        "columns": explanation.columns.iter().map(text).collect::<Vec<_>>(),
        "rows": rows,
        "notes": explanation.notes.iter().map(text).collect::<Vec<_>>(),
    })
}

fn text(text: &Text) -> Value {
    json!({ "zh": text.zh, "en": text.en })
}
