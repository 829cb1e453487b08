//! Execution reports of a demonstration, from a file of the city: filed and looked at by its
//! invented people, some days ago, so that lists, history and checks have something to show.

use authority::{Actor, Authority};
use enterprises::execution_reports::{DemoReport, keep};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use permits::ReportCycle;
use rulebook::beijing_offset;
use toml::{Table, Value};

use crate::checks;
use crate::city;
use crate::engine::Engine;
use crate::exit::Failure;

/// The file of a city in which they stand.
const FILE: &str = "execution_reports.toml";

/// Keeps the reports of the city's file that are not there yet, and says how many were made.
pub(crate) async fn open(
    engine: &Engine,
    authority: &Authority,
    city: &str,
    now: Timestamp,
) -> Result<usize, Failure> {
    let Some(file) = city::demo_file(city, FILE) else { return Ok(0) };
    let wrong = |what: String| {
        Failure::of_use("city.reports", format!("{FILE}: {what}"), "Mend it by cities/README.md.")
    };
    let text = String::from_utf8_lossy(&file).into_owned();
    let table: Table = text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
    let checks = checks::of(engine).await?;
    let snapshot = engine.registry.snapshot();
    let none = Vec::new();
    let listed = table.get("report").and_then(Value::as_array).unwrap_or(&none);
    let mut made = 0;
    for (number, report) in (1..).zip(listed.iter().filter_map(Value::as_table)) {
        let told = |what: String| wrong(format!("report {number}: {what}"));
        let (by, demo) = read(authority, report, now).await.map_err(told)?;
        let kept = keep(&engine.store, &snapshot, &checks.0, &by, &demo, now).await;
        made += usize::from(kept.map_err(|error| told(error.to_string()))?);
    }
    Ok(made)
}

fn word<'a>(table: &'a Table, name: &str) -> &'a str {
    table.get(name).and_then(Value::as_str).unwrap_or_default()
}

async fn read(
    authority: &Authority,
    table: &Table,
    now: Timestamp,
) -> Result<(Actor, DemoReport), String> {
    let cycle = ReportCycle::parse(word(table, "cycle")).ok_or("no such cycle")?;
    let ago = table.get("periods_ago").and_then(Value::as_integer).unwrap_or(1);
    let today = beijing_offset().to_datetime(now).date();
    let (from, to) = period(cycle, today, ago).ok_or("no such period")?;
    let by = actor(authority, word(table, "by")).await?;
    let days = |name: &str| table.get(name).and_then(Value::as_integer);
    // So many days after the period, in the morning, and never after now.
    let at = |days: i64| {
        let end = beijing_offset().to_timestamp(to.at(9, 30, 0, 0)).ok()?;
        Some(end.checked_add(SignedDuration::from_hours(24 * days)).ok()?.min(now))
    };
    let filed = days("filed_after_days").and_then(at).map(|at| (by.clone(), at));
    let decided = match days("decided_after_days").and_then(at) {
        None => None,
        Some(at) => {
            let officer = actor(authority, word(table, "officer")).await?;
            let accepts = word(table, "decision") == "accept";
            Some((officer, at, accepts, word(table, "note").to_owned()))
        }
    };
    let none = Table::new();
    let values = table.get("values").and_then(Value::as_table).unwrap_or(&none);
    let values = values
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect();
    let permit = word(table, "permit").to_owned();
    Ok((by, DemoReport { permit, cycle, from, values, filed, decided }))
}

/// The first and last day of the period that ended so many periods ago.
fn period(cycle: ReportCycle, today: Date, ago: i64) -> Option<(Date, Date)> {
    let months: i8 = match cycle {
        ReportCycle::Year => 12,
        ReportCycle::Quarter => 3,
        ReportCycle::Month => 1,
    };
    let begun = (today.month() - 1) / months * months + 1;
    let now = Date::new(today.year(), begun, 1).ok()?;
    let back = ago.checked_mul(i64::from(months))?;
    let from = now.checked_sub(back.months()).ok()?;
    let next = from.checked_add(i64::from(months).months()).ok()?;
    Some((from, next.yesterday().ok()?))
}

async fn actor(authority: &Authority, login: &str) -> Result<Actor, String> {
    let user = authority.user_by_login(login).await.map_err(|error| error.to_string())?;
    let user = user.ok_or_else(|| format!("there is no person {login:?}"))?;
    let found = authority.principal(user.id).await.map_err(|error| error.to_string())?;
    let principal = found.ok_or_else(|| format!("{login:?} cannot act"))?;
    Ok(Actor::of(&principal, "demo", "demo"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_period_is_found_by_how_long_ago_it_was() {
        let today = date(2026, 2, 10);
        for (cycle, ago, from, to) in [
            (ReportCycle::Quarter, 1, date(2025, 10, 1), date(2025, 12, 31)),
            (ReportCycle::Quarter, 5, date(2024, 10, 1), date(2024, 12, 31)),
            (ReportCycle::Year, 1, date(2025, 1, 1), date(2025, 12, 31)),
            (ReportCycle::Month, 2, date(2025, 12, 1), date(2025, 12, 31)),
        ] {
            assert_eq!(period(cycle, today, ago), Some((from, to)), "{cycle:?} {ago}");
        }
    }
}
