//! The move from SQLite to PostgreSQL: everything is there, nothing is copied twice, and what is in
//! the way is named.

use crate::support::{
    Acknowledged, Server, devices, holds_messages, holds_reports, is_sound, new_database, refused,
    report, run, select, send, so_far, sqlite, wait_for,
};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn a_city_moves_to_postgresql() {
    let Some(url) = new_database("moving") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path();
    run(data, None, &["init"]);
    let device = devices(data, 1).remove(0);
    let (acknowledged, stop) = (Acknowledged::default(), AtomicBool::new(false));
    {
        let server = Server::start(data, None);
        std::thread::scope(|scope| {
            scope.spawn(|| send(server.hj212, &device, 0, &acknowledged, &stop));
            wait_for(&acknowledged, 100);
            let answer = report(server.http, 0).expect("an answer");
            assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
            let (_, said) = refused(data, None, &["migrate", "sqlite-to-postgres", "--to", &url]);
            assert!(said.contains("data.locked"), "{said}");
            stop.store(true, Ordering::Relaxed);
        });
    }
    run(data, None, &["history", "move"]);
    let told = run(data, None, &["migrate", "sqlite-to-postgres", "--to", &url, "--json"]);
    let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert!(told["rows"].as_u64() > Some(100), "{told}");

    let database = Some(url.as_str());
    holds_messages(&url, data, &device, &so_far(&acknowledged));
    holds_reports(&url, data, &BTreeSet::from([0]));
    is_sound(data, database);
    let verified = run(data, database, &["log", "verify"]);
    assert!(verified.contains("the database is as the log says"), "{verified}");

    let (code, said) = refused(data, None, &["migrate", "sqlite-to-postgres", "--to", &url]);
    assert_eq!(code, 3);
    assert!(said.contains("store.not_empty"), "{said}");
    let (code, said) = refused(data, database, &["migrate", "sqlite-to-postgres", "--to", &url]);
    assert_eq!(code, 2);
    assert!(said.contains("migrate.source"), "{said}");
    let (code, said) =
        refused(data, None, &["migrate", "sqlite-to-postgres", "--to", &sqlite(data)]);
    assert_eq!(code, 2);
    assert!(said.contains("migrate.target"), "{said}");

    // The city goes on where it stopped, and the SQLite file is not touched any more.
    let before = select(&sqlite(data), "SELECT id FROM raw_block").len();
    let next = so_far(&acknowledged).last().copied().unwrap_or_default() + 1;
    let server = Server::start(data, database);
    let later = Acknowledged::default();
    stop.store(false, Ordering::Relaxed);
    std::thread::scope(|scope| {
        scope.spawn(|| send(server.hj212, &device, next, &later, &stop));
        wait_for(&later, 20);
        stop.store(true, Ordering::Relaxed);
    });
    drop(server);
    holds_messages(&url, data, &device, &so_far(&later));
    assert_eq!(select(&sqlite(data), "SELECT id FROM raw_block").len(), before);
}
