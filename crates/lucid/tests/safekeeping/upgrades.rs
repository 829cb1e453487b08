//! Upgrades: what every release kept is read by this program, on both databases, and a store that a
//! newer program used is left alone.
//!
//! `released/` holds a small backup for each schema that was released, named after its last step.
//! A file there is written once, when the release is made, and never again. (The first four were
//! made later: the steps are those of their releases, byte for byte, the rows those that a later
//! program wrote into the tables of then.)

use crate::support::{
    Acknowledged, PATIENCE, Server, correct, devices, is_sound, new_database, ran, refused, report,
    run, select, send, sqlite, wait, wait_for,
};
use sqlx::Row as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

fn released() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/safekeeping/released");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "lucid"))
        .collect();
    files.sort();
    assert!(files.len() >= 4, "{files:?}");
    files
}

/// What a city of an early release held, which has to be there still.
fn kept(url: &str) -> Vec<(&'static str, i64)> {
    let count = |text: &'static str| (text, select(url, text)[0].get::<i64, _>(0));
    vec![
        count("SELECT COUNT(*) FROM monitoring_point"),
        // Closed months may move into the history; the newest row stands in both.
        count(
            "SELECT (SELECT COUNT(*) FROM observation) + (SELECT CAST(COALESCE(SUM(row_count), 0) \
             AS BIGINT) FROM history_part WHERE retired_at IS NULL)",
        ),
        count("SELECT COUNT(*) FROM observation_revision"),
        count("SELECT COUNT(*) FROM raw_block"),
        count("SELECT COUNT(*) FROM verdict"),
        count("SELECT block FROM evaluation_cursor"),
        count("SELECT COUNT(*) FROM authority_api_token"),
    ]
}

#[test]
fn what_every_release_kept_is_read_by_this_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for file in released() {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let backup = file.display().to_string();
        let data = folder.path().join(&name);
        let mut targets = vec![(data.clone(), None, sqlite(&data))];
        if let Some(url) = new_database(&format!("upgrade_{name}")) {
            targets.push((folder.path().join(format!("{name}-postgres")), Some(url.clone()), url));
        }
        for (data, database, url) in targets {
            let database = database.as_deref();
            let told = run(&data, database, &["restore", &backup]);
            assert!(told.contains("is of an earlier release"), "{name}: {told}");
            let before = kept(&url);
            let missing: Vec<_> = before.iter().filter(|(_, count)| *count == 0).collect();
            assert!(missing.is_empty(), "{name}: nothing of {missing:?}");
            is_sound(&data, database);
            let server = Server::start(&data, database);
            let ready = server.get("/readyz");
            assert!(ready.starts_with("HTTP/1.1 200"), "{name}: {ready}");
            let outlets = server.get("/outlets?lang=en");
            assert!(outlets.starts_with("HTTP/1.1 200"), "{name}: {outlets}");
            drop(server);
            let after = kept(&url);
            for (before, after) in before.iter().zip(&after) {
                assert!(before.1 <= after.1, "{name}: {before:?} became {after:?}");
            }
        }
    }
}

/// A data folder of an earlier release, as its own program left it.
fn earlier(data: &Path) {
    let file = &released()[0];
    let last: i64 = file.file_stem().expect("a name").to_string_lossy().parse().expect("a step");
    let kernel = [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        ingest::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
    ];
    let then: Vec<store::Migration> =
        kernel.concat().into_iter().filter(|step| step.version <= last).collect();
    std::fs::create_dir_all(data).expect("a folder");
    wait(async {
        let restored = store::backup::restore_at(&sqlite(data), &then, file, |_| {}).await;
        restored.expect("the store of then").0.close().await;
    });
}

#[test]
fn looking_and_backing_up_are_no_upgrade() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    earlier(&data);
    let steps = "SELECT COUNT(*) FROM _sqlx_migrations";
    let before: i64 = select(&sqlite(&data), steps)[0].get(0);
    let doctor = ran(&data, None, &["doctor"]);
    let told = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert_eq!(doctor.status.code(), Some(1));
    assert!(told.contains("more at its start") && told.contains("lucid backup"), "{told}");
    let file = folder.path().join("before.lucid").display().to_string();
    run(&data, None, &["backup", &file]);
    assert_eq!(select(&sqlite(&data), steps)[0].get::<i64, _>(0), before);
    // The start is the upgrade.
    drop(Server::start(&data, None));
    let after: i64 = select(&sqlite(&data), steps)[0].get(0);
    assert!(after > before, "{after} steps after {before}");
    is_sound(&data, None);
    // And what was backed up before goes into this release, too.
    let new = folder.path().join("new");
    run(&new, None, &["restore", &file]);
    is_sound(&new, None);
}

#[test]
fn a_store_that_a_newer_program_used_is_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path();
    run(data, None, &["init", "--city", "example"]);
    let url = sqlite(data);
    select(
        &url,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (299912312359, 'later', TRUE, x'00', 0)",
    );
    for command in ["serve", "init"] {
        let (code, said) = refused(data, None, &[command]);
        assert_eq!(code, 3, "{command}");
        assert!(said.contains("the store is newer than this program"), "{command}: {said}");
        assert!(said.contains("299912312359") && said.contains("[store.newer]"), "{said}");
        assert!(said.contains("docs/how-to/upgrade.md"), "{said}");
    }
    // A backup of it is possible, and is not taken for one of this release either.
    let file = folder.path().join("later.lucid").display().to_string();
    run(data, None, &["backup", &file]);
    let (_, said) = refused(&data.join("new"), None, &["restore", &file]);
    assert!(said.contains("the backup is newer than this program"), "{said}");
    let version = run(data, None, &["--version"]);
    assert!(version.starts_with("lucid ") && version.contains("schema step 2026"), "{version}");
}

/// Makes what the next releases are tried with: a small store of this one, and its steps. Run once
/// for a release, with `LUCID_RELEASE=1`; what is there is never written again.
#[test]
fn a_release_leaves_a_small_store_behind() {
    if std::env::var_os("LUCID_RELEASE").is_none() {
        eprintln!("SKIPPED: LUCID_RELEASE is not set, no release is being made");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    run(&data, None, &["init", "--city", "example"]);
    let hours = folder.path().join("hours.csv");
    std::fs::write(
        &hours,
        "point_kind,point,period,observed_at,factor,value,flag\n\
        air-station,9901A,hour,2026-03-01 00:00,a34004,90,\n\
        air-station,9901A,hour,2026-03-01 01:00,a34004,35,\n",
    )
    .expect("a table");
    run(&data, None, &["import", "observations", &hours.display().to_string()]);
    let device = devices(&data, 1).remove(0);
    {
        let server = Server::start(&data, None);
        let (acknowledged, stop) = (Acknowledged::default(), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| send(server.hj212, &device, 0, &acknowledged, &stop));
            wait_for(&acknowledged, 40);
            stop.store(true, Ordering::Relaxed);
        });
        correct(server.hj212, &device, 5);
        let answer = report(server.http, 0).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        let url = sqlite(&data);
        for due in ["SELECT 1 FROM log_checkpoint", "SELECT 1 FROM verdict"] {
            let start = std::time::Instant::now();
            while select(&url, due).is_empty() {
                assert!(start.elapsed() < PATIENCE, "{due} gives nothing");
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
        }
    }
    let steps: Vec<i64> =
        select(&sqlite(&data), "SELECT version FROM _sqlx_migrations ORDER BY version")
            .iter()
            .map(|row| row.get(0))
            .collect();
    let last = steps.last().expect("steps");
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("tests/safekeeping/released/{last}.lucid"));
    assert!(!file.exists(), "{} was made when that release was", file.display());
    run(&data, None, &["backup", &file.display().to_string()]);
}
