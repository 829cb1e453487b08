//! Tables whose columns are classes: an item has the best class whose bound its value keeps.

use jiff::civil::Date;
use rulebook::{Citation, Confidence, Decimal, Judged, NotComputable, Row, Table, Text};

use crate::item_names::named;

/// What was found of an item in a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A number in the unit of the table.
    Value(Decimal),
    /// Not detected, or "none" for smell and visible matter (未检出、无).
    NotDetected,
    /// "Present", for items that have no number (有).
    Present,
}

/// One column of a row: what a value may be to be of this class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    AtMost(Decimal),
    AtLeast(Decimal),
    MoreThan(Decimal),
    Within(Decimal, Decimal),
}

impl std::fmt::Display for Bound {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtMost(limit) => write!(formatter, "≤ {limit}"),
            Self::AtLeast(limit) => write!(formatter, "≥ {limit}"),
            Self::MoreThan(limit) => write!(formatter, "> {limit}"),
            Self::Within(low, high) => write!(formatter, "{low}-{high}"),
        }
    }
}

impl Bound {
    /// What lies beyond it.
    fn beyond(self) -> String {
        match self {
            Self::AtMost(limit) => format!("> {limit}"),
            Self::AtLeast(limit) => format!("< {limit}"),
            Self::MoreThan(limit) => format!("≤ {limit}"),
            Self::Within(low, high) => format!("< {low}, > {high}"),
        }
    }

    fn read(compare: &str, cell: &str) -> Option<Self> {
        let number = |text: &str| text.trim().parse::<Decimal>().ok();
        match compare {
            "<=" => number(cell).map(Self::AtMost),
            ">=" => number(cell).map(Self::AtLeast),
            ">" => number(cell).map(Self::MoreThan),
            "range" => {
                let (low, high) = cell.split_once('-')?;
                Some(Self::Within(number(low)?, number(high)?))
            }
            _ => None,
        }
    }

    fn holds(self, value: Decimal) -> bool {
        match self {
            Self::AtMost(limit) => value <= limit,
            Self::AtLeast(limit) => value >= limit,
            Self::MoreThan(limit) => value > limit,
            Self::Within(low, high) => low <= value && value <= high,
        }
    }
}

/// The class of each item of a sample and of the whole: the worst.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleClass<Class> {
    /// The worst class.
    pub class: Class,
    /// Each item with its class, in the order given.
    pub items: Vec<ItemClass<Class>>,
}

/// An item of a sample with its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemClass<Class> {
    /// The item as the table names it.
    pub item: &'static str,
    /// Its class.
    pub class: Class,
    /// What the table asks of a value of this class, `≤ 0.05`; empty where it prints no number.
    pub limit: String,
}

impl<Class: Copy + PartialEq> SampleClass<Class> {
    /// The items that have the worst class.
    ///
    /// # Standard
    /// Single factor: the worst item decides.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use standards::sea::gb3097_sea_water::{Reading, class_of_sample};
    /// let of = |text: &str| Reading::Value(text.parse().unwrap());
    /// let sample = [("DO", of("6.1")), ("DIN", of("0.45"))];
    /// let found = class_of_sample(&sample, date(2026, 5, 1)).unwrap();
    /// assert_eq!(found.value.deciding().collect::<Vec<_>>(), ["无机氮(以N计)"]);
    /// ```
    pub fn deciding(&self) -> impl Iterator<Item = &'static str> {
        self.items.iter().filter(|one| one.class == self.class).map(|one| one.item)
    }
}

/// The place of the best class that an item keeps; one past the last when it keeps none.
pub(crate) fn place_of(
    table: &'static Table,
    columns: &[&str],
    item: &str,
    reading: Reading,
    on: Date,
) -> Result<(usize, &'static Row), NotComputable> {
    let row = row_of(table, item, on)?;
    let bounds = columns
        .iter()
        .map(|column| Bound::read(table.cell(row, "compare"), table.cell(row, column)));
    let place = match reading {
        Reading::NotDetected => 0,
        Reading::Present if table.cell(row, "compare") == "text" => columns.len(),
        Reading::Value(value) if value >= Decimal::ZERO => {
            let bounds: Vec<Option<Bound>> = bounds.collect();
            let Some(first) = bounds.iter().position(Option::is_some) else {
                return Err(invalid(row_name(table, row), "该项目没有数值限值", "has no number"));
            };
            // A class left blank before the first number asks for "not detected"; one left blank
            // after it sets no limit of its own.
            let keeps = |bound: &Option<Bound>| bound.is_none_or(|bound| bound.holds(value));
            let place = bounds[first..].iter().position(keeps).map(|place| first + place);
            place.unwrap_or(columns.len())
        }
        Reading::Value(_) => {
            return Err(invalid(row_name(table, row), "数值为负", "the value is negative"));
        }
        Reading::Present => {
            return Err(invalid(row_name(table, row), "该项目需要数值", "a number is wanted"));
        }
    };
    Ok((place, row))
}

/// What the table asks of a value at the place of a class; beyond the last where it has none.
fn limit_at(table: &'static Table, columns: &[&str], row: &'static Row, place: usize) -> String {
    let bound = |column: &&str| Bound::read(table.cell(row, "compare"), table.cell(row, column));
    let bounds: Vec<Bound> = columns.iter().filter_map(bound).collect();
    match columns.get(place) {
        Some(column) => bound(column).map_or_else(String::new, |bound| bound.to_string()),
        None => bounds.last().map_or_else(String::new, |last| last.beyond()),
    }
}

/// The row of an item in force on a day.
pub(crate) fn row_of(
    table: &'static Table,
    item: &str,
    on: Date,
) -> Result<&'static Row, NotComputable> {
    let standard = table.rows().first().map_or("", |row| row.standard());
    if table.in_force(on).next().is_none() {
        return Err(NotComputable::NoEdition { standard, on });
    }
    let named = |row: &&Row| table.cell(row, "item") == item || table.cell(row, "key") == item;
    table
        .in_force(on)
        .find(named)
        .ok_or_else(|| NotComputable::NotInTable { what: Text::plain(item), edition: standard })
}

fn row_name(table: &'static Table, row: &'static Row) -> &'static str {
    table.cell(row, "item")
}

fn invalid(item: &'static str, zh: &'static str, en: &'static str) -> NotComputable {
    NotComputable::Invalid { what: named(item), why: Text::fixed(zh, en) }
}

/// Judges a whole sample: the class of each item, and the worst of them.
pub(crate) fn judge_sample<Class: Copy + Ord>(
    table: &'static Table,
    columns: &[&str],
    classes: &[Class],
    sample: &[(&str, Reading)],
    on: Date,
) -> Result<Judged<SampleClass<Class>>, NotComputable> {
    let mut items = Vec::with_capacity(sample.len());
    let mut rows: Vec<&'static Row> = Vec::with_capacity(sample.len());
    let mut inputs = Vec::new();
    for (item, reading) in sample {
        let (place, row) = place_of(table, columns, item, *reading, on)?;
        items.push(ItemClass {
            item: row_name(table, row),
            class: classes[place.min(classes.len() - 1)],
            limit: limit_at(table, columns, row, place),
        });
        rows.push(row);
        if let Reading::Value(value) = reading {
            let unit = table.cell(row, "unit");
            inputs.push(rulebook::Input::new(named(row_name(table, row)), *value, unit));
        }
    }
    let what = || Text::fixed("全部评价项目", "every item that counts");
    let class = items.iter().map(|one| one.class).max();
    let class = class.ok_or_else(|| NotComputable::Missing { what: what() })?;
    let deciding = items.iter().zip(&rows).filter(|(one, _)| one.class == class);
    let by = Citation::of_all(deciding.map(|(_, row)| row.citation()));
    let confidence = rows.iter().map(|row| row.confidence()).min();
    Ok(Judged {
        value: SampleClass { class, items },
        by: by.ok_or_else(|| NotComputable::Missing { what: what() })?,
        inputs,
        rounding: Vec::new(),
        confidence: confidence.unwrap_or(Confidence::Unknown),
    })
}

/// Explains a sample: value, limit and class of each item; a dash where there was no number.
pub(crate) fn explain_sample<Class: Copy + Ord>(
    verdict: &Judged<SampleClass<Class>>,
    name: fn(Class) -> Text,
) -> rulebook::Explanation {
    let found = &verdict.value;
    let class = name(found.class);
    let deciding: Vec<Text> = found.deciding().map(named).collect();
    let list = |pick: fn(&Text) -> &str, between: &str| {
        deciding.iter().map(pick).collect::<Vec<_>>().join(between)
    };
    let (zh, en) = (list(|name| &name.zh, "、"), list(|name| &name.en, ", "));
    rulebook::Explanation {
        sentence: Text::new(
            format!("{}，由{zh}决定（{}）", class.zh, verdict.by.text().zh),
            format!("{}, decided by {en} ({})", class.en, verdict.by),
        ),
        columns: vec![
            Text::fixed("项目", "item"),
            Text::fixed("数值", "value"),
            Text::fixed("所在类别限值", "limit of the class"),
            Text::fixed("类别", "class"),
        ],
        rows: found
            .items
            .iter()
            .map(|one| {
                let input = verdict.inputs.iter().find(|input| input.name.zh == one.item);
                let value = input.map_or(Text::same("—"), rulebook::Input::shown);
                vec![named(one.item), value, Text::plain(&one.limit), name(one.class)]
            })
            .collect(),
        notes: verdict.notes(),
    }
}
