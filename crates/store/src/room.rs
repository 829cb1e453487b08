//! Room on the disk: how much there is, how much is held back, and which failures say that there
//! is none.
//!
//! What comes from outside (packets, reports, photographs) is refused as long as less is free than
//! the reserve, so that what was acknowledged can still be judged, sealed into the log and folded
//! into the file, and people can still sign in and make room. When even the reserve is gone the
//! database refuses by itself; nothing is half written either way.

use crate::{Store, StoreError};
use std::error::Error;
use std::io::ErrorKind;
use std::io::Write as _;
use std::path::Path;

/// Bytes that [`Store::probe`] writes: more than a small commit takes.
const PROBE: usize = 1 << 20;

/// Room on the disk that holds a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes that this program may still write.
    pub free: u64,
    /// Bytes of the whole file system.
    pub total: u64,
}

impl Room {
    /// The room of the disk that holds a folder or file; `None` where the system does not tell.
    #[cfg(unix)]
    pub fn of(place: &Path) -> Option<Self> {
        let found = rustix::fs::statvfs(place).ok()?;
        Some(Self {
            free: found.f_bavail.saturating_mul(found.f_frsize),
            total: found.f_blocks.saturating_mul(found.f_frsize),
        })
    }

    /// The room of the disk that holds a folder or file; `None` where the system does not tell.
    #[cfg(not(unix))]
    pub fn of(_: &Path) -> Option<Self> {
        None
    }
}

impl Store {
    /// The room on the disk of the SQLite file; `None` for PostgreSQL, whose disk is elsewhere.
    pub fn room(&self) -> Option<Room> {
        self.file()
            .and_then(Path::parent)
            .map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
            .and_then(Room::of)
    }

    /// Refuses as long as less is free than the reserve. For what comes from outside; what belongs
    /// to something accepted before goes on.
    ///
    /// # Errors
    /// [`StoreError::NoRoom`].
    pub fn ensure_room(&self) -> Result<(), StoreError> {
        let reserve = self.reserve();
        match self.room() {
            Some(Room { free, .. }) if free < reserve => Err(StoreError::NoRoom { free, reserve }),
            _ => Ok(()),
        }
    }

    /// Answers whether the disk takes bytes again, after it did not: writes some beside the SQLite
    /// file and takes them away.
    ///
    /// # Errors
    /// When it does not.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.ensure_room()?;
        let Some(file) = self.file() else { return self.ping().await };
        let place = file.with_extension("probe");
        let probed = tokio::task::spawn_blocking(move || {
            let written = std::fs::File::create(&place).and_then(|mut file| {
                file.write_all(&vec![0x5a; PROBE])?;
                file.sync_all()
            });
            let removed = std::fs::remove_file(&place);
            written.and(removed).map_err(|source| StoreError::Folder {
                folder: place.display().to_string(),
                source,
            })
        });
        probed.await.map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?
    }
}

/// Whether an error, or what caused it, says that the disk is full: the database's, a file's.
pub fn says_full(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.downcast_ref::<StoreError>().is_some_and(is_no_room)
            || error.downcast_ref::<sqlx::Error>().is_some_and(database_is_full)
            || error.downcast_ref::<std::io::Error>().is_some_and(file_is_refused)
        {
            return true;
        }
        next = error.source();
    }
    false
}

const fn is_no_room(error: &StoreError) -> bool {
    matches!(error, StoreError::NoRoom { .. })
}

fn database_is_full(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    // SQLite: full; the index of its log cannot grow. PostgreSQL: disk full.
    code.is_some_and(|code| matches!(&*code, "13" | "4874" | "53100"))
}

fn file_is_refused(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}
