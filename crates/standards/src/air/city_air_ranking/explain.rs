//! A composite index explained in a sentence and a table.

use rulebook::{Explanation, Judged, Text};

use super::CompositeIndex;
use crate::air::Pollutant;

/// Explains an index: concentration and single index of each pollutant.
///
/// # Standard
/// As [`composite_index`](super::composite_index).
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Language;
/// use standards::air::city_air_ranking::{Weights, composite_index, explain};
/// let puning = ["6", "12", "51", "19", "0.9", "137"].map(|text| Some(text.parse().unwrap()));
/// let found = composite_index(&puning, Weights::PLAIN, date(2025, 12, 31)).unwrap();
/// let plain = explain(&found).to_plain(Language::Chinese);
/// assert!(plain.starts_with("综合指数 2.75，主要污染物臭氧"));
/// ```
pub fn explain(verdict: &Judged<CompositeIndex>) -> Explanation {
    let found = &verdict.value;
    let names = found.largest.names();
    let rows = Pollutant::ALL
        .into_iter()
        .zip(&verdict.inputs)
        .map(|(pollutant, input)| {
            vec![
                Text::same(pollutant.as_str()),
                input.shown(),
                Text::plain(found.single[pollutant.index()]),
            ]
        })
        .collect();
    Explanation {
        sentence: Text::new(
            format!("综合指数 {}，主要污染物{}（{}）", found.index, names.zh, verdict.by.edition),
            format!(
                "composite index {}, main pollutant {} ({})",
                found.index, names.en, verdict.by.edition
            ),
        ),
        columns: vec![
            Text::fixed("污染物", "pollutant"),
            Text::fixed("浓度", "concentration"),
            Text::fixed("单项指数", "single index"),
        ],
        rows,
        notes: vec![verdict.confidence.text()],
    }
}
