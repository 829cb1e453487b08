//! A trophic state explained in a sentence and a table.

use rulebook::{Decimal, Explanation, Judged, Text};

use super::Level;

/// Explains a verdict: the index of each parameter and the level.
///
/// # Standard
/// As [`index_of_lake`](super::index_of_lake).
///
/// # Example
/// ```
/// use rulebook::{Decimal, Language};
/// use standards::water::trophic_state::{Parameter, explain, index_of_lake};
/// let same = Parameter::ALL.map(|parameter| (parameter, Decimal::from(47)));
/// let plain = explain(&index_of_lake(&same, 5).unwrap()).to_plain(Language::English);
/// assert!(plain.starts_with("trophic level index 47.000, mesotrophic"));
/// ```
pub fn explain(verdict: &Judged<(Decimal, Level)>) -> Explanation {
    let (index, level) = verdict.value;
    let name = level.name();
    let row = |input: &rulebook::Input| vec![input.name.clone(), Text::plain(input.value)];
    Explanation {
        sentence: Text::new(
            format!("综合营养状态指数 {index}，{}", name.zh),
            format!("trophic level index {index}, {}", name.en),
        ),
        columns: vec![Text::fixed("参数", "parameter"), Text::same("TLI(j)")],
        rows: verdict.inputs.iter().map(row).collect(),
        notes: [
            vec![Text::fixed(
                "权重按实际参加评价的参数重新归一。",
                "Weights are made anew over the parameters that were used.",
            )],
            verdict.notes(),
        ]
        .concat(),
    }
}
