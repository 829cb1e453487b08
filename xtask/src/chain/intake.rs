//! Packets into the chain, with a receiver and the stream's leader killed in the middle; and the
//! same packets into one machine, to compare.

use super::balancer::Balancer;
use super::hosts::Host;
use super::{Ground, Service, asked, metric, path, said, same};
use crate::command::{Program, program, root};
use crate::postgres;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_mins(1);
/// The longest that loading and judging may take.
const LOADING: Duration = Duration::from_mins(20);
/// What the devices deliver lies in these days.
const FROM: &str = "2026-03-01";
const TO: &str = "2026-03-15";
const PERIODS: [&str; 3] = ["minute", "hour", "day"];
const DATABASE: &str = "postgres";

/// One machine with the embedded store receives everything.
pub(super) fn one_machine(ground: &mut Ground) -> Result<(), String> {
    let folder = ground.folder("one")?;
    let data = path(&folder.join("data"));
    let lucid = |ground: &Ground| program(&ground.lucid).arguments(&["--data", &data]);
    quiet(lucid(ground)).arguments(&["init"]).run()?;
    let (http, hj212) = (free()?, free()?);
    let call = quiet(lucid(ground)).arguments(&["serve", "--http", &http, "--hj212", &hj212]);
    let mut server = Service::start("serve", call, &folder)?;
    server.until("its port", MINUTE, || asked("GET", &http, "/healthz").is_some())?;
    let said = load(ground, &hj212, &folder, 0)?.finish(LOADING)?;
    judged(&mut server, &http)?;
    server.stop(MINUTE)?;
    let points = points(&said);
    for (point, period) in questions(&points) {
        export(quiet(lucid(ground)), &folder, point, period)?;
    }
    let last = said.lines().rev().find(|line| line.contains("packets of")).unwrap_or_default();
    ground.note(format!("one machine: {last}"));
    Ok(())
}

/// The servers and programs of the chain.
struct Chain {
    postgres: postgres::Server,
    nats: Vec<(Host, Service)>,
    _objects: Service,
    receivers: Vec<(Host, Service)>,
    server: Service,
    /// Where the server's pages are.
    http: String,
    /// The variables by which every program of Lucid finds the others.
    variables: Vec<(&'static str, String)>,
    folder: PathBuf,
}

pub(super) fn walk(ground: &mut Ground) -> Result<(), String> {
    let mut chain = Chain::start(ground)?;
    let front = ground.hosts.own().at(9212);
    let receivers: Vec<String> = chain.receivers.iter().map(|(host, _)| host.at(9212)).collect();
    let balancer = Balancer::start(&front, &receivers)?;
    let mut load = load(ground, &front, &chain.folder, ground.size.seconds)?;
    disturb(ground, &mut chain, &mut load)?;
    let said = load.finish(LOADING)?;
    let last = said.lines().rev().find(|line| line.contains("packets of")).unwrap_or_default();
    ground.note(format!("chain: {last}"));
    let taken = balancer.taken();
    if taken.contains(&0) {
        return Err(format!("a receiver was given no connection: {taken:?}"));
    }
    ground.note(format!("connections to the receivers: {taken:?}"));
    let messages = chain.whole_stream()?;
    chain.recorded(messages)?;
    judged(&mut chain.server, &chain.http)?;
    ground.note(format!("{messages} messages on all three NATS servers, every one recorded"));
    chain.moved(ground)?;
    let points = points(&said);
    chain.compared(ground, &points, values(&said)?)?;
    chain.restored(ground, &points)?;
    chain.server.stop(MINUTE)
}

/// Kills a receiver after a third of the packets and the stream's leader after two thirds; both
/// come back.
fn disturb(ground: &mut Ground, chain: &mut Chain, load: &mut Service) -> Result<(), String> {
    let (third, two_thirds) = (1.0 / 3.0, 2.0 / 3.0);
    answered(load, third)?;
    let (host, _) = &chain.receivers[0];
    let host = host.clone();
    chain.receivers[0].1.kill();
    std::thread::sleep(Duration::from_secs(2));
    chain.receivers[0] = (host.clone(), chain.receiver(ground, &host)?);
    ground.note(format!("{} killed at a third of the packets, started again", host.name));
    answered(load, two_thirds)?;
    let leader = chain.leader()?;
    let killed = Instant::now();
    let before = progress(load).map_or(0, |(answered, _)| answered);
    chain.nats[leader].1.kill();
    let moves =
        || progress(load).is_some_and(|(answered, whole)| answered > before || whole == answered);
    let log = chain.nats[leader].0.name;
    let (mut waited, limit) = (Duration::ZERO, Duration::from_mins(2));
    while !moves() {
        if waited > limit {
            return Err(format!("no packet was answered for {} s after the kill", limit.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(100));
        waited = killed.elapsed();
    }
    let pause = waited.as_secs_f64();
    ground.note(format!("{log}, leader of the stream, killed: answers went on after {pause:.1} s"));
    let host = chain.nats[leader].0.clone();
    let service = chain.nats_server(ground, &host)?;
    chain.nats[leader] = (host, service);
    Ok(())
}

impl Chain {
    fn start(ground: &mut Ground) -> Result<Self, String> {
        let folder = ground.folder("many")?;
        let front = ground.hosts.own();
        let postgres = postgres::Server::start_at(&front.address)?;
        let names = [("nats-1", 11), ("nats-2", 12), ("nats-3", 13)];
        let mut hosts = Vec::new();
        for (name, number) in names {
            hosts.push(ground.hosts.host(name, number)?);
        }
        let addresses: Vec<String> =
            hosts.iter().map(|host| format!("nats://{}", host.at(4222))).collect();
        let routes: Vec<String> =
            hosts.iter().map(|host| format!("nats://{}", host.at(6222))).collect();
        let store = ground.hosts.host("objects", 21)?;
        let objects = objects(ground, &store, &folder)?;
        let variables = vec![
            ("LUCID_DATABASE_URL", format!("{}/{DATABASE}", postgres.address())),
            ("LUCID_INTAKE_NATS", addresses.join(",")),
            ("LUCID_HISTORY_URL", "s3://lucid/history".to_owned()),
            ("LUCID_HISTORY_ENDPOINT", format!("http://{}", store.at(8333))),
            ("LUCID_HISTORY_REGION", "chain".to_owned()),
            ("LUCID_HISTORY_ACCESS_KEY", "chain".to_owned()),
            ("LUCID_HISTORY_SECRET_KEY", "chain".to_owned()),
        ];
        let home = ground.hosts.host("server", 41)?;
        let http = home.at(8080);
        let data = path(&folder.join("server"));
        let settle = |call: Program| set(quiet(call), &variables);
        settle(home.call(&ground.lucid)).arguments(&["--data", &data, "init"]).run()?;
        let placeholder = settle(home.call(&ground.lucid)).arguments(&[
            "--data",
            &data,
            "serve",
            "--http",
            &http,
            "--hj212",
            &home.at(9212),
        ]);
        let nats: Result<Vec<_>, String> = hosts
            .into_iter()
            .map(|host| Ok((host.clone(), start_nats(ground, &folder, &host, &routes)?)))
            .collect();
        let mut nats = nats?;
        for (host, service) in &mut nats {
            let at = host.at(8222);
            service.until("its health", MINUTE, || asked("GET", &at, "/healthz").is_some())?;
        }
        let mut server = Service::start("server", placeholder, &folder)?;
        server.until("its pages", MINUTE * 2, || asked("GET", &http, "/healthz").is_some())?;
        let receivers = Vec::new();
        let mut chain =
            Self { postgres, nats, _objects: objects, receivers, server, http, variables, folder };
        for (name, number) in [("receiver-1", 31), ("receiver-2", 32)] {
            let host = ground.hosts.host(name, number)?;
            let service = chain.receiver(ground, &host)?;
            chain.receivers.push((host, service));
        }
        Ok(chain)
    }

    /// A call of Lucid as a part of the chain.
    fn lucid(&self, ground: &Ground, host: &Host, data: &str) -> Program {
        let call = quiet(host.call(&ground.lucid));
        set(call, &self.variables).arguments(&["--data", &path(&self.folder.join(data))])
    }

    fn receiver(&self, ground: &Ground, host: &Host) -> Result<Service, String> {
        let call = self
            .lucid(ground, host, host.name)
            .arguments(&["receive", "--name", host.name])
            .arguments(&["--hj212", &host.at(9212), "--http", &host.at(9401)]);
        let mut service = Service::start(host.name, call, &self.folder)?;
        let at = host.at(9401);
        service.until("its readiness", MINUTE, || asked("GET", &at, "/readyz").is_some())?;
        Ok(service)
    }

    fn nats_server(&self, ground: &Ground, host: &Host) -> Result<Service, String> {
        let routes: Vec<String> =
            self.nats.iter().map(|(host, _)| format!("nats://{}", host.at(6222))).collect();
        start_nats(ground, &self.folder, host, &routes)
    }

    /// What the NATS servers say of the stream, each that answers.
    fn stream(&self) -> Vec<(usize, serde_json::Value)> {
        let ask = |(place, (host, _)): (usize, &(Host, Service))| {
            let text = asked("GET", &host.at(8222), "/jsz?streams=1")?;
            let all: serde_json::Value = serde_json::from_str(&text).ok()?;
            let account = all["account_details"].as_array()?.first()?.clone();
            let stream = account["stream_detail"].as_array()?.first()?.clone();
            Some((place, stream))
        };
        self.nats.iter().enumerate().filter_map(ask).collect()
    }

    /// The place of the server that leads the stream.
    fn leader(&self) -> Result<usize, String> {
        let streams = self.stream();
        let leader = streams.iter().find_map(|(_, stream)| stream["cluster"]["leader"].as_str());
        let leader = leader.ok_or("no NATS server says who leads the stream")?;
        let found = self.nats.iter().position(|(host, _)| host.name == leader);
        found.ok_or_else(|| format!("the stream is led by {leader}, which is none of the three"))
    }

    /// Waits until all three servers hold the same last message; its number.
    fn whole_stream(&mut self) -> Result<u64, String> {
        let started = Instant::now();
        loop {
            let last: Vec<u64> = self
                .stream()
                .iter()
                .filter_map(|(_, stream)| stream["state"]["last_seq"].as_u64())
                .collect();
            if last.len() == 3 && last[0] > 0 && last.iter().all(|one| *one == last[0]) {
                return Ok(last[0]);
            }
            if started.elapsed() > MINUTE * 3 {
                return Err(format!(
                    "the NATS servers do not hold the same: last messages {last:?}"
                ));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn recorded(&mut self, messages: u64) -> Result<(), String> {
        let http = self.http.clone();
        let is_done = || {
            let recorded = metric(&http, "lucid_stream_recorded");
            recorded.is_some_and(|recorded| recorded >= messages as f64)
        };
        self.server.until("the last message recorded", LOADING, is_done)
    }

    /// Moves the closed months into the object store.
    fn moved(&self, ground: &mut Ground) -> Result<(), String> {
        let front = ground.hosts.own();
        let call = |words: &[&str]| self.lucid(ground, &front, "server").arguments(words);
        call(&["history", "move"]).run()?;
        call(&["history", "verify"]).run()?;
        let said = call(&["--json", "history", "status"]).output()?;
        let status: serde_json::Value =
            serde_json::from_str(&said).map_err(|error| format!("history status: {error}"))?;
        let months = status["months"].as_array().map_or(&[][..], Vec::as_slice);
        let sum = |what: &str| months.iter().filter_map(|month| month[what].as_u64()).sum::<u64>();
        let (values, bytes, place) = (sum("values"), sum("bytes"), &status["place"]);
        if values == 0 {
            return Err("no closed month has moved into the object store".to_owned());
        }
        ground.note(format!("{values} values in {bytes} bytes of files in {place}, verified"));
        Ok(())
    }

    /// A backup of both stores, taken while the server runs, brought back on another machine: rows
    /// into SQLite, the history under another name of the object store.
    fn restored(&self, ground: &mut Ground, points: &[String]) -> Result<(), String> {
        let front = ground.hosts.own();
        let file = path(&self.folder.join("city.lucid"));
        self.lucid(ground, &front, "server").arguments(&["backup", &file]).run()?;
        let folder = self.folder.join("again");
        let history = "s3://lucid/again";
        let again = || {
            let of_history = self.variables.iter().filter(|(name, _)| name.contains("HISTORY"));
            let call = of_history.fold(quiet(front.call(&ground.lucid)), |call, (name, value)| {
                call.variable(name, value)
            });
            call.variable("LUCID_HISTORY_URL", history).arguments(&["--data", &path(&folder)])
        };
        again().arguments(&["restore", &file]).run()?;
        again().arguments(&["doctor", "--deep"]).run()?;
        std::fs::create_dir_all(folder.join("exports")).map_err(|error| said(&folder, &error))?;
        for (point, period) in questions(points) {
            let file = export(again(), &folder.join("exports"), point, period)?;
            same(&ground.folder.join("one").join(file.file_name().unwrap_or_default()), &file)?;
        }
        ground.note(format!(
            "a backup of PostgreSQL and the object store, brought back into SQLite and {history}: \
             examined whole, every value the same to the byte"
        ));
        Ok(())
    }

    /// Every row and every verdict, beside those of one machine.
    fn compared(&self, ground: &mut Ground, points: &[String], sent: usize) -> Result<(), String> {
        let front = ground.hosts.own();
        let mut lines = 0;
        for (point, period) in questions(points) {
            let file = export(self.lucid(ground, &front, "server"), &self.folder, point, period)?;
            let one = ground.folder.join("one").join(file.file_name().unwrap_or_default());
            same(&one, &file)?;
            lines += String::from_utf8_lossy(&super::read(&file)?).lines().count() - 1;
        }
        if lines == 0 || lines != sent {
            return Err(format!("{sent} values were delivered, {lines} are there"));
        }
        ground.note(format!("{lines} values delivered, every one there and the same to the byte"));
        let database = self.postgres.address().rsplit('/').next().unwrap_or_default();
        let (_, at) = database.split_once('@').ok_or("no address of PostgreSQL")?;
        let (host, port) = at.split_once(':').ok_or("no port of PostgreSQL")?;
        let sqlite = path(&ground.folder.join("one/data/lucid.sqlite"));
        let said =
            ground.script("compare.py").arguments(&[&sqlite, host, port, DATABASE]).output()?;
        ground.note(said.trim().to_owned());
        Ok(())
    }
}

/// Variables that make a comparison fair: devices are not asked for anything, nor held back. What
/// the checks are told by variables is nothing that Lucid knows.
fn quiet(call: Program) -> Program {
    call.without("LUCID_")
        .variable("LUCID_HJ212_FILL_GAPS", "no")
        .variable("LUCID_HJ212_MAX_PACKETS_PER_SECOND", "1000000")
        .variable("LUCID_HJ212_MAX_CONNECTIONS_PER_ADDRESS", "10000")
}

fn set(call: Program, variables: &[(&'static str, String)]) -> Program {
    variables.iter().fold(call, |call, (name, value)| call.variable(name, value))
}

fn free() -> Result<String, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|problem| problem.to_string())?;
    listener.local_addr().map(|address| address.to_string()).map_err(|problem| problem.to_string())
}

/// The devices, on their way.
fn load(ground: &Ground, address: &str, folder: &Path, seconds: u32) -> Result<Service, String> {
    let table = path(&root().join("cities/zhangzhou/devices.csv"));
    let size = ground.size;
    let call = ground
        .script("load.py")
        .arguments(&[&table, address, "--devices", &size.devices.to_string()])
        .arguments(&["--hours", &size.hours.to_string(), "--minutes", &size.minutes.to_string()])
        .arguments(&["--seconds", &seconds.max(1).to_string()]);
    Service::start("devices", call, folder)
}

/// How many packets were answered, of how many.
fn progress(load: &Service) -> Option<(u64, u64)> {
    let said = load.said();
    let line = said.lines().rev().find(|line| line.starts_with("answered "))?;
    let mut words = line.split(' ');
    Some((words.nth(1)?.parse().ok()?, words.nth(1)?.parse().ok()?))
}

fn answered(load: &mut Service, share: f64) -> Result<(), String> {
    let started = Instant::now();
    loop {
        if let Some((answered, whole)) = progress(load)
            && answered as f64 >= whole as f64 * share
        {
            return Ok(());
        }
        if started.elapsed() > LOADING {
            return Err(format!("the devices came nowhere:\n{}", load.said()));
        }
        load.until("its next word", MINUTE, {
            let before = load_length(load);
            let log = load.log().to_owned();
            move || std::fs::metadata(&log).is_ok_and(|file| file.len() != before)
        })?;
    }
}

fn load_length(load: &Service) -> u64 {
    std::fs::metadata(load.log()).map_or(0, |file| file.len())
}

/// The points to which the devices deliver.
fn points(said: &str) -> Vec<String> {
    said.lines().filter_map(|line| line.strip_prefix("point ")).map(str::to_owned).collect()
}

/// How many values the devices delivered.
fn values(said: &str) -> Result<usize, String> {
    let line = said.lines().find_map(|line| line.strip_prefix("values "));
    line.and_then(|text| text.parse().ok()).ok_or_else(|| "the devices sent nothing".to_owned())
}

fn questions(points: &[String]) -> impl Iterator<Item = (&str, &'static str)> {
    points.iter().flat_map(|point| PERIODS.iter().map(move |period| (point.as_str(), *period)))
}

/// Waits until everything that was committed is judged, and stays so.
fn judged(server: &mut Service, http: &str) -> Result<(), String> {
    let mut still = 0;
    let mut before = None;
    let is_done = || {
        let committed = metric(http, "lucid_observations_block");
        let judged = metric(http, "lucid_evaluation_block");
        let is_even = committed.is_some() && judged >= committed && committed == before;
        before = committed;
        still = if is_even { still + 1 } else { 0 };
        // The number of the last commit is told every five seconds.
        still > 70
    };
    server.until("the last verdict", LOADING, is_done)
}

/// The rows of a point and period as a file.
fn export(lucid: Program, folder: &Path, point: &str, period: &str) -> Result<PathBuf, String> {
    let file = folder.join(format!("{}-{period}.csv", point.replace('/', "-")));
    lucid
        .arguments(&["export", "observations", "--point", point, "--period", period])
        .arguments(&["--from", FROM, "--to", TO, "--output", &path(&file)])
        .run()?;
    Ok(file)
}

/// An object store that speaks S3, with its bucket.
fn objects(ground: &Ground, host: &Host, folder: &Path) -> Result<Service, String> {
    let data = path(&ground.folder("many/objects")?);
    let call = host
        .call(&ground.package("weed"))
        .arguments(&["server", &format!("-dir={data}"), &format!("-ip={}", host.address)])
        .arguments(&[&format!("-ip.bind={}", host.address), "-filer", "-s3", "-s3.port=8333"])
        .arguments(&["-master.volumeSizeLimitMB=64", "-volume.max=20"]);
    let mut service = Service::start("objects", call, folder)?;
    let at = host.at(8333);
    service.until("its bucket", MINUTE * 2, || asked("PUT", &at, "/lucid").is_some())?;
    Ok(service)
}

/// A NATS server with the very configuration of `deploy`.
fn start_nats(
    ground: &Ground,
    folder: &Path,
    host: &Host,
    routes: &[String],
) -> Result<Service, String> {
    let file = path(&root().join("deploy/nats/nats.conf"));
    let routes: Vec<String> = routes.iter().map(|route| format!("{route:?}")).collect();
    let call = host
        .call(&ground.package("nats-server"))
        .arguments(&["-c", &file])
        .variable("LUCID_NATS_NAME", host.name)
        .variable("LUCID_NATS_ADDRESS", &host.address)
        .variable("LUCID_NATS_MONITORING", &host.at(8222))
        .variable("LUCID_NATS_ROUTES", &format!("[{}]", routes.join(", ")))
        .variable("LUCID_NATS_FOLDER", &path(&folder.join(host.name)));
    Service::start(host.name, call, folder)
}
