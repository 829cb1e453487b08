//! A log file that is changed for a new one by size and by day, of which so many are kept.
//!
//! A disk that is full neither stops the program nor holds it up: lines that find no room are
//! counted (`lucid_log_lines_lost_total`), and when there is room again the first line says how
//! many there were. A file that somebody else has moved away is begun anew.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rulebook::beijing_offset;
use tracing_subscriber::fmt::MakeWriter;

/// How often it is looked whether the file is still where it was.
const LOOK: Duration = Duration::from_secs(5);
/// What two names differ by at least.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// When a file is changed, and what becomes of the earlier ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// A file takes no more than so many bytes.
    pub(super) bytes_max: u64,
    /// Whether each day has files of its own.
    pub(super) is_daily: bool,
    /// How many earlier files stay.
    pub(super) keep: usize,
    /// Whether they are compressed.
    pub(super) compresses: bool,
}

/// The file that lines go to.
#[derive(Debug)]
pub(super) struct RotatingFile {
    path: PathBuf,
    rules: Rules,
    clock: fn() -> Timestamp,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: Option<File>,
    bytes: u64,
    day: Date,
    looked_at: Instant,
    /// The moment by which the last file was named that was put aside.
    named: Timestamp,
    /// Lines that found no room since the last that did.
    lost: u64,
    /// Whether the last line stands there by half.
    is_broken: bool,
}

/// The day in Beijing.
fn day_of(at: Timestamp) -> Date {
    beijing_offset().to_datetime(at).date()
}

impl RotatingFile {
    /// Opens the file, going on where an earlier process stopped.
    pub(super) fn open(path: &Path, rules: Rules) -> io::Result<Self> {
        Self::open_at(path, rules, Timestamp::now)
    }

    fn open_at(path: &Path, rules: Rules, clock: fn() -> Timestamp) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let file = File::options().create(true).append(true).open(path)?;
        let known = file.metadata()?;
        let written_at = known.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
        let day = written_at.filter(|_| known.len() > 0).map_or_else(|| day_of(clock()), day_of);
        let state = State {
            file: Some(file),
            bytes: known.len(),
            day,
            looked_at: Instant::now(),
            named: Timestamp::MIN,
            lost: 0,
            is_broken: false,
        };
        Ok(Self { path: path.to_owned(), rules, clock, state: Mutex::new(state) })
    }

    /// Writes a line. What goes wrong is counted and never told to whoever logs.
    fn take(&self, line: &[u8]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.look(&mut state);
        let now = (self.clock)();
        let is_large =
            state.bytes > 0 && state.bytes.saturating_add(line.len() as u64) > self.rules.bytes_max;
        let is_old = self.rules.is_daily && state.bytes > 0 && day_of(now) != state.day;
        if is_large || is_old {
            self.change(&mut state, now);
        }
        if state.file.is_none() {
            state.file = File::options().create(true).append(true).open(&self.path).ok();
            state.bytes = state.file.as_ref().map_or(0, length);
        }
        if state.bytes == 0 {
            state.day = day_of(now);
        }
        let before = state.preamble();
        let written = state
            .file
            .as_mut()
            .map(|file| file.write_all(before.as_bytes()).and_then(|()| file.write_all(line)));
        state.bytes = state.file.as_ref().map_or(0, length);
        if let Some(Ok(())) = written {
            (state.lost, state.is_broken) = (0, false);
        } else {
            state.lost += 1;
            state.is_broken = true;
            metrics::counter!("lucid_log_lines_lost_total").increment(1);
        }
    }

    /// Lets go of a file that is no longer the one of this name.
    fn look(&self, state: &mut State) {
        if state.looked_at.elapsed() < LOOK {
            return;
        }
        state.looked_at = Instant::now();
        let is_same = state.file.as_ref().is_some_and(|file| is_the_file_at(file, &self.path));
        if !is_same {
            state.file = None;
        }
    }

    /// Puts the file aside and begins a new one.
    fn change(&self, state: &mut State, now: Timestamp) {
        let (aside, named) = self.aside(now.max(state.named));
        state.named = named.saturating_add(SECOND).unwrap_or(named);
        if fs::rename(&self.path, &aside).is_err() {
            // The folder takes no names: the file goes on beyond its size, nothing is lost.
            return;
        }
        state.file = None;
        let (path, rules) = (self.path.clone(), self.rules);
        std::thread::spawn(move || {
            if rules.compresses {
                compress(&aside);
            }
            forget(&path, rules.keep);
        });
    }

    /// A name that no file has, and its moment: `lucid.log.20261129T185300`, of Beijing time. It
    /// is later than the names before, so that their order is that of the files.
    fn aside(&self, from: Timestamp) -> (PathBuf, Timestamp) {
        let mut at = from;
        loop {
            let name = beijing_offset().to_datetime(at).strftime("%Y%m%dT%H%M%S").to_string();
            let path = with_more(&self.path, &name);
            let next = at.saturating_add(SECOND).unwrap_or(at);
            let is_free = !path.exists() && !with_more(&path, "gz").exists();
            if is_free || next == at {
                return (path, at);
            }
            at = next;
        }
    }
}

impl State {
    /// What stands before the next line, after some that found no room.
    fn preamble(&self) -> String {
        let end = if self.is_broken && self.bytes > 0 { "\n" } else { "" };
        match self.lost {
            0 => String::new(),
            lost => format!("{end}{lost} log lines found no room on the disk and are lost\n"),
        }
    }
}

/// The path with something more after a dot.
fn with_more(path: &Path, more: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(more);
    PathBuf::from(name)
}

fn length(file: &File) -> u64 {
    file.metadata().map_or(0, |known| known.len())
}

#[cfg(unix)]
fn is_the_file_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let both = file.metadata().and_then(|own| Ok((own, fs::metadata(path)?)));
    both.is_ok_and(|(own, there)| (own.dev(), own.ino()) == (there.dev(), there.ino()))
}

#[cfg(not(unix))]
fn is_the_file_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// Compresses a file that was put aside; one that cannot be stays as it is.
fn compress(aside: &Path) {
    let packed = with_more(aside, "gz");
    let unfinished = with_more(aside, "unfinished");
    let done = File::open(aside).and_then(|mut from| {
        let mut to = GzEncoder::new(File::create(&unfinished)?, Compression::default());
        io::copy(&mut from, &mut to)?;
        to.finish()?.sync_all()?;
        fs::rename(&unfinished, &packed)?;
        fs::remove_file(aside)
    });
    if let Err(problem) = done {
        tracing::warn!(%problem, file = %aside.display(), "a log file stays as it is");
        let _there_may_be_none = fs::remove_file(&unfinished);
    }
}

/// Deletes the oldest files that were put aside, so that as many stay as are kept.
fn forget(path: &Path, keep: usize) {
    let mut earlier = earlier(path);
    earlier.sort();
    let surplus = earlier.len().saturating_sub(keep);
    for file in earlier.drain(..surplus) {
        if let Err(problem) = fs::remove_file(&file) {
            tracing::warn!(%problem, file = %file.display(), "an old log file is not deleted");
        }
    }
}

/// The files that were put aside. Their names are in the order of time.
fn earlier(path: &Path) -> Vec<PathBuf> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let own = path.file_name().unwrap_or_default().to_string_lossy().into_owned() + ".";
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_ours = |name: &str| {
        let time = name.strip_prefix(&own).map(|rest| rest.trim_end_matches(".gz"));
        time.is_some_and(|time| time.len() == 15 && time.as_bytes()[8] == b'T')
    };
    entries
        .filter(|entry| entry.file_name().to_str().is_some_and(is_ours))
        .map(|entry| entry.path())
        .collect()
}

/// What one line is written with.
pub(super) struct Line(Arc<RotatingFile>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.take(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The writer of lines to one file. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Lines(Arc<RotatingFile>);

impl From<RotatingFile> for Lines {
    fn from(file: RotatingFile) -> Self {
        Self(Arc::new(file))
    }
}

impl<'line> MakeWriter<'line> for Lines {
    type Writer = Line;

    fn make_writer(&'line self) -> Line {
        Line(Arc::clone(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::sync::atomic::{AtomicI64, Ordering};

    const RULES: Rules = Rules { bytes_max: 100, is_daily: true, keep: 3, compresses: true };

    /// Waits until the thread that compresses and deletes has come to its end.
    fn until(folder: &Path, wanted: usize) -> Vec<String> {
        let end = Instant::now() + testkit::PATIENCE;
        loop {
            let mut names: Vec<String> = fs::read_dir(folder)
                .expect("the folder")
                .flatten()
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            let is_packed = |name: &str| Path::new(name).extension().is_some_and(|x| x == "gz");
            let is_settled = names.iter().all(|name| name == "a.log" || is_packed(name));
            if names.len() == wanted && is_settled {
                return names;
            }
            assert!(Instant::now() < end, "{names:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn unpacked(file: &Path) -> String {
        let mut text = String::new();
        let file = File::open(file).expect("it is there");
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("whole gzip");
        text
    }

    #[test]
    fn a_file_is_changed_by_size_and_no_line_is_lost_or_cut() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.log");
        let rules = Rules { keep: 100, ..RULES };
        let log = RotatingFile::open(&path, rules).expect("it opens");
        let lines: Vec<String> =
            (0..40).map(|n| format!("line {n:02} {}\n", "x".repeat(20))).collect();
        for line in &lines {
            log.take(line.as_bytes());
        }
        // Three lines of 29 bytes go into a file.
        let names = until(folder.path(), 14);
        let mut found: String =
            names[1..].iter().map(|name| unpacked(&folder.path().join(name))).collect();
        found += &fs::read_to_string(&path).expect("the newest");
        assert_eq!(found, lines.concat());
    }

    #[test]
    fn only_so_many_are_kept_and_those_are_the_newest() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.log");
        fs::write(folder.path().join("a.log.txt"), "another's").expect("written");
        let log = RotatingFile::open(&path, RULES).expect("it opens");
        for number in 0..20 {
            log.take(format!("{number:02} {}\n", "x".repeat(60)).as_bytes());
            std::thread::sleep(Duration::from_millis(5));
        }
        fs::remove_file(folder.path().join("a.log.txt")).expect("nobody took it");
        let names = until(folder.path(), 4);
        let kept =
            names[1..].iter().map(|name| unpacked(&folder.path().join(name))[..2].to_owned());
        assert_eq!(kept.collect::<Vec<_>>(), ["16", "17", "18"]);
    }

    #[test]
    fn each_day_of_beijing_has_a_file_of_its_own() {
        static NOW: AtomicI64 = AtomicI64::new(1_790_000_000);
        let clock = || Timestamp::from_second(NOW.load(Ordering::Relaxed)).expect("a time");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.log");
        let rules = Rules { bytes_max: 1_000_000, compresses: false, ..RULES };
        let log = RotatingFile::open_at(&path, rules, clock).expect("it opens");
        log.take(b"today\n");
        // Eight in the morning at Greenwich is the same day in Beijing, sixteen is the next.
        let midnight = 1_790_000_000 - 1_790_000_000 % 86_400;
        NOW.store(midnight + 86_400 + 15 * 3600 + 3599, Ordering::Relaxed);
        log.take(b"tomorrow\n");
        NOW.store(midnight + 86_400 + 16 * 3600, Ordering::Relaxed);
        log.take(b"the day after\n");
        assert_eq!(fs::read_to_string(&path).expect("the newest"), "the day after\n");
        assert_eq!(earlier(&path).len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_was_moved_away_is_begun_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.log");
        let log = RotatingFile::open(&path, RULES).expect("it opens");
        log.take(b"before\n");
        fs::rename(&path, folder.path().join("elsewhere")).expect("moved");
        log.state.lock().expect("whole").looked_at =
            Instant::now().checked_sub(LOOK).expect("the machine runs for longer");
        log.take(b"after\n");
        assert_eq!(fs::read_to_string(&path).expect("a new one"), "after\n");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_loses_lines_says_how_many_and_goes_on() {
        let name = "logging::rotation::tests::\
            a_full_disk_loses_lines_says_how_many_and_goes_on";
        testkit::with_tiny_disk(name, 64 << 10, fill_and_make_room);
    }

    #[cfg(target_os = "linux")]
    fn fill_and_make_room(disk: &testkit::TinyDisk) {
        let path = disk.path().join("a.log");
        let rules = Rules { bytes_max: 1_000_000, is_daily: false, ..RULES };
        let log = RotatingFile::open(&path, rules).expect("it opens");
        log.take(b"before\n");
        let ballast = disk.fill();
        for number in 0..500 {
            log.take(format!("{number} {}\n", "x".repeat(60)).as_bytes());
        }
        fs::remove_file(ballast).expect("room is made");
        log.take(b"after\n");
        log.take(b"and on\n");
        let text = fs::read_to_string(&path).expect("it is there");
        let lost = text.lines().find(|line| line.contains("are lost")).expect("it is told");
        let lost: usize = lost.split(' ').next().expect("a number").parse().expect("a number");
        let whole = text.lines().filter(|line| line.ends_with(&"x".repeat(60))).count();
        assert_eq!(whole + lost, 500, "{text}");
        assert!(text.starts_with("before\n") && text.ends_with("after\nand on\n"), "{text}");
    }
}
