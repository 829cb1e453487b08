//! The grade of a river system explained in a sentence.

use rulebook::{Explanation, Judged, Text};

use super::BasinGrade;

/// Explains a grade: the two shares that made it.
///
/// # Standard
/// As [`grade_of_basin`](super::grade_of_basin).
///
/// # Example
/// ```
/// use rulebook::{Decimal, Language};
/// use standards::water::surface_water_assessment::{Shares, explain, grade_of_basin};
/// let shares = Shares { good: Decimal::from(80), inferior: Decimal::from(5) };
/// let plain = explain(&grade_of_basin(shares).unwrap()).to_plain(Language::Chinese);
/// assert!(plain.starts_with("水质状况良好（环办〔2011〕22号 河流、流域水质评价）"));
/// ```
pub fn explain(verdict: &Judged<BasinGrade>) -> Explanation {
    let name = &verdict.value.name;
    verdict.explained(Text::new(
        format!("水质状况{}（{}）", name.zh, verdict.by.text().zh),
        format!("water quality {} ({})", name.en, verdict.by),
    ))
}
