//! The columns that a method wants, and where a file has them.

use crate::problem::{Problem, nearest};
use crate::unit;

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Text.
    Text,
    /// A decimal number in this unit, empty for a pure number.
    Number(&'static str),
    /// A day, `2025-06-01`.
    Day,
    /// A time, `2025-06-01 08:00`.
    Time,
}

/// A column that a method reads (列).
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The name; letter case, blanks, `_`, `-` and `.` do not matter.
    pub name: &'static str,
    /// Other names under which it is known, Chinese ones among them.
    pub also: &'static [&'static str],
    /// What its cells hold.
    pub holds: Holds,
    /// Whether a file must have it.
    pub is_required: bool,
    /// What it means, in Chinese and in English.
    pub meaning: (&'static str, &'static str),
}

impl Column {
    /// A column that a file must have.
    pub const fn required(
        name: &'static str,
        also: &'static [&'static str],
        holds: Holds,
        meaning: (&'static str, &'static str),
    ) -> Self {
        Self { name, also, holds, is_required: true, meaning }
    }

    /// A column that a file may have.
    pub const fn optional(
        name: &'static str,
        also: &'static [&'static str],
        holds: Holds,
        meaning: (&'static str, &'static str),
    ) -> Self {
        Self { name, also, holds, is_required: false, meaning }
    }
}

/// Where a file has a column of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The place in the file, from zero.
    pub place: usize,
    /// What brings a cell into the unit of the method: it is multiplied by `10^shift`.
    pub shift: i32,
}

/// Where a file has the columns of a method: one entry for each column of the method.
pub type Bound = Vec<Option<Found>>;

/// Finds the columns of a method in a header.
///
/// `units` says in which units columns are when their names do not: `co=ug/m3`.
///
/// # Errors
/// All that is wrong at once: a column missing, meant twice, or in a unit that cannot be turned.
pub fn bind(
    columns: &[Column],
    header: &[String],
    units: &[(String, String)],
) -> Result<Bound, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut bound: Bound = vec![None; columns.len()];
    for (place, title) in header.iter().enumerate() {
        // A name may itself end in brackets: `氨氮(以N计)`.
        let (name, _) = unit::split(title);
        let called = |name: &str| columns.iter().position(|column| is_called(column, name));
        let Some(index) = called(title).or_else(|| called(name)) else { continue };
        if let Some(first) = bound[index] {
            let what = format!("{:?} and {title:?} both mean {}", header[first.place], {
                columns[index].name
            });
            let cure = "Leave one of them out or rename it.";
            problems.push(Problem::of_file("columns.twice", what, cure).in_column(title));
            continue;
        }
        match shift(columns[index].holds, unit_of(&columns[index], title, units)) {
            Ok(shift) => bound[index] = Some(Found { place, shift }),
            Err((unit, wanted)) => {
                let what = format!("the unit {unit:?} cannot be turned into {wanted}");
                let cure = format!("Give {} in {wanted}.", columns[index].name);
                problems.push(Problem::of_file("columns.unit", what, cure).in_column(title));
            }
        }
    }
    for (column, _) in units {
        if !columns.iter().any(|known| is_called(known, column)) {
            let what = format!("there is no column {column:?} in this method");
            let cure = "`--explain` lists the columns.";
            problems.push(Problem::of_file("columns.unit", what, cure));
        }
    }
    for (column, found) in columns.iter().zip(&bound) {
        if column.is_required && found.is_none() {
            problems.push(missing(column, header));
        }
    }
    problems.extend(no_number(columns, &bound).filter(|_| problems.is_empty()));
    if problems.is_empty() { Ok(bound) } else { Err(problems) }
}

/// What is wrong with a file that has nothing to judge: of the numbers that a method may take,
/// where it must have none in particular, not one.
fn no_number(columns: &[Column], bound: &Bound) -> Option<Problem> {
    let is_time = |name: &str| matches!(name, "year" | "month" | "day" | "hour");
    let is_number =
        |column: &&Column| matches!(column.holds, Holds::Number(_)) && !is_time(column.name);
    let is_wanted = columns.iter().filter(is_number).all(|column| !column.is_required);
    let has = |(column, found): (&Column, &Option<Found>)| is_number(&column) && found.is_some();
    let names: Vec<&str> = columns.iter().filter(is_number).map(|column| column.name).collect();
    if !is_wanted || names.is_empty() || columns.iter().zip(bound).any(has) {
        return None;
    }
    let what = "the first line names none of the columns that are judged";
    let cure = format!("Give the table a header with some of {}.", names.join(", "));
    Some(Problem::of_file("columns.missing", what, cure))
}

fn missing(column: &Column, header: &[String]) -> Problem {
    let names: Vec<&str> =
        std::iter::once(column.name).chain(column.also.iter().copied()).collect();
    let what = format!("there is no column {}", column.name);
    let near = names.iter().find_map(|name| nearest(name, header.iter().map(String::as_str)));
    let cure = match near {
        Some(near) => format!("Rename {near:?}, or add the column: {}.", names.join(", ")),
        None => format!("Add it under one of these names: {}.", names.join(", ")),
    };
    Problem::of_file("columns.missing", what, cure)
}

fn is_called(column: &Column, name: &str) -> bool {
    let wanted = bare(name);
    bare(column.name) == wanted || column.also.iter().any(|other| bare(other) == wanted)
}

/// A name without what does not matter.
fn bare(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, '_' | '-' | '.' | ' ' | '\u{feff}'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The power of ten from a unit to the one wanted; both units where there is none.
fn shift(holds: Holds, unit: Option<&str>) -> Result<i32, (String, &'static str)> {
    let (Holds::Number(wanted), Some(unit)) = (holds, unit) else { return Ok(0) };
    if wanted.is_empty() || unit.is_empty() {
        return Ok(0);
    }
    unit::power(unit, wanted).ok_or((unit.to_owned(), wanted))
}

/// The unit in which a column is: told by the caller, else in its title; `None` where neither says.
pub(crate) fn unit_of<'text>(
    column: &Column,
    title: &'text str,
    units: &'text [(String, String)],
) -> Option<&'text str> {
    let given = units.iter().find(|(name, _)| is_called(column, name));
    given.map(|(_, unit)| unit.as_str()).or(unit::split(title).1).filter(|unit| !unit.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[
        Column::required("station", &["站点"], Holds::Text, ("站点", "the station")),
        Column::optional("pm25", &["PM2.5"], Holds::Number("ug/m3"), ("细颗粒物", "PM2.5")),
        Column::optional("co", &[], Holds::Number("mg/m3"), ("一氧化碳", "CO")),
    ];

    fn bound(header: &str, units: &[(&str, &str)]) -> Result<Bound, String> {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        let owned = |(one, other): &(&str, &str)| ((*one).to_owned(), (*other).to_owned());
        let units: Vec<_> = units.iter().map(owned).collect();
        bind(COLUMNS, &header, &units).map_err(|problems| {
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")
        })
    }

    #[test]
    fn names_and_units_are_understood() {
        let at = |place, shift| Some(Found { place, shift });
        assert_eq!(bound("x,站点,PM2.5", &[]), Ok(vec![at(1, 0), at(2, 0), None]));
        let spelled = bound("Station,pm2_5 (µg/m³),CO[ug/m3]", &[]);
        assert_eq!(spelled, Ok(vec![at(0, 0), at(1, 0), at(2, -3)]));
        let told = bound("station,pm25（mg/m3）,co", &[("CO", "µg/m³")]);
        assert_eq!(told, Ok(vec![at(0, 0), at(1, 3), at(2, -3)]));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_cure() {
        let said = |header, units: &[(&str, &str)]| bound(header, units).unwrap_err();
        assert_eq!(
            said("sation,pm25", &[]),
            "there is no column station. Rename \"sation\", or add the column: station, 站点. \
             [columns.missing]"
        );
        assert!(said("station,pm25,PM2.5", &[]).contains("both mean pm25"));
        assert!(said("station,pm25(ppb)", &[]).contains("\"ppb\" cannot be turned into ug/m3"));
        assert!(said("station,co(mg/kg)", &[]).contains("columns.unit"));
        assert!(said("station", &[("o3", "mg/m3")]).contains("there is no column \"o3\""));
    }
}
