//! Runs files of check values against the standards: the same rules as everywhere, nothing
//! known of the files but their columns.

pub mod air;
pub mod surface_water;
mod tables;
#[cfg(test)]
mod tests;

/// What came of a file of check values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// One line for each record that failed: `id FAIL expected … got …`.
    pub failures: Vec<String>,
    /// Records that passed.
    pub passed: usize,
    /// Records reported apart, neither passed nor failed: one line each with the reason.
    pub apart: Vec<String>,
}

impl Report {
    /// How many records failed.
    pub fn failed(&self) -> usize {
        self.failures.len()
    }

    /// The last line of a run: `N passed, N failed`.
    pub fn summary(&self) -> String {
        format!("{} passed, {} failed", self.passed, self.failed())
    }

    fn compare(&mut self, id: &str, expected: &str, got: &str, apart: Option<&str>) {
        match (expected == got, apart) {
            (true, Some(reason)) => {
                self.apart.push(format!("{id} APART ({reason}) as expected {expected}"));
            }
            (false, Some(reason)) => {
                self.apart.push(format!("{id} APART ({reason}) expected {expected} got {got}"));
            }
            (true, None) => self.passed += 1,
            (false, None) => self.failures.push(format!("{id} FAIL expected {expected} got {got}")),
        }
    }

    fn refuse(&mut self, id: &str, why: &str) {
        self.failures.push(format!("{id} FAIL {why}"));
    }
}

/// A suite by its name on the command line.
#[derive(Clone, Copy, Debug)]
pub struct Suite {
    /// The name: `air`, or the identifier of a standard: `GB3097`.
    pub name: &'static str,
    /// Runs the text of a file.
    pub run: fn(&str) -> Report,
}

/// Every suite of this crate: `air` and `surface-water` for files of mixed kinds, the others for
/// the file `vectors.csv` in the folder of a standard.
pub const SUITES: &[Suite] = &[
    Suite { name: "air", run: air::run },
    Suite { name: "surface-water", run: surface_water::run },
    Suite { name: "CWQI", run: tables::city_water_index },
    Suite { name: "black-odorous", run: tables::black_odorous },
    Suite { name: "drinking-water-sources", run: tables::drinking_water },
    Suite { name: "GBT14848", run: tables::groundwater },
    Suite { name: "GB3097", run: tables::sea_water },
    Suite { name: "GB18668", run: tables::marine_sediment },
    Suite { name: "GB18421", run: tables::marine_biota },
    Suite { name: "eutrophication", run: tables::eutrophication },
    Suite { name: "GB36600", run: tables::development_land },
    Suite { name: "GB15618", run: tables::agricultural_land },
    Suite { name: "GB3096", run: tables::noise_of_places },
    Suite { name: "GB12348", run: tables::noise_of_boundaries },
    Suite { name: "GB12523", run: tables::noise_of_construction },
    Suite { name: "GB18918", run: tables::town_sewage_plants },
    Suite { name: "GB8978", run: tables::integrated_wastewater },
    Suite { name: "GB13271", run: tables::boilers },
    Suite { name: "GB13223", run: tables::thermal_power },
    Suite { name: "GB16297", run: tables::integrated_air },
    Suite { name: "DB35-1869", run: tables::rural_sewage },
    Suite { name: "Tennant", run: tables::tennant },
];

/// Runs the suite of a name, or `None` where there is none; letter case does not matter.
pub fn run(suite: &str, text: &str) -> Option<Report> {
    let named = |known: &&Suite| known.name.eq_ignore_ascii_case(suite);
    SUITES.iter().find(named).map(|known| (known.run)(text))
}

/// Words in the columns `trust` and `tag` for which a record is reported apart: what it expects
/// rests on one peer or on memory, is disputed, was made by what it tests, or is an anomaly.
const APART: [&str; 5] = ["single_peer", "disputed", "circular", "anomaly", "memory"];

/// The cells of one record.
struct Cells<'records> {
    records: &'records Records,
    row: &'records csv::StringRecord,
}

impl<'records> Cells<'records> {
    /// The cell under a column; empty where there is no such column.
    fn of(&self, column: &str) -> &'records str {
        self.records.cell(self.row, column)
    }

    fn apart(&self) -> Option<&'static str> {
        let words = [self.of("trust"), self.of("tag")];
        APART.into_iter().find(|word| words.iter().any(|cell| cell.contains(word)))
    }
}

/// Checks each record of a text: what it expects and what the rules give, in the same words.
fn each_record(
    text: &str,
    columns: &[&str],
    check: impl Fn(&Cells<'_>) -> Result<(String, String), String>,
) -> Report {
    let records = Records::read(text);
    let mut report = Report { failures: records.problems.clone(), ..Report::default() };
    if let Some(problem) = records.lacks(columns) {
        report.failures.push(problem);
        return report;
    }
    for row in &records.rows {
        let cells = Cells { records: &records, row };
        let id = cells.of("id");
        match check(&cells) {
            Ok((expected, got)) => report.compare(id, &expected, &got, cells.apart()),
            Err(why) => report.refuse(id, &why),
        }
    }
    report
}

/// The records of a CSV text with their cells by column name.
struct Records {
    columns: Vec<String>,
    rows: Vec<csv::StringRecord>,
    problems: Vec<String>,
}

impl Records {
    fn read(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let (mut rows, mut problems) = (Vec::new(), Vec::new());
        let columns = match reader.headers() {
            Ok(head) => head.iter().map(|name| name.trim().to_owned()).collect(),
            Err(error) => {
                problems.push(format!("head FAIL not readable as CSV: {error}"));
                Vec::new()
            }
        };
        for record in reader.records() {
            match record {
                Ok(record) => rows.push(record),
                Err(error) => problems.push(format!("record FAIL not readable as CSV: {error}")),
            }
        }
        Self { columns, rows, problems }
    }

    fn cell<'row>(&self, row: &'row csv::StringRecord, column: &str) -> &'row str {
        let place = self.columns.iter().position(|name| name == column);
        place.and_then(|place| row.get(place)).unwrap_or("").trim()
    }

    fn lacks(&self, wanted: &[&str]) -> Option<String> {
        let missing: Vec<&str> = wanted
            .iter()
            .copied()
            .filter(|name| !self.columns.iter().any(|column| column == name))
            .collect();
        (!missing.is_empty()).then(|| {
            format!("file FAIL the head lacks {}: is this a file of the suite?", missing.join(", "))
        })
    }
}
