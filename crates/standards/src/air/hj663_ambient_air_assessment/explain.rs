//! The evaluation of a pollutant's year explained in a sentence and a table.

use rulebook::{Explanation, Input, Judged, Text};

use super::ItemEvaluation;

/// Explains a year: mean and percentile against their limits.
pub fn explain(verdict: &Judged<ItemEvaluation>) -> Explanation {
    let found = &verdict.value;
    let (zh, en) =
        if found.attains() { ("达标", "attains") } else { ("不达标", "does not attain") };
    let over = found.mean_multiple.or(found.percentile_multiple);
    let (over_zh, over_en) = over.map_or_else(
        || (String::new(), String::new()),
        |over| (format!("，超标 {over} 倍"), format!(", {over} times over")),
    );
    let row = |input: &Input| vec![input.name.clone(), input.shown()];
    Explanation {
        sentence: Text::new(
            format!("{} 年评价{zh}{over_zh}（{}）", found.pollutant, verdict.by.edition),
            format!("{} {en} for the year{over_en} ({})", found.pollutant, verdict.by.edition),
        ),
        columns: vec![Text::fixed("统计量", "statistic"), Text::fixed("数值", "value")],
        rows: verdict.inputs.iter().map(row).collect(),
        notes: vec![
            Text::new(
                format!("有效日 {} 天", found.statistics.valid_days),
                format!("{} valid days", found.statistics.valid_days),
            ),
            verdict.confidence.text(),
        ],
    }
}
