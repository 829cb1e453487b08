//! Backups by the clock: made as often as the settings say, read back, and those that no rule keeps
//! taken away.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use operations::backups::{Backups, KeptBackup};
use tokio::sync::watch;

use super::contents::{Contents, beside};
use super::{At, Source, UNFINISHED, make, verify};
use crate::configuration::{Settings, keys};
use crate::exit::Failure;

/// What the name of a backup begins and ends with.
const BEGINS: &str = "lucid-";
const ENDS: &str = ".lucid";
/// How often the age of the last good backup is told.
const TOLD: Duration = Duration::from_secs(30);
/// After a failure it is tried again after so long, or at the next time due if that comes sooner.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_mins(15);

/// The rule by which backups are kept: the newest of each of so many days, weeks and months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keep {
    days: usize,
    weeks: usize,
    months: usize,
}

impl Keep {
    /// Reads `7d 5w 12m`; each part may be left out, but not all.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut keep = Self { days: 0, weeks: 0, months: 0 };
        for word in text.split_whitespace() {
            let (count, unit) = word.split_at_checked(word.len().checked_sub(1)?)?;
            let count = count.parse().ok()?;
            match unit {
                "d" => keep.days = count,
                "w" => keep.weeks = count,
                "m" => keep.months = count,
                _ => return None,
            }
        }
        (keep.days + keep.weeks + keep.months > 0).then_some(keep)
    }

    /// Which of these moments, the newest first, are kept: at least the newest.
    fn of(self, made: &[Timestamp]) -> Vec<bool> {
        let date = |at: &Timestamp| rulebook::beijing_offset().to_datetime(*at).date();
        let monday = |date: Date| {
            let days = i64::from(date.weekday().to_monday_zero_offset());
            date.saturating_sub(days.days())
        };
        let newest_of = |count: usize, group: &dyn Fn(Date) -> Date| {
            let mut seen = BTreeSet::new();
            let mut kept = Vec::with_capacity(made.len());
            for at in made {
                let is_first = seen.insert(group(date(at)));
                kept.push(is_first && seen.len() <= count);
            }
            kept
        };
        let days = newest_of(self.days, &|date| date);
        let weeks = newest_of(self.weeks, &monday);
        let months = newest_of(self.months, &|date| date.first_of_month());
        (0..made.len()).map(|one| one == 0 || days[one] || weeks[one] || months[one]).collect()
    }
}

/// When and where backups are made.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    folder: PathBuf,
    every: SignedDuration,
    keep: Keep,
}

impl Schedule {
    /// What the settings say; `None` where they name no folder.
    pub(crate) fn of(settings: &Settings) -> Result<Option<Self>, Failure> {
        let folder = settings.text(keys::BACKUP_FOLDER);
        if folder.is_empty() {
            return Ok(None);
        }
        let text = settings.text(keys::BACKUP_KEEP);
        let keep = Keep::parse(text).ok_or_else(|| {
            let what = format!("backup.keep {text:?} says not what is kept");
            let cure = "Write numbers of days, weeks and months, such as `7d 5w 12m`.";
            Failure::of_use("backup.keep", what, cure)
        })?;
        let hours = i64::try_from(settings.count(keys::BACKUP_EVERY)).unwrap_or(24);
        let every = SignedDuration::from_hours(hours);
        Ok(Some(Self { folder: PathBuf::from(folder), every, keep }))
    }

    /// Where they are kept.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the newest backup is so old that some were missed.
    pub(crate) fn is_late(&self, newest: Timestamp, now: Timestamp) -> bool {
        now.duration_since(newest) > self.every.saturating_add(self.every)
    }

    /// The backups in the folder, the newest first.
    pub(crate) fn kept(&self) -> Vec<KeptBackup> {
        kept(&self.folder)
    }

    /// Makes backups as long as the server runs, and says on the page how they stand.
    pub(crate) async fn serve(
        self,
        source: Source,
        backups: Backups,
        now: fn() -> Timestamp,
        stopping: watch::Receiver<bool>,
    ) {
        backups.note(|standing| {
            standing.folder = self.folder.display().to_string();
            standing.every_hours = self.every.as_hours().unsigned_abs();
            standing.keep = (self.keep.days, self.keep.weeks, self.keep.months);
            standing.kept = self.kept();
        });
        let newest = backups.standing().kept.first().map(|newest| newest.made_at);
        let mut next = newest.map_or_else(now, |newest| later(newest, self.every));
        loop {
            backups.note(|standing| standing.next_at = Some(next));
            while now() < next {
                tell_age(&backups, now());
                tokio::time::sleep(TOLD).await;
            }
            backups.note(|standing| standing.running_since = Some(now()));
            let begun = now();
            let done = self.make_one(&source, now, stopping.clone()).await;
            backups.note(|standing| {
                standing.running_since = None;
                standing.kept = self.kept();
                standing.failure = done.as_ref().err().map(|why| (now(), why.clone()));
            });
            match done {
                Ok(()) => {
                    metrics::gauge!("lucid_backup_failing").set(0.0);
                    let took = now().duration_since(begun);
                    metrics::gauge!("lucid_backup_seconds").set(took.as_secs_f64());
                    tracing::info!(?took, "a backup was made and read back");
                    next = later(begun, self.every);
                }
                Err(why) => {
                    metrics::gauge!("lucid_backup_failing").set(1.0);
                    metrics::counter!("lucid_backup_failures_total").increment(1);
                    tracing::error!(%why, "no backup was made");
                    next = later(now(), AFTER_FAILURE.min(self.every));
                }
            }
            tell_age(&backups, now());
        }
    }

    /// Makes one backup beside the work of the server, reads it back, and takes away what no rule
    /// keeps. A server that is to stop does not wait for it.
    async fn make_one(
        &self,
        source: &Source,
        now: fn() -> Timestamp,
        mut stopping: watch::Receiver<bool>,
    ) -> Result<(), String> {
        let (this, source) = (self.clone(), source.clone());
        let runtime = tokio::runtime::Handle::current();
        let made = tokio::task::spawn_blocking(move || {
            let making = async {
                let name = |at: Timestamp| {
                    let civil = rulebook::beijing_offset().to_datetime(at);
                    format!("{BEGINS}{}{ENDS}", civil.strftime("%Y-%m-%dT%H%M%S"))
                };
                let before = this.kept().first().map(|newest| this.folder.join(&newest.name));
                let file = this.folder.join(name(now()));
                let told = |at: At| tracing::trace!(?at, "backup");
                let made = make(&source, &file, before.as_deref(), now, told).await?;
                let verified = verify(&file, told).await?;
                Ok::<_, Failure>([made.damaged, verified.findings].concat())
            };
            runtime.block_on(async {
                tokio::select! {
                    made = making => made.map_err(|failure| failure.what),
                    _ = stopping.wait_for(|stop| *stop) => Err("the server stops".to_owned()),
                }
            })
        });
        let damaged = made.await.map_err(|ended| ended.to_string())??;
        self.prune().map_err(|error| format!("old backups cannot be taken away: {error}"))?;
        match damaged.first() {
            None => Ok(()),
            Some(first) => Err(format!(
                "the backup was made, but {} files of this installation are damaged: {first}; \
                 `lucid doctor --deep` tells more",
                damaged.len()
            )),
        }
    }

    /// Takes away the backups that no rule keeps, and what broken-off ones have left.
    fn prune(&self) -> std::io::Result<()> {
        let all = self.kept();
        let made: Vec<Timestamp> = all.iter().map(|one| one.made_at).collect();
        for (one, is_kept) in all.iter().zip(self.keep.of(&made)) {
            if !is_kept {
                let file = self.folder.join(&one.name);
                // The file of rows first: files without it are no backup.
                std::fs::remove_file(&file)?;
                std::fs::remove_dir_all(beside(&file))?;
                tracing::info!(name = one.name, "a backup that no rule keeps was taken away");
            }
        }
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let rows = name.strip_suffix(".files").filter(|rows| is_ours(rows));
            if rows.is_some_and(|rows| !self.folder.join(rows).exists()) {
                std::fs::remove_dir_all(&path)?;
            }
            let rows = name.trim_end_matches(".partial").strip_suffix(UNFINISHED);
            if rows.is_some_and(is_ours) {
                std::fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn is_ours(name: &str) -> bool {
    name.starts_with(BEGINS) && name.ends_with(ENDS)
}

/// The age of the last good backup, for whoever watches.
fn tell_age(backups: &Backups, now: Timestamp) {
    if let Some(newest) = backups.standing().kept.first() {
        let age = now.duration_since(newest.made_at).as_secs_f64();
        metrics::gauge!("lucid_backup_age_seconds").set(age.max(0.0));
    }
}

/// The whole backups in a folder, the newest first.
fn kept(folder: &Path) -> Vec<KeptBackup> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<KeptBackup> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let bytes = entry.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
            let list = Contents::read(&beside(&entry.path())).ok().flatten();
            let list = list.filter(|_| is_ours(&name))?;
            Some(KeptBackup {
                name,
                made_at: list.made_at,
                program: list.program.clone(),
                rows: list.rows,
                bytes,
                files: list.files.len() as u64,
                file_bytes: list.bytes(),
            })
        })
        .collect();
    found.sort_unstable_by_key(|one| std::cmp::Reverse(one.made_at));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_or_refused() {
        let keep = |days, weeks, months| Some(Keep { days, weeks, months });
        assert_eq!(Keep::parse("7d 5w 12m"), keep(7, 5, 12));
        assert_eq!(Keep::parse("3d"), keep(3, 0, 0));
        assert_eq!(Keep::parse(" 2m  1w "), keep(0, 1, 2));
        for wrong in ["", "0d", "7", "d", "7y", "7d5w", "-1d", "七d", "天"] {
            assert_eq!(Keep::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_newest_of_each_day_week_and_month_stays() {
        // A backup every six hours over ninety days.
        let newest: Timestamp = "2026-11-29T10:00:00Z".parse().expect("a time");
        let made: Vec<Timestamp> =
            (0..360).map(|number| newest - SignedDuration::from_hours(6 * number)).collect();
        let kept = Keep { days: 3, weeks: 2, months: 3 }.of(&made);
        let stay: Vec<String> = made
            .iter()
            .zip(kept)
            .filter(|(_, is_kept)| *is_kept)
            .map(|(at, _)| {
                let civil = rulebook::beijing_offset().to_datetime(*at);
                civil.strftime("%m-%d %H").to_string()
            })
            .collect();
        // Three days; the weeks of 11-23 and 11-16; November, October, September.
        assert_eq!(stay, ["11-29 18", "11-28 18", "11-27 18", "11-22 18", "10-31 18", "09-30 18"]);
    }

    #[test]
    fn the_newest_always_stays() {
        let newest: Timestamp = "2026-11-29T10:00:00Z".parse().expect("a time");
        let keep = Keep { days: 0, weeks: 0, months: 1 };
        assert_eq!(keep.of(&[newest]), [true]);
        assert_eq!(keep.of(&[]), Vec::<bool>::new());
    }
}
