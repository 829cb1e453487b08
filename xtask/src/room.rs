//! Whether the disk has room for a check, asked before it begins: a full disk makes tests fail
//! and hang in ways that say nothing of it.

use crate::command::target;
use std::path::Path;

const GIB: u64 = 1 << 30;
/// What the build of everything, its tests and documentation takes, from nothing: a folder with
/// several generations of all of it held 12 GiB beside the incremental parts, which `.ci/run`
/// leaves out, as it does the lines of dependencies; the packages of the chain take 1.7 GiB. The
/// check ends with what each step took.
const BUILT: u64 = 15 * GIB;
/// What the tests write into the folder of temporary files at one time, PostgreSQL's with it.
const TEMPORARY: u64 = 3 * GIB;

/// The free bytes of the file system that holds `folder`.
#[cfg(unix)]
pub(crate) fn free(folder: &Path) -> Option<u64> {
    let mut standing = folder;
    while !standing.exists() {
        standing = standing.parent()?;
    }
    let room = rustix::fs::statvfs(standing).ok()?;
    Some(room.f_bavail.saturating_mul(room.f_frsize))
}

/// The free bytes of the file system that holds `folder`.
#[cfg(not(unix))]
pub(crate) fn free(_: &Path) -> Option<u64> {
    None
}

/// Fails where there is too little room for a check.
pub(crate) fn check() -> Result<(), String> {
    let temporary = std::env::temp_dir();
    let (Some(for_builds), Some(for_tests)) = (free(&target()), free(&temporary)) else {
        return Ok(());
    };
    let there = size(&target().join("debug")) + size(&target().join("doc"));
    let needs =
        [(target(), for_builds, BUILT.saturating_sub(there)), (temporary, for_tests, TEMPORARY)];
    for (folder, free, need) in needs {
        eprintln!("   {}: {} free, {} needed", folder.display(), gib(free), gib(need));
        if free < need {
            return Err(format!(
                "the disk of {} has {} free and the check needs {} more: make room (`cargo \
                 clean` removes what was built), or set CARGO_TARGET_DIR or TMPDIR to a larger \
                 disk",
                folder.display(),
                gib(free),
                gib(need)
            ));
        }
    }
    Ok(())
}

/// Bytes in words.
pub(crate) fn gib(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / GIB as f64)
}

/// What the files below a folder take; what cannot be read takes nothing.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.fold(0, |sum, entry| {
        let taken = match entry.file_type() {
            Ok(kind) if kind.is_dir() => size(&entry.path()),
            Ok(_) => on_disk(&entry),
            Err(_) => 0,
        };
        sum + taken
    })
}

/// The share of a file's blocks: cargo gives many a file two names, which take room once.
#[cfg(unix)]
fn on_disk(entry: &std::fs::DirEntry) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    entry.metadata().map_or(0, |known| known.blocks() * 512 / known.nlink().max(1))
}

#[cfg(not(unix))]
fn on_disk(entry: &std::fs::DirEntry) -> u64 {
    entry.metadata().map_or(0, |known| known.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_two_names_takes_room_once() {
        let folder = std::env::temp_dir().join(format!("lucid-room-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("deeper")).unwrap();
        std::fs::write(folder.join("one"), vec![7; 1 << 20]).unwrap();
        std::fs::hard_link(folder.join("one"), folder.join("deeper/two")).unwrap();
        let taken = size(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        assert!((1 << 20..(1 << 20) + (1 << 16)).contains(&taken), "{taken}");
        assert_eq!(gib(3 * GIB / 2), "1.5 GiB");
    }
}
