//! A program that keeps files is killed again and again: what it said was kept is there and
//! whole, and nothing is taken for a file that was not.
//!
//! `LUCID_SLOW_TESTS` makes it many rounds.

use evidence::{Digest, Evidence, Upload};
use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

const FOLDER: &str = "LUCID_TEST_EVIDENCE";

fn main() {
    match std::env::var(FOLDER) {
        Ok(folder) => keep_for_ever(Path::new(&folder)),
        Err(_) => kill_again_and_again(),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime")
}

/// A text that is long enough to be caught half written.
fn text(number: u64) -> Vec<u8> {
    format!("notice {number}\n").repeat(20_000).into_bytes()
}

/// Keeps files and says which, until it is killed.
fn keep_for_ever(folder: &Path) {
    let evidence = Evidence::open(folder).expect("it opens");
    let start: u64 = u64::from(std::process::id()) << 32;
    runtime().block_on(async {
        for number in start.. {
            let upload = Upload { name: "notice.txt".into(), bytes: text(number) };
            let kept = evidence.keep(upload).await.expect("it is kept");
            let mut output = std::io::stdout().lock();
            writeln!(output, "{}", kept.digest).expect("somebody listens");
            output.flush().expect("somebody listens");
        }
    });
}

fn kill_again_and_again() {
    let rounds = if std::env::var_os("LUCID_SLOW_TESTS").is_some() { 40 } else { 6 };
    let folder = tempfile::tempdir().expect("a folder");
    let mut said = HashSet::new();
    for round in 0..rounds {
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let wanted = round * 3 % 11;
        let mut digest = |line: std::io::Result<String>| {
            said.extend(line.ok().as_deref().and_then(Digest::parse));
        };
        lines.by_ref().take(wanted + 1).for_each(&mut digest);
        process.kill().expect("it is killed");
        process.wait().expect("it is gone");
        lines.for_each(&mut digest);
        verify(folder.path(), &said);
    }
    println!("{rounds} rounds, {} files kept", said.len());
    assert!(said.len() > rounds, "too few to prove anything");
}

fn verify(folder: &Path, said: &HashSet<Digest>) {
    let evidence = Evidence::open(folder).expect("it opens");
    let expected: Vec<Digest> = said.iter().copied().collect();
    runtime().block_on(async {
        let found = evidence.verify_all(Some(expected)).await.expect("a look");
        assert!(found.is_sound(), "{found:?}");
        let unfinished = evidence.sweep().await.expect("it sweeps");
        assert!(unfinished <= 1, "one at a time: {unfinished}");
    });
}
