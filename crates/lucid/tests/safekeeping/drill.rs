//! The restore drill: a backup is taken while devices deliver and citizens report, then everything
//! is destroyed. What was acknowledged before the backup began is there again, on either database.

use crate::support::{
    Acknowledged, Server, devices, head, holds_messages, holds_reports, is_sound, lucid,
    new_database, report_on, root, run, select, send, so_far, sqlite, wait_for,
};
use sqlx::Row as _;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const DEVICES: usize = 3;

/// How much is loaded: ten times as much where slow tests are wanted.
fn scale() -> usize {
    if std::env::var_os("LUCID_SLOW_TESTS").is_some() { 10 } else { 1 }
}

#[test]
fn a_city_that_was_destroyed_under_load_comes_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("night.lucid"));
    run(&data, None, &["init"]);
    let devices = devices(&data, DEVICES);
    let messages: Vec<Acknowledged> = (0..DEVICES).map(|_| Arc::default()).collect();
    // A first load, which then moves into the history: its months closed long ago.
    let first = 200 * scale() as u64;
    load(&data, &devices, 0, &messages, None, |_| {
        for one in &messages {
            wait_for(one, first as usize);
        }
    });
    let next = messages.iter().flat_map(so_far).max().unwrap_or_default() + 1;
    run(&data, None, &["history", "move"]);

    let reports: Acknowledged = Arc::default();
    let mut before: (Vec<BTreeSet<u64>>, BTreeSet<u64>) = (Vec::new(), BTreeSet::new());
    load(&data, &devices, next, &messages, Some(&reports), |server| {
        wait_for(&reports, 4 * scale());
        for one in &messages {
            wait_for(one, first as usize + 200 * scale());
        }
        wait_for_checkpoint(server);
        before = (messages.iter().map(so_far).collect(), so_far(&reports));
        let count: usize = before.0.iter().map(BTreeSet::len).sum();
        eprintln!("{count} messages, {} reports acknowledged before the backup", before.1.len());
        let output = lucid(&data, None, &["backup"]).arg(&file).output().expect("lucid starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the backup under load: {said}");
        // The load goes on after it: what comes now is not in it.
        let sent = so_far(&messages[0]).len();
        wait_for(&messages[0], sent + 50);
        let count: usize = messages.iter().map(|one| so_far(one).len()).sum();
        eprintln!("{count} messages, {} reports when it was killed", so_far(&reports).len());
    });
    let destroyed = folder.path().join("destroyed.sqlite");
    for ending in ["", "-wal", "-shm"] {
        let name = |file: &Path| format!("{}{ending}", file.display());
        let from = name(&data.join("lucid.sqlite"));
        if Path::new(&from).exists() {
            std::fs::rename(from, name(&destroyed)).expect("it is moved aside");
        }
    }
    std::fs::remove_dir_all(&data).expect("the data folder is destroyed");
    let source = format!("sqlite:{}", destroyed.display());

    let check = run(&data, None, &["restore", &file.display().to_string(), "--check", "--json"]);
    let check: serde_json::Value = serde_json::from_str(&check).expect("JSON");
    assert_eq!(check["findings"], serde_json::json!([]));
    assert!(check["files"].as_u64() > Some(before.1.len() as u64), "{check}");
    assert!(!data.exists(), "a check has made a data folder");

    let restored = folder.path().join("restored");
    let mut targets = vec![(restored.clone(), None, sqlite(&restored))];
    if let Some(url) = new_database("drill") {
        targets.push((folder.path().join("on-postgres"), Some(url.clone()), url));
    }
    for (data, database, url) in targets {
        let database = database.as_deref();
        run(&data, database, &["restore", &file.display().to_string()]);
        for (device, acknowledged) in devices.iter().zip(&before.0) {
            holds_messages(&url, &data, device, acknowledged);
        }
        holds_reports(&url, &data, &before.1);
        is_sound(&data, database);
        let (size, signed) = head(&url);
        assert!(size > 0, "nothing was in the log");
        assert_eq!(root(&url, size), signed, "the restored log is the one that was signed");
        assert_eq!(root(&source, size), signed, "and the one that was destroyed");
        let moved: i64 =
            select(&url, "SELECT CAST(SUM(row_count) AS BIGINT) FROM history_part")[0].get(0);
        assert!(moved >= first as i64 * DEVICES as i64 - 2 * DEVICES as i64, "{moved} rows moved");
        goes_on(&data, database, &devices[0]);
    }
}

/// A restored city lives: it takes what comes next.
fn goes_on(data: &Path, database: Option<&str>, device: &crate::support::Device) {
    let server = Server::start(data, database);
    let (acknowledged, stop) = (Acknowledged::default(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| send(server.hj212, device, 100_000, &acknowledged, &stop));
        wait_for(&acknowledged, 10);
        stop.store(true, Ordering::Relaxed);
    });
    let ready = server.get("/readyz");
    assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
}

/// Runs a server with devices, and citizens where reports are counted, while `during` goes on; then
/// the server is killed.
fn load(
    data: &Path,
    devices: &[crate::support::Device],
    from: u64,
    messages: &[Acknowledged],
    reports: Option<&Acknowledged>,
    during: impl FnOnce(&Server),
) {
    let server = Server::start(data, None);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for (device, acknowledged) in devices.iter().zip(messages) {
            let (address, stop) = (server.hj212, &stop);
            scope.spawn(move || send(address, device, from, acknowledged, stop));
        }
        if let Some(reports) = reports {
            let (address, stop) = (server.http, &stop);
            scope.spawn(move || report_on(address, reports, stop));
        }
        during(&server);
        drop(server);
        stop.store(true, Ordering::Relaxed);
    });
}

fn wait_for_checkpoint(server: &Server) {
    let start = std::time::Instant::now();
    while !server.get("/log/checkpoint").starts_with("HTTP/1.1 200") {
        assert!(start.elapsed() < crate::support::PATIENCE, "nothing was signed");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn a_restore_that_was_killed_is_begun_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("b.lucid"));
    run(&data, None, &["init"]);
    let device = devices(&data, 1).remove(0);
    let messages: Vec<Acknowledged> = vec![Arc::default()];
    let reports: Acknowledged = Arc::default();
    load(&data, std::slice::from_ref(&device), 0, &messages, Some(&reports), |_| {
        wait_for(&messages[0], 400);
        wait_for(&reports, 5);
    });
    let name = file.display().to_string();
    run(&data, None, &["backup", &name]);
    let mut targets = vec![(folder.path().join("new"), None)];
    targets.extend(new_database("killed").map(|url| (folder.path().join("other"), Some(url))));
    for (new, database) in targets {
        let database = database.as_deref();
        let url = database.map_or_else(|| sqlite(&new), str::to_owned);
        for after_ms in [5, 20, 60, 120, 200] {
            let mut restoring = lucid(&new, database, &["restore", &name])
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .expect("lucid starts");
            std::thread::sleep(std::time::Duration::from_millis(after_ms));
            restoring.kill().expect("it can be killed");
            if restoring.wait().expect("it ends").success() {
                break;
            }
        }
        // Whether it was killed before or after the end: nothing is half there.
        let output = crate::support::ran(&new, database, &["restore", &name]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() || said.contains("store.not_empty"), "{said}");
        holds_messages(&url, &new, &device, &so_far(&messages[0]));
        holds_reports(&url, &new, &so_far(&reports));
        is_sound(&new, database);
    }
    // A backup that was killed leaves the one before it whole.
    let mut writing = lucid(&data, None, &["backup", &name]).spawn().expect("lucid starts");
    std::thread::sleep(std::time::Duration::from_millis(60));
    writing.kill().expect("it can be killed");
    writing.wait().expect("it ends");
    run(&data, None, &["backup", &name]);
    run(&data, None, &["restore", &name, "--check"]);
}

#[test]
fn what_never_changes_is_copied_once_and_damage_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("b.lucid"));
    run(&data, None, &["init", "--city", "example"]);
    {
        let server = Server::start(&data, None);
        for number in 0..3 {
            let answer = crate::support::report(server.http, number).expect("an answer");
            assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        }
    }
    let name = file.display().to_string();
    let made = |arguments: &[&str]| -> serde_json::Value {
        let output = lucid(&data, None, arguments).output().expect("lucid starts");
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let first = made(&["backup", &name, "--json"]);
    let again = made(&["backup", &name, "--json"]);
    let keys = again["copied"].as_u64().expect("a number");
    assert_eq!(first["copied"], first["files"], "all is new");
    assert_eq!(again["files"], first["files"]);
    assert_eq!(first["files"].as_u64().expect("a number") - keys, 3, "three photos stay");

    let photo = std::fs::read_dir(folder.path().join("b.lucid.files/evidence"))
        .expect("evidence")
        .flat_map(|one| std::fs::read_dir(one.expect("a folder").path()).expect("its files"))
        .next()
        .expect("a photo")
        .expect("readable")
        .path();
    let whole = std::fs::read(&photo).expect("its bytes");
    let mut damaged = whole.clone();
    damaged[0] ^= 1;
    std::fs::write(&photo, damaged).expect("damaged");
    let output = lucid(&data, None, &["restore", &name, "--check"]).output().expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("is not what it was"));
    let new = folder.path().join("new");
    let (code, said) = crate::support::refused(&new, None, &["restore", &name]);
    assert_eq!(code, 3);
    assert!(said.contains("backup.damaged"), "{said}");

    // The file is mended, and the same command goes on where it stopped.
    std::fs::write(&photo, whole).expect("mended");
    run(&new, None, &["restore", &name]);
    is_sound(&new, None);

    // Rows of one backup beside the files of another are no backup.
    let other = folder.path().join("c.lucid");
    std::fs::copy(&file, &other).expect("copied");
    run(&data, None, &["init", "--city", "example"]);
    run(&data, None, &["backup", &name]);
    std::fs::copy(&other, &file).expect("mixed up");
    let third = folder.path().join("third");
    let (_, said) = crate::support::refused(&third, None, &["restore", &name]);
    assert!(said.contains("backup.pair"), "{said}");

    // A folder that has a key of its own could not read what it gets.
    run(&data, None, &["backup", &name]);
    std::fs::create_dir_all(&third).expect("a folder");
    std::fs::write(third.join("cases.key"), "ab".repeat(32)).expect("another key");
    let (_, said) = crate::support::refused(&third, None, &["restore", &name]);
    assert!(said.contains("backup.key"), "{said}");
}

#[test]
fn a_server_backs_itself_up() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, kept) = (folder.path().join("data"), folder.path().join("kept"));
    run(&data, None, &["init", "--city", "example"]);
    let place = kept.display().to_string();
    // What a broken-off backup has left is taken away.
    let left = kept.join("lucid-2026-01-01T000000.lucid.files");
    std::fs::create_dir_all(&left).expect("a folder");
    let half = kept.join("lucid-2026-01-01T000000.lucid.unfinished.partial");
    std::fs::write(&half, "half").expect("written");
    let server = Server::start_with(&data, None, &[("LUCID_BACKUP_FOLDER", &place)]);
    let start = std::time::Instant::now();
    let metrics = loop {
        let metrics = server.get("/metrics");
        if metrics.contains("\nlucid_backup_age_seconds ") {
            break metrics;
        }
        assert!(start.elapsed() < crate::support::PATIENCE, "no backup was made");
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    assert!(metrics.contains("\nlucid_backup_failing 0"), "{metrics}");
    drop(server);
    assert!(!left.exists() && !half.exists(), "the remainder is still there");
    let files = |kept: &Path| -> Vec<_> {
        let entries = std::fs::read_dir(kept).expect("the folder");
        entries
            .map(|entry| entry.expect("readable").path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "lucid"))
            .collect()
    };
    let made = files(&kept);
    assert_eq!(made.len(), 1, "{made:?}");
    let restored = folder.path().join("restored");
    run(&restored, None, &["restore", &made[0].display().to_string()]);
    is_sound(&restored, None);
    // A server that starts again waits until the next one is due.
    let server = Server::start_with(&data, None, &[("LUCID_BACKUP_FOLDER", &place)]);
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    drop(server);
    assert_eq!(files(&kept), made);
    let refused = lucid(&data, None, &["serve"])
        .env("LUCID_BACKUP_FOLDER", &place)
        .env("LUCID_BACKUP_KEEP", "everything")
        .output()
        .expect("lucid starts");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("such as `7d 5w 12m`"), "{said}");
}
