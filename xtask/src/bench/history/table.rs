//! The tables of the history benchmark.

use std::fmt::Write as _;

use serde_json::Value;

use crate::command::root;

const BEGIN: &str = "<!-- cargo xtask bench history writes from here -->";
const END: &str = "<!-- to here: history -->";
const QUESTIONS: [&str; 12] = [
    "month of hours",
    "year of hours",
    "year of hours, whole rows",
    "day of minutes",
    "daily means, one factor",
    "daily means, one factor, a tenth of the outlets",
    "daily means, all factors",
    "percentiles, one factor",
    "exceedances, all factors",
    "export a day of minutes, CSV",
    "export a day of minutes, Parquet",
    "export a day of minutes, Arrow",
];

/// Everything that was measured, as text.
pub(super) fn of(lucid: &Value, peers: &[Value], missing: &[String], loads: &[&str]) -> String {
    let mut text = String::new();
    let large = &lucid["large"];
    let _ = writeln!(
        text,
        "{} factor-rows ({} outlets, ten factors, {} hours and {} minutes; seed {}) and {} of the \
         plausible month ({} outlets; seed {}). Load of the machine before Lucid, after it and \
         after each peer: {}.\n",
        large["factor_rows"],
        large["outlets"],
        large["hours"],
        large["minutes"],
        large["seed"],
        lucid["plausible"]["factor_rows"],
        lucid["plausible"]["outlets"],
        lucid["plausible"]["seed"],
        loads.join(", "),
    );
    sizes(&mut text, lucid, peers);
    questions(&mut text, lucid, peers);
    for one in missing {
        let _ = writeln!(text, "\nNot measured: {one}.");
    }
    text
}

fn sizes(text: &mut String, lucid: &Value, peers: &[Value]) {
    let _ = writeln!(
        text,
        "| engine | configuration | bytes a factor-row, plausible minutes (times Lucid's) | bytes \
         a factor-row, hours and minutes (times Lucid's) | loaded, million factor-rows/s |\n\
         |---|---|---|---|---|"
    );
    let per = |of: &Value| number(&of["history"]["bytes"]) / number(&of["history"]["factor_rows"]);
    let own = ["plausible", "large"].map(|workload| per(&lucid[workload]));
    let large = &lucid["large"];
    let rows = number(&large["factor_rows"]) / 1e6;
    let _ = writeln!(
        text,
        "| Lucid | both files of each part; recorded one delivery a row, then moved | {:.2} | \
         {:.2} | {:.2} recorded, {:.2} moved |",
        own[0],
        own[1],
        rows / number(&large["recording_seconds"]),
        rows / number(&large["history"]["seconds"]),
    );
    for peer in peers.iter().filter(|peer| peer["rows"]["large"].is_u64()) {
        let per =
            |workload: &str| number(&peer["bytes"][workload]) / number(&peer["rows"][workload]);
        let (plausible, mixed) = (per("plausible"), per("large"));
        let _ = writeln!(
            text,
            "| {} {} | {} | {plausible:.2} ({:.1}) | {mixed:.2} ({:.1}) | {:.2} |",
            words(&peer["peer"]),
            words(&peer["version"]),
            words(&peer["configuration"]),
            plausible / own[0],
            mixed / own[1],
            number(&peer["rows"]["large"]) / 1e6 / number(&peer["load_seconds"]["large"]),
        );
    }
    text.push('\n');
}

fn questions(text: &mut String, lucid: &Value, peers: &[Value]) {
    let heads: Vec<&str> = peers.iter().map(|peer| words(&peer["peer"])).collect();
    let _ = writeln!(
        text,
        "Milliseconds, the median of warm runs (first run in brackets), and times as long as Lucid.\n\n\
         | question | Lucid | {} |\n|---|---|{}",
        heads.join(" | "),
        "---|".repeat(heads.len()),
    );
    let own = &lucid["large"]["answers"];
    for question in QUESTIONS {
        let Some((first, median)) = milliseconds(&own[question]) else { continue };
        let _ = write!(text, "| {question} | {median:.1} ({first:.1}) |");
        for peer in peers {
            let theirs = &peer["answers"][question];
            let Some((their_first, their_median)) = milliseconds(theirs) else {
                text.push_str(" |");
                continue;
            };
            let agrees = if is_same(&own[question]["answer"], &theirs["answer"]) {
                String::new()
            } else {
                format!(", ANOTHER ANSWER: {} for {}", theirs["answer"], own[question]["answer"])
            };
            let _ = write!(
                text,
                " {their_median:.1} ({their_first:.1}), {:.2}{agrees} |",
                their_median / median
            );
        }
        text.push('\n');
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn words(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The first run, and the median of the others.
fn milliseconds(found: &Value) -> Option<(f64, f64)> {
    let all: Vec<f64> = found["ms"].as_array()?.iter().filter_map(Value::as_f64).collect();
    let first = *all.first()?;
    let mut warm = all.get(1..).filter(|warm| !warm.is_empty()).unwrap_or(&all).to_vec();
    warm.sort_by(f64::total_cmp);
    Some((first, warm[warm.len() / 2]))
}

/// Whether two answers say the same; sums of doubles may differ in their last digits.
fn is_same(left: &Value, right: &Value) -> bool {
    let figure = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
    let (Some(left), Some(right)) = (left.as_array(), right.as_array()) else { return false };
    left.len() == right.len()
        && left.iter().zip(right).all(|(left, right)| match (figure(left), figure(right)) {
            (Some(left), Some(right)) => (left - right).abs() <= 1e-8 * left.abs().max(1.0),
            _ => false,
        })
}

/// Puts the tables between their marks.
pub(super) fn write(table: &str) -> Result<(), String> {
    let place = root().join("docs/benchmarks.md");
    let text = std::fs::read_to_string(&place).map_err(|error| error.to_string())?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) = parts.ok_or("docs/benchmarks.md lacks the marks of these tables")?;
    let text = format!("{before}{BEGIN}\n{table}\n{END}{after}");
    std::fs::write(&place, text).map_err(|error| error.to_string())?;
    eprintln!("wrote docs/benchmarks.md");
    Ok(())
}
