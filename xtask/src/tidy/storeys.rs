//! Dependencies point down: rules ← kernel ← areas ← shell, never between areas; and what a
//! pure crate may not have.

use crate::command::cargo;
use serde_json::Value;
use std::collections::HashMap;

const STOREYS: [&str; 4] = ["rules", "kernel", "areas", "shell"];
const NOT_IN_RULES: [&str; 10] =
    ["tokio", "sqlx", "axum", "rand", "getrandom", "reqwest", "ureq", "tracing", "serde", "web"];

/// Adds a line for each dependency that points the wrong way.
pub(crate) fn check(problems: &mut Vec<String>) -> Result<(), String> {
    let text = cargo(&["metadata", "--format-version", "1", "--no-deps"]).output()?;
    let metadata: Value = serde_json::from_str(&text).map_err(|problem| problem.to_string())?;
    let packages = metadata["packages"].as_array().cloned().unwrap_or_default();
    let mut storeys = HashMap::new();
    for package in &packages {
        let name = package["name"].as_str().unwrap_or_default();
        let storey = package["metadata"]["lucid"]["storey"].as_str().unwrap_or_default();
        match STOREYS.iter().position(|known| *known == storey) {
            Some(storey) => {
                storeys.insert(name, storey);
            }
            None => problems.push(format!(
                "{name}: Cargo.toml names no storey; add [package.metadata.lucid] storey = \"…\""
            )),
        }
    }
    for package in &packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(&storey) = storeys.get(name) else { continue };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let other = dependency["name"].as_str().unwrap_or_default();
            let for_tests = dependency["kind"].as_str() == Some("dev");
            edge(problems, (name, storey), other, storeys.get(other).copied(), for_tests);
        }
    }
    Ok(())
}

fn edge(
    problems: &mut Vec<String>,
    (name, storey): (&str, usize),
    other: &str,
    below: Option<usize>,
    for_tests: bool,
) {
    if for_tests {
        return;
    }
    match below {
        Some(below) if below > storey => problems.push(format!(
            "{name} ({}) depends on {other} ({}): dependencies point down",
            STOREYS[storey], STOREYS[below]
        )),
        Some(2) if storey == 2 => problems.push(format!(
            "{name} depends on {other}: areas do not call each other, they share kernel facts"
        )),
        None if storey == 0 && NOT_IN_RULES.contains(&other) => problems.push(format!(
            "{name} depends on {other}: the rules are pure, without I/O, clock or wire forms"
        )),
        _ => {}
    }
}
