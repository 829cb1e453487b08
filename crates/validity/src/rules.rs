//! The tables of this crate, dated: flags of devices, kinds of marks, allowances, clocks, pass
//! marks. What was seen in quotations or remembered only says so in its row.

use crate::inputs::{Allowance, MarkEffect, MarkKind, Plausible, Rules};
use crate::month::{day_of, start_of};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use registry::FactorId;
use rulebook::{Confidence, Decimal, Row, Table, Text};
use sha2::{Digest as _, Sha256};
use standards::monitoring::{hj75_flue_gas, hj356_wastewater};
use std::sync::LazyLock;

const FLAGS_TEXT: &str = include_str!("tables/flags.csv");
const MARKS_TEXT: &str = include_str!("tables/marks.csv");
const ALLOWANCES_TEXT: &str = include_str!("tables/allowances.csv");
const RULES_TEXT: &str = include_str!("tables/rules.csv");
const CLOCKS_TEXT: &str = include_str!("tables/clocks.csv");
const PASS_MARKS_TEXT: &str = include_str!("tables/pass_marks.csv");
const PLAUSIBLE_TEXT: &str = include_str!("tables/plausible.csv");

fn load(name: &'static str, text: &str, key: &[&str]) -> Table {
    Table::load(name, text, key).expect("the table shipped with this crate is sound")
}

static FLAGS: LazyLock<Table> =
    LazyLock::new(|| load("validity/flags", FLAGS_TEXT, &["edition", "letter"]));
static MARKS: LazyLock<Table> = LazyLock::new(|| load("validity/marks", MARKS_TEXT, &["kind"]));
static ALLOWANCES: LazyLock<Table> =
    LazyLock::new(|| load("validity/allowances", ALLOWANCES_TEXT, &["facility", "phase"]));
static RULES: LazyLock<Table> = LazyLock::new(|| load("validity/rules", RULES_TEXT, &["rule"]));
static CLOCKS: LazyLock<Table> =
    LazyLock::new(|| load("validity/clocks", CLOCKS_TEXT, &["procedure"]));
static PASS_MARKS: LazyLock<Table> =
    LazyLock::new(|| load("validity/pass_marks", PASS_MARKS_TEXT, &["area"]));
static PLAUSIBLE: LazyLock<Table> =
    LazyLock::new(|| load("validity/plausible", PLAUSIBLE_TEXT, &["factor"]));

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for text in [MARKS_TEXT, ALLOWANCES_TEXT, RULES_TEXT, CLOCKS_TEXT, PLAUSIBLE_TEXT, FLAGS_TEXT] {
        hash.update(text.as_bytes());
    }
    let digest = hash.finalize();
    base16ct::lower::encode_string(digest.get(..6).unwrap_or_default())
});

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 7] {
    [&FLAGS, &MARKS, &ALLOWANCES, &RULES, &CLOCKS, &PASS_MARKS, &PLAUSIBLE]
}

/// The row of a letter: of the edition that was read, else of another that names it.
fn flag_row(letter: &str) -> Option<&'static Row> {
    let table: &'static Table = &FLAGS;
    ["2017", "2005", "2025"].iter().find_map(|edition| {
        let is_it = |row: &&Row| {
            table.cell(row, "edition") == *edition && table.cell(row, "letter") == letter
        };
        table.rows().iter().find(is_it)
    })
}

/// The standard that names the letter of a device.
pub(crate) fn flag_source(letter: u8) -> String {
    let row = flag_row(&char::from(letter).to_string());
    row.map_or(String::new(), |row| format!("{} {}", row.standard(), row.clause()))
}

/// What the letter of a device means (仪器标记含义).
pub fn flag_name(letter: u8) -> Text {
    let table: &'static Table = &FLAGS;
    let letter = char::from(letter).to_string();
    match flag_row(&letter) {
        Some(row) => Text::new(
            format!("{letter} {}", table.cell(row, "zh")),
            format!("{letter} {}", table.cell(row, "en")),
        ),
        None => Text::new(format!("{letter} 未列出"), format!("{letter} not listed")),
    }
}

/// Whether a value with this letter counts: `N`, or none at all. A letter that is not listed does
/// not.
pub const fn is_usable_flag(flag: Option<u8>) -> bool {
    matches!(flag, None | Some(b'N'))
}

fn citation(row: &Row) -> String {
    format!("{} {}; {}; {}", row.standard(), row.clause(), row.source(), row.confidence().as_str())
}

fn kind_of(row: &'static Row) -> MarkKind {
    let table: &'static Table = &MARKS;
    MarkKind {
        kind: table.cell(row, "kind").to_owned(),
        effect: MarkEffect::parse(table.cell(row, "effect")).unwrap_or(MarkEffect::Remark),
        phase: table.cell(row, "phase").to_owned(),
        zh: table.cell(row, "zh").to_owned(),
        en: table.cell(row, "en").to_owned(),
        citation: citation(row),
    }
}

/// The kinds of mark that an enterprise may make on a day (标记种类).
pub fn mark_kinds(on: Date) -> Vec<MarkKind> {
    let table: &'static Table = &MARKS;
    table.in_force(on).map(kind_of).collect()
}

/// The kind of a word on a day.
pub fn mark_kind(kind: &str, on: Date) -> Option<MarkKind> {
    mark_kinds(on).into_iter().find(|row| row.kind == kind)
}

/// What the form says about a kind of mark.
pub fn mark_hint(kind: &str, on: Date) -> Text {
    let table: &'static Table = &MARKS;
    let found = table.in_force(on).find(|row| table.cell(row, "kind") == kind);
    found.map_or(Text::fixed("", ""), |row| {
        Text::new(table.cell(row, "hint_zh").to_owned(), table.cell(row, "hint_en").to_owned())
    })
}

/// The facilities for which an allowance is listed on a day, each once, with their names.
pub fn facilities(on: Date) -> Vec<(String, Text)> {
    let table: &'static Table = &ALLOWANCES;
    let mut found: Vec<(String, Text)> = Vec::new();
    for row in table.in_force(on) {
        let word = table.cell(row, "facility");
        if found.iter().all(|(held, _)| held != word) {
            let (zh, en) = (table.cell(row, "facility_zh"), table.cell(row, "facility_en"));
            found.push((word.to_owned(), Text::new(zh.to_owned(), en.to_owned())));
        }
    }
    found
}

/// The allowances of start-up and shut-down on a day (启停豁免时限).
pub fn allowances(on: Date) -> Vec<Allowance> {
    let table: &'static Table = &ALLOWANCES;
    let read = |row: &'static Row| Allowance {
        facility: table.cell(row, "facility").to_owned(),
        phase: table.cell(row, "phase").to_owned(),
        factors: table.cell(row, "factors").to_owned(),
        hours: table.cell(row, "hours").parse().ok(),
        at_most: table.cell(row, "at_most").parse().ok(),
        citation: citation(row),
    };
    table.in_force(on).map(read).collect()
}

/// The numbers of the rules on a day; those of a day before an edition are its first ones.
pub(crate) fn rules(on: Date) -> Rules {
    let first = Date::constant(2020, 3, 24);
    let on = on.max(first);
    let number = |name: &str, otherwise: i64| {
        let table: &'static Table = &RULES;
        let row = table.in_force(on).find(|row| table.cell(row, "rule") == name);
        row.and_then(|row| table.decimal(row, "value").ok().flatten())
            .unwrap_or(Decimal::from(otherwise))
    };
    let short = |count: u32| u16::try_from(count).unwrap_or(u16::MAX);
    let gas = hj75_flue_gas::Parameters::in_force(on).ok();
    let of_gas = |read: fn(&hj75_flue_gas::Parameters) -> u32| {
        gas.as_ref().map_or(0, |parameters| short(read(parameters)))
    };
    Rules {
        minutes_of_an_hour: of_gas(|rule| rule.minutes_of_an_hour),
        hours_of_a_day: of_gas(|rule| rule.hours_of_a_day),
        water_day_percent: water("valid_percent_of_a_day", on),
        oxygen_meaningful_below: number("oxygen_meaningful_below", 19),
        conversion_percent: number("conversion_percent", 1),
        capture_percent: of_gas(|rule| rule.capture_percent),
        good_capture_percent: of_gas(|rule| rule.good_capture_percent),
        short_outage_hours: of_gas(|rule| rule.short_outage_hours),
        window_good_short: of_gas(|rule| rule.window_good_short),
        window_good_long: of_gas(|rule| rule.window_good_long),
        window_fair: of_gas(|rule| rule.window_fair),
        water_days_looked_back: water("days_looked_back", on),
        tables: VERSION.clone(),
    }
}

fn water(name: &str, on: Date) -> u16 {
    let [table] = hj356_wastewater::tables();
    let row = table.in_force(on).find(|row| table.cell(row, "parameter") == name);
    row.and_then(|row| table.cell(row, "value").parse().ok()).unwrap_or(0)
}

/// What the numbers of a factor of this code may be, or those of concentrations of mass.
pub fn plausible(code: &str, is_mass: bool) -> Option<Plausible> {
    let table: &'static Table = &PLAUSIBLE;
    let named = |name: &str| table.rows().iter().find(|row| table.cell(row, "factor") == name);
    let row = named(code).or_else(|| named("mass").filter(|_| is_mass))?;
    Some(Plausible {
        at_least: table.decimal(row, "at_least").ok().flatten(),
        at_most: table.decimal(row, "at_most").ok().flatten(),
        is_invalid_beyond: table.cell(row, "effect") == "invalid",
    })
}

/// When a mark of a stretch that ended then is due (标记时限): by 12:00 of the next day.
pub fn mark_due(stretch_ends: Timestamp) -> Timestamp {
    let table: &'static Table = &CLOCKS;
    let row = table.rows().iter().find(|row| table.cell(row, "procedure") == "mark");
    let read = |name: &str, otherwise: i64| {
        row.and_then(|row| table.cell(row, name).parse().ok()).unwrap_or(otherwise)
    };
    // A stretch up to midnight belongs to the day that it ends.
    let last = stretch_ends.saturating_sub(SignedDuration::from_secs(1)).unwrap_or(stretch_ends);
    let hours = read("days_after", 1) * 24 + read("at_hour", 12);
    let day = start_of(day_of(last));
    day.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MAX)
}

/// A procedure with its clock, for a page that explains them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Its word: `mark`, `correction`, `voucher`.
    pub procedure: String,
    /// What it says.
    pub text: Text,
    /// Who says so.
    pub source: String,
    /// How sure that is.
    pub confidence: Confidence,
}

/// The clocks of marking and of correcting data: two procedures that are not one.
pub fn clocks(on: Date) -> Vec<Clock> {
    let table: &'static Table = &CLOCKS;
    let read = |row: &'static Row| Clock {
        procedure: table.cell(row, "procedure").to_owned(),
        text: Text::new(table.cell(row, "zh").to_owned(), table.cell(row, "en").to_owned()),
        source: row.source().to_owned(),
        confidence: row.confidence(),
    };
    table.in_force(on).map(read).collect()
}

/// What the transmission-effective rate has to reach (传输有效率合格线).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassMark {
    /// The area: `national`, or the beginning of a code of GB/T 2260.
    pub area: String,
    /// Percent.
    pub percent: Decimal,
    /// Who says so.
    pub source: String,
    /// How sure that is.
    pub confidence: Confidence,
}

/// The pass mark for a division on a day: that of the narrowest area that has one; `own` are rows
/// of the city, before those of this crate.
pub fn pass_mark(division: &str, on: Date, own: &[PassMark]) -> Option<PassMark> {
    let table: &'static Table = &PASS_MARKS;
    let shipped = table.in_force(on).filter_map(|row| {
        Some(PassMark {
            area: table.cell(row, "area").to_owned(),
            percent: table.decimal(row, "percent").ok()??,
            source: format!("{}; {}", row.standard(), row.source()),
            confidence: row.confidence(),
        })
    });
    let holds = |mark: &PassMark| mark.area == "national" || division.starts_with(&mark.area);
    let width = |mark: &PassMark| if mark.area == "national" { 0 } else { mark.area.len() };
    let narrowest = |marks: Vec<PassMark>| marks.into_iter().filter(holds).max_by_key(width);
    narrowest(own.to_vec()).or_else(|| narrowest(shipped.collect()))
}

/// Whether an allowance names a factor.
pub(crate) fn names_factor(allowance: &Allowance, code: &str) -> bool {
    allowance.factors.split_whitespace().any(|named| named == code)
}

/// Whether this factor is among those that a mark or a decision is about.
pub(crate) fn is_about(named: Option<FactorId>, factor: FactorId) -> bool {
    named.is_none_or(|named| named == factor)
}
