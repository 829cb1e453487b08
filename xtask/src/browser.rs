//! The browser walks: a fresh demo city on a free port, headless Chromium, every page at two
//! widths and in two languages.

use crate::command::{Build, lucid_binary, program, root};
use crate::frontend;
use std::net::TcpListener;
use std::process::Child;
use std::time::{Duration, Instant};

/// Starts a demo city, walks through it, ends it.
pub(crate) fn walk(build: Build) -> Result<(), String> {
    let folder = root().join("browser-tests");
    frontend::build()?;
    frontend::install(&folder)?;
    let chromium = chromium(&folder)?;
    let binary = build.lucid()?;
    let city = City::start()?;
    program("node")
        .arguments(&["--test", "--test-concurrency=1", "walks/"])
        .within(&folder)
        .variable("LUCID_ADDRESS", &city.address)
        .variable("LUCID_DATA", &city.data.display().to_string())
        .variable("LUCID_BINARY", &binary)
        .variable("LUCID_CHROMIUM", &chromium)
        .run()
}

struct City {
    process: Child,
    address: String,
    data: std::path::PathBuf,
}

impl City {
    fn start() -> Result<Self, String> {
        let port = free_port()?;
        let receiver = free_port()?;
        let data = std::env::temp_dir().join(format!("lucid-walk-{}", std::process::id()));
        let folder = data.display().to_string();
        let process = program(&lucid_binary())
            .arguments(&["--data", &folder, "demo", "--port", &port.to_string()])
            .variable("LUCID_HJ212_LISTEN", &format!("127.0.0.1:{receiver}"))
            .variable("LUCID_BACKUP_FOLDER", &data.join("backups").display().to_string())
            .start()?;
        let mut city = Self { process, address: format!("http://127.0.0.1:{port}"), data };
        city.wait_until_ready(port)?;
        Ok(city)
    }

    fn wait_until_ready(&mut self, port: u16) -> Result<(), String> {
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Ok(Some(status)) = self.process.try_wait() {
                return Err(format!("the demo city ended with {status}"));
            }
            if start.elapsed() > Duration::from_mins(5) {
                return Err("the demo city does not answer after five minutes".to_owned());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }
}

impl Drop for City {
    fn drop(&mut self) {
        let ended = self.process.kill().and_then(|()| self.process.wait());
        if let Err(problem) = ended {
            eprintln!("the demo city could not be ended: {problem}");
        }
        if let Err(problem) = std::fs::remove_dir_all(&self.data) {
            eprintln!("{}: {problem}", self.data.display());
        }
    }
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|problem| problem.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|problem| problem.to_string())
}

/// A browser: the one named, the system's, the distribution's package, or the test library's own.
fn chromium(folder: &std::path::Path) -> Result<String, String> {
    if let Ok(named) = std::env::var("LUCID_CHROMIUM") {
        return Ok(named);
    }
    if let Some(found) = installed() {
        return Ok(found);
    }
    let is_root = program("id").arguments(&["-u"]).output().is_ok_and(|text| text.trim() == "0");
    if is_root && program("apt-get").arguments(&["--version"]).works() {
        program("apt-get").arguments(&["update", "-qq"]).run()?;
        program("apt-get")
            .arguments(&["install", "-y", "-qq", "chromium", "fonts-noto-cjk"])
            .variable("DEBIAN_FRONTEND", "noninteractive")
            .run()?;
        return installed().ok_or_else(|| "chromium was installed but is not there".to_owned());
    }
    program("npx").arguments(&["playwright-core", "install", "chromium"]).within(folder).run()?;
    Ok(String::new())
}

fn installed() -> Option<String> {
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
        .into_iter()
        .find(|name| program(name).arguments(&["--version"]).works())
        .and_then(|name| program("which").arguments(&[name]).output().ok())
        .map(|path| path.trim().to_owned())
}
