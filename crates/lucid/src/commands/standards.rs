//! `lucid standards`: browse the rules by which things are judged.

use jiff::civil::Date;
use rulebook::{Edition, Row, Table};
use serde_json::{Value, json};
use standards::{ALL, Difference, Named, Standard, differences};

use crate::arguments::Standards;
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::say;

pub(crate) fn run(what: &Standards, as_json: bool) -> Outcome {
    match what {
        Standards::List => list(as_json),
        Standards::Show { id, on } => show(&named(id)?, *on, as_json),
        Standards::Diff { before, after } => diff(&named(before)?, &named(after)?, as_json)?,
    }
    Ok(Exit::Ok)
}

fn named(name: &str) -> Result<Named, Failure> {
    Named::parse(name).ok_or_else(|| {
        let start: String = name.chars().take_while(|letter| *letter != '-').collect();
        let near = Named::parse(&start).map(|found| {
            let ids: Vec<&str> = found.standard.editions.iter().map(|one| one.id).collect();
            format!("{} has {}.", found.standard.id, ids.join(", "))
        });
        let cure = near.unwrap_or_else(|| "`lucid standards list` names them all.".to_owned());
        Failure::of_use("standards.unknown", format!("there is no standard {name:?}"), cure)
    })
}

fn list(as_json: bool) {
    if as_json {
        let all: Vec<Value> = ALL.iter().map(described).collect();
        say!("{}", json!({ "standards": all }));
        return;
    }
    for standard in ALL {
        let title = standard.title();
        say!("{:<25} {} {}", standard.id, title.zh, title.en);
        for edition in standard.editions {
            say!("{:<27} {}", "", span(edition));
        }
    }
}

fn span(edition: &Edition) -> String {
    let to = edition.valid_to.map_or_else(|| "open".to_owned(), |day| day.to_string());
    format!("{:<26} {} to {to}", edition.id, edition.valid_from)
}

fn described(standard: &Standard) -> Value {
    let edition = |edition: &Edition| {
        json!({
            "id": edition.id,
            "number": edition.number,
            "valid_from": edition.valid_from.to_string(),
            "valid_to": edition.valid_to.map(|day| day.to_string()),
        })
    };
    json!({
        "id": standard.id,
        "zh": standard.title().zh,
        "en": standard.title().en,
        "folder": standard.folder,
        "editions": standard.editions.iter().map(edition).collect::<Vec<_>>(),
    })
}

/// The tables on a day: the one asked for, that of the edition named, else today.
fn show(named: &Named, on: Option<Date>, as_json: bool) {
    let today = rulebook::beijing_offset().to_datetime(jiff::Timestamp::now()).date();
    let of_edition = named.on.or_else(|| named.editions.first().map(|edition| edition.valid_from));
    let on = on.or(of_edition).unwrap_or(today);
    let standard = named.standard;
    if as_json {
        let table = |table: &&'static Table| {
            let row = |row: &Row| {
                let cells = table
                    .columns()
                    .iter()
                    .map(|column| (column.clone(), Value::from(table.cell(row, column))));
                Value::Object(cells.collect())
            };
            json!({ "name": table.name(), "rows": table.in_force(on).map(row).collect::<Vec<_>>() })
        };
        let tables: Vec<Value> = (standard.tables)().iter().map(table).collect();
        let shown =
            json!({ "standard": described(standard), "on": on.to_string(), "tables": tables });
        say!("{shown}");
        return;
    }
    say!("{}  {}  {}", standard.id, standard.title().zh, standard.title().en);
    for edition in standard.editions {
        let mark = if edition.covers(on) { "*" } else { " " };
        say!(" {mark} {}", span(edition));
    }
    say!("\nOn {on}; computed in crates/standards/src/{}", standard.folder);
    for table in (standard.tables)() {
        say!("\n{}", table.name());
        let lines = lines(table, on);
        if lines.len() < 2 {
            say!("  no row is in force on {on}");
            continue;
        }
        for line in aligned(&lines) {
            say!("  {line}");
        }
    }
}

/// The header and the rows in force, without columns that are empty or say only when.
fn lines(table: &'static Table, on: Date) -> Vec<Vec<String>> {
    let rows: Vec<&Row> = table.in_force(on).collect();
    let kept: Vec<&String> = table
        .columns()
        .iter()
        .filter(|column| !matches!(column.as_str(), "valid_from" | "valid_to"))
        .filter(|column| rows.iter().any(|row| !table.cell(row, column).is_empty()))
        .collect();
    let cells = |row: &&Row| kept.iter().map(|column| table.cell(row, column).to_owned()).collect();
    let header = kept.iter().map(|column| (*column).clone()).collect();
    std::iter::once(header).chain(rows.iter().map(cells)).collect()
}

/// Cells padded to the width of their column; a Chinese character is two wide.
fn aligned(lines: &[Vec<String>]) -> Vec<String> {
    let width = |text: &str| {
        text.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum::<usize>()
    };
    let columns = lines.first().map_or(0, Vec::len);
    let widest: Vec<usize> = (0..columns)
        .map(|column| lines.iter().map(|cells| width(&cells[column])).max().unwrap_or(0).min(40))
        .collect();
    let padded = |cells: &Vec<String>| {
        let pad = |(cell, wide): (&String, &usize)| {
            format!("{cell}{}", " ".repeat(wide.saturating_sub(width(cell)) + 2))
        };
        let line: String = cells.iter().zip(&widest).map(pad).collect();
        line.trim_end().to_owned()
    };
    lines.iter().map(padded).collect()
}

/// What changed between two editions, stage by stage.
fn diff(before: &Named, after: &Named, as_json: bool) -> Result<(), Failure> {
    if before.standard.id != after.standard.id {
        let what = format!("{} and {} are two standards", before.standard.id, after.standard.id);
        let cure = "Name two editions of one: `lucid standards diff GB3095-2012 GB3095-2026`.";
        return Err(Failure::of_use("standards.two", what, cure));
    }
    let standard = before.standard;
    let (Some(first), days) = (before.last_day(), after.first_days()) else {
        let what = format!("{} has one edition only", standard.id);
        return Err(Failure::of_use(
            "standards.one",
            what,
            "Name days: ID@2020-01-01 ID@2026-01-01.",
        ));
    };
    if as_json {
        let stage = |day: &Date| {
            let found = differences(standard, first, *day);
            json!({ "before": first.to_string(), "after": day.to_string(),
                "differences": found.iter().map(difference).collect::<Vec<_>>() })
        };
        say!(
            "{}",
            json!({ "standard": standard.id, "stages": days.iter().map(stage).collect::<Vec<_>>() })
        );
        return Ok(());
    }
    for day in days {
        let edition = |on: Date| {
            let found = Edition::in_force(standard.editions, on);
            found.map_or_else(|| "no edition".to_owned(), |edition| edition.number.to_owned())
        };
        say!("{} on {first} → {} on {day}", edition(first), edition(day));
        let found = differences(standard, first, day);
        if found.is_empty() {
            say!("  no difference");
        }
        let one_sided = |(_, old, new): &(String, String, String)| old.is_empty() || new.is_empty();
        let has_none = found.iter().any(|one| one.columns.iter().any(one_sided));
        for one in found {
            for (column, old, new) in &one.columns {
                let shown = |cell: &str| if cell.is_empty() { "—" } else { cell }.to_owned();
                say!(
                    "  {:<24} {:<44} {column}: {} → {}",
                    one.table,
                    one.key,
                    shown(old),
                    shown(new)
                );
            }
        }
        if has_none {
            say!("  — the table of that day has no such row; texts not obtained are not in it");
        }
    }
    Ok(())
}

fn difference(one: &Difference) -> Value {
    let columns: Vec<Value> = one
        .columns
        .iter()
        .map(|(column, old, new)| json!({ "column": column, "before": old, "after": new }))
        .collect();
    json!({ "table": one.table, "key": one.key, "columns": columns })
}
