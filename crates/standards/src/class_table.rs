//! Tables whose columns are classes: an item has the best class whose bound its value keeps.

use jiff::civil::Date;
use rulebook::{Decimal, Judged, NotComputable, Row, Table, Text};

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

impl Bound {
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
    pub items: Vec<(&'static str, Class)>,
}

impl<Class: Copy + PartialEq> SampleClass<Class> {
    /// The items that have the worst class.
    pub fn deciding(&self) -> impl Iterator<Item = &'static str> {
        self.items.iter().filter(|(_, class)| *class == self.class).map(|(item, _)| *item)
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
    NotComputable::Invalid { what: Text::same(item), why: Text::fixed(zh, en) }
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
        items.push((row_name(table, row), classes[place.min(classes.len() - 1)]));
        rows.push(row);
        if let Reading::Value(value) = reading {
            let unit = table.cell(row, "unit");
            inputs.push(rulebook::Input::new(Text::same(row_name(table, row)), *value, unit));
        }
    }
    let what = || Text::fixed("全部评价项目", "every item that counts");
    let class = items.iter().map(|(_, class)| *class).max();
    let class = class.ok_or_else(|| NotComputable::Missing { what: what() })?;
    let first = rows.first().ok_or_else(|| NotComputable::Missing { what: what() })?;
    Ok(Judged {
        value: SampleClass { class, items },
        by: first.citation(),
        inputs,
        rounding: Vec::new(),
        confidence: rows.iter().map(|row| row.confidence()).min().unwrap_or(first.confidence()),
    })
}

/// Explains a sample: value and class of each item; a dash where there was no number.
pub(crate) fn explain_sample<Class: Copy + Ord>(
    verdict: &Judged<SampleClass<Class>>,
    name: fn(Class) -> Text,
) -> rulebook::Explanation {
    let found = &verdict.value;
    let (class, deciding) = (name(found.class), found.deciding().collect::<Vec<_>>());
    rulebook::Explanation {
        sentence: Text::new(
            format!("{}，由{}决定（{}）", class.zh, deciding.join("、"), verdict.by),
            format!("{}, decided by {} ({})", class.en, deciding.join(", "), verdict.by),
        ),
        columns: vec![
            Text::fixed("项目", "item"),
            Text::fixed("数值", "value"),
            Text::fixed("类别", "class"),
        ],
        rows: found
            .items
            .iter()
            .map(|(item, class)| {
                let input = verdict.inputs.iter().find(|input| input.name.zh == *item);
                let value = input.map_or(Text::same("—"), rulebook::Input::shown);
                vec![Text::same(item), value, name(*class)]
            })
            .collect(),
        notes: vec![verdict.confidence.text()],
    }
}
