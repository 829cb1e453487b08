//! The history beside other engines, in one run: the same factor-rows, the same questions, answers
//! compared before speed counts. Writes its tables into `docs/benchmarks.md`.

mod table;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::{Program, cargo, program, root, target};
use crate::postgres::Server;

/// Factor-rows of a full run; a smaller one writes no table.
const ROWS: u64 = 50_000_000;
const PACKAGES: [&str; 6] = [
    "duckdb==2.0.1",
    "chdb==4.4.0",
    crate::python::ARROW,
    "numpy==2.4.6",
    "psycopg==3.3.9",
    "psycopg-binary==3.3.9",
];
/// What is fetched from Debian and unpacked beside the results, not installed.
const DEBIAN: [(&str, &str, &str); 2] = [
    ("influxdb", "influxdb", "usr/bin/influxd"),
    ("victoria", "victoria-metrics", "usr/bin/victoria-metrics"),
];

pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let wanted = Wanted::of(arguments)?;
    let folder = target().join("bench-history");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let place = folder.display().to_string();
    let load = || std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let mut loads = vec![load()];
    if wanted.lucid {
        let mut bench = cargo(&["bench", "--package", "simulator", "--bench", "history"])
            .variable("LUCID_BENCH_FOLDER", &place)
            .variable("LUCID_BENCH_ROWS", &wanted.rows.to_string());
        if wanted.again {
            bench = bench.variable("LUCID_BENCH_ASK_AGAIN", "yes");
        }
        bench.run()?;
        loads.push(load());
    }
    let python = crate::python::with(&PACKAGES)?.join("bin/python").display().to_string();
    let mut missing = Vec::new();
    for peer in ["duckdb", "chdb", "postgres", "series"] {
        if !wanted.peers.iter().any(|name| name == peer) {
            continue;
        }
        if let Err(problem) = run_peer(peer, &folder, &python) {
            eprintln!("{peer}: {problem}");
            missing.push(format!("{peer}: {problem}"));
        }
        loads.push(load());
    }
    let results = results(&folder)?;
    let lucid = read(&folder.join("lucid.json"))?;
    let loads: Vec<&str> = loads.iter().filter_map(|text| text.split(' ').next()).collect();
    let text = table::of(&lucid, &results, &missing, &loads);
    println!("{text}");
    for name in ["large.parquet", "plausible.parquet", "lucid", "lucid-plausible"] {
        let place = folder.join(name);
        if wanted.keeps || !place.exists() {
            continue;
        }
        let removed = if place.is_dir() {
            std::fs::remove_dir_all(&place)
        } else {
            std::fs::remove_file(&place)
        };
        removed.map_err(|error| format!("{}: {error}", place.display()))?;
    }
    if wanted.rows < ROWS { Ok(()) } else { table::write(&text) }
}

/// What the command line asks for.
struct Wanted {
    rows: u64,
    lucid: bool,
    /// Only the questions, of what an earlier run kept.
    again: bool,
    keeps: bool,
    peers: Vec<String>,
}

impl Wanted {
    fn of(arguments: &[String]) -> Result<Self, String> {
        let all = ["duckdb", "chdb", "postgres", "series"].map(str::to_owned).to_vec();
        let mut wanted = Self { rows: ROWS, lucid: true, again: false, keeps: false, peers: all };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value =
                || rest.next().cloned().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--rows" => {
                    wanted.rows = value()?.replace('_', "").parse().map_err(|_| {
                        "--rows takes a number of factor-rows, such as 1000000".to_owned()
                    })?;
                }
                "--peers" => wanted.peers = value()?.split(',').map(str::to_owned).collect(),
                "--keep" => wanted.keeps = true,
                "--again" => wanted.again = true,
                "--only-peers" => wanted.lucid = false,
                other => {
                    return Err(format!(
                        "there is no {other:?}: --rows N, --peers duckdb,chdb,postgres,series, \
                         --keep, --again, --only-peers"
                    ));
                }
            }
        }
        Ok(wanted)
    }
}

fn run_peer(peer: &str, folder: &Path, python: &str) -> Result<(), String> {
    let scripts = root().join("xtask/src/bench/history");
    let place = folder.display().to_string();
    let call = |script: &str| -> Program {
        let script = scripts.join(script).display().to_string();
        program(python).arguments(&[&script, &place])
    };
    match peer {
        "postgres" => {
            let server = Server::start()?;
            call("postgres_peer.py").arguments(&[server.address()]).run()
        }
        "series" => {
            let mut found = call("series_peers.py");
            for (name, package, binary) in DEBIAN {
                let (path, version) = debian(folder, package, binary)?;
                found = found
                    .arguments(&[&format!("{name}={}", path.display())])
                    .variable(&format!("VERSION_{}", name.to_uppercase()), &version);
            }
            found.run()
        }
        other => call(&format!("{other}_peer.py")).run(),
    }
}

/// A program of a Debian package, unpacked, and its version.
fn debian(folder: &Path, package: &str, binary: &str) -> Result<(PathBuf, String), String> {
    let place = folder.join("debian");
    std::fs::create_dir_all(&place).map_err(|error| error.to_string())?;
    let path = place.join(package).join(binary);
    if !path.exists() {
        program("apt-get").arguments(&["download", "-q", package]).within(&place).run()?;
        let files = std::fs::read_dir(&place).map_err(|error| error.to_string())?;
        let archive = files
            .flatten()
            .map(|file| file.path())
            .find(|path| {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                name.starts_with(&format!("{package}_"))
            })
            .ok_or_else(|| format!("apt-get downloaded no {package}"))?;
        let into = place.join(package).display().to_string();
        program("dpkg").arguments(&["-x", &archive.display().to_string(), &into]).run()?;
    }
    let shown = program("apt-cache").arguments(&["show", "--no-all-versions", package]).output()?;
    let version = shown.lines().find_map(|line| line.strip_prefix("Version: "));
    Ok((path, version.unwrap_or_default().to_owned()))
}

fn read(path: &Path) -> Result<Value, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// What the peers wrote.
fn results(folder: &Path) -> Result<Vec<Value>, String> {
    let mut all = Vec::new();
    for name in ["duckdb", "chdb", "postgres", "series"] {
        let path = folder.join(format!("{name}.json"));
        if path.exists()
            && let Value::Array(found) = read(&path)?
        {
            all.extend(found);
        }
    }
    Ok(all)
}
