//! A nation's table on Spark: the same bytes as on one machine, with a worker killed in the middle.

use super::hosts::Host;
use super::{Ground, Service, bound, path, read, said, same};
use crate::command::{Program, program, root};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The longest that one run of Spark may take.
const A_RUN: Duration = Duration::from_mins(10);

/// Spark on three hosts.
struct Cluster {
    home: String,
    python: String,
    front: Host,
    master: String,
    workers: Vec<Service>,
    _master: Service,
}

/// A table and the method that judges it.
struct Question {
    method: &'static str,
    rows: &'static str,
    table: PathBuf,
    /// The result of one machine.
    one: PathBuf,
}

pub(super) fn walk(ground: &mut Ground) -> Result<(), String> {
    let folder = ground.folder("nation")?;
    scripts(ground)?;
    let mut cluster = Cluster::start(ground, &folder)?;
    let days = Question::asked(ground, &folder, "air-period", "days")?;
    curve(ground, &cluster, &folder, &days)?;
    if !ground.size.parts.is_empty() {
        let hours = Question::asked(ground, &folder, "air-day", "hours")?;
        curve(ground, &cluster, &folder, &hours)?;
    }
    killed(ground, &mut cluster, &folder, &days)
}

impl Question {
    /// Makes the table and lets one process alone judge it.
    fn asked(
        ground: &mut Ground,
        folder: &Path,
        method: &'static str,
        rows: &'static str,
    ) -> Result<Self, String> {
        let table = folder.join(format!("{rows}.parquet"));
        let one = folder.join(format!("{method}.csv"));
        let stations = ground.size.stations.to_string();
        ground.script("days.py").arguments(&[&path(&table), &stations, rows]).run()?;
        let started = Instant::now();
        program(&ground.lucid)
            .arguments(&["evaluate", method, &path(&table), "-o", &path(&one)])
            .run()?;
        let alone = started.elapsed().as_secs_f64();
        ground.note(format!(
            "{method}, {rows} of {stations} station-years, one process on all cores: {alone:.1} s"
        ));
        sort(&one)?;
        Ok(Self { method, rows, table, one })
    }
}

/// The same on Spark, once for each number of parts.
fn curve(
    ground: &mut Ground,
    cluster: &Cluster,
    folder: &Path,
    question: &Question,
) -> Result<(), String> {
    for parts in ground.size.parts {
        let name = format!("spark-{}-{parts}", question.rows);
        let result = folder.join(format!("{name}.csv"));
        let started = Instant::now();
        let call = cluster.submit(&ground.lucid, question, &result, *parts);
        Service::start(&name, call, folder)?.finish(A_RUN)?;
        let took = started.elapsed().as_secs_f64();
        same(&question.one, &result)?;
        let method = question.method;
        ground
            .note(format!("{method} on 2 Spark workers in {parts} parts: {took:.1} s, same bytes"));
    }
    Ok(())
}

/// What the script of Spark does by itself.
fn scripts(ground: &Ground) -> Result<(), String> {
    program(&ground.package("python"))
        .arguments(&["-W", "error", "-B", "-m", "unittest", "--quiet"])
        .within(&root().join("deploy/spark"))
        .run()
}

/// A run in which a worker is killed while its processes are judging.
fn killed(
    ground: &mut Ground,
    cluster: &mut Cluster,
    folder: &Path,
    question: &Question,
) -> Result<(), String> {
    let (marks, slow, result) =
        (folder.join("marks"), folder.join("slow-lucid"), folder.join("spark-killed.csv"));
    // The first call is the driver's, which asks for the columns; the others are parts.
    let text = format!(
        "#!/bin/sh\ncase \"$*\" in *--arrow-stream*) echo $$ >> '{}'; sleep 3;; esac\n\
         exec '{}' \"$@\"\n",
        marks.display(),
        ground.lucid
    );
    write_program(&slow, &text)?;
    let call = cluster.submit(&path(&slow), question, &result, 4);
    let mut run = Service::start("spark-killed", call, folder)?;
    let begun = || std::fs::read_to_string(&marks).is_ok_and(|text| text.lines().count() >= 3);
    run.until("two parts being judged", A_RUN, begun)?;
    let mut worker = cluster.workers.pop().ok_or("there is no worker to kill")?;
    worker.kill();
    let said = run.finish(A_RUN)?;
    same(&question.one, &result)?;
    if !said.contains("Lost executor") {
        return Err(format!("the worker was killed too late to matter; Spark said:\n{said}"));
    }
    ground.note(
        "a Spark worker killed in the middle: its parts were judged again, same bytes".into(),
    );
    Ok(())
}

fn write_program(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|error| said(file, &error))?;
    program("chmod").arguments(&["+x", &path(file)]).run()
}

/// Sorts the lines below the first by their bytes, as the script of Spark does.
fn sort(file: &Path) -> Result<(), String> {
    let text = String::from_utf8(read(file)?).map_err(|error| error.to_string())?;
    let (title, rest) = text.split_once('\n').ok_or("a result without a line")?;
    let mut lines: Vec<&str> = rest.lines().collect();
    lines.sort_unstable();
    let mut sorted = format!("{title}\n");
    for line in lines {
        sorted.push_str(line);
        sorted.push('\n');
    }
    std::fs::write(file, sorted).map_err(|error| said(file, &error))
}

impl Cluster {
    fn start(ground: &mut Ground, folder: &Path) -> Result<Self, String> {
        let python = ground.package("python");
        let question = "import os, pyspark; print(os.path.dirname(pyspark.__file__))";
        let home = program(&python).arguments(&["-c", question]).output()?.trim().to_owned();
        let front = ground.hosts.own();
        let master_host = ground.hosts.host("spark-0", 51)?;
        let master = format!("spark://{}", master_host.at(7077));
        let class = format!("{home}/bin/spark-class");
        let call = master_host
            .call(&class)
            .arguments(&["org.apache.spark.deploy.master.Master", "--port", "7077"])
            .arguments(&["--host", &master_host.address, "--webui-port", "0"]);
        let call = of_spark(call, &home, &python, &master_host);
        let mut service = Service::start("spark-master", call, folder)?;
        let at = master_host.at(7077);
        let minute = Duration::from_mins(1);
        service.until("the master's port", minute, || std::net::TcpStream::connect(&at).is_ok())?;
        let mut workers = Vec::new();
        for (name, number) in [("spark-1", 52), ("spark-2", 53)] {
            let host = ground.hosts.host(name, number)?;
            let work = path(&ground.folder(&format!("nation/{name}"))?);
            let call = host
                .call(&class)
                .arguments(&["org.apache.spark.deploy.worker.Worker", "--cores", "1"])
                .arguments(&["--memory", "1g", "--webui-port", "0", "--work-dir", &work])
                .arguments(&["--host", &host.address, &master]);
            let call = of_spark(call, &home, &python, &host);
            let mut worker = Service::start(name, call, folder)?;
            let log = folder.join(format!("{name}.log"));
            let is_known = || {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                said.contains("Successfully registered with master")
            };
            worker.until("its place with the master", minute, is_known)?;
            workers.push(worker);
        }
        Ok(Self { home, python, front, master, workers, _master: service })
    }

    /// A call that judges a table in parts.
    fn submit(&self, lucid: &str, question: &Question, result: &Path, parts: u32) -> Program {
        let script = path(&root().join("deploy/spark/evaluate.py"));
        let address = &self.front.address;
        let call = bound(&format!("{}/bin/spark-submit", self.home))
            .arguments(&["--master", &self.master])
            .arguments(&["--conf", &format!("spark.driver.host={address}")])
            .arguments(&["--conf", &format!("spark.driver.bindAddress={address}")])
            .arguments(&[
                "--conf",
                "spark.executor.memory=700m",
                "--conf",
                "spark.ui.enabled=false",
            ])
            .arguments(&[&script, question.method, &path(&question.table), "-o", &path(result)])
            .arguments(&["--parts", &parts.to_string(), "--lucid", lucid])
            // One core a worker: no process of Lucid takes more than its share.
            .arguments(&["--option=--threads=1"]);
        of_spark(call, &self.home, &self.python, &self.front)
    }
}

fn of_spark(call: Program, home: &str, python: &str, host: &Host) -> Program {
    call.variable("SPARK_HOME", home)
        .variable("SPARK_LOCAL_IP", &host.address)
        .variable("SPARK_LOCAL_HOSTNAME", &host.address)
        .variable("PYSPARK_PYTHON", python)
        .variable("PYSPARK_DRIVER_PYTHON", python)
}
