//! `lucid evaluate air-index`: individual indices, index, primary pollutants and class of each
//! row of a table.

use std::path::Path;

use ingest::files::{self as outside, Problem};
use rulebook::Decimal;
use standards::air::Pollutant;
use standards::air::hj633_air_quality_index::{
    AirQuality, Concentrations, Edition, Item, Method, Report, air_quality_index,
};

use crate::arguments::AirIndex;
use crate::commands::files::{self, Csv};
use crate::exit::{Exit, Failure, Outcome};

/// The order of the added columns: that of the input in the examples.
const ORDER: [(Pollutant, &str); 6] = [
    (Pollutant::So2, "iaqi_so2"),
    (Pollutant::No2, "iaqi_no2"),
    (Pollutant::Co, "iaqi_co"),
    (Pollutant::O3, "iaqi_o3"),
    (Pollutant::Pm10, "iaqi_pm10"),
    (Pollutant::Pm25, "iaqi_pm25"),
];

pub(super) fn run(arguments: &AirIndex, as_json: bool) -> Outcome {
    let Some(edition) = Edition::parse(&arguments.edition) else {
        let known: Vec<_> = Edition::ALL.iter().map(|edition| edition.record().id).collect();
        return Err(Failure::of_use(
            "air_index.edition",
            format!("there is no edition {:?}", arguments.edition),
            format!("Name one of {}.", known.join(", ")),
        ));
    };
    let report = Report::parse(&arguments.kind).unwrap_or(Report::Daily);
    let method = Method::as_written(edition, report);
    let bytes = files::read(arguments.input.as_deref())?;
    let name = arguments.input.as_deref().unwrap_or(Path::new("standard input"));
    match evaluate(&outside::text(&bytes), method) {
        Ok(table) => {
            files::write(arguments.output.file.as_deref(), &table)?;
            Ok(Exit::Ok)
        }
        Err(problems) => {
            files::report(name, &problems, as_json);
            Ok(Exit::Found)
        }
    }
}

/// The table with its new columns, or everything that is wrong with it.
fn evaluate(text: &str, method: Method) -> Result<Vec<u8>, Vec<Problem>> {
    let mut reader =
        csv::ReaderBuilder::new().from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|error| vec![unreadable(&error)])?.clone();
    let items = columns(&header, method)?;
    let mut problems = Vec::new();
    let added = ORDER.iter().map(|(_, name)| *name).chain(["aqi", "primary", "class"]);
    let heads: Vec<&str> = header.iter().chain(added).collect();
    let mut table = Csv::new(&heads);
    for row in reader.records() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                problems.push(unreadable(&error));
                break;
            }
        };
        let line = row.position().map_or(0, csv::Position::line);
        let mut air = Concentrations::default();
        for (place, item) in &items {
            let column = header.get(*place).unwrap_or_default();
            match concentration(row.get(*place).unwrap_or_default()) {
                Ok(value) => air = air.with_option(*item, value),
                Err(problem) => {
                    problems.push(Problem { line: Some(line), ..problem }.in_column(column));
                }
            }
        }
        let judged = air_quality_index(method, &air);
        table.row(row.iter().map(str::to_owned).chain(cells(&judged)));
    }
    if problems.is_empty() { Ok(table.into_bytes()) } else { Err(problems) }
}

fn cells(judged: &AirQuality) -> Vec<String> {
    let individual = ORDER.iter().map(|(pollutant, _)| {
        let found = judged.of(*pollutant).as_ref();
        found.map_or_else(|_| "NA".to_owned(), |found| found.index.to_string())
    });
    let mut cells: Vec<_> = individual.collect();
    let index = judged.index.as_ref();
    cells.push(index.map_or_else(|_| "NA".to_owned(), ToString::to_string));
    let mut primary: Vec<_> = judged.primary.iter().map(Pollutant::as_str).collect();
    primary.sort_unstable();
    cells.push(primary.join(";"));
    cells.push(judged.category().map_or_else(String::new, |class| class.name.zh.to_string()));
    cells
}

/// Which column holds which item.
fn columns(header: &csv::StringRecord, method: Method) -> Result<Vec<(usize, Item)>, Vec<Problem>> {
    let mut items: Vec<(usize, Item)> = Vec::new();
    let mut problems = Vec::new();
    for (place, name) in header.iter().enumerate() {
        let Some(item) = item(name, method) else { continue };
        if let Some((first, _)) = items.iter().find(|(_, known)| *known == item) {
            let what = format!("{:?} and {name:?} mean the same", &header[*first]);
            let cure = "Leave one of them out, or add the averaging period: o3_8h, o3_1h.";
            problems.push(Problem::of_file("air_index.columns", what, cure).in_column(name));
        }
        items.push((place, item));
    }
    if items.is_empty() {
        let what = "the first line names none of so2, no2, co, o3, pm10, pm25";
        let cure = "Give the table a header; `lucid evaluate air-index --help` lists the names.";
        problems.push(Problem::of_file("air_index.columns", what, cure));
    }
    if problems.is_empty() { Ok(items) } else { Err(problems) }
}

/// The item that a column means: `PM2.5`, `pm2_5`, `o3_8h`, `so2_24h`, `co_1h`.
fn item(name: &str, method: Method) -> Option<Item> {
    let lower = name.trim().to_lowercase();
    let (stem, hours) = [("24h", 24), ("8h", 8), ("1h", 1)]
        .into_iter()
        .find_map(|(ending, hours)| {
            let stem = lower.strip_suffix(ending)?.strip_suffix(['_', '-', ' '])?;
            Some((stem, Some(hours)))
        })
        .unwrap_or((&lower, None));
    let bare: String = stem.chars().filter(|c| !matches!(c, '_' | '.' | '-' | ' ')).collect();
    let (pollutant, _) = ORDER.into_iter().find(|(_, column)| column[5..] == bare)?;
    match hours {
        Some(hours) => Item::of(pollutant, hours),
        None => Some(usual(pollutant, method)),
    }
}

/// The item that a bare name means.
fn usual(pollutant: Pollutant, method: Method) -> Item {
    let hourly = method.report() == Report::Hourly;
    let moving = method.edition() == Edition::Hj633_2012;
    match pollutant {
        Pollutant::So2 if hourly => Item::So2Hour,
        Pollutant::So2 => Item::So2Day,
        Pollutant::No2 if hourly => Item::No2Hour,
        Pollutant::No2 => Item::No2Day,
        Pollutant::Co if hourly => Item::CoHour,
        Pollutant::Co => Item::CoDay,
        Pollutant::O3 if hourly => Item::O3Hour,
        Pollutant::O3 => Item::O3EightHours,
        Pollutant::Pm10 if hourly && !moving => Item::Pm10Hour,
        Pollutant::Pm10 => Item::Pm10Day,
        Pollutant::Pm25 if hourly && !moving => Item::Pm25Hour,
        Pollutant::Pm25 => Item::Pm25Day,
    }
}

fn concentration(cell: &str) -> Result<Option<Decimal>, Problem> {
    let cell = cell.trim();
    if outside::is_missing(cell) {
        return Ok(None);
    }
    let value = cell.parse().or_else(|_| Decimal::from_scientific(cell)).ok();
    match value {
        Some(value) if value.is_sign_negative() && !Decimal::is_zero(&value) => {
            let what = format!("{value} is negative");
            Err(Problem::of_row("air_index.value", None, what, "Leave the cell empty if invalid."))
        }
        Some(value) => Ok(Some(value)),
        None => {
            let what = format!("{cell:?} is no concentration");
            let cure = "Write a decimal number without unit, or leave the cell empty.";
            Err(Problem::of_row("air_index.value", None, what, cure))
        }
    }
}

fn unreadable(error: &csv::Error) -> Problem {
    let line = error.position().map(csv::Position::line);
    let cure = "Every row needs as many cells as the header; quote cells that hold a comma.";
    Problem { line, ..Problem::of_file("air_index.table", error.to_string(), cure) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, edition: Edition, report: Report) -> Vec<String> {
        let table = evaluate(text, Method::as_written(edition, report)).expect("a good table");
        let table = String::from_utf8(table).expect("text");
        table.lines().skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn each_edition_gives_its_own_index() {
        let text = "day,so2,no2,co,o3,pm10,PM2.5\n1,10,15,0.5,60,150,75\n2,,,,,,\n";
        assert_eq!(
            lines(text, Edition::Hj633_2012, Report::Daily),
            [
                "1,10,15,0.5,60,150,75,10,19,13,30,100,100,100,PM10;PM2.5,良",
                "2,,,,,,,NA,NA,NA,NA,NA,NA,NA,,",
            ]
        );
        let of_2026 = lines(text, Edition::Hj633_2026, Report::Daily);
        assert!(of_2026[0].ends_with("114,PM2.5,轻度污染"), "{}", of_2026[0]);
    }

    #[test]
    fn names_of_columns_are_understood_in_all_spellings() {
        let method = Method::as_written(Edition::Hj633_2026, Report::Hourly);
        for (name, wanted) in [
            ("PM2.5", Some(Item::Pm25Hour)),
            ("pm2_5", Some(Item::Pm25Hour)),
            (" pm25_24h", Some(Item::Pm25Day)),
            ("O3_8h", Some(Item::O3EightHours)),
            ("o3", Some(Item::O3Hour)),
            ("co_1h", Some(Item::CoHour)),
            ("co_8h", None),
            ("no", None),
            ("iaqi_so2", None),
        ] {
            assert_eq!(item(name, method), wanted, "{name}");
        }
    }

    #[test]
    fn a_wrong_cell_is_named_by_line_and_column() {
        let method = Method::as_written(Edition::Hj633_2026, Report::Daily);
        let problems = evaluate("a,so2,pm25\nx,1,2\ny,few,-3\n", method).unwrap_err();
        let found: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert!(found[0].starts_with("line 3, column so2: \"few\" is no concentration."));
        assert!(found[1].starts_with("line 3, column pm25: -3 is negative."));
        let code = |text: &str| evaluate(text, method).unwrap_err()[0].code;
        assert_eq!(code("a,b\n1,2\n"), "air_index.columns");
        assert_eq!(code("pm25,pm2_5\n1,2\n"), "air_index.columns");
        assert_eq!(code("pm25,b\n1\n"), "air_index.table");
        assert_eq!(code(""), "air_index.columns");
    }
}
