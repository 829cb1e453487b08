//! `lucid history` and what it leaves to every other command: what has moved is exported, imported
//! again and corrected as if it had not, is verified, and is forgotten only when the settings say
//! so.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn lucid(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lucid"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LUCID_") {
            command.env_remove(name);
        }
    }
    command.envs(settings.iter().copied()).current_dir(folder).args(arguments);
    command.output().expect("lucid starts")
}

/// What a command prints that ends with this code.
fn says(folder: &Path, settings: &[(&str, &str)], arguments: &[&str], code: i32) -> String {
    let output = lucid(folder, settings, arguments);
    let (out, err) = (output.stdout, output.stderr);
    let err = String::from_utf8_lossy(&err);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {err}");
    String::from_utf8(out).expect("text")
}

fn json(folder: &Path, settings: &[(&str, &str)], arguments: &[&str], code: i32) -> Value {
    let all = [arguments, &["--json"]].concat();
    serde_json::from_str(&says(folder, settings, &all, code)).expect("JSON")
}

/// The first code in a file of the example city.
fn first_of(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let text = std::fs::read_to_string(folder.join(file)).expect("a file of the city");
    let line = text.lines().filter(|line| !line.starts_with('#')).nth(1).expect("a row");
    line.split(',').next().expect("a code").to_owned()
}

/// Writes hours of two months of 2020, one value each, and imports them.
fn import(at: &Path, value_of: impl Fn(u32, u32) -> String) -> Value {
    says(at, &[], &["import", "template", "observations", "-o", "t.csv"], 0);
    let mut table = std::fs::read_to_string(at.join("t.csv")).expect("the template");
    let (station, factor) = (first_of("air_stations.csv"), first_of("factors.csv"));
    for month in [3, 4] {
        for hour in 0..24 {
            let value = value_of(month, hour);
            let line = format!(
                "air-station,{station},hour,2020-{month:02}-15 {hour:02}:00,{factor},{value}\n"
            );
            table.push_str(&line);
        }
    }
    std::fs::write(at.join("t.csv"), table).expect("a table");
    json(at, &[], &["import", "observations", "t.csv"], 0)
}

fn export(at: &Path) -> String {
    let place = format!("air-station/{}", first_of("air_stations.csv"));
    let range = ["--from", "2020-01-01", "--to", "2021-01-01"];
    let arguments = [&["export", "observations", "--point", &place][..], &range].concat();
    says(at, &[], &arguments, 0)
}

#[test]
fn months_move_and_nobody_notices() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    says(at, &[], &["init", "--city", "example"], 0);
    import(at, |month, hour| format!("{month}.{hour:02}"));
    let before = export(at);
    assert_eq!(before.lines().count(), 1 + 48);
    assert!(says(at, &[], &["history", "status"], 0).contains("nothing has moved yet"));

    let moved = json(at, &[], &["history", "move"], 0);
    assert_eq!((&moved["months"], &moved["rows"]), (&2.into(), &48.into()), "{moved}");
    assert_eq!(moved["cleared"], 47, "the newest row stays recent");
    assert!(says(at, &[], &["history", "move"], 0).contains("nothing is due"));
    assert_eq!(export(at), before);
    let known = import(at, |month, hour| format!("{month}.{hour:02}"));
    assert_eq!(known["rows"]["known"], 48, "what is in files is known: {known}");

    let revised = import(at, |month, hour| match hour {
        5 => "9.90".to_owned(),
        _ => format!("{month}.{hour:02}"),
    });
    assert_eq!(
        (&revised["rows"]["known"], &revised["rows"]["revised"]),
        (&46.into(), &2.into()),
        "{revised}"
    );
    let mended = export(at);
    assert_eq!(mended, before.replace(",3.05,", ",9.90,").replace(",4.05,", ",9.90,"));
    let status = json(at, &[], &["history", "status"], 0);
    assert_eq!(status["periods"][2]["late_rows"], 2, "{status}");
    let compacted = json(at, &[], &["history", "compact"], 0);
    assert_eq!((&compacted["months"], &compacted["rows"]), (&2.into(), &48.into()));
    assert_eq!(export(at), mended);
    assert!(says(at, &[], &["history", "verify"], 0).contains("every file is what was written"));
}

#[test]
fn an_altered_file_is_named_and_what_is_not_kept_is_forgotten() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    says(at, &[], &["init", "--city", "example"], 0);
    import(at, |month, hour| format!("{month}.{hour:02}"));
    says(at, &[], &["history", "move"], 0);
    let files = says(at, &[], &["history", "status", "--files"], 0);
    let first = files.lines().next().expect("a file");
    let bytes = std::fs::read(first).expect("it is there");
    std::fs::write(first, &bytes[1..]).expect("written");
    let found = says(at, &[], &["history", "verify"], 1);
    assert!(found.contains("is not what was written"), "{found}");
    std::fs::write(first, &bytes).expect("written");
    says(at, &[], &["history", "verify"], 0);

    assert!(says(at, &[], &["history", "forget"], 0).contains("keep everything"));
    let settings = [("LUCID_HISTORY_FORGET_MONTHS_HOUR", "12")];
    let due = says(at, &settings, &["history", "forget"], 0);
    assert!(due.contains("2 months are no longer kept"), "{due}");
    assert_eq!(export(at).lines().count(), 1 + 48, "saying so deletes nothing");
    let done = json(at, &settings, &["history", "forget", "--yes"], 0);
    assert_eq!(done["forgotten"][0]["rows"], 24, "{done}");
    assert_eq!(export(at).lines().count(), 1);
    assert_eq!(audited(at), 2, "each month left a record");
    let status = says(at, &[], &["history", "status"], 0);
    assert!(status.contains("forgotten hour 2020-03: 24 rows"), "{status}");
}

fn audited(at: &Path) -> i64 {
    sqlx::any::install_default_drivers();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let file = at.join("lucid-data/lucid.sqlite");
        let url = format!("sqlite:{}", file.display());
        let store = store::Store::open_as_it_is(&url).await.expect("the store opens");
        let count =
            sqlx::query_scalar("SELECT COUNT(*) FROM audit_record WHERE action = 'history.forget'")
                .fetch_one(store.reader())
                .await;
        store.close().await;
        count.expect("it counts")
    })
}

#[test]
fn a_wrong_place_says_how_to_mend_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    says(at, &[], &["init", "--city", "example"], 0);
    let settings = [("LUCID_HISTORY_URL", "ftp://somewhere")];
    let output = lucid(at, &settings, &["history", "status"]);
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("s3://BUCKET/FOLDER") && text.contains("history.url"), "{text}");
}
