//! Disks that are full: small file systems in memory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use store::{Migration, Store};

/// Set for the test program that was started within a namespace of its own.
const WITHIN: &str = "LUCID_TEST_WITHIN";
/// Says that full disks are not to be tested, where a machine forbids to mount any.
const WITHOUT: &str = "LUCID_TEST_WITHOUT_DISKS";

/// Runs `test` on a small file system of so many bytes.
///
/// Where this process may mount none, the test `name` of this program is run again as root of a
/// namespace of its own; where the system forbids that as well, the test fails and says how to
/// leave it out.
///
/// # Panics
/// When the test does, or no file system can be had.
pub fn with_tiny_disk(name: &str, bytes: u64, test: impl FnOnce(&TinyDisk)) {
    if let Some(disk) = TinyDisk::mount(bytes) {
        return test(&disk);
    }
    if std::env::var_os(WITHOUT).is_some() {
        eprintln!("SKIPPED: {WITHOUT} is set, full disks are not tested");
        return;
    }
    let is_within = std::env::var_os(WITHIN).is_some();
    assert!(!is_within, "no file system can be mounted in a namespace of its own: {HELP}");
    let mut again = Command::new("unshare");
    again.args(["--user", "--map-root-user", "--mount"]);
    again.arg(std::env::current_exe().expect("this program"));
    let done = again.args([name, "--exact", "--nocapture"]).env(WITHIN, "1").status();
    let done = done.unwrap_or_else(|error| panic!("unshare cannot be started: {error}; {HELP}"));
    assert!(done.success(), "{name} failed in a namespace of its own, or none is allowed: {HELP}");
}

const HELP: &str = "run the tests as root, or let users make namespaces \
    (kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns), or set \
    LUCID_TEST_WITHOUT_DISKS=1 to leave tests of full disks out";

/// A small file system in memory that lives as long as this value.
pub struct TinyDisk {
    folder: tempfile::TempDir,
}

impl TinyDisk {
    /// Mounts one that other processes see as well; `None` where this process may mount none.
    ///
    /// # Panics
    /// When there is no temporary folder.
    pub fn mount(bytes: u64) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={bytes},mode=0700"), "tmpfs"]);
        let done = mount.arg(folder.path()).stderr(Stdio::null()).status();
        done.is_ok_and(|status| status.success()).then_some(Self { folder })
    }

    /// Its root.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A new SQLite store on it.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn store(&self, migrations: &[Migration]) -> Store {
        let url = format!("sqlite:{}", self.path().join("lucid.sqlite").display());
        Store::open(&url, migrations).await.expect("a new store opens")
    }

    /// Uses up what is free, to the last block; gives the file that does.
    ///
    /// # Panics
    /// When the file cannot be made.
    pub fn fill(&self) -> PathBuf {
        fill(self.path())
    }
}

/// Uses up what is free on the disk of a folder, to the last block; gives the file that does,
/// `ballast`. For small disks alone.
///
/// # Panics
/// When the file cannot be made.
pub fn fill(folder: &Path) -> PathBuf {
    let file = folder.join("ballast");
    let mut ballast = std::fs::File::create(&file).expect("a file of no bytes");
    let block = [0x5a_u8; 4096];
    while std::io::Write::write_all(&mut ballast, &block).is_ok() {}
    file
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        // Lazily: a process that was killed a moment ago may still have files open.
        let done = Command::new("umount").arg("-l").arg(self.path()).status();
        if !done.is_ok_and(|status| status.success()) {
            eprintln!("{} could not be unmounted", self.path().display());
        }
    }
}
