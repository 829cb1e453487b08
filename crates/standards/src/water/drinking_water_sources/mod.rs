//! Sources of drinking water (集中式饮用水水源地): GB 3838 tables 2 and 3 beside class III.
//!
//! Table: `tables_2_and_3.csv` (5 supplementary and 80 specific items). Check values:
//! `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::Date;
use rulebook::{
    Citation, Confidence, Decimal, Explanation, Input, Judged, NotComputable, Row, Table, Text,
    round_half_even,
};

use crate::item_names::named;
use crate::water::gb3838_surface_water::{
    Class, Item, ItemSet, Method, Sample, WaterBody, class_of_sample, limit as class_limit,
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

/// Returns the unit of a supplementary or specific item.
///
/// # Standard
/// GB 3838-2002 tables 2 and 3.
///
/// # Not computable
/// As [`limit`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::water::drinking_water_sources::unit_of;
/// assert_eq!(unit_of("铁", date(2026, 1, 1)), Ok("mg/L"));
/// ```
pub fn unit_of(name: &str, on: Date) -> Result<&'static str, NotComputable> {
    let table: &'static Table = &LIMITS;
    row_of(name, on).map(|(row, _)| table.cell(row, "unit"))
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
    /// Every item that counted.
    pub items: Vec<SourceItem>,
}

/// An item of a source with the limit that it was held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceItem {
    /// The item with its value and unit.
    pub input: Input,
    /// What it may be: `≤ 0.3`, `6-9`.
    pub limit: String,
    /// Whether it is over.
    pub is_over: bool,
}

impl SourceVerdict {
    /// Whether nothing is over.
    ///
    /// # Standard
    /// As [`judge_source`].
    ///
    /// # Example
    /// ```
    /// use standards::water::drinking_water_sources::SourceVerdict;
    /// assert!(SourceVerdict::default().meets());
    /// ```
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
/// [`NotComputable::Missing`] without any item; [`NotComputable::NotInTable`] for an unknown name;
/// [`NotComputable::Invalid`] for a negative value.
///
/// # Note
/// The limits were read in the text; that a source is judged by them this way, temperature, total
/// nitrogen and faecal coliforms apart, is from memory, and so the verdict is.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::water::drinking_water_sources::judge_source;
/// use standards::water::gb3838_surface_water::{Item, Sample, WaterBody};
/// let value = |text: &str| text.parse().unwrap();
/// let basic = Sample::default().with(Item::AmmoniaNitrogen, value("0.4"));
/// let on = date(2026, 5, 6);
/// let found = judge_source(WaterBody::River, &basic, &[("铁", value("0.35"))], on).unwrap();
/// assert_eq!(found.value.specific_over, ["铁"]);
/// assert_eq!(found.by.to_string(), "GB 3838-2002 table 2");
/// ```
pub fn judge_source(
    body: WaterBody,
    basic: &Sample,
    specific: &[(&str, Decimal)],
    on: Date,
) -> Result<Judged<SourceVerdict>, NotComputable> {
    let method = Method::as_written(ItemSet::TwentyOne);
    let section = class_of_sample(method, body, basic);
    let mut verdict = SourceVerdict::default();
    // What each item rests on, and whether it is over.
    let mut used: Vec<(bool, Citation, Confidence)> = Vec::new();
    for item in Item::ALL.into_iter().filter(|item| method.items().contains(*item)) {
        let (Some(class), Some(value)) = (section.of(item), basic.get(item)) else { continue };
        let is_over = class.clone()? > Class::III;
        if is_over {
            verdict.basic_over.push(item);
        }
        let input = Input::new(item.name(), value, item.unit());
        let limit = limit_of_basic(item, body);
        verdict.items.push(SourceItem { input, limit, is_over });
        let judged = section.judged()?;
        used.push((is_over, judged.by, judged.confidence));
    }
    for (name, value) in specific {
        let (row, limit) = row_of(name, on)?;
        let table: &'static Table = &LIMITS;
        let name = table.cell(row, "name");
        if *value < Decimal::ZERO {
            let why = Text::fixed("数值为负", "the value is negative");
            return Err(NotComputable::Invalid { what: named(name), why });
        }
        let is_over = *value > limit;
        if is_over {
            verdict.specific_over.push(name);
        }
        let input = Input::new(named(name), *value, table.cell(row, "unit"));
        verdict.items.push(SourceItem { input, limit: format!("≤ {limit}"), is_over });
        used.push((is_over, row.citation(), row.confidence()));
    }
    let what = Text::fixed("全部评价项目", "every item that counts");
    let meets = verdict.meets();
    let deciding = used.iter().filter(|(is_over, ..)| *is_over || meets);
    let by = Citation::of_all(deciding.map(|(_, by, _)| by.clone()));
    Ok(Judged {
        by: by.ok_or(NotComputable::Missing { what })?,
        inputs: verdict.items.iter().map(|one| one.input.clone()).collect(),
        rounding: Vec::new(),
        // The rule itself is from memory, whatever the rows say.
        confidence: used
            .iter()
            .map(|(.., sure)| *sure)
            .min()
            .unwrap_or(Confidence::Unknown)
            .min(Confidence::Memory),
        value: verdict,
    })
}

/// What an item of table 1 may be in a source.
fn limit_of_basic(item: Item, body: WaterBody) -> String {
    match (item, class_limit(item, body, Class::III)) {
        (Item::Ph, _) => "6-9".to_owned(),
        (Item::DissolvedOxygen, Ok(limit)) => format!("≥ {limit}"),
        (_, Ok(limit)) => format!("≤ {limit}"),
        (_, Err(_)) => String::new(),
    }
}

/// Returns the share of sources that meet their standard, percent with one decimal (达标率).
///
/// # Standard
/// Published use: 830 of 902 sources in 2019 are 92.0 %.
///
/// # Not computable
/// [`NotComputable::Missing`] without a source.
///
/// # Note
/// That a source counts when it meets the standard all year is as published; the rate by amount of
/// water, which plans use too, is from memory: pass amounts to [`rate_by_amount`].
///
/// # Example
/// ```
/// use standards::water::drinking_water_sources::rate;
/// let national_2019 = std::iter::repeat_n(true, 830).chain(std::iter::repeat_n(false, 72));
/// assert_eq!(rate(national_2019).unwrap().to_string(), "92.0");
/// ```
pub fn rate(meets: impl IntoIterator<Item = bool>) -> Result<Decimal, NotComputable> {
    rate_by_amount(meets.into_iter().map(|meets| (Decimal::ONE, meets)))
}

/// Returns the share of water that comes from sources that meet their standard, percent with one
/// decimal (水量达标率).
///
/// # Standard
/// As [`rate`], each source by its amount; from memory.
///
/// # Units
/// Any amount of water, the same of every source.
///
/// # Not computable
/// [`NotComputable::Missing`] where nothing was taken; [`NotComputable::Invalid`] for a negative
/// amount or a sum too large to hold.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::water::drinking_water_sources::rate_by_amount;
/// let amounts = [(Decimal::from(900), true), (Decimal::from(100), false)];
/// assert_eq!(rate_by_amount(amounts).unwrap().to_string(), "90.0");
/// ```
pub fn rate_by_amount(
    sources: impl IntoIterator<Item = (Decimal, bool)>,
) -> Result<Decimal, NotComputable> {
    let what = || Text::fixed("取水量", "the amount of water");
    let invalid = |zh, en| NotComputable::Invalid { what: what(), why: Text::fixed(zh, en) };
    let (mut all, mut good) = (Decimal::ZERO, Decimal::ZERO);
    for (amount, meets) in sources {
        if amount < Decimal::ZERO {
            return Err(invalid("数值为负", "it is negative"));
        }
        let sum = |to: Decimal| {
            to.checked_add(amount).ok_or_else(|| invalid("数值过大", "a number is too large"))
        };
        all = sum(all)?;
        if meets {
            good = sum(good)?;
        }
    }
    good.checked_mul(Decimal::ONE_HUNDRED)
        .and_then(|share| share.checked_div(all))
        .map(|share| round_half_even(share, 1))
        .ok_or(NotComputable::Missing { what: what() })
}

/// Explains a verdict: each item with what it may be.
///
/// # Standard
/// As [`judge_source`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Language;
/// use standards::water::drinking_water_sources::{explain, judge_source};
/// use standards::water::gb3838_surface_water::{Sample, WaterBody};
/// let iron = [("铁", "0.35".parse().unwrap())];
/// let found = judge_source(WaterBody::Lake, &Sample::default(), &iron, date(2026, 5, 6)).unwrap();
/// let plain = explain(&found).to_plain(Language::Chinese);
/// assert!(plain.starts_with("水源水质不达标：铁（GB 3838-2002 表 2）"));
/// assert!(plain.contains("铁 | 0.35 mg/L | ≤ 0.3"));
/// ```
pub fn explain(verdict: &Judged<SourceVerdict>) -> Explanation {
    let found = &verdict.value;
    let mut over: Vec<Text> = found.basic_over.iter().map(|item| item.name()).collect();
    over.extend(found.specific_over.iter().map(|name| named(name)));
    let list = |pick: fn(&Text) -> &str, between: &str| {
        over.iter().map(|name| pick(name).to_owned()).collect::<Vec<_>>().join(between)
    };
    let by = verdict.by.text();
    let sentence = if found.meets() {
        Text::new(
            format!("水源水质达标（{}）", by.zh),
            format!("the source meets its standard ({})", by.en),
        )
    } else {
        let (zh, en) = (list(|name| &name.zh, "、"), list(|name| &name.en, ", "));
        Text::new(
            format!("水源水质不达标：{zh}（{}）", by.zh),
            format!("the source does not meet its standard: {en} ({})", by.en),
        )
    };
    let row =
        |one: &SourceItem| vec![one.input.name.clone(), one.input.shown(), Text::plain(&one.limit)];
    Explanation {
        sentence,
        columns: vec![
            Text::fixed("项目", "item"),
            Text::fixed("数值", "value"),
            Text::fixed("限值", "limit"),
        ],
        rows: found.items.iter().map(row).collect(),
        notes: verdict.notes(),
    }
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LIMITS]
}
