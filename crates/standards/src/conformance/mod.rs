//! Runs files of check values against the standards: the same rules as everywhere, nothing
//! known of the files but their columns.

pub mod air;
pub mod surface_water;

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
            (_, Some(reason)) => {
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
    /// The name: `air`.
    pub name: &'static str,
    /// Runs the text of a file.
    pub run: fn(&str) -> Report,
}

/// Every suite of this crate.
pub const SUITES: &[Suite] = &[
    Suite { name: "air", run: air::run },
    Suite { name: "surface-water", run: surface_water::run },
];

/// Runs the suite of a name, or `None` where there is none.
pub fn run(suite: &str, text: &str) -> Option<Report> {
    SUITES.iter().find(|known| known.name == suite).map(|known| (known.run)(text))
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
