//! The limits of table 1 as read from the dated table.

use std::sync::LazyLock;

use rulebook::{Decimal, Row, Table};

use super::{Class, Item, WaterBody};

static TABLE_1: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb3838/table1", include_str!("table1.csv"), &["item"])
        .expect("the table shipped with this crate is sound")
});

static LIMITS: LazyLock<[[Limits; Item::COUNT]; 2]> = LazyLock::new(|| {
    [WaterBody::River, WaterBody::Lake].map(|body| Item::ALL.map(|item| Limits::read(item, body)))
});

/// The limits of the five classes of one item.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) of_class: Vec<Decimal>,
    pub(super) in_21_items: bool,
    pub(super) row: Option<&'static Row>,
}

impl Limits {
    pub(super) fn get(item: Item, body: WaterBody) -> &'static Self {
        &LIMITS[body as usize][item.index()]
    }

    fn read(item: Item, body: WaterBody) -> Self {
        let table: &'static Table = &TABLE_1;
        let key = match (item, body) {
            (Item::WaterTemperature, _) => "water_temp",
            (Item::TotalPhosphorus, WaterBody::River) => "TP_river",
            (Item::TotalPhosphorus, WaterBody::Lake) => "TP_lake",
            (other, _) => other.as_str(),
        };
        let row = table.rows().iter().find(|row| table.cell(row, "item") == key);
        let limit = |class: Class| {
            let row = row?;
            table.decimal(row, class.as_str()).expect("limits are decimal numbers")
        };
        Self {
            of_class: Class::ALL[..5].iter().filter_map(|class| limit(*class)).collect(),
            in_21_items: row.is_some_and(|row| table.cell(row, "in_21_items") == "1"),
            row,
        }
    }
}

static DIGITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb3838/digits", include_str!("digits.csv"), &["use", "item"])
        .expect("the table shipped with this crate is sound")
});

/// The decimals of an item, by its identifier, in a use: `published` or `assessment`.
pub(super) fn digits(usage: &str, item: &str) -> Option<(u32, &'static Row)> {
    let table: &'static Table = &DIGITS;
    let named = |row: &&Row| table.cell(row, "use") == usage && table.cell(row, "item") == item;
    let row = table.rows().iter().find(named)?;
    Some((table.cell(row, "decimals").parse().ok()?, row))
}

/// The dated tables, for browsing.
pub(super) fn tables() -> [&'static Table; 2] {
    [&TABLE_1, &DIGITS]
}
