//! Sources of drinking water (集中式饮用水水源地): GB 3838 tables 2 and 3 beside class III.
//!
//! Table: `tables_2_and_3.csv` (5 supplementary and 80 specific items). Check values:
//! `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::Date;
use rulebook::{Confidence, Decimal, Explanation, Input, Judged, NotComputable, Row, Table, Text};

use crate::water::gb3838_surface_water::{
    Class, Item, ItemSet, Method, Sample, WaterBody, class_of_sample,
};

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    let text = include_str!("tables_2_and_3.csv");
    Table::load("drinking_water_sources/tables_2_and_3", text, &["name"])
        .expect("the table shipped with this crate is sound")
});

/// Returns the limit of a supplementary or specific item by its name in the table.
///
/// # Standard
/// GB 3838-2002 tables 2 and 3.
///
/// # Units
/// mg/L.
///
/// # Not computable
/// [`NotComputable::NotInTable`] for an unknown name; [`NotComputable::NoEdition`] before
/// 2002-06-01.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::water::drinking_water_sources::limit;
/// assert_eq!(limit("硝酸盐(以N计)", date(2026, 1, 1)).unwrap().to_string(), "10");
/// ```
pub fn limit(name: &str, on: Date) -> Result<Decimal, NotComputable> {
    row_of(name, on).map(|(_, limit)| limit)
}

fn row_of(name: &str, on: Date) -> Result<(&'static Row, Decimal), NotComputable> {
    let table: &'static Table = &LIMITS;
    let none = || NotComputable::NoEdition { standard: "GB 3838", on };
    table.in_force(on).next().ok_or_else(none)?;
    table
        .in_force(on)
        .find(|row| table.cell(row, "name") == name)
        .and_then(|row| Some((row, table.decimal(row, "limit").ok().flatten()?)))
        .ok_or_else(|| NotComputable::NotInTable {
            what: Text::plain(name),
            edition: "GB 3838-2002",
        })
}

/// Whether a source meets its standard, and what does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceVerdict {
    /// Items of table 1 worse than class III.
    pub basic_over: Vec<Item>,
    /// Items of tables 2 and 3 over their limit.
    pub specific_over: Vec<&'static str>,
}

impl SourceVerdict {
    /// Whether nothing is over.
    pub fn meets(&self) -> bool {
        self.basic_over.is_empty() && self.specific_over.is_empty()
    }
}

/// Returns whether a sample of a surface-water source meets the standard.
///
/// # Standard
/// GB 3838-2002: the 21 items of table 1 at most class III, items of tables 2 and 3 at most their
/// limits.
///
/// # Units
/// Those of the tables.
///
/// # Not computable
/// [`NotComputable::Missing`] without any item; [`NotComputable::NotInTable`] for an unknown name.
///
/// # Note
/// That temperature, total nitrogen and faecal coliforms stay apart is from memory.
pub fn judge_source(
    body: WaterBody,
    basic: &Sample,
    specific: &[(&str, Decimal)],
    on: Date,
) -> Result<Judged<SourceVerdict>, NotComputable> {
    let method = Method::as_written(ItemSet::TwentyOne);
    let section = class_of_sample(method, body, basic);
    let worse = |item: &Item| {
        let found = section.of(*item).and_then(|found| found.as_ref().ok());
        method.items().contains(*item) && found.is_some_and(|class| *class > Class::III)
    };
    let mut verdict = SourceVerdict {
        basic_over: Item::ALL.into_iter().filter(worse).collect(),
        specific_over: Vec::new(),
    };
    let judged = section.judged();
    let mut inputs = judged.as_ref().map(|judged| judged.inputs.clone()).unwrap_or_default();
    let mut by = judged.as_ref().map(|judged| judged.by.clone()).ok();
    for (name, value) in specific {
        let (row, limit) = row_of(name, on)?;
        let table: &'static Table = &LIMITS;
        let name = table.cell(row, "name");
        if *value > limit {
            verdict.specific_over.push(name);
        }
        inputs.push(Input::new(Text::same(name), *value, table.cell(row, "unit")));
        by.get_or_insert_with(|| row.citation());
    }
    let what = Text::fixed("全部评价项目", "every item that counts");
    let by = by.ok_or(NotComputable::Missing { what })?;
    Ok(Judged { value: verdict, by, inputs, rounding: Vec::new(), confidence: Confidence::Medium })
}

/// Explains a verdict.
pub fn explain(verdict: &Judged<SourceVerdict>) -> Explanation {
    let found = &verdict.value;
    let mut over: Vec<Text> = found.basic_over.iter().map(|item| item.name()).collect();
    over.extend(found.specific_over.iter().map(|name| Text::same(name)));
    let list = |pick: fn(&Text) -> &str, between: &str| {
        over.iter().map(|name| pick(name).to_owned()).collect::<Vec<_>>().join(between)
    };
    let by = &verdict.by;
    let sentence = if found.meets() {
        Text::new(format!("水源水质达标（{by}）"), format!("the source meets its standard ({by})"))
    } else {
        let (zh, en) = (list(|name| &name.zh, "、"), list(|name| &name.en, ", "));
        Text::new(
            format!("水源水质不达标：{zh}（{by}）"),
            format!("the source does not meet its standard: {en} ({by})"),
        )
    };
    let row = |input: &Input| vec![input.name.clone(), input.shown()];
    Explanation {
        sentence,
        columns: vec![Text::fixed("项目", "item"), Text::fixed("数值", "value")],
        rows: verdict.inputs.iter().map(row).collect(),
        notes: vec![verdict.confidence.text()],
    }
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LIMITS]
}
