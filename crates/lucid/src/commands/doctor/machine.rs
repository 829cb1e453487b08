//! Folder, disk and clock.

use std::path::Path;
use std::time::SystemTime;

use jiff::Timestamp;

use super::Check;
use crate::backups::Schedule;
use crate::configuration::{Settings, keys};

/// Below this much room a day of a city's data may not fit.
const LITTLE: u64 = 1 << 30;
/// Below this share the disk fills within weeks.
const LITTLE_PERCENT: u64 = 10;
/// 2026-01-01: this program did not exist before.
const EARLIEST: i64 = 1_767_225_600;
/// The clock of the disk and that of the machine may differ by so many seconds.
const TOLERANCE_S: u64 = 5;

pub(super) fn folder(data: &Path) -> Check {
    const WHY: &str = "everything that is received is kept there";
    if !data.is_dir() {
        let what = format!("there is no data folder {}", data.display());
        let cure = "make one with `lucid init`, or name another with --data DIR";
        return Check::bad("folder", what, WHY, cure);
    }
    let probe = data.join(format!(".lucid-doctor-{}", std::process::id()));
    let tried = std::fs::write(&probe, b"probe").and_then(|()| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => Check::good("folder", format!("{} can be written", data.display())),
        Err(error) => Check::bad(
            "folder",
            format!("{} cannot be written: {error}", data.display()),
            WHY,
            "give it to the user under whom lucid runs (chown), or remount it for writing",
        ),
    }
}

#[cfg(unix)]
pub(super) fn disk(data: &Path) -> Check {
    const WHY: &str = "without room nothing can be acknowledged and devices keep their backlog";
    let mut place = data;
    while !place.is_dir() {
        place = match place.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
    }
    match rustix::fs::statvfs(place) {
        Ok(found) => {
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            let percent = found.f_bavail.saturating_mul(100) / found.f_blocks.max(1);
            let what = format!("{} MiB free ({percent} %)", free >> 20);
            let cure = "make room or move the data folder to a larger disk";
            if free < LITTLE {
                Check::bad("disk", what, WHY, cure)
            } else if percent < LITTLE_PERCENT && free < 20 * LITTLE {
                Check::doubtful("disk", what, WHY, cure)
            } else {
                Check::good("disk", what)
            }
        }
        Err(error) => Check::doubtful("disk", error.to_string(), WHY, "look with `df`"),
    }
}

#[cfg(not(unix))]
pub(super) fn disk(_data: &Path) -> Check {
    Check::good("disk", "free space is looked at on Unix only")
}

pub(super) fn clock(data: &Path) -> Check {
    const WHY: &str = "data are judged late or missing, and devices set, by this clock";
    const CURE: &str = "let the machine follow a time server (timedatectl set-ntp true)";
    let now = Timestamp::now();
    if now.as_second() < EARLIEST {
        return Check::bad("clock", format!("the clock says {now}"), WHY, CURE);
    }
    if let Some(seconds) = difference_to_disk(data).filter(|seconds| *seconds > TOLERANCE_S) {
        let what = format!("the clock of the data folder's disk is {seconds} s away from ours");
        return Check::doubtful("clock", what, WHY, CURE);
    }
    let civil = rulebook::beijing_offset().to_datetime(now).strftime("%Y-%m-%d %H:%M:%S");
    Check::good("clock", format!("{civil} in Beijing"))
}

/// The backups that the server makes by the clock.
pub(super) fn backups(settings: &Settings) -> Check {
    const NAME: &str = "backups";
    const WHY: &str = "what is lost with this disk cannot be brought back";
    let schedule = match Schedule::of(settings) {
        Ok(Some(schedule)) => schedule,
        Ok(None) => {
            return Check::good(NAME, "none is made by the clock: backup.folder names no folder");
        }
        Err(failure) => return Check::bad(NAME, failure.what, WHY, failure.cure),
    };
    let folder = schedule.folder().display();
    let cure = "see /operator/backups and the server's log; the folder must be there, be writable \
                and have room";
    match schedule.kept().first() {
        None => Check::doubtful(NAME, format!("there is none in {folder}"), WHY, cure),
        Some(newest) => {
            let civil = rulebook::beijing_offset().to_datetime(newest.made_at);
            let made = civil.strftime("%Y-%m-%d %H:%M");
            let what = format!("the newest in {folder} is of {made} in Beijing");
            if schedule.is_late(newest.made_at, Timestamp::now()) {
                Check::doubtful(NAME, what, WHY, cure)
            } else {
                Check::good(NAME, what)
            }
        }
    }
}

/// The fonts of documents.
pub(super) fn font(settings: &Settings) -> Check {
    const WHY: &str = "evidence packets and briefs are PDF files with their characters inside";
    match shelf(settings).fonts() {
        Ok(fonts) => {
            let what = format!("documents are drawn with {}", fonts.names().join(", "));
            if settings.text(keys::DOCUMENT_FONT).is_empty() && !fonts.has_rare_characters() {
                let cure = "install Debian's fonts-noto-cjk, or name a font by documents.font";
                return Check::doubtful(
                    "font",
                    format!("{what}; rare characters are missing"),
                    WHY,
                    cure,
                );
            }
            Check::good("font", what)
        }
        Err(error) => Check::bad(
            "font",
            error.to_string(),
            WHY,
            "install Debian's fonts-noto-cjk, or name a font file by documents.font",
        ),
    }
}

/// Where the fonts of documents are looked for.
pub(crate) fn shelf(settings: &Settings) -> documents::FontShelf {
    let named = settings.text(keys::DOCUMENT_FONT);
    let named = (!named.is_empty()).then(|| named.into());
    documents::FontShelf::new(named, Box::new(web::document_fonts))
}

/// How far the time that the disk gives a new file lies from ours.
fn difference_to_disk(data: &Path) -> Option<u64> {
    let probe = data.join(format!(".lucid-clock-{}", std::process::id()));
    std::fs::write(&probe, b"probe").ok()?;
    let written = std::fs::metadata(&probe).and_then(|metadata| metadata.modified()).ok();
    let now = SystemTime::now();
    let _ = std::fs::remove_file(&probe);
    let written = written?;
    let apart = now.duration_since(written).or_else(|_| written.duration_since(now)).ok()?;
    Some(apart.as_secs())
}
