//! A month's data quality as text and as JSON: what the command prints and the interface answers.

use super::report::{Line, Report};
use super::words;
use registry::Snapshot;
use rulebook::Decimal;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The month as a table for a terminal: a line for each division, then the city.
pub fn plain(report: &Report, snapshot: &Snapshot) -> String {
    let mut text = String::new();
    let city = &snapshot.city.name;
    let _ = writeln!(text, "Data quality of {} · {} {}", report.month, city.zh, city.en);
    let judged = report.computed_at.map_or_else(|| "never".to_owned(), web::local_minute);
    let _ = writeln!(text, "duties as of {}, judged {judged} (Beijing time)", report.day);
    let _ = match &report.pass {
        Some(pass) => writeln!(
            text,
            "pass mark {} %: {} ({})",
            pass.percent.normalize(),
            pass.source,
            pass.confidence.as_str()
        ),
        None => writeln!(text, "pass mark: no table of rules sets one for this month"),
    };
    let _ = writeln!(
        text,
        "\n{:<14}{:>11}{:>10}{:>10}{:>10}{:>10}{:>6}  division",
        "code", "connected", "effective", "exceed h", "exceed d", "unmarked", "pass"
    );
    let _ = writeln!(
        text,
        "{:<14}{:>11}{:>10}{:>10}{:>10}{:>10}{:>6}",
        "", "/ must be", "%", "gas", "water", "gaps", ""
    );
    for (code, line) in report.by_division() {
        let name = snapshot.division(&code).map_or("", |division| division.name.zh.as_str());
        text.push_str(&row(report, &code, &line, name));
    }
    text.push_str(&row(report, "all", &report.total(), &city.zh));
    for doubt in &report.doubts {
        let _ = writeln!(text, "doubt: {doubt}");
    }
    text
}

fn row(report: &Report, code: &str, line: &Line, name: &str) -> String {
    let counts = &line.counts;
    let passes = match report.passes(counts) {
        Some(true) => "yes",
        Some(false) => "no",
        None => "-",
    };
    format!(
        "{code:<14}{:>11}{:>10}{:>10}{:>10}{:>10}{passes:>6}  {name}\n",
        format!("{}/{}", line.connected, line.must),
        counts.effective_rate().map_or_else(|| "-".to_owned(), |rate| web::decimal(rate, 2)),
        counts.exceedance_hours,
        counts.exceedance_days,
        counts.unmarked_gaps,
    )
}

/// The month as JSON.
pub fn json(report: &Report, snapshot: &Snapshot) -> Value {
    let of = |code: String, line: &Line| {
        let name = snapshot.division(&code).map(|it| json!({ "zh": it.name.zh, "en": it.name.en }));
        let mut json = of_line(report, line);
        json["division"] = code.into();
        json["name"] = name.unwrap_or_default();
        json
    };
    let divisions: Vec<Value> =
        report.by_division().into_iter().map(|(code, line)| of(code, &line)).collect();
    json!({
        "month": report.month.to_string(),
        "duties_on": report.day.to_string(),
        "judged_at": report.computed_at.map(|at| at.to_string()),
        "pass_mark_percent": report.pass.as_ref().map(|pass| pass.percent.normalize().to_string()),
        "pass_mark_source": report.pass.as_ref().map(|pass| pass.source.clone()),
        "pass_mark_confidence": report.pass.as_ref().map(|pass| pass.confidence.as_str()),
        "divisions": divisions,
        "all": of_line(report, &report.total()),
        "doubts": report.doubts,
    })
}

/// The numbers of a line.
pub(super) fn of_line(report: &Report, line: &Line) -> Value {
    let rate = |value: Option<Decimal>| value.map(|value| web::decimal(value, 2));
    let counts = &line.counts;
    json!({
        "outlets": line.outlets,
        "must_be_connected": line.must,
        "installed": line.installed,
        "connected": line.connected,
        "connected_and_passing": line.valid,
        "plan_must_be_connected": line.of_plan,
        "plan_connected": line.of_plan_connected,
        "due": counts.due,
        "received": counts.received,
        "valid": counts.valid,
        "stopped": counts.stopped,
        "marked": counts.marked,
        "marked_during_exceedance": counts.marked_during_exceedance,
        "transmission_rate_percent": rate(counts.transmission_rate()),
        "validity_rate_percent": rate(counts.validity_rate()),
        "effective_rate_percent": rate(counts.effective_rate()),
        "marked_share_percent": rate(counts.marked_share()),
        "marked_exceedance_share_percent": rate(counts.marked_exceedance_share()),
        "exceedance_hours": counts.exceedance_hours,
        "exceedance_days": counts.exceedance_days,
        "exempted": counts.exempted,
        "unmarked_gaps": counts.unmarked_gaps,
        "unmarked_gap_periods": counts.unmarked_gap_periods,
        "passes": report.passes(counts),
    })
}

/// Whether something is to be seen to: an outlet not connected, a rate below its mark, a gap.
pub fn has_findings(report: &Report) -> bool {
    let all = report.total();
    all.connected < all.must
        || all.counts.unmarked_gaps > 0
        || report
            .outlets
            .iter()
            .filter_map(|it| it.counts)
            .any(|it| report.passes(&it) == Some(false))
}

/// The heads of [`rows`], as officials read them.
pub fn heads() -> Vec<String> {
    let heads = words::HEADS.iter().map(|(zh, _)| (*zh).to_owned());
    ["代码", "名称"].map(str::to_owned).into_iter().chain(heads).collect()
}

/// The table as rows for a file: code, name, then the cells of the page.
pub fn rows(report: &Report, snapshot: &Snapshot) -> Vec<Vec<String>> {
    let row = |code: &str, name: &str, line: &Line| {
        let mut cells = vec![code.to_owned(), name.to_owned()];
        cells.extend(words::cells(line).iter().map(words::Value::text));
        cells
    };
    let mut rows: Vec<Vec<String>> = report
        .by_division()
        .iter()
        .map(|(code, line)| {
            let name = snapshot.division(code).map_or("", |it| it.name.zh.as_str());
            row(code, name, line)
        })
        .collect();
    rows.push(row("", &snapshot.city.name.zh, &report.total()));
    rows
}
