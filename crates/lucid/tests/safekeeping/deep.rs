//! The deep look of the doctor: a sound city passes, and whatever is damaged is named.

use crate::support::{
    Acknowledged, Server, correct, devices, found_by_doctor, is_sound, report, run, select, send,
    sqlite, wait_for,
};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// A city with packets, a correction, reports, an entry in the log, and a month in the history.
fn city(data: &Path) {
    run(data, None, &["init"]);
    let devices = devices(data, 2);
    {
        let server = Server::start(data, None);
        let (acknowledged, stop) = (Acknowledged::default(), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| send(server.hj212, &devices[0], 0, &acknowledged, &stop));
            wait_for(&acknowledged, 60);
            stop.store(true, Ordering::Relaxed);
        });
        for number in 0..2 {
            let answer = report(server.http, number).expect("an answer");
            assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        }
        let start = std::time::Instant::now();
        while select(&sqlite(data), "SELECT 1 FROM log_checkpoint").is_empty() {
            assert!(start.elapsed() < crate::support::PATIENCE, "nothing was signed");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
    run(data, None, &["history", "move"]);
    let server = Server::start(data, None);
    // Rows after the move: these stand in the store itself.
    correct(server.hj212, &devices[1], 5);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("readable").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("copied");
        }
    }
}

/// The first file below a folder.
fn a_file(folder: &Path) -> PathBuf {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("readable").path())
        .collect();
    entries.sort();
    entries
        .iter()
        .find_map(|path| {
            let is_empty = || std::fs::read_dir(path).expect("a folder").next().is_none();
            if path.is_dir() { (!is_empty()).then(|| a_file(path)) } else { Some(path.clone()) }
        })
        .expect("a file")
}

/// All files of a folder and of those within.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn flip(file: &Path) {
    let mut bytes = std::fs::read(file).expect("its bytes");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(file, bytes).expect("written");
}

/// Does something to a data folder.
type Damage = Box<dyn Fn(&Path)>;

fn change(text: &'static str) -> Damage {
    Box::new(move |data: &Path| {
        select(&sqlite(data), text);
    })
}

#[test]
fn whatever_is_damaged_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let whole = folder.path().join("whole");
    city(&whole);
    is_sound(&whole, None);
    let damages: Vec<(&str, &str, Damage)> = vec![
        ("commit log", "commit 2 is missing", change("DELETE FROM raw_block WHERE id = 2")),
        (
            "commit log",
            "commit 1 should hold",
            change("UPDATE raw_block SET packets = packets + 1 WHERE id = 1"),
        ),
        (
            "recent rows",
            "packed bytes are damaged",
            change("UPDATE observation SET payload = x'ff' WHERE version = 2"),
        ),
        (
            "recent rows",
            "is of commit 999999",
            change("UPDATE observation SET block = 999999 WHERE version = 2"),
        ),
        ("revisions", "has no revision", change("DELETE FROM observation_revision")),
        (
            "revisions",
            "stands in version 3",
            change("UPDATE observation SET version = 3 WHERE version = 2"),
        ),
        (
            "cursors",
            "judging stands at commit",
            change("UPDATE evaluation_cursor SET block = block + 1000000"),
        ),
        ("public log", "audit:", change("UPDATE audit_record SET who = who || '?' WHERE id = 1")),
        // Files that others have replaced may lie there still, and nobody misses those.
        (
            "history",
            ".parquet",
            Box::new(|data| files(&data.join("history")).iter().for_each(|file| flip(file))),
        ),
        (
            "history",
            ".parquet",
            Box::new(|data| {
                for file in files(&data.join("history")) {
                    std::fs::remove_file(file).expect("it is gone");
                }
            }),
        ),
        ("evidence", "was altered", Box::new(|data| flip(&a_file(&data.join("evidence"))))),
        (
            "evidence",
            "is missing",
            Box::new(|data| {
                std::fs::remove_file(a_file(&data.join("evidence"))).expect("it is gone");
            }),
        ),
        (
            "cases.key",
            "another key",
            Box::new(|data| {
                std::fs::write(data.join("cases.key"), "ab".repeat(32)).expect("another key");
            }),
        ),
        (
            "public log",
            "log.key is missing",
            Box::new(|data| std::fs::remove_file(data.join("log.key")).expect("it is gone")),
        ),
    ];
    for (number, (check, words, damage)) in damages.iter().enumerate() {
        let data = folder.path().join(format!("damaged-{number}"));
        copy(&whole, &data);
        damage(&data);
        let found = found_by_doctor(&data, None);
        assert!(
            found.iter().any(|(name, what)| name == check && what.contains(words)),
            "{check}: {words}: {found:?}"
        );
        std::fs::remove_dir_all(&data).expect("it is taken away");
    }
}

#[test]
fn a_running_server_is_looked_at_as_well() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path();
    run(data, None, &["init"]);
    let devices = devices(data, 1);
    let server = Server::start(data, None);
    let (acknowledged, stop) = (Acknowledged::default(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| send(server.hj212, &devices[0], 0, &acknowledged, &stop));
        wait_for(&acknowledged, 20);
        is_sound(data, None);
        stop.store(true, Ordering::Relaxed);
    });
}
