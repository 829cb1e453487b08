//! `lucid evaluate --list` and `--explain`: what a method wants, gives and rests on.

use bulk::column::{Column, Holds};
use bulk::{Gives, Method, Together};
use serde_json::json;

use crate::terminal::say;

/// A method that sets a publication beside what the standard gives.
pub(super) struct Feed {
    pub(super) name: &'static str,
    /// In Chinese and in English, as all pairs here.
    pub(super) title: (&'static str, &'static str),
    pub(super) does: (&'static str, &'static str),
    /// The columns that are read, with their units.
    pub(super) reads: &'static [(&'static str, &'static str)],
    pub(super) gives: &'static [&'static str],
    pub(super) clauses: &'static [&'static str],
    pub(super) standard: &'static str,
    pub(super) example: &'static str,
}

const FEEDS: [&Feed; 2] = [&super::air_feed::FEED, &super::water_feed::FEED];

pub(super) fn list(as_json: bool) {
    let own = bulk::METHODS.iter().map(|method| (method.name, method.title.0, method.title.1));
    let all = own.chain(FEEDS.iter().map(|feed| (feed.name, feed.title.0, feed.title.1)));
    if as_json {
        let all: Vec<_> =
            all.map(|(name, zh, en)| json!({ "name": name, "zh": zh, "en": en })).collect();
        say!("{}", json!({ "methods": all }));
        return;
    }
    for (name, zh, en) in all {
        say!("{name:<17} {zh}: {en}");
    }
    say!("\n`lucid evaluate METHOD --explain` prints columns, units, editions and an example.");
}

pub(super) fn explain(method: &Method, as_json: bool) {
    if as_json {
        say!("{}", described(method));
        return;
    }
    say!("{}  {}: {}", method.name, method.title.0, method.title.1);
    say!("\n{}\n{}", method.does.0, method.does.1);
    say!(
        "\nColumns wanted (letter case, blanks, _ - and . do not matter; a unit may stand in \
          brackets, `CO (ug/m3)`):"
    );
    for column in method.columns {
        let need = if column.is_required { "required" } else { "optional" };
        say!("  {:<14} {:<22} {need}  {}: {}", column.name, held(column), column.meaning.0, {
            column.meaning.1
        });
        if !column.also.is_empty() {
            say!("  {:<14} also {}", "", column.also.join(", "));
        }
    }
    say!("\nColumns given:");
    for given in method.gives {
        say!("  {:<16} {:<8} {}: {}", given.name, kind(given.gives), given.meaning.0, {
            given.meaning.1
        });
    }
    say!("\nSeen together (a table may be cut between other rows): {}", together(method));
    say!("\nRests on:");
    for clause in method.clauses {
        say!("  {clause}");
    }
    let editions = method.editions();
    if !editions.is_empty() {
        say!("\nEditions (chosen by the day of a row, or by --edition or --on):");
        say_editions(&editions);
    }
    say!("\nExample:\n{}", method.example.trim_end());
}

fn say_editions(editions: &[&rulebook::Edition]) {
    for edition in editions {
        let to = edition.valid_to.map_or_else(|| "open".to_owned(), |day| day.to_string());
        say!("  {:<14} {} to {to}", edition.id, edition.valid_from);
    }
}

fn described_edition(edition: &rulebook::Edition) -> serde_json::Value {
    json!({
        "id": edition.id,
        "valid_from": edition.valid_from.to_string(),
        "valid_to": edition.valid_to.map(|day| day.to_string()),
    })
}

/// What a comparison with a publication reads, gives and rests on.
pub(super) fn explain_feed(feed: &Feed, as_json: bool) {
    let standard = standards::Standard::find(feed.standard);
    let editions: Vec<_> = standard.iter().flat_map(|standard| standard.editions).collect();
    if as_json {
        let reads = feed.reads.iter().map(|(name, holds)| json!({ "name": name, "holds": holds }));
        say!(
            "{}",
            json!({
                "name": feed.name,
                "zh": feed.title.0,
                "en": feed.title.1,
                "columns": reads.collect::<Vec<_>>(),
                "gives": feed.gives.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
                "clauses": feed.clauses,
                "editions": editions.iter().map(|edition| described_edition(edition)).collect::<Vec<_>>(),
                "example": feed.example,
            })
        );
        return;
    }
    say!("{}  {}: {}", feed.name, feed.title.0, feed.title.1);
    say!("\n{}\n{}", feed.does.0, feed.does.1);
    say!("\nColumns read (of CSV; JSON and XML as they are served carry the same):");
    for (name, holds) in feed.reads {
        say!("  {name:<14} {holds}");
    }
    say!("\nColumns given:");
    for name in feed.gives {
        say!("  {name}");
    }
    say!("\nRests on:");
    for clause in feed.clauses {
        say!("  {clause}");
    }
    say!("\nEditions (chosen by the day of a row):");
    say_editions(&editions);
    say!("\nExample:\n{}", feed.example.trim_end());
}

fn described(method: &Method) -> serde_json::Value {
    let wanted = |column: &Column| {
        json!({
            "name": column.name,
            "also": column.also,
            "holds": held(column),
            "required": column.is_required,
            "zh": column.meaning.0,
            "en": column.meaning.1,
        })
    };
    json!({
        "name": method.name,
        "zh": method.title.0,
        "en": method.title.1,
        "columns": method.columns.iter().map(wanted).collect::<Vec<_>>(),
        "gives": method.gives.iter().map(|given| {
            json!({
                "name": given.name,
                "holds": kind(given.gives),
                "zh": given.meaning.0,
                "en": given.meaning.1,
            })
        }).collect::<Vec<_>>(),
        "together": match method.together {
            Together::Nothing => json!([]),
            Together::By(columns) => json!(columns),
            Together::All => json!("all"),
        },
        "clauses": method.clauses,
        "editions": method.editions().iter().map(|edition| described_edition(edition)).collect::<Vec<_>>(),
        "example": method.example,
    })
}

fn together(method: &Method) -> String {
    match method.together {
        Together::Nothing => "no rows, each is judged by itself".to_owned(),
        Together::By(columns) => format!("rows of one {}", columns.join(", ")),
        Together::All => "all rows".to_owned(),
    }
}

fn held(column: &Column) -> String {
    match column.holds {
        Holds::Text => "text".to_owned(),
        Holds::Number("") => "number".to_owned(),
        Holds::Number(unit) => format!("number, {unit}"),
        Holds::Day => "day, 2025-06-01".to_owned(),
        Holds::Time => "time, 2025-06-01 08:00".to_owned(),
    }
}

const fn kind(gives: Gives) -> &'static str {
    match gives {
        Gives::Text => "text",
        Gives::Number => "number",
        Gives::Whole => "whole",
        Gives::Day => "day",
        Gives::Truth => "truth",
    }
}
