//! Programs that run beside the chain's script: started with a log of their own, waited for,
//! killed.

use crate::command::{Program, program};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

/// A running program with all that it starts.
pub(super) struct Service {
    pub(super) name: String,
    child: Child,
    log: PathBuf,
    is_over: bool,
}

impl Service {
    /// Starts a program; what it says goes into `FOLDER/NAME.log`.
    pub(super) fn start(name: &str, call: Program, folder: &Path) -> Result<Self, String> {
        let log = folder.join(format!("{name}.log"));
        let child = call.start_with_log(&log)?;
        Ok(Self { name: name.to_owned(), child, log, is_over: false })
    }

    /// Waits until something holds; a program that ends or a deadline that passes is a problem,
    /// told with the last lines of the log.
    pub(super) fn until(
        &mut self,
        what: &str,
        within: Duration,
        mut holds: impl FnMut() -> bool,
    ) -> Result<(), String> {
        let started = Instant::now();
        while !holds() {
            let ended = self.child.try_wait().ok().flatten();
            let problem = match ended {
                Some(status) => format!("{} ended with {status} before {what}", self.name),
                None if started.elapsed() > within => {
                    format!("{}: {what} did not come in {} s", self.name, within.as_secs())
                }
                None => {
                    std::thread::sleep(Duration::from_millis(100));
                    continue;
                }
            };
            return Err(format!("{problem}; {} ends with:\n{}", self.log.display(), self.last()));
        }
        Ok(())
    }

    /// Waits until it ends well by itself.
    pub(super) fn finish(&mut self, within: Duration) -> Result<String, String> {
        let started = Instant::now();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(self.said()),
                Ok(Some(status)) => {
                    return Err(format!("{} ended with {status}:\n{}", self.name, self.last()));
                }
                Ok(None) if started.elapsed() < within => {}
                Ok(None) => {
                    let seconds = within.as_secs();
                    return Err(format!(
                        "{} had no end in {seconds} s:\n{}",
                        self.name,
                        self.last()
                    ));
                }
                Err(problem) => return Err(format!("{}: {problem}", self.name)),
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Everything that it has said.
    pub(super) fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Where it says what it says.
    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    fn last(&self) -> String {
        let said = self.said();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    /// Kills it and all that it has started, as a host that loses its power.
    pub(super) fn kill(&mut self) {
        self.signal("-9");
    }

    /// Asks it to end, and waits.
    pub(super) fn stop(&mut self, within: Duration) -> Result<(), String> {
        let id = self.child.id().to_string();
        program("kill").arguments(&["-TERM", &id]).run()?;
        let ended = self.finish(within).map(drop);
        self.is_over = ended.is_ok();
        ended
    }

    fn signal(&mut self, signal: &str) {
        if self.is_over {
            return;
        }
        // Its group: programs that it started are in it.
        let group = format!("-{}", self.child.id());
        program("kill").arguments(&[signal, "--", &group]).works();
        self.is_over = self.child.wait().is_ok();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A call of a program that the system ends when this script ends, however it ends.
pub(super) fn bound(name: &str) -> Program {
    let words = ["--pdeathsig", "KILL"];
    if program("setpriv").arguments(&words).arguments(&["true"]).works() {
        program("setpriv").arguments(&words).arguments(&[name])
    } else {
        program(name)
    }
}

/// The body of what a web server answers to a request; `None` where there is none with 2xx.
pub(super) fn asked(method: &str, address: &str, path: &str) -> Option<String> {
    let socket: SocketAddr = address.parse().ok()?;
    let mut stream = TcpStream::connect_timeout(&socket, Duration::from_secs(2)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let request =
        format!("{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?;
    status.starts_with('2').then(|| body.to_owned())
}

/// A number among metrics: the sum of all lines of this name.
pub(super) fn metric(address: &str, name: &str) -> Option<f64> {
    let text = asked("GET", address, "/metrics")?;
    let value = |line: &str| {
        let rest = line.strip_prefix(name)?;
        let is_whole = rest.starts_with([' ', '{']);
        is_whole.then(|| line.rsplit(' ').next()?.parse::<f64>().ok()).flatten()
    };
    let values: Vec<f64> = text.lines().filter_map(value).collect();
    (!values.is_empty()).then(|| values.iter().sum())
}
