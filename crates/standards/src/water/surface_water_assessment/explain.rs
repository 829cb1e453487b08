//! The grade of a river system explained in a sentence.

use rulebook::{Explanation, Judged, Text};

use super::BasinGrade;

/// Explains a grade: the two shares that made it.
pub fn explain(verdict: &Judged<BasinGrade>) -> Explanation {
    let name = &verdict.value.name;
    let row = |input: &rulebook::Input| vec![input.name.clone(), input.shown()];
    Explanation {
        sentence: Text::new(
            format!("水质状况{}（{}）", name.zh, verdict.by),
            format!("water quality {} ({})", name.en, verdict.by),
        ),
        columns: vec![Text::fixed("比例", "share"), Text::fixed("数值", "value")],
        rows: verdict.inputs.iter().map(row).collect(),
        notes: Vec::new(),
    }
}
