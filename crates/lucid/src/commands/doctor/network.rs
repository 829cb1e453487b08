//! Ports, and a server that already runs.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::Check;
use crate::configuration::{Settings, keys};
use crate::counters::COMMITTED;
use crate::opened::Doors;

const PATIENCE: Duration = Duration::from_secs(3);
/// More of an answer is not read.
const MOST: u64 = 1 << 20;
const WHY_PAGES: &str = "no page can be seen without it";
const WHY_DEVICES: &str = "no device can deliver without it";

/// Whether an address is free for a server that is to start.
pub(super) fn port(name: &'static str, settings: &Settings, key: &'static str) -> Check {
    let why = if key == keys::HTTP_LISTEN { WHY_PAGES } else { WHY_DEVICES };
    let address = settings.address(key);
    match TcpListener::bind(address) {
        Ok(_) => Check::good(name, format!("{address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Check::bad(
            name,
            format!("another program listens on {address}"),
            why,
            format!("stop it, or choose another port: {key}"),
        ),
        Err(error) => Check::bad(
            name,
            format!("cannot listen on {address}: {error}"),
            why,
            format!("choose an address of this machine and a port above 1023: {key}"),
        ),
    }
}

/// A server that runs on this data folder: whether both doors answer.
pub(super) fn running(settings: &Settings, doors: Option<Doors>) -> Vec<Check> {
    let Some(doors) = doors else {
        let what = "another lucid works in the data folder and serves nothing (yet)";
        let why = "store and city can be looked at when it has ended or serves";
        let cure = "wait until it has started, or end the import, and look again";
        return vec![Check::doubtful("server", what, why, cure)];
    };
    vec![
        ready(doors.http),
        devices(doors.hj212),
        judging(doors.http),
        same("http.listen", settings.address(keys::HTTP_LISTEN), doors.http),
        same("hj212.listen", settings.address(keys::HJ212_LISTEN), doors.hj212),
    ]
}

fn ready(address: SocketAddr) -> Check {
    const NAME: &str = "port of pages";
    let answer = ask(address, "/readyz", MOST);
    match answer.map(|answer| answer.lines().next().unwrap_or_default().to_owned()) {
        Ok(answer) if answer.contains(" 200 ") => {
            Check::good(NAME, format!("lucid runs and is ready on {address}"))
        }
        Ok(answer) => Check::bad(
            NAME,
            format!("lucid runs on {address} but is not ready: {answer}"),
            "store or recorder do not work",
            "see its log; restart it when disk and database are well",
        ),
        Err(error) => Check::bad(
            NAME,
            format!("lucid runs but does not answer on {address}: {error}"),
            WHY_PAGES,
            "see its log and restart it",
        ),
    }
}

fn devices(address: SocketAddr) -> Check {
    const NAME: &str = "port of HJ212";
    match TcpStream::connect_timeout(&address, PATIENCE) {
        Ok(_) => Check::good(NAME, format!("{address} takes connections")),
        Err(error) => {
            let what = format!("{address} takes no connection: {error}");
            Check::bad(NAME, what, WHY_DEVICES, "see the server's log and restart it")
        }
    }
}

/// How far judging lies behind receiving.
fn judging(address: SocketAddr) -> Check {
    const NAME: &str = "evaluation";
    let Ok(metrics) = ask(address, "/metrics", MOST) else {
        return Check::good(NAME, "nothing is known of it while the server does not answer");
    };
    let value = |name: &str| {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().parse::<f64>().ok()
    };
    match (value(COMMITTED), value("lucid_evaluation_block")) {
        (Some(committed), Some(judged)) => lag((committed - judged).max(0.0) as i64),
        _ => Check::good(NAME, "nothing was received since the start"),
    }
}

/// What a number of unjudged commits means for a server that runs.
fn lag(commits: i64) -> Check {
    const NAME: &str = "evaluation";
    if commits < 1000 {
        return Check::good(NAME, format!("{commits} commits behind"));
    }
    Check::doubtful(
        NAME,
        format!("{commits} commits behind"),
        "alerts come late",
        "look at the load of the machine; after a long import it catches up by itself",
    )
}

/// A server started otherwise than the settings say is no fault, and worth a word.
fn same(key: &'static str, set: SocketAddr, used: SocketAddr) -> Check {
    if set == used {
        return Check::good(key, format!("{used}, as set"));
    }
    Check::good(key, format!("{used}; the settings say {set} for the next start"))
}

/// The answer to a request, head and body, up to so many bytes.
fn ask(address: SocketAddr, path: &str, most: u64) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(most).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
