//! NATS servers for tests: a cluster of three with JetStream, on free ports of the loopback, each
//! to be killed and started again by itself. Where its program is, `LUCID_TEST_NATS` says.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::PATIENCE;

const NODES: usize = 3;

/// A cluster that lives as long as the test.
pub struct Cluster {
    program: PathBuf,
    folder: tempfile::TempDir,
    nodes: Vec<Node>,
}

struct Node {
    name: String,
    address: SocketAddr,
    monitor: SocketAddr,
    process: Option<Child>,
}

impl Cluster {
    /// Starts three servers that find each other, or `None` (with a line that says so) where no
    /// program is named. Each writes what it takes through to the disk before it says so.
    ///
    /// # Panics
    /// When a program is named but the servers do not start.
    pub fn start() -> Option<Self> {
        let Some(program) = std::env::var_os("LUCID_TEST_NATS") else {
            eprintln!("SKIPPED on NATS: LUCID_TEST_NATS names no nats-server");
            return None;
        };
        Some(Self::of(Path::new(&program), "always"))
    }

    /// Starts three servers of a program; `sync` is how they write to the disk, as in their
    /// setting `sync_interval`.
    ///
    /// # Panics
    /// When they do not start.
    pub fn of(program: &Path, sync: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let ports = free_addresses(NODES * 3);
        let routes: Vec<_> = ports[..NODES].iter().map(|at| format!("nats://{at}")).collect();
        let nodes = (0..NODES).map(|number| {
            let (address, monitor) = (ports[NODES + number], ports[2 * NODES + number]);
            let name = format!("n{}", number + 1);
            let text = format!(
                "server_name: {name}\nlisten: \"{address}\"\nhttp: \"{monitor}\"\n\
                 jetstream {{ store_dir: {:?}, max_file: 4GB, sync_interval: {sync} }}\n\
                 cluster {{ name: lucid, listen: \"{}\", routes: [{}] }}\n",
                folder.path().join(&name).display().to_string(),
                ports[number],
                routes.join(", ")
            );
            let file = folder.path().join(format!("{name}.conf"));
            std::fs::write(file, text).expect("a configuration");
            Node { name, address, monitor, process: None }
        });
        let nodes = nodes.collect();
        let mut cluster = Self { program: program.to_owned(), folder, nodes };
        for node in 0..NODES {
            cluster.launch(node);
        }
        for node in 0..NODES {
            cluster.wait_until_well(node);
        }
        cluster
    }

    /// The addresses of all servers, as `intake.nats` has them.
    pub fn addresses(&self) -> String {
        let all: Vec<_> =
            self.nodes.iter().map(|node| format!("nats://{}", node.address)).collect();
        all.join(",")
    }

    /// The server that leads a stream.
    ///
    /// # Panics
    /// When none does for a minute.
    pub fn leader(&self, stream: &str) -> usize {
        let start = Instant::now();
        loop {
            let mut running = self.nodes.iter().filter(|node| node.process.is_some());
            let leader = running.find_map(|node| leader_of(node.monitor, stream));
            if let Some(number) = leader.and_then(|name| self.number_of(&name)) {
                return number;
            }
            assert!(start.elapsed() < PATIENCE, "nobody leads the stream {stream}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Ends a server as a crash would.
    ///
    /// # Panics
    /// When it cannot be ended.
    pub fn kill(&mut self, node: usize) {
        if let Some(mut process) = self.nodes[node].process.take() {
            process.kill().expect("the server can be killed");
            process.wait().expect("the server ends");
        }
    }

    /// Starts a server again that was killed.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&mut self, node: usize) {
        self.launch(node);
        self.wait_until_well(node);
    }

    /// Processor time of each server so far, in hundredths of a second; 0 of one that was killed
    /// or where the system does not tell.
    pub fn processor_ticks(&self) -> Vec<u64> {
        self.nodes.iter().map(|node| node.process.as_ref().map_or(0, ticks_of)).collect()
    }

    fn number_of(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.name == name && node.process.is_some())
    }

    fn launch(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        let file = self.folder.path().join(format!("{}.conf", node.name));
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join(format!("{}.log", node.name)))
            .expect("a log");
        let process = Command::new(&self.program)
            .arg("-c")
            .arg(file)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|problem| panic!("{}: {problem}", self.program.display()));
        node.process = Some(process);
    }

    fn wait_until_well(&mut self, node: usize) {
        let start = Instant::now();
        let node = &mut self.nodes[node];
        while !ask(node.monitor, "/healthz").is_some_and(|answer| answer.contains(" 200 ")) {
            let ended = node.process.as_mut().and_then(|process| process.try_wait().ok()).flatten();
            let log = self.folder.path().join(format!("{}.log", node.name));
            let said = || std::fs::read_to_string(&log).unwrap_or_default();
            if let Some(status) = ended {
                panic!("the server {} ended with {status}: {}", node.name, said());
            }
            assert!(start.elapsed() < PATIENCE, "{} is not well: {}", node.name, said());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for node in 0..NODES {
            self.kill(node);
        }
    }
}

fn ticks_of(process: &Child) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.id())).unwrap_or_default();
    let tail = stat.rsplit_once(')').map_or("", |(_, tail)| tail);
    tail.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<u64>().ok()).sum()
}

fn leader_of(monitor: SocketAddr, stream: &str) -> Option<String> {
    let answer = ask(monitor, "/jsz?accounts=true&streams=true")?;
    let body = answer.split_once("\r\n\r\n")?.1;
    let told: serde_json::Value = serde_json::from_str(body).ok()?;
    let accounts = told["account_details"].as_array()?;
    let mut streams =
        accounts.iter().filter_map(|account| account["stream_detail"].as_array()).flatten();
    let found = streams.find(|found| found["name"] == stream)?;
    found["cluster"]["leader"].as_str().map(str::to_owned)
}

fn ask(address: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// Free addresses of the loopback, no two the same.
///
/// # Panics
/// When there are not so many.
pub fn free_addresses(count: usize) -> Vec<SocketAddr> {
    let held: Vec<_> =
        (0..count).map(|_| TcpListener::bind("127.0.0.1:0").expect("a free port")).collect();
    held.iter().map(|one| one.local_addr().expect("its address")).collect()
}
