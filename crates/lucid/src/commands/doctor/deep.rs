//! `lucid doctor --deep`: everything that is kept, read from the first byte to the last. It changes
//! nothing and works beside a running server.

use std::collections::HashSet;

use ::evidence::{Digest, Evidence};
use observations::{Flaw, history};
use registry::Registry;
use store::{Store, with_causes};

use super::{Check, stored};
use crate::casework::EVIDENCE;
use crate::commands::backup::existing;
use crate::configuration::Settings;
use crate::opened;
use crate::terminal::progress;

/// So many of the things found in one check are named; the others are counted.
const NAMED: usize = 5;
/// What helps where something is lost.
const RESTORE: &str = "keep this data folder as it is, restore the last good backup into a new \
                       one (docs/how-to/back-up-and-restore.md), and compare";

pub(super) async fn examine(settings: &Settings, is_running: bool, checks: &mut Vec<Check>) {
    if existing(settings).is_err() {
        return;
    }
    let store = match opened::store_as_it_is(settings).await {
        Ok(store) => store,
        Err(failure) => {
            let why = "nothing can be looked at without it";
            checks.push(Check::bad("store", failure.what, why, failure.cure));
            return;
        }
    };
    if let Some(check) = steps(&store).await {
        checks.push(check);
        store.close().await;
        return;
    }
    checks.push(database(&store).await);
    checks.push(commits(&store).await);
    checks.push(rows(&store).await);
    checks.push(revisions(&store).await);
    checks.push(moved(&store).await);
    checks.push(cursors(&store).await);
    if is_running {
        // Of a server that stands still it was looked at before.
        checks.extend(stored::deliveries(settings, &store).await);
    }
    checks.push(evidence(settings, &store).await);
    checks.extend(keys(settings, &store).await);
    checks.push(log(settings, &store).await);
    store.close().await;
}

/// A schema of another release cannot be looked into.
async fn steps(store: &Store) -> Option<Check> {
    let why = "what is kept is looked at in the schema of this program";
    let known: Vec<i64> = {
        let mut known: Vec<i64> =
            opened::migrations().iter().map(|migration| migration.version).collect();
        known.sort_unstable();
        known
    };
    match store.steps().await {
        Ok(found) if found == known => None,
        Ok(found) if found.iter().all(|step| known.contains(step)) => {
            let what = format!("its schema lacks {} steps", known.len() - found.len());
            let cure = "back it up, then start `lucid serve`, which takes them; look again then";
            Some(Check::doubtful("store", what, why, cure))
        }
        Ok(_) => {
            let what = "its schema has steps that this program does not know";
            let cure = "use the version of lucid that runs on it";
            Some(Check::bad("store", what, why, cure))
        }
        Err(error) => Some(Check::bad("store", with_causes(&error), why, RESTORE)),
    }
}

async fn database(store: &Store) -> Check {
    const NAME: &str = "database";
    const WHY: &str = "a damaged file or index gives wrong answers or none";
    let bar = progress(0, "database");
    let found = store::examine(store, |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    let found = found.await;
    bar.finish_and_clear();
    match found {
        Ok(found) if found.problems.is_empty() => {
            let (rows, tables) = (found.rows, found.tables);
            Check::good(NAME, format!("{rows} rows of {tables} tables can be read"))
        }
        Ok(found) => Check::bad(NAME, several(found.problems), WHY, RESTORE),
        Err(error) => Check::bad(NAME, with_causes(&error), WHY, RESTORE),
    }
}

async fn commits(store: &Store) -> Check {
    const WHY: &str = "raw packets are evidence, and what is judged follows their order";
    let bar = progress(0, "commit log");
    let found = observations::examine_commits(store, |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    let found = found.await;
    bar.finish_and_clear();
    let last = observations::last_block(store).await.unwrap_or_default();
    let good = format!("{last} commits without a hole, each can be read");
    of_flaws("commit log", good, found, WHY)
}

async fn rows(store: &Store) -> Check {
    const WHY: &str = "a value that cannot be read is neither shown nor judged";
    let bar = progress(0, "recent rows");
    let mut count = 0;
    let found = observations::examine_rows(store, |done, total| {
        bar.set_length(total);
        bar.set_position(done);
        count = done;
    });
    let found = found.await;
    bar.finish_and_clear();
    of_flaws("recent rows", format!("{count} rows can be read"), found, WHY)
}

async fn revisions(store: &Store) -> Check {
    const WHY: &str = "what a value was before it was corrected must not be lost";
    let bar = progress(0, "revisions");
    let mut count = 0;
    let found = observations::examine_revisions(store, |done, total| {
        bar.set_length(total);
        bar.set_position(done);
        count = done;
    });
    let found = found.await;
    bar.finish_and_clear();
    of_flaws("revisions", format!("{count} revisions, none is missing"), found, WHY)
}

fn of_flaws(
    name: &'static str,
    good: String,
    found: Result<Vec<Flaw>, observations::ObservationError>,
    why: &'static str,
) -> Check {
    match found {
        Ok(flaws) if flaws.is_empty() => Check::good(name, good),
        Ok(flaws) => {
            let lines = flaws.into_iter().map(|flaw| format!("{} {}", flaw.subject, flaw.what));
            Check::bad(name, several(lines.collect()), why, RESTORE)
        }
        Err(error) => Check::bad(name, with_causes(&error), why, RESTORE),
    }
}

async fn moved(store: &Store) -> Check {
    const NAME: &str = "history";
    const WHY: &str = "closed months stand in these files alone";
    let bar = progress(0, "history");
    let found = history::verify(store, |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    let found = found.await;
    bar.finish_and_clear();
    let cure = "take the file from a backup: it stands under the same name in FILE.files/history";
    match found {
        Ok(found) if found.is_empty() => {
            let count = match store.snapshot().await {
                Ok(mut snapshot) => history::files_in(&mut snapshot).await.map(|files| files.len()),
                Err(error) => Err(error.into()),
            };
            let count = count.unwrap_or_default();
            Check::good(NAME, format!("{count} files are there and what they were"))
        }
        Ok(found) => {
            let lines = found.into_iter().map(|one| format!("{} {}", one.file, one.what));
            Check::bad(NAME, several(lines.collect()), WHY, cure)
        }
        Err(error) => Check::bad(NAME, with_causes(&error), WHY, cure),
    }
}

/// Whoever follows the commit log stands within it.
async fn cursors(store: &Store) -> Check {
    const NAME: &str = "cursors";
    const WHY: &str = "who believes to be further than the log leaves out what comes next";
    let read = async {
        let judged = evaluation::judged_until(store).await.map_err(|error| with_causes(&error))?;
        let handed = ingest::forward_standings(store).await.map_err(|error| with_causes(&error))?;
        // After the cursors: the server may go on.
        let last = observations::last_block(store).await.map_err(|error| with_causes(&error))?;
        Ok::<_, String>((judged, handed, last))
    };
    let (judged, handed, last) = match read.await {
        Ok(read) => read,
        Err(what) => return Check::bad(NAME, what, WHY, RESTORE),
    };
    let mut wrong = Vec::new();
    if judged > last {
        wrong.push(format!("judging stands at commit {judged}, and the log ends with {last}"));
    }
    for standing in &handed {
        if standing.block > last {
            let (target, block) = (&standing.target, standing.block);
            wrong.push(format!("{target} was handed commit {block}, and the log ends with {last}"));
        }
    }
    if wrong.is_empty() {
        let behind = last - judged;
        return Check::good(NAME, format!("judging is {behind} commits behind the log"));
    }
    Check::bad(NAME, several(wrong), WHY, RESTORE)
}

/// Every file of evidence against its digest, and every digest that a row names against the files.
async fn evidence(settings: &Settings, store: &Store) -> Check {
    const NAME: &str = "evidence";
    const WHY: &str = "a file that is altered or gone proves nothing";
    let cure = "take the file from a backup (FILE.files/evidence); its name is the SHA-256 of its \
                content";
    let named = match named(store).await {
        Ok(named) => named,
        Err(what) => return Check::bad(NAME, what, WHY, RESTORE),
    };
    let count = named.len();
    let folder = settings.data().join(EVIDENCE);
    if !folder.is_dir() {
        if count == 0 {
            return Check::good(NAME, "no file was kept yet");
        }
        let what = format!("{} is missing, and {count} files are named", folder.display());
        return Check::bad(NAME, what, WHY, cure);
    }
    let verified = async {
        let kept = Evidence::open(&folder)?;
        kept.verify_all(Some(named.into_iter().collect())).await
    };
    match verified.await {
        Ok(found) if found.is_sound() => {
            let (sound, unclaimed) = (found.sound, found.unclaimed);
            Check::good(
                NAME,
                format!("{sound} files are what they were; {count} are named, {unclaimed} by none"),
            )
        }
        Ok(found) => {
            let altered = found.altered.iter().map(|digest| format!("{digest} was altered"));
            let missing = found.missing.iter().map(|digest| format!("{digest} is missing"));
            Check::bad(NAME, several(altered.chain(missing).collect()), WHY, cure)
        }
        Err(error) => Check::bad(NAME, with_causes(&error), WHY, cure),
    }
}

/// The digests of all files that rows name.
async fn named(store: &Store) -> Result<HashSet<Digest>, String> {
    let cases = cases::kept_files(store).await.map_err(|error| with_causes(&error))?;
    let photos = supervision::kept_photos(store).await.map_err(|error| with_causes(&error))?;
    let briefs = governance::brief::kept_files(store).await.map_err(|error| with_causes(&error))?;
    let marks = validity::kept_files(store).await.map_err(|error| with_causes(&error))?;
    let packets =
        sources::episodes::kept_files(store).await.map_err(|error| with_causes(&error))?;
    let mut all: HashSet<Digest> = cases.into_iter().chain(photos).chain(briefs).collect();
    for text in marks.iter().chain(&packets) {
        let digest = Digest::parse(text);
        all.insert(digest.ok_or_else(|| format!("{text:?} is named as a file and no digest"))?);
    }
    Ok(all)
}

/// The key files against what was sealed and signed by them.
async fn keys(settings: &Settings, store: &Store) -> Vec<Check> {
    let data = settings.data();
    let lost = "take the file from a backup (FILE.files); without it nobody can read these again";
    let mut checks = Vec::new();
    let why = "who reported a case is sealed by it";
    checks.push(match cases::check_key(store, &data).await {
        Ok(Some(true)) => Check::good("cases.key", "is the key by which cases were sealed"),
        Ok(None) => Check::good("cases.key", "nothing was sealed yet"),
        Ok(Some(false)) => {
            Check::bad("cases.key", "is another key than cases were sealed by", why, lost)
        }
        Err(error) => Check::bad("cases.key", with_causes(&error), why, lost),
    });
    let why = "what devices encrypt cannot be read without their keys";
    checks.push(match ingest::DeviceKeys::check(store, &data).await {
        Ok(count) => Check::good("devices.key", format!("opens the keys of {count} devices")),
        Err(error) => Check::bad("devices.key", with_causes(&error), why, lost),
    });
    checks
}

/// The public log, computed anew from the rows.
async fn log(settings: &Settings, store: &Store) -> Check {
    const NAME: &str = "public log";
    const WHY: &str = "it proves that nobody rewrote what is kept";
    let key = match transparency::read_key(&settings.data()) {
        Ok(Some(signer)) => signer.public().clone(),
        Ok(None) => {
            return match transparency::head_size(store).await {
                Ok(0) => Check::good(NAME, "nothing was signed yet"),
                Ok(size) => {
                    let file = transparency::KEY_FILE;
                    let what = format!("{size} entries were signed, and {file} is missing");
                    let cure = "take it from a backup (FILE.files)";
                    Check::bad(NAME, what, WHY, cure)
                }
                Err(error) => Check::bad(NAME, with_causes(&error), WHY, RESTORE),
            };
        }
        Err(error) => {
            return Check::bad(
                NAME,
                with_causes(&error),
                WHY,
                "take the key from a backup (FILE.files)",
            );
        }
    };
    let registry = match Registry::open(store).await {
        Ok(registry) => registry,
        Err(error) => return Check::bad(NAME, with_causes(&error), WHY, RESTORE),
    };
    let bar = progress(0, "public log");
    let (publications, snapshot) = (environment::publications(), registry.snapshot());
    let told = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let report = transparency::verify(store, &snapshot, &publications, &[key], told).await;
    bar.finish_and_clear();
    match report {
        Ok(report) if report.is_clean() => {
            let entries: u64 = report.entries.values().sum();
            let checkpoints = report.checkpoints;
            let root = report.head.map(|head| head.root.to_base64()).unwrap_or_default();
            Check::good(NAME, format!("{entries} entries, {checkpoints} checkpoints, root {root}"))
        }
        Ok(report) => {
            let lines =
                report.findings.iter().map(|one| format!("{} {}", one.subject, one.text.en));
            let cure = "`lucid log verify` names each finding; compare with the last good backup";
            Check::bad(NAME, several(lines.collect()), WHY, cure)
        }
        Err(error) => Check::bad(NAME, with_causes(&error), WHY, RESTORE),
    }
}

/// Many findings in one line: the first few, and how many more.
fn several(lines: Vec<String>) -> String {
    let more = lines.len().saturating_sub(NAMED);
    let mut text = lines.into_iter().take(NAMED).collect::<Vec<_>>().join("; ");
    if more > 0 {
        text = format!("{text}; and {more} more");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::several;

    #[test]
    fn many_findings_are_a_few_and_a_number() {
        let lines = |count: usize| (1..=count).map(|number| format!("row {number}")).collect();
        assert_eq!(several(lines(2)), "row 1; row 2");
        assert_eq!(several(lines(7)), "row 1; row 2; row 3; row 4; row 5; and 2 more");
    }
}
