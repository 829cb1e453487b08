//! An end for every step of the check: what hangs is killed with all that it has started, and
//! named, so that a check fails in minutes and says why.

use crate::command::{program, target};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the watchman looks.
const ROUND: Duration = Duration::from_secs(2);
/// How long one program of tests may run; the longest takes less than three minutes.
const A_TEST_PROGRAM: Duration = Duration::from_mins(10);
/// A slow machine sets it to 2 or 3: every deadline is so many times as long.
const PATIENCE: &str = "LUCID_CHECK_PATIENCE";

/// Watches over one step.
pub(crate) struct Watch {
    done: Sender<()>,
    watching: JoinHandle<Vec<String>>,
}

impl Watch {
    /// Begins to watch: the step may take so long.
    pub(crate) fn begin(step: &'static str, limit: Duration) -> Self {
        let (done, waiting) = channel();
        let patience = patience();
        let watching = std::thread::spawn(move || {
            let watchman = Watchman { step, limit: limit * patience, patience };
            watchman.watch(&waiting)
        });
        Self { done, watching }
    }

    /// The step has ended by itself or was ended: what was killed, in words.
    pub(crate) fn end(self) -> Vec<String> {
        let _gone = self.done.send(());
        self.watching.join().unwrap_or_default()
    }
}

fn patience() -> u32 {
    let said = std::env::var(PATIENCE).ok().and_then(|text| text.parse().ok());
    said.unwrap_or(1).clamp(1, 100)
}

struct Watchman {
    step: &'static str,
    limit: Duration,
    patience: u32,
}

impl Watchman {
    fn watch(&self, done: &Receiver<()>) -> Vec<String> {
        let started = Instant::now();
        let mut seen: HashMap<u32, Instant> = HashMap::new();
        let mut killed = Vec::new();
        while done.recv_timeout(ROUND) == Err(RecvTimeoutError::Timeout) {
            let all = descendants();
            seen.retain(|id, _| all.iter().any(|one| one.id == *id));
            for one in all.iter().filter(|one| one.is_a_test_program()) {
                let since = *seen.entry(one.id).or_insert_with(Instant::now);
                if since.elapsed() > A_TEST_PROGRAM * self.patience {
                    killed.push(self.kill(one.name(), since.elapsed(), one.and_below(&all)));
                }
            }
            if started.elapsed() > self.limit {
                if all.is_empty() {
                    eprintln!("== {}: had no end and waits for nothing that runs", self.step);
                    std::process::exit(1);
                }
                killed.push(self.kill("the step".to_owned(), started.elapsed(), all));
            }
        }
        killed
    }

    /// Kills processes and says what was killed.
    fn kill(&self, what: String, after: Duration, all: Vec<Process>) -> String {
        let minutes = after.as_secs().div_ceil(60);
        let running: Vec<String> =
            all.iter().map(|one| format!("\n    {}", one.describe())).collect();
        let said =
            format!("{what} had no end after {minutes} min, killed with{}", running.concat());
        eprintln!("== {}: {said}", self.step);
        let ids: Vec<String> = all.iter().map(|one| one.id.to_string()).collect();
        if !ids.is_empty() && !program("kill").arguments(&["-9"]).strings(&ids).works() {
            eprintln!("not all of them could be killed");
        }
        said
    }
}

/// A process that this one has started, or one of those, and so on.
#[derive(Clone, Debug)]
struct Process {
    id: u32,
    parent: u32,
    program: PathBuf,
    line: String,
}

impl Process {
    /// Whether it is one of the programs into which cargo builds tests.
    fn is_a_test_program(&self) -> bool {
        let built = target().canonicalize().unwrap_or_else(|_| target());
        let folder = self.program.parent();
        folder.is_some_and(|folder| folder.starts_with(built) && folder.ends_with("deps"))
    }

    fn name(&self) -> String {
        let file = self.program.file_name().unwrap_or_default().to_string_lossy();
        file.rsplit_once('-').map_or_else(|| file.to_string(), |(name, _)| name.to_owned())
    }

    /// Itself and what it has started.
    fn and_below(&self, all: &[Process]) -> Vec<Process> {
        let mut found = vec![self.clone()];
        let mut at = 0;
        while let Some(parent) = found.get(at).map(|one| one.id) {
            found.extend(all.iter().filter(|one| one.parent == parent).cloned());
            at += 1;
        }
        found
    }

    /// The process in a line; a program of tests with the tests that run, by their threads.
    fn describe(&self) -> String {
        let line: String = self.line.chars().take(160).collect();
        if !self.is_a_test_program() {
            return format!("{} {line}", self.id);
        }
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.id));
        let names = threads
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|thread| std::fs::read_to_string(thread.path().join("comm")).ok());
        // The threads of the runtime and the main one have names of their own.
        let own = self.program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_test = |name: &String| !name.starts_with("tokio-") && !own.starts_with(name);
        let mut tests: Vec<String> =
            names.map(|name| name.trim().to_owned()).filter(is_test).collect();
        tests.sort();
        tests.dedup();
        format!("{} {line}\n        tests that begin with: {}", self.id, tests.join(", "))
    }
}

/// All processes below this one, as far as the system tells: on Linux.
fn descendants() -> Vec<Process> {
    let own = std::process::id();
    let all: Vec<Process> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| process(entry.file_name().to_str()?.parse().ok()?))
        .collect();
    let this = Process { id: own, parent: 0, program: PathBuf::new(), line: String::new() };
    this.and_below(&all).split_off(1)
}

fn process(id: u32) -> Option<Process> {
    let folder = PathBuf::from(format!("/proc/{id}"));
    let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
    // The name of the program stands in parentheses and may hold any sign.
    let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
    let program = std::fs::read_link(folder.join("exe")).unwrap_or_default();
    let line = std::fs::read(folder.join("cmdline")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line).replace('\0', " ").trim().to_owned();
    Some(Process { id, parent, program, line })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn what_has_no_end_is_killed_with_all_below_and_named() {
        let (done, waiting) = channel();
        let watchman = Watchman { step: "a test", limit: Duration::ZERO, patience: 1 };
        let mut shell = Command::new("sh");
        let script = "sleep 611 & sleep 612; true";
        let mut child = shell.args(["-c", script]).stdout(Stdio::null()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while descendants().iter().filter(|one| one.line.starts_with("sleep 61")).count() < 2 {
            assert!(Instant::now() < deadline, "the shell has started nothing");
            std::thread::sleep(Duration::from_millis(20));
        }
        let watching = std::thread::spawn(move || watchman.watch(&waiting));
        assert!(!child.wait().unwrap().success());
        done.send(()).unwrap();
        let killed = watching.join().unwrap().concat();
        assert!(killed.contains("the step had no end") && killed.contains("sleep 612"), "{killed}");
        let left = descendants();
        assert!(!left.iter().any(|one| one.line.starts_with("sleep 61")), "{left:?}");
    }

    #[test]
    fn this_very_program_is_known_as_one_of_tests_with_what_runs_in_it() {
        let own = process(std::process::id()).unwrap();
        assert!(own.is_a_test_program(), "{own:?}");
        assert_eq!(own.name(), "xtask");
        assert!(own.describe().contains("tests that begin with: "), "{}", own.describe());
    }
}
