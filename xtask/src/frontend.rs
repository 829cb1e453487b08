//! Building the front end, only when something of it has changed.

use crate::command::{program, root, target};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::Path;

/// Installs the packages of the lock file and builds into `crates/web/assets`.
pub(crate) fn build() -> Result<(), String> {
    let folder = root().join("frontend");
    install(&folder)?;
    let stamp = target().join("frontend.stamp");
    let now = digest(&folder)?;
    let built = root().join("crates/web/assets/dist").exists();
    if built && std::fs::read_to_string(&stamp).is_ok_and(|before| before == now) {
        return Ok(());
    }
    program("npm").arguments(&["run", "build"]).within(&folder).run()?;
    write(&stamp, &now)
}

/// Checks the types of the front end.
pub(crate) fn check() -> Result<(), String> {
    let folder = root().join("frontend");
    install(&folder)?;
    program("npm").arguments(&["run", "check"]).within(&folder).run()
}

/// Installs the packages of a folder's lock file unless they are there.
pub(crate) fn install(folder: &Path) -> Result<(), String> {
    if !program("node").arguments(&["--version"]).works() {
        return Err("Node.js is needed for the front end: install version 20 or newer".to_owned());
    }
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let stamp = target().join(format!("{}.packages", name.unwrap_or_default()));
    let now = file_digest(&folder.join("package-lock.json"))?;
    let installed = folder.join("node_modules").exists();
    if installed && std::fs::read_to_string(&stamp).is_ok_and(|before| before == now) {
        return Ok(());
    }
    program("npm")
        .arguments(&["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .within(folder)
        .run()?;
    write(&stamp, &now)
}

fn write(stamp: &Path, text: &str) -> Result<(), String> {
    if let Some(folder) = stamp.parent() {
        std::fs::create_dir_all(folder).map_err(|problem| problem.to_string())?;
    }
    std::fs::write(stamp, text).map_err(|problem| format!("{}: {problem}", stamp.display()))
}

fn file_digest(file: &Path) -> Result<String, String> {
    let bytes = std::fs::read(file).map_err(|problem| format!("{}: {problem}", file.display()))?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

/// A digest of all sources of the front end.
fn digest(folder: &Path) -> Result<String, String> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        file_digest(Path::new(&file))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(folder: &Path, files: &mut Vec<String>) -> Result<(), String> {
    let entries =
        std::fs::read_dir(folder).map_err(|problem| format!("{}: {problem}", folder.display()))?;
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_name() == "node_modules" {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path.display().to_string());
        }
    }
    Ok(())
}
