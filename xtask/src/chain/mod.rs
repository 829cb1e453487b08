//! The whole chain of many machines, started on one: PostgreSQL, three NATS servers, two receivers
//! behind one address, the server, an object store, Spark with two workers. It is loaded, a
//! receiver, the stream's leader and a worker are killed in the middle, and every row and verdict
//! is compared with those of one machine that received the same.

mod balancer;
mod hosts;
mod intake;
mod nation;
mod service;

use crate::command::{Build, Program, cargo, program, root, target};
use crate::deadline::Watch;
use crate::python;
use hosts::Hosts;
use service::{Service, asked, bound, metric};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    devices: u32,
    hours: u32,
    /// From one minute packet to the next.
    minutes: u32,
    /// How long loading takes at least, so that there is a middle.
    seconds: u32,
    stations: u32,
    /// Into how many parts Spark cuts its table, one run each.
    parts: &'static [u32],
    is_release: bool,
}

/// For every check: minutes.
pub(crate) const SMALL: Size = Size {
    devices: 6,
    hours: 48,
    minutes: 10,
    seconds: 30,
    stations: 100,
    parts: &[],
    is_release: false,
};
/// A week of minutes, and a year of all stations of the nation.
const LARGE: Size = Size {
    devices: 26,
    hours: 168,
    minutes: 1,
    seconds: 60,
    stations: 1_700,
    parts: &[1, 2, 4],
    is_release: true,
};

/// What all parts of the chain need.
struct Ground {
    size: Size,
    folder: PathBuf,
    /// The environment of Python with the servers and Spark.
    packages: PathBuf,
    lucid: String,
    hosts: Hosts,
    /// What was found, for the end.
    found: Vec<String>,
}

/// `cargo xtask chain [--small]`.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let size = match arguments {
        [] => LARGE,
        [one] if one == "--small" => SMALL,
        _ => return Err("the only argument is --small".to_owned()),
    };
    let watch = Watch::begin("chain", Duration::from_mins(if size.is_release { 90 } else { 15 }));
    let outcome = walk(size, Build::Now);
    let killed = watch.end();
    if killed.is_empty() { outcome } else { Err(killed.join("\n  ")) }
}

/// Runs the chain in a size.
pub(crate) fn walk(size: Size, build: Build) -> Result<(), String> {
    let folder = target().join("chain");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| said(&folder, &error))?;
    }
    std::fs::create_dir_all(&folder).map_err(|error| said(&folder, &error))?;
    java()?;
    let packages = python::with(&[
        python::NATS,
        python::SEAWEEDFS,
        python::SPARK,
        python::ARROW,
        python::PANDAS,
        python::POSTGRES_CLIENT,
    ])?;
    let lucid = built(size, build)?;
    let hosts = Hosts::lay();
    let network = if hosts.is_separate() {
        "each host has a network of its own (namespaces behind a bridge)"
    } else {
        "the hosts are addresses of the loopback: this system gives no network namespaces"
    };
    let found = vec![network.to_owned()];
    let mut ground = Ground { size, folder, packages, lucid, hosts, found };
    ground.step("nation", nation::walk)?;
    ground.step("one machine", intake::one_machine)?;
    ground.step("chain", intake::walk)?;
    eprintln!();
    for line in &ground.found {
        eprintln!("chain: {line}");
    }
    Ok(())
}

impl Ground {
    fn step(
        &mut self,
        name: &str,
        walk: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        eprintln!("-- {name}");
        let started = Instant::now();
        walk(self).map_err(|problem| format!("{name}: {problem}"))?;
        self.found.push(format!("{name}: {:.0} s in all", started.elapsed().as_secs_f64()));
        Ok(())
    }

    fn note(&mut self, what: String) {
        eprintln!("   {what}");
        self.found.push(what);
    }

    /// A program of the environment of Python.
    fn package(&self, name: &str) -> String {
        path(&self.packages.join("bin").join(name))
    }

    /// A script of this folder.
    fn script(&self, name: &str) -> Program {
        let script = path(&root().join("xtask/src/chain").join(name));
        bound(&self.package("python")).arguments(&[&script])
    }

    fn folder(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.folder.join(name);
        std::fs::create_dir_all(&folder).map_err(|error| said(&folder, &error))?;
        Ok(folder)
    }
}

/// Spark runs on Java: the system's, else the distribution's package.
fn java() -> Result<(), String> {
    if program("java").arguments(&["-version"]).works() {
        return Ok(());
    }
    let is_root = program("id").arguments(&["-u"]).output().is_ok_and(|text| text.trim() == "0");
    if is_root && program("apt-get").arguments(&["--version"]).works() {
        program("apt-get").arguments(&["update", "-qq"]).run()?;
        program("apt-get")
            .arguments(&["install", "-y", "-qq", "--no-install-recommends"])
            .arguments(&["openjdk-17-jre-headless"])
            .variable("DEBIAN_FRONTEND", "noninteractive")
            .run()?;
    }
    if program("java").arguments(&["-version"]).works() {
        Ok(())
    } else {
        Err("Spark needs Java 17: install openjdk-17-jre-headless".to_owned())
    }
}

/// The program, built unless one is named or there; its path.
fn built(size: Size, build: Build) -> Result<String, String> {
    if let Ok(named) = std::env::var("LUCID_CHAIN_PROGRAM") {
        return Ok(named);
    }
    if size.is_release {
        cargo(&["build", "--release", "--package", "lucid"]).run()?;
        return Ok(path(&target().join("release/lucid")));
    }
    build.lucid()
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

fn said(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| said(path, &error))
}

/// Fails unless two files hold the same bytes.
fn same(one: &Path, other: &Path) -> Result<(), String> {
    let (left, right) = (read(one)?, read(other)?);
    if left == right {
        return Ok(());
    }
    let lines = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (left, right) = (lines(&left), lines(&right));
    let first = left.iter().zip(&right).position(|(left, right)| left != right);
    let first = first.unwrap_or(left.len().min(right.len()));
    let nothing = String::from("(nothing)");
    Err(format!(
        "{} and {} differ from line {} on ({} and {} lines):\n  {}\n  {}",
        one.display(),
        other.display(),
        first + 1,
        left.len(),
        right.len(),
        left.get(first).unwrap_or(&nothing),
        right.get(first).unwrap_or(&nothing),
    ))
}
