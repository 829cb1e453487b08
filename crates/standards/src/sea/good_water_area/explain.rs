//! The share of good water explained: surveys, areas, how values between stations were found.

use rulebook::{Explanation, Judged, Text};

use super::GoodWaterArea;
use crate::sea::gb3097_sea_water::Class;

/// Explains the share of good water of a sea area.
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
        format!("插值方法依据：{}", verdict.by.source),
        format!("interpolation by: {}", verdict.by.source),
    ));
    notes.push(verdict.confidence.text());
    Explanation {
        sentence: Text::new(
            format!("近岸海域优良水质面积比例 {} %（{}）", found.share, verdict.by),
            format!("good water covers {} % of the sea area ({})", found.share, verdict.by),
        ),
        columns,
        rows: rows.collect(),
        notes,
    }
}
