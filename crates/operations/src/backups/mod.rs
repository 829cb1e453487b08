//! Backups by the clock (定时备份): which ones are kept, how old the last good one is, what went wrong.

mod pages;

use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use utoipa_axum::router::OpenApiRouter;
use web::{Navigation, Slice};

/// A backup that was made and read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBackup {
    /// The name of its file.
    pub name: String,
    /// The moment whose state it holds.
    pub made_at: Timestamp,
    /// The version of the program that made it.
    pub program: String,
    /// Rows of all tables.
    pub rows: u64,
    /// Bytes of the file of rows.
    pub bytes: u64,
    /// Files of evidence, history and keys beside it.
    pub files: u64,
    /// Their bytes; most of them are shared with the backups around it.
    pub file_bytes: u64,
}

/// How the backups of an installation stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Where they are kept.
    pub folder: String,
    /// The rule by which they are made, in hours.
    pub every_hours: u64,
    /// The rule by which they are kept: the newest of each of so many days, weeks, months.
    pub keep: (usize, usize, usize),
    /// Those that are there, the newest first.
    pub kept: Vec<KeptBackup>,
    /// When the one that is being made was begun.
    pub running_since: Option<Timestamp>,
    /// When the last attempt failed, and why; none after a good one.
    pub failure: Option<(Timestamp, String)>,
    /// When the next one is due.
    pub next_at: Option<Timestamp>,
}

/// The standing as the page reads it while whoever makes backups writes it. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Backups(Arc<RwLock<Standing>>);

impl Backups {
    /// How they stand now.
    pub fn standing(&self) -> Standing {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes down how they stand.
    pub fn note(&self, change: impl FnOnce(&mut Standing)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "backups",
        pages: pages::routes,
        api: OpenApiRouter::new,
        navigation: &[Navigation {
            path: "/operator/backups",
            zh: "备份",
            en: "Backups",
            needs: Some(authority::Action::ReadOperations),
        }],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}
