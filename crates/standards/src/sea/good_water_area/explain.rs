//! The share of good water explained: surveys, areas, how values between stations were found.

use rulebook::{Explanation, Judged, Text};

use super::GoodWaterArea;
use crate::sea::gb3097_sea_water::Class;

/// Explains the share of good water of a sea area.
///
/// # Standard
/// As [`good_water_area`](super::good_water_area).
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::{Confidence, Decimal, Language, Text};
/// use standards::sea::gb3097_sea_water::NATIONAL_ITEMS;
/// use standards::sea::good_water_area::{
///     Cell, Interpolation, Place, Station, explain, good_water_area,
/// };
/// let at = Place { x: Decimal::ZERO, y: Decimal::ZERO };
/// let values = NATIONAL_ITEMS.into_iter().zip(["8.0", "7", "1", "0.1", "0.010", "0.01"]);
/// let values = values.map(|(item, value)| (item.to_owned(), value.parse().unwrap())).collect();
/// let method = Interpolation {
///     power: 2,
///     nearest: None,
///     reach_km: None,
///     decimals: 6,
///     source: Text::fixed("示例", "an example"),
///     confidence: Confidence::Unknown,
/// };
/// let cells = [Cell { centre: at, area: Decimal::ONE }];
/// let surveys = [vec![Station { at, values }]];
/// let found = good_water_area(&surveys, &cells, &method, date(2026, 5, 1)).unwrap();
/// let plain = explain(&found).to_plain(Language::English);
/// assert!(plain.starts_with("good water covers 100.0 % of the sea area"));
/// ```
pub fn explain(verdict: &Judged<GoodWaterArea>) -> Explanation {
    let found = &verdict.value;
    let mut columns = vec![Text::fixed("航次", "survey")];
    columns.extend(Class::ALL.map(|class| {
        let name = class.name();
        Text::new(format!("{} km2", name.zh), format!("{} km2", name.en))
    }));
    columns.push(Text::fixed("优良比例", "share of good water"));
    let surveys = (1..).zip(found.areas.iter().zip(&found.share_of_survey));
    let rows = surveys.map(|(number, (areas, share))| {
        let mut row = vec![Text::plain(number)];
        row.extend(areas.iter().map(Text::plain));
        row.push(Text::plain(format_args!("{share} %")));
        row
    });
    let mut notes: Vec<Text> = verdict
        .inputs
        .iter()
        .map(|input| {
            let value = format!("{} {}", input.value, input.unit);
            let value = value.trim_end();
            let (zh, en) = (&input.name.zh, &input.name.en);
            Text::new(format!("{zh}：{value}"), format!("{en}: {value}"))
        })
        .collect();
    notes.push(Text::new(
        format!("插值方法依据：{}", found.interpolation.zh),
        format!("interpolation by: {}", found.interpolation.en),
    ));
    notes.extend(verdict.notes());
    Explanation {
        sentence: Text::new(
            format!("近岸海域优良水质面积比例 {} %（{}）", found.share, verdict.by.text().zh),
            format!("good water covers {} % of the sea area ({})", found.share, verdict.by),
        ),
        columns,
        rows: rows.collect(),
        notes,
    }
}
