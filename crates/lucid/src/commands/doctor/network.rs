//! Ports, and a server that already runs.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::Check;
use crate::configuration::{Settings, keys};

const PATIENCE: Duration = Duration::from_secs(3);

/// Whether an address is free, or answered by the lucid that runs on this data folder.
pub(super) fn port(settings: &Settings, key: &'static str, is_running: bool) -> Check {
    let name = if key == keys::HTTP_LISTEN { "port of pages" } else { "port of HJ212" };
    let why = if key == keys::HTTP_LISTEN {
        "no page can be seen without it"
    } else {
        "no device can deliver without it"
    };
    let address = settings.address(key);
    match TcpListener::bind(address) {
        Ok(_) if is_running => Check::doubtful(
            name,
            format!("nobody listens on {address}, although lucid runs"),
            why,
            format!("it may listen elsewhere: compare {key} with how it was started"),
        ),
        Ok(_) => Check::good(name, format!("{address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && is_running => {
            Check::good(name, format!("{address} is answered by lucid"))
        }
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

/// What a running server says of itself.
pub(super) fn ready(settings: &Settings) -> Check {
    const WHY: &str = "it says itself whether store and recorder work";
    let address = settings.address(keys::HTTP_LISTEN);
    match ask(address, "/readyz") {
        Ok(answer) if answer.contains(" 200 ") => {
            Check::good("server", format!("lucid runs and is ready on {address}"))
        }
        Ok(answer) => Check::bad(
            "server",
            format!("lucid runs but is not ready: {answer}"),
            WHY,
            "see its log; restart it when disk and database are well",
        ),
        Err(error) => Check::bad(
            "server",
            format!("lucid runs but does not answer on {address}: {error}"),
            WHY,
            "compare http.listen with how it was started",
        ),
    }
}

/// The first line of the answer to a request.
fn ask(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(512).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned())
}
