//! The breakpoints and classes of HJ 633 as read from the dated tables, kept as integers.

use std::sync::LazyLock;

use rulebook::{Citation, Confidence, NotComputable, Row, Table, Text};

use super::{Category, Edition, Item};

static BREAKPOINTS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("hj633/breakpoints", include_str!("breakpoints.csv"), &["item", "iaqi"])
        .expect("the table shipped with this crate is sound")
});

static CATEGORIES: LazyLock<Table> = LazyLock::new(|| {
    Table::load("hj633/categories", include_str!("categories.csv"), &["level"])
        .expect("the table shipped with this crate is sound")
});

static CURVES: LazyLock<[[Curve; Item::COUNT]; 2]> =
    LazyLock::new(|| Edition::ALL.map(|edition| Item::ALL.map(|item| Curve::of(edition, item))));

static CLASSES: LazyLock<[Vec<Category>; 2]> = LazyLock::new(|| Edition::ALL.map(classes_of));

/// The rising points of one item, at most eight, as integers of its unit.
#[derive(Clone, Debug, Default)]
pub(super) struct Curve {
    pub(super) points: Vec<Point>,
    row: Option<&'static Row>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) concentration: i64,
    pub(super) index: i64,
}

impl Curve {
    /// The curve of an item; the 1 h means of particles have none of their own.
    pub(super) fn get(edition: Edition, item: Item) -> &'static Self {
        &CURVES[edition as usize][item as usize]
    }

    fn of(edition: Edition, item: Item) -> Self {
        let table: &'static Table = &BREAKPOINTS;
        let rows = || {
            table.rows().iter().filter(|row| {
                row.standard() == edition.number() && table.cell(row, "item") == item.row_name()
            })
        };
        let whole = |row: &Row, column: &str| {
            table.cell(row, column).parse::<i64>().expect("breakpoints are whole numbers")
        };
        let points = rows()
            .map(|row| Point {
                concentration: whole(row, "concentration"),
                index: whole(row, "iaqi"),
            })
            .collect();
        Self { points, row: rows().next_back() }
    }

    pub(super) fn top(&self) -> i64 {
        self.points.last().map_or(0, |point| point.concentration)
    }

    pub(super) fn citation(&self) -> Option<(Citation, Confidence)> {
        self.row.map(|row| (row.citation(), row.confidence()))
    }
}

fn classes_of(edition: Edition) -> Vec<Category> {
    let table: &'static Table = &CATEGORIES;
    let number = |row: &Row, column: &str| table.cell(row, column).parse::<u16>();
    table
        .rows()
        .iter()
        .filter(|row| row.standard() == edition.number())
        .map(|row| {
            let whole = |column| number(row, column).expect("classes are whole numbers");
            let part = |column| u8::try_from(whole(column)).expect("colours are below 256");
            Category {
                level: part("level"),
                level_name: table.cell(row, "level_zh"),
                name: Text::fixed(table.cell(row, "category_zh"), table.cell(row, "category_en")),
                index_from: whole("aqi_from"),
                index_to: number(row, "aqi_to").ok(),
                color_name: table.cell(row, "color_zh"),
                rgb: [part("r"), part("g"), part("b")],
            }
        })
        .collect()
}

/// The classes of an edition, the best first.
pub(super) fn classes(edition: Edition) -> &'static [Category] {
    &CLASSES[edition as usize]
}

/// The dated tables, for browsing.
pub(super) fn tables() -> [&'static Table; 2] {
    [&BREAKPOINTS, &CATEGORIES]
}

/// The reason that a value lies above the end of its curve.
pub(super) fn above(item: Item, curve: &Curve) -> NotComputable {
    NotComputable::AboveTable { what: item.name(), top: curve.top().into() }
}
