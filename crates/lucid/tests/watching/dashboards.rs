//! The dashboards and rules of `deploy/`, held against what a running server exports.

use crate::support::{Server, must, until};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn deploy(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(folder)
}

fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(deploy(folder)).expect("the folder");
    let paths = entries.flatten().map(|entry| entry.path());
    let wanted = paths.filter(|path| path.extension().is_some_and(|found| found == ending));
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a text");
        (path.display().to_string(), text)
    };
    let found: Vec<_> = wanted.map(read).collect();
    assert!(!found.is_empty(), "no *.{ending} in deploy/{folder}");
    found
}

/// Words that begin like a metric of ours.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    text.split(|sign| !is_part(sign))
        .filter(|word| word.starts_with("lucid_"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_metric_that_a_dashboard_or_a_rule_names_is_exported_by_a_server_that_has_just_begun() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    must(folder.path(), &["init", "--city", "example"]);
    let log = folder.path().join("lucid.log").display().to_string();
    let server = Server::start(folder.path(), &[("LUCID_LOG_FILE", &log)]);
    // The gauges are read every few seconds, and pages are counted once somebody has asked.
    until("gauges are read", || server.metric("lucid_disk_free_bytes").is_some());
    server.get("/");
    let page = server.get("/metrics");
    let exported: BTreeSet<&str> = page
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['{', ' ']).next())
        .collect();
    let mut named = BTreeSet::new();
    for (file, text) in files("grafana", "json").into_iter().chain(files("prometheus", "yml")) {
        for name in metrics_in(&text) {
            assert!(exported.contains(&*name), "{file}: {name} is exported by nobody");
            named.insert(name);
        }
    }
    assert!(named.len() > 20, "{named:?}");
    for line in page.lines().filter(|line| line.starts_with("lucid_")) {
        let name = line.split(['{', ' ']).next().expect("a name");
        let stem = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        let is_told = |name: &str| page.contains(&format!("# HELP {name} "));
        assert!(is_told(name) || stem.is_some_and(is_told), "{name} has no meaning");
    }
    let log = std::fs::read_to_string(&log).expect("the log file");
    assert!(!log.contains('\u{1b}'), "a file has no colours");
    assert_eq!(server.end(), Some(0));
}

#[test]
fn dashboards_are_whole_and_each_panel_says_what_it_shows() {
    let mut known = BTreeSet::new();
    for (file, text) in files("grafana", "json") {
        let board: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let uid = board["uid"].as_str().unwrap_or_default().to_owned();
        assert!(known.insert(uid.clone()) && uid.starts_with("lucid-"), "{file}: uid {uid:?}");
        let panels = board["panels"].as_array().expect("panels");
        let mut ids = BTreeSet::new();
        for panel in panels.iter().filter(|panel| panel["type"] != "row") {
            let title = panel["title"].as_str().unwrap_or_default();
            assert!(ids.insert(panel["id"].as_i64()), "{file}: {title} has another's id");
            assert!(!title.is_empty() && panel["description"].is_string(), "{file}: {title:?}");
            let targets = panel["targets"].as_array().expect("targets");
            assert!(!targets.is_empty(), "{file}: {title}");
            for target in targets {
                let question = target["expr"].as_str().unwrap_or_default();
                assert!(question.contains("lucid_") || question.contains("up{"), "{title}");
            }
            let source = &panel["datasource"]["uid"];
            assert_eq!(source, "$source", "{file}: {title} asks a source of its own");
        }
    }
}

#[test]
fn every_alert_says_what_it_means_and_what_to_do() {
    for (file, text) in files("prometheus", "yml").into_iter().filter(|(_, t)| t.contains("alert:"))
    {
        let alerts: Vec<&str> = text.split("- alert: ").skip(1).collect();
        assert!(alerts.len() >= 8, "{file}");
        for alert in alerts {
            let name = alert.lines().next().expect("a name");
            for wanted in ["expr:", "severity:", "summary:", "description:"] {
                assert!(alert.contains(wanted), "{file}: {name} has no {wanted}");
            }
            assert!(alert.contains("docs/how-to/"), "{file}: {name} tells nobody what to do");
        }
    }
}
