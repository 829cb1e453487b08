//! A year of hours of 1,700 stations to years of cities: `lucid evaluate` beside pandas, Polars and
//! DuckDB, same files, same answers. Writes its table into `docs/benchmarks.md`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::command::{cargo, program, root, target};

/// About 90 million values: 1,700 stations, 8,760 hours, six pollutants.
const STATIONS: &str = "1700";
/// Runs of each; the median counts.
const RUNS: usize = 3;
const PEERS: [&str; 3] = ["pandas", "polars", "duckdb"];
const FORMS: [&str; 2] = ["parquet", "csv"];
const BEGIN: &str = "<!-- cargo xtask bench standards writes from here -->";
const END: &str = "<!-- to here -->";

/// What a program took, in seconds, and how its answers compare.
struct Measured {
    name: String,
    seconds: Vec<f64>,
    compared: String,
}

impl Measured {
    fn median(&self) -> f64 {
        let mut seconds = self.seconds.clone();
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2]
    }
}

pub(crate) fn run() -> Result<(), String> {
    let folder = target().join("bench-standards");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    cargo(&["build", "--release", "--package", "lucid"]).run()?;
    let python = python(&folder)?;
    let scripts = root().join("xtask/src/bench/standards");
    hours(&folder, &python, &scripts)?;
    let mut table = String::new();
    let _ = writeln!(
        table,
        "| from | program | seconds, median of {RUNS} (all) | times as long as Lucid | cells equal, tied, different |\n\
         |---|---|---|---|---|"
    );
    for form in FORMS {
        let measured = measure(form, &folder, &python, &scripts)?;
        let own = measured[0].median();
        for one in &measured {
            let all: Vec<String> = one.seconds.iter().map(|took| format!("{took:.2}")).collect();
            let _ = writeln!(
                table,
                "| {form} | {} | {:.2} ({}) | {:.1} | {} |",
                one.name,
                one.median(),
                all.join(", "),
                one.median() / own,
                one.compared
            );
        }
    }
    let versions = program(&python)
        .arguments(&["-c", "import pandas, polars, duckdb, os; print(f'pandas {pandas.__version__}, Polars {polars.__version__}, DuckDB {duckdb.__version__}, {os.cpu_count()} virtual cores')"])
        .output()?;
    write(&format!("{}\n\n{table}", versions.trim()))
}

/// A throw-away environment with the peers.
fn python(folder: &Path) -> Result<String, String> {
    let place = folder.join("python");
    let python = place.join("bin/python").display().to_string();
    if !Path::new(&python).exists() {
        program("python3").arguments(&["-m", "venv", &place.display().to_string()]).run()?;
    }
    let packages = ["-m", "pip", "install", "--quiet", "pandas", "polars", "duckdb", "pyarrow"];
    program(&python).arguments(&packages).run()?;
    Ok(python)
}

/// The hours, made once from the real ones of `../shared/data`.
fn hours(folder: &Path, python: &str, scripts: &Path) -> Result<(), String> {
    if FORMS.iter().all(|form| folder.join(format!("hours.{form}")).is_file()) {
        return Ok(());
    }
    let shared =
        std::env::var_os("LUCID_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let real = shared.join("data/air/beijing_prsa_12stations_hourly_2013_2017.csv.xz");
    if !real.is_file() {
        return Err("the hours are made from UCI data set 501 (PRSA, CC BY 4.0); put \
            beijing_prsa_12stations_hourly_2013_2017.csv.xz into data/air of LUCID_SHARED"
            .to_owned());
    }
    let (script, real, into) = (path(&scripts.join("generate.py")), path(&real), path(folder));
    program(python).arguments(&[&script, &real, &into, STATIONS]).run()
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

/// Runs every program `RUNS` times in turn, and compares the answers.
fn measure(
    form: &str,
    folder: &Path,
    python: &str,
    scripts: &Path,
) -> Result<Vec<Measured>, String> {
    let file = |name: &str| path(&folder.join(name));
    let lucid = path(&target().join("release/lucid"));
    let hours = file(&format!("hours.{form}"));
    let (days, years) = (file("days.parquet"), file("years.csv"));
    let mut all =
        vec![Measured { name: "Lucid".to_owned(), seconds: Vec::new(), compared: String::new() }];
    all.extend(PEERS.iter().map(|peer| Measured {
        name: (*peer).to_owned(),
        seconds: Vec::new(),
        compared: String::new(),
    }));
    for _ in 0..RUNS {
        for one in &mut all {
            let started = Instant::now();
            if one.name == "Lucid" {
                program(&lucid).arguments(&["evaluate", "air-day", &hours, "-o", &days]).run()?;
                program(&lucid)
                    .arguments(&["evaluate", "air-period", &days, "-o", &years])
                    .run()?;
            } else {
                let script = path(&scripts.join(format!("{}_peer.py", one.name)));
                let result = file(&format!("{}.csv", one.name));
                program(python).arguments(&[&script, &hours, &result]).run()?;
            }
            one.seconds.push(started.elapsed().as_secs_f64());
        }
    }
    let compare = path(&scripts.join("compare.py"));
    for one in all.iter_mut().skip(1) {
        let result = file(&format!("{}.csv", one.name));
        let found = program(python).arguments(&[&compare, &years, &result]).output()?;
        one.compared = found.trim().replace(' ', ", ");
    }
    Ok(all)
}

/// Puts the table between its marks.
fn write(table: &str) -> Result<(), String> {
    let place = root().join("docs/benchmarks.md");
    let text = std::fs::read_to_string(&place).map_err(|error| error.to_string())?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) = parts.ok_or("docs/benchmarks.md lacks the marks of this table")?;
    let text = format!("{before}{BEGIN}\n{table}\n{END}{after}");
    std::fs::write(&place, text).map_err(|error| error.to_string())?;
    eprintln!("wrote docs/benchmarks.md");
    Ok(())
}
