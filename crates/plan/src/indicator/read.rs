//! Reads a definition.

use rulebook::Text;

use super::{Baseline, Condition, Definition, Formula, REPORTED};
use crate::words::Direction;
use declaration::{Entry, Reader};

const FORMULAS: [&str; 9] =
    ["count", "days", "share", "ratio", "mean", "percentile", "change", "latest", "reported"];

/// The definition that an entry holds.
pub(crate) fn definition(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Definition {
    Definition {
        id: reader.required_string(entry, "id"),
        name: reader.required_text(entry, "name"),
        unit: reader.string(entry, "unit").unwrap_or_default(),
        direction: reader.required_word(entry, "direction").unwrap_or(Direction::Neither),
        formula: formula(reader, entry),
        decimals: reader.whole(entry, "decimals").unwrap_or(0).min(9),
        edition: reader.required_string(entry, "edition"),
        owner: reader.required_text(entry, "owner"),
        delivers: reader.text(entry, "delivers"),
        note: reader.text(entry, "note"),
        fewest: reader.whole(entry, "fewest"),
    }
}

fn formula(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Formula {
    let nothing = || Formula::Latest(String::new());
    let Some(mut inner) = reader.required_table(entry, "formula") else { return nothing() };
    let formula = match reader.required_choice(&mut inner, "kind", &FORMULAS) {
        Some("count") => Formula::Count(of(reader, &mut inner), condition(reader, &mut inner)),
        Some("days") => Formula::Days(of(reader, &mut inner), condition(reader, &mut inner)),
        Some("share") => Formula::Share(of(reader, &mut inner), condition(reader, &mut inner)),
        Some("ratio") => Formula::Ratio {
            part: reader.required_string(&mut inner, "part"),
            whole: reader.required_string(&mut inner, "whole"),
        },
        Some("mean") => Formula::Mean(of(reader, &mut inner)),
        Some("percentile") => {
            let percent = reader.required_whole(&mut inner, "percent");
            if percent > 100 {
                let wanted = Text::fixed("0 到 100 的整数", "a whole number from 0 to 100");
                reader.wrong_form(inner.at("percent"), &wanted);
            }
            Formula::Percentile(of(reader, &mut inner), percent)
        }
        Some("change") => {
            Formula::Change { of: of(reader, &mut inner), against: against(reader, &mut inner) }
        }
        Some("latest") => Formula::Latest(of(reader, &mut inner)),
        Some("reported") => Formula::Latest(REPORTED.to_owned()),
        _ => return nothing(),
    };
    reader.close(&inner);
    formula
}

fn of(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> String {
    reader.required_string(entry, "of")
}

fn condition(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Condition {
    Condition {
        at_most: reader.decimal(entry, "at_most"),
        at_least: reader.decimal(entry, "at_least"),
    }
}

fn against(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Baseline {
    let word = reader.required_string(entry, "against");
    if word == "previous" {
        return Baseline::Previous;
    }
    if let Ok(year) = word.parse::<i16>() {
        return Baseline::Year(year);
    }
    let wanted = Text::fixed("\"previous\" 或年份 \"2020\"", "\"previous\" or a year, \"2020\"");
    reader.wrong_form(entry.at("against"), &wanted);
    Baseline::Previous
}
