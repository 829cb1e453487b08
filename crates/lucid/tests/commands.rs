//! The built binary, called as people and machines call it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Self {
            code: output.status.code().expect("an exit code"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// A `lucid` that knows nothing of the settings of whoever runs the tests.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lucid"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LUCID_") {
            command.env_remove(name);
        }
    }
    command.current_dir(folder).args(arguments);
    command
}

fn lucid(folder: &Path, arguments: &[&str]) -> Run {
    Run::of(command(folder, arguments).output().expect("lucid starts"))
}

fn lucid_reading(folder: &Path, arguments: &[&str], input: &[u8]) -> Run {
    let mut child = command(folder, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("lucid starts");
    child.stdin.take().expect("its input").write_all(input).expect("it reads");
    Run::of(child.wait_with_output().expect("it ends"))
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn testdata(name: &str) -> String {
    format!("{}/testdata/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A file of the folder `shared` beside the repository, or `None` with a line that says so.
fn shared(name: &str) -> Option<String> {
    let beside = || {
        let start = Path::new(env!("CARGO_MANIFEST_DIR"));
        start.ancestors().map(|folder| folder.join("../shared")).find(|folder| folder.is_dir())
    };
    let folder = std::env::var_os("LUCID_SHARED").map(PathBuf::from).or_else(beside);
    let file = folder.map(|folder| folder.join(name)).filter(|file| file.is_file());
    if file.is_none() {
        eprintln!("SKIPPED: there is no ../shared/{name}");
    }
    file.map(|file| file.display().to_string())
}

#[test]
fn help_teaches_and_wrong_use_is_2() {
    let here = folder();
    let help = lucid(here.path(), &["--help"]);
    assert_eq!(help.code, 0);
    assert!(help.out.contains("Examples:") && help.out.contains("Exit codes:"), "{}", help.out);
    for command in ["init", "serve", "demo", "conformance", "backup", "restore"] {
        let help = lucid(here.path(), &[command, "--help"]);
        assert!(help.out.contains("Example"), "{command} has no example");
    }
    assert_eq!(lucid(here.path(), &[]).code, 2);
    assert_eq!(lucid(here.path(), &["fly"]).code, 2);
    assert_eq!(lucid(here.path(), &["conformance", "fly", "x"]).code, 2);
    assert_eq!(lucid(here.path(), &["conformance", "air", "no-such-file"]).code, 3);
    assert_eq!(lucid(here.path(), &["backup", "x.lucid"]).code, 2);
}

#[test]
fn settings_rise_from_file_to_environment_to_flag() {
    let here = folder();
    let file = here.path().join("own.toml");
    std::fs::write(&file, "city = \"a\"\ndata = \"of-file\"\n[http]\nlisten = \"127.0.0.1:81\"\n")
        .expect("a file");
    let run = Run::of(
        command(here.path(), &["--config", "own.toml", "--data", "of-flag", "config", "show"])
            .env("LUCID_DATA", "of-environment")
            .env("LUCID_HTTP_LISTEN", "127.0.0.1:82")
            .output()
            .expect("lucid starts"),
    );
    assert_eq!(run.code, 0, "{}", run.err);
    let line = |key: &str| {
        let found = run.out.lines().find(|line| line.starts_with(&format!("{key} ")));
        found.unwrap_or_else(|| panic!("no line {key} in {}", run.out)).to_owned()
    };
    assert!(line("data").contains("\"of-flag\"") && line("data").ends_with("# flag --data"));
    assert!(line("http.listen").contains("127.0.0.1:82"));
    assert!(line("http.listen").ends_with("# environment LUCID_HTTP_LISTEN"));
    assert!(line("city").ends_with("# own.toml:1"), "{}", line("city"));
    assert!(line("hj212.listen").ends_with("# default"));
}

#[test]
fn a_wrong_setting_is_named_with_file_and_line() {
    let here = folder();
    std::fs::write(here.path().join("own.toml"), "# x\n[http]\nlisten = 8080\nlissten = \"\"\n")
        .expect("a file");
    let run = lucid(here.path(), &["--config", "own.toml", "config", "show"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("own.toml:3: http.listen: a text is wanted"), "{}", run.err);
    assert!(run.err.contains("own.toml:4: there is no setting http.lissten"), "{}", run.err);
    assert!(run.err.contains("Did you mean http.listen?"), "{}", run.err);
    let run = lucid(here.path(), &["--json", "--config", "none.toml", "config", "show"]);
    assert_eq!(run.code, 3);
    assert!(run.err.starts_with("{\"code\":\"configuration.file\""), "{}", run.err);
}

#[test]
fn conformance_says_what_failed_and_counts() {
    let here = folder();
    let run = lucid(here.path(), &["conformance", "hj212", &testdata("hj212.jsonl")]);
    let lines: Vec<_> = run.out.lines().collect();
    assert_eq!(run.code, 1);
    assert_eq!(lines.last(), Some(&"4 passed, 3 failed"), "{}", run.out);
    assert_eq!(
        lines[0],
        "wrong-reason FAIL expected reason \"crc_mismatch\" got reason \"crc_modbus\""
    );
    assert!(
        lines[1].starts_with("wrong-value FAIL expected cp [[[\"DataTime\",\"2024"),
        "{}",
        lines[1]
    );
    assert!(lines[2].starts_with("line:7 FAIL expected a JSON record got "), "{}", lines[2]);
    let run = lucid(here.path(), &["conformance", "air", &testdata("air.csv")]);
    assert_eq!(run.code, 1);
    let lines: Vec<_> = run.out.lines().collect();
    assert!(lines[0].starts_with("A3 APART (single_peer)"), "{}", run.out);
    assert_eq!(lines[1..], ["A2 FAIL expected 100 got 114", "1 passed, 1 failed"]);
}

#[test]
fn the_published_vectors_pass() {
    let here = folder();
    for (suite, file) in
        [("hj212", "standards/hj212/vectors_dev.jsonl"), ("air", "standards/air/vectors_dev.csv")]
    {
        let Some(file) = shared(file) else { continue };
        let run = lucid(here.path(), &["conformance", suite, &file]);
        assert_eq!(run.code, 0, "{suite}: {}", run.out);
        assert!(run.out.trim_end().ends_with(" passed, 0 failed"), "{}", run.out);
    }
}

#[test]
fn packets_become_json_and_json_packets() {
    let here = folder();
    let hex = std::fs::read_to_string(testdata("frames.hex")).expect("the frames");
    let decoded = lucid_reading(here.path(), &["hj212", "decode", "--hex"], hex.as_bytes());
    assert_eq!(decoded.code, 1, "one is rejected");
    let lines: Vec<_> = decoded.out.lines().collect();
    assert!(
        lines[0].starts_with(
            "{\"verdict\":\"accept\",\"edition\":\"2017\",\"QN\":\"20160801085857223\",\
             \"ST\":\"32\",\"CN\":\"2011\",\"PW\":\"123456\",\
             \"MN\":\"010000A8900016F000169DC0\",\"Flag\":\"5\",\"cp\":[],\"quirks\":[],\
             \"ack_hex\":\"2323"
        ),
        "{}",
        lines[0]
    );
    assert!(lines[1].starts_with("{\"verdict\":\"reject\",\"reason\":\"crc_mismatch\""));
    assert!(lines[2].starts_with("{\"verdict\":\"reject\",\"reason\":\"not_hex\""));
    let encoded = lucid_reading(
        here.path(),
        &["hj212", "encode", "--hex"],
        format!("{}\n", lines[0]).as_bytes(),
    );
    assert_eq!((encoded.code, encoded.out.lines().next()), (0, hex.lines().next()));
    let raw = lucid_reading(here.path(), &["hj212", "encode"], lines[0].as_bytes());
    let again = lucid_reading(here.path(), &["hj212", "decode"], raw.out.as_bytes());
    assert_eq!((again.code, again.out.lines().next()), (0, Some(lines[0])));
    let wrong = lucid_reading(here.path(), &["hj212", "encode"], b"{\"CN\":\"1\"}\n{}\n");
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("line 2: CN, the command, is missing"), "{}", wrong.err);
}

#[test]
fn a_table_gets_its_indices() {
    let here = folder();
    let table = "city,PM2.5,so2,note\n漳州,75,—,\"a,b\"\n";
    let arguments = ["evaluate", "air-index", "--edition", "HJ633-2026"];
    let run = lucid_reading(here.path(), &arguments, table.as_bytes());
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(
        run.out,
        "city,PM2.5,so2,note,iaqi_so2,iaqi_no2,iaqi_co,iaqi_o3,iaqi_pm10,iaqi_pm25,aqi,primary,\
         class\n漳州,75,—,\"a,b\",NA,NA,NA,NA,NA,114,114,PM2.5,轻度污染\n"
    );
    let run = lucid_reading(here.path(), &arguments, b"pm25\nmany\n");
    assert_eq!((run.code, run.out.lines().count()), (1, 1), "its header alone: {}", run.out);
    assert!(run.err.contains("row 2, column pm25: \"many\" is no number."), "{}", run.err);
    let wrong = ["evaluate", "air-index", "--edition", "HJ633-1999"];
    assert_eq!(lucid_reading(here.path(), &wrong, b"pm25\n1\n").code, 2);
}

#[test]
fn every_published_index_is_recomputed() {
    let here = folder();
    let Some(feed) = shared("data/air/cnemc_station_hour_2016_2018.csv.gz") else { return };
    let run = lucid(here.path(), &["evaluate", "air-feed", &feed, "-o", "out.csv"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("4397 recomputed alike, 0 differ; 90 withheld"), "{}", run.err);
    let text = std::fs::read_to_string(here.path().join("out.csv")).expect("the table");
    let header = text.lines().next().expect("a header");
    assert!(header.starts_with(
        "station,name,area,time,published_aqi,recomputed_aqi,published_level,recomputed_level,\
         published_primary,recomputed_primary"
    ));
    assert_eq!(text.lines().count(), 4_488);
}

#[test]
fn published_water_classes_are_recomputed() {
    let here = folder();
    let raw = "data/water/cnemc_water_snapshots_2020-05_06_raw_and_rounded.csv.gz";
    let Some(raw) = shared(raw) else { return };
    let run = lucid(here.path(), &["evaluate", "water-feed", &raw, "-o", "out.csv"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("5979 recomputed alike, 0 differ"), "{}", run.err);
    let Some(rounded) = shared("data/water/cnemc_water_4h_2021-04_fujian.csv.gz") else { return };
    let run = lucid(here.path(), &["evaluate", "water-feed", &rounded, "-o", "out.csv"]);
    assert_eq!(run.code, 1, "rounded values cannot give every class");
    assert!(run.err.contains("1328 with a published class: 1296 recomputed alike"), "{}", run.err);
}

#[test]
fn a_feed_of_both_misleading_columns_is_judged_by_the_hour() {
    let here = folder();
    let run = lucid(here.path(), &["evaluate", "air-feed", &testdata("air_feed.xml")]);
    assert_eq!(run.code, 1, "{}", run.err);
    let lines: Vec<_> = run.out.lines().collect();
    assert_eq!(
        lines[1..],
        [
            "T001A,甲,甲市,2018-02-20T07:00:00,135,135,轻度污染,轻度污染,臭氧1小时,臭氧1小时,",
            "T002A,乙,甲市,2018-02-20T06:00:00,60,51,良,良,颗粒物(PM10),颗粒物(PM10),aqi",
        ]
    );
}

#[test]
fn observations_are_imported_whole_or_in_part_and_come_out_again() {
    let here = folder();
    let at = here.path();
    assert_eq!(lucid(at, &["init", "--city", "example"]).code, 0);
    let doctor = Run::of(
        command(at, &["doctor", "--json"])
            .env("LUCID_HTTP_LISTEN", "127.0.0.1:0")
            .env("LUCID_HJ212_LISTEN", "127.0.0.1:0")
            .output()
            .expect("lucid starts"),
    );
    let checks: Vec<serde_json::Value> = serde_json::from_str(&doctor.out).expect("JSON");
    // Room on the disk and fonts are this machine's, not the new folder's.
    let is_ours = |check: &&serde_json::Value| check["check"] != "disk" && check["check"] != "font";
    for check in checks.iter().filter(is_ours) {
        assert_eq!(check["verdict"], "ok", "a new folder is well: {check}");
    }
    assert_eq!(lucid(at, &["import", "template", "observations", "-o", "t.csv"]).code, 0);
    let template = std::fs::read_to_string(at.join("t.csv")).expect("the template");
    let (point, factor) = a_point_of_the_example();
    let good = format!("{point},hour,2026-03-01 08:00,{factor},7.10\n");
    let bad = format!("{point},hour,2026-03-01 09:00,{factor},seven\n");
    std::fs::write(at.join("t.csv"), format!("{template}{good}{bad}")).expect("a table");
    let run = lucid(at, &["import", "observations", "t.csv"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("line 14, column value: \"seven\" is no number"), "{}", run.err);
    assert!(run.err.contains("nothing was taken"), "{}", run.err);
    let run = lucid(at, &["import", "observations", "t.csv", "--partial"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("1 lines taken, rows: 1 new"), "{}", run.out);
    let rejected = std::fs::read_to_string(at.join("t.csv.rejected.csv")).expect("the others");
    assert!(rejected.contains("# line 14, column value") && rejected.ends_with(&bad), "{rejected}");
    let mended = rejected.replace("seven", "7.25");
    std::fs::write(at.join("mended.csv"), mended).expect("a table");
    assert_eq!(lucid(at, &["import", "observations", "mended.csv"]).code, 0);
    let place = point.replacen(',', "/", 1);
    let export = |extra: &[&str]| {
        let mut arguments = vec!["export", "observations", "--point", &place];
        arguments.extend(["--from", "2026-03-01", "--to", "2026-03-02"]);
        arguments.extend(extra);
        lucid(at, &arguments)
    };
    let run = export(&[]);
    let lines: Vec<_> = run.out.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            format!("{point},hour,2026-03-01 08:00,{factor},7.10,,,,,"),
            format!("{point},hour,2026-03-01 09:00,{factor},7.25,,,,,"),
        ]
    );
    assert_eq!(export(&["-o", "out.xlsx"]).code, 0);
    let run = lucid(at, &["import", "observations", "out.xlsx", "--json"]);
    assert!(run.out.contains("\"known\":2"), "the same values came back: {}", run.out);
    let of_all = |kind: &str, extra: &[&str]| {
        let mut arguments = vec!["export", kind, "--factor", &factor];
        arguments.extend(["--from", "2026-03-01", "--to", "2026-03-02"]);
        arguments.extend(extra);
        lucid(at, &arguments)
    };
    let all = of_all("observations", &[]);
    assert_eq!(all.out.lines().skip(1).collect::<Vec<_>>(), lines, "{}", all.err);
    for (name, begins) in [("out.parquet", "PAR1"), ("out.arrow", "ARROW1")] {
        let run = of_all("observations", &["-o", name]);
        assert!(run.err.contains("2 lines"), "{}", run.err);
        let bytes = std::fs::read(at.join(name)).expect("a file");
        assert!(bytes.starts_with(begins.as_bytes()) && bytes.ends_with(begins.as_bytes()));
    }
    let answer = |kind, extra: &[&str]| {
        let run = of_all(kind, extra);
        run.out.lines().nth(1).unwrap_or_else(|| panic!("{}", run.err)).to_owned()
    };
    assert_eq!(answer("daily-means", &[]), format!("{point},{factor},2026-03-01,2,7.175"));
    assert_eq!(answer("percentiles", &["--percent", "50"]), format!("{point},{factor},2,7.175"));
    let over = answer("exceedances", &["--limit", "7.2"]);
    assert_eq!(over, format!("{point},{factor},7.2,2,1,7.25"));
    for wrong in [
        &["--format", "pdf"][..],
        &["--period", "week"],
        &["--factor", "none"],
        &["--to", "2026-03-01"],
    ] {
        let run = of_all("observations", wrong);
        assert_eq!(run.code, 2, "{wrong:?}: {}", run.err);
    }
}

/// Kind and code of a point of the example city, and a factor of it.
fn a_point_of_the_example() -> (String, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let first = |file: &str| {
        let text = std::fs::read_to_string(folder.join(file)).expect("a file of the city");
        let mut lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
        let line = lines.next().expect("a row").to_owned();
        line.split(',').next().expect("a code").to_owned()
    };
    (format!("air-station,{}", first("air_stations.csv")), first("factors.csv"))
}

#[test]
fn a_backup_is_restored_into_a_new_folder_only() {
    let here = folder();
    let at = here.path();
    assert_eq!(lucid(at, &["init", "--city", "example"]).code, 0);
    assert_eq!(lucid(at, &["backup", "b.lucid"]).code, 0);
    assert_eq!(lucid(at, &["restore", "b.lucid", "--data", "new"]).code, 0);
    let doctor = lucid(at, &["doctor", "--data", "new"]);
    assert!(doctor.out.contains("ok        city"), "{}", doctor.out);
    assert_eq!(lucid(at, &["restore", "b.lucid"]).code, 3, "the old folder is not empty");
    std::fs::write(at.join("b.lucid"), "nonsense").expect("a file");
    assert_eq!(lucid(at, &["restore", "b.lucid", "--data", "third"]).code, 3);
}

#[test]
fn the_doctor_finds_what_is_wrong() {
    let here = folder();
    let run = lucid(here.path(), &["doctor", "--data", "nothing"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("bad       folder"), "{}", run.out);
    assert!(run.out.contains("mend: make one with `lucid init`"), "{}", run.out);
    let busy = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = busy.local_addr().expect("its address").to_string();
    let run = Run::of(
        command(here.path(), &["doctor", "--json"])
            .env("LUCID_HTTP_LISTEN", &address)
            .env("LUCID_HTP_LISTEN", "x")
            .output()
            .expect("lucid starts"),
    );
    assert!(run.out.contains(&format!("another program listens on {address}")), "{}", run.out);
    assert!(run.out.contains("LUCID_HTP_LISTEN means nothing"), "{}", run.out);
}

#[test]
fn standards_are_listed_shown_and_compared() {
    let folder = folder();
    let run = lucid(folder.path(), &["standards", "list"]);
    assert_eq!(run.code, 0, "{}", run.err);
    for id in ["GB3095", "HJ633", "GB3838", "GB18918", "CWQI", "GBT2260"] {
        assert!(run.out.lines().any(|line| line.starts_with(id)), "{id} is not listed");
    }
    let run = lucid(folder.path(), &["standards", "show", "GB3095", "--on", "2026-06-01"]);
    assert!(run.out.contains("* GB3095-2026-transition"), "{}", run.out);
    let daily = run.out.lines().find(|line| line.contains("PM2.5") && line.contains("24h"));
    assert!(daily.is_some_and(|line| line.contains("35") && line.contains("60")), "{daily:?}");
    let run = lucid(folder.path(), &["standards", "show", "GB1"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("[standards.unknown]"), "{}", run.err);
    let run = lucid(folder.path(), &["standards", "diff", "GB3095-2012", "GB3838-2002"]);
    assert_eq!((run.code, run.err.contains("[standards.two]")), (2, true));
}

/// GB 3095-2026 4.4 and table 1 against 2012: in the transition the grade 2 limits of particles
/// alone, from 2031 the others.
#[test]
fn the_editions_of_the_air_standard_differ_where_the_text_says() {
    let folder = folder();
    let arguments = ["standards", "diff", "GB3095-2012", "GB3095-2026", "--json"];
    let run = lucid(folder.path(), &arguments);
    assert_eq!(run.code, 0, "{}", run.err);
    let found: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    let basic = |stage: usize| {
        let differences = found["stages"][stage]["differences"].as_array().expect("a list");
        let mut lines: Vec<String> = differences
            .iter()
            .filter(|one| one["key"].as_str().is_some_and(|key| key.starts_with("basic")))
            .flat_map(|one| {
                let key = one["key"].as_str().unwrap_or_default().to_owned();
                let columns = one["columns"].as_array().cloned().unwrap_or_default();
                columns.into_iter().map(move |column| {
                    let text = |name: &str| column[name].as_str().unwrap_or_default().to_owned();
                    let (before, after) = (text("before"), text("after"));
                    format!("{key} {} {before} {after}", text("column"))
                })
            })
            .collect();
        lines.sort();
        lines
    };
    let transition = basic(0);
    assert_eq!(transition.len(), 4, "{transition:#?}");
    for (name, period, from, to) in [
        ("PM10", "annual", "70", "60"),
        ("PM10", "24h", "150", "120"),
        ("PM2.5", "annual", "35", "30"),
        ("PM2.5", "24h", "75", "60"),
    ] {
        let wanted = |line: &&String| {
            let is_meant = line.starts_with(&format!("basic {name} ")) && line.contains(period);
            is_meant && line.ends_with(&format!("grade2 {from} {to}"))
        };
        assert!(transition.iter().any(|line| wanted(&line)), "{name} {period}: {transition:#?}");
    }
    assert_eq!(found["stages"][1]["after"], "2031-01-01");
    let last = basic(1);
    let changes = |name: &str| {
        let start = format!("basic {name} ");
        last.iter().filter(|line| line.starts_with(&start)).count()
    };
    // Never CO and ozone; of SO2 grade 2 alone.
    let counts = ["CO", "O3", "SO2", "NO2", "PM10", "PM2.5"].map(changes);
    assert_eq!(counts, [0, 0, 3, 4, 3, 4], "{last:#?}");
}

#[test]
fn every_method_is_listed_and_explained() {
    let folder = folder();
    let run = lucid(folder.path(), &["evaluate", "--list"]);
    assert_eq!(run.code, 0, "{}", run.err);
    for method in [
        "air-index",
        "air-day",
        "air-period",
        "air-rank",
        "surface-water",
        "cwqi",
        "trophic-state",
        "seawater",
        "soil",
        "noise",
        "discharge-day",
        "ecological-flow",
        "groundwater",
        "black-odorous",
        "drinking-water",
        "air-feed",
        "water-feed",
    ] {
        assert!(run.out.lines().any(|line| line.starts_with(method)), "{method} is not listed");
        let run = lucid(folder.path(), &["evaluate", method, "--explain"]);
        assert_eq!(run.code, 0, "{method}: {}", run.err);
        let example = run.out.split("Example:\n").nth(1).expect("an example");
        std::fs::write(folder.path().join("example.csv"), example).expect("it is written");
        let run = lucid(folder.path(), &["evaluate", method, "example.csv", "-o", "out.xlsx"]);
        assert_eq!(run.code, 0, "{method}: {}", run.err);
        assert!(folder.path().join("out.xlsx").is_file());
        if method.ends_with("feed") {
            assert!(run.err.contains("1 recomputed alike, 0 differ"), "{method}: {}", run.err);
        }
        if method == "air-index" {
            // A workbook goes in as well as out.
            std::fs::rename(folder.path().join("out.xlsx"), folder.path().join("in.xlsx"))
                .expect("it is there");
            let run = lucid(folder.path(), &["evaluate", method, "in.xlsx"]);
            assert_eq!(run.code, 0, "{method}: {}", run.err);
            assert!(run.out.contains("2026-03-01"), "{}", run.out);
        }
    }
    let run = lucid(folder.path(), &["evaluate", "air-day", "nothing.csv"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("[file.read]"), "{}", run.err);
}

#[test]
fn a_stream_is_judged_whole_or_refused() {
    let folder = folder();
    let refused = lucid_reading(
        folder.path(),
        &["evaluate", "air-period", "--arrow-stream"],
        b"date,pm25\n2026-01-01,1\n",
    );
    assert_eq!((refused.code, refused.out.as_str()), (1, ""));
    assert!(refused.err.contains("is no Arrow IPC stream"), "{}", refused.err);
    assert!(refused.err.contains("[stream.form]"), "{}", refused.err);
    let both = lucid(folder.path(), &["evaluate", "air-day", "--arrow-stream", "hours.csv"]);
    assert_eq!(both.code, 2, "{}", both.err);
    let alone = lucid(folder.path(), &["evaluate", "air-index", "--values", "text", "days.csv"]);
    assert_eq!(alone.code, 2, "{}", alone.err);
    let told = lucid(folder.path(), &["--json", "evaluate", "air-period", "--explain"]);
    assert!(told.out.contains(r#""together":["city"]"#), "{}", told.out);
}

#[test]
fn a_plan_is_checked_and_its_state_is_printed() {
    let folder = folder();
    let here = folder.path();
    for city in ["zhangzhou", "example"] {
        let run = lucid(here, &["plan", "check", city]);
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(run.out.contains("0 wrong"), "{}", run.out);
    }
    let json = lucid(here, &["--json", "plan", "check", "zhangzhou"]).out;
    let told: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let codes: Vec<_> =
        told["problems"].as_array().expect("problems").iter().map(|it| &it["code"]).collect();
    assert!(codes.contains(&&"plan.duty_without_clock".into()), "{codes:?}");

    // A file of another city's folder, with a unit that it does not have.
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let own = here.join("own");
    copy(&example, &own);
    let file = own.join("plan/plan.toml");
    let text = std::fs::read_to_string(&file).expect("the plan");
    std::fs::write(&file, text.replacen("lead = [\"eeb\"]", "lead = [\"nobody\"]", 1))
        .expect("written");
    let run = lucid(here, &["plan", "check", "own/plan/plan.toml"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.out.contains("there is no unit \"nobody\""), "{}", run.out);
    let init = lucid(here, &["init", "--city", "own"]);
    assert_ne!(init.code, 0, "a wrong plan is not taken over");
    assert!(init.err.contains("plan.unknown_unit"), "{}", init.err);

    assert_eq!(lucid(here, &["init", "--city", "zhangzhou"]).code, 0);
    let json = lucid(here, &["plan", "status", "--json"]).out;
    let plan: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(plan["measures"].as_array().map(Vec::len), Some(28));
    assert!(lucid(here, &["plan", "status"]).out.contains("28. 加强组织实施"));
}

/// Copies a folder with all that stands in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

#[test]
fn a_month_of_sources_is_checked_county_by_county() {
    let folder = folder();
    let here = folder.path();
    assert_eq!(lucid(here, &["source", "check"]).code, 2, "there is no store yet");
    assert_eq!(lucid(here, &["init", "--city", "zhangzhou"]).code, 0);
    let run = lucid(here, &["source", "check", "--month", "2026-06", "--xlsx", "june.xlsx"]);
    assert_eq!(run.code, 1, "nobody is connected: {}{}", run.out, run.err);
    let county = run.out.lines().find(|line| line.starts_with("350602 ")).expect("a county");
    let words: Vec<&str> = county.split_whitespace().collect();
    assert_eq!(words, ["350602", "0/6", "-", "0", "0", "0", "-", "芗城区"]);
    assert!(std::fs::read(here.join("june.xlsx")).expect("a file").starts_with(b"PK"));
    let json =
        lucid(here, &["source", "check", "--month", "2026-06", "--county", "350602", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(json["all"]["must_be_connected"], 6);
    assert_eq!(json["divisions"].as_array().map(Vec::len), Some(1));
    for wrong in [["--month", "2026-6"], ["--month", "2999-01"], ["--county", "110000"]] {
        let run = lucid(here, &[&["source", "check"], &wrong[..]].concat());
        assert_eq!(run.code, 2, "{wrong:?}: {}", run.err);
    }
}
