//! Verdicts of a demonstration, from a file of the city: its invented people conclude about some of
//! the findings, so that the precision of the ranking has something to show.

use authority::{Actor, Authority};
use sources::triage::Invented;
use web::AppState;

use crate::city;
use crate::exit::Failure;

/// The file of a city in which they stand.
const FILE: &str = "verdicts.csv";

/// Keeps the verdicts of the city's file where nobody has concluded yet.
pub(crate) async fn judge(
    state: &AppState,
    authority: &Authority,
    city: &str,
) -> Result<usize, Failure> {
    let Some(file) = city::demo_file(city, FILE) else { return Ok(0) };
    let wrong = |what: String| {
        Failure::of_use("city.verdicts", format!("{FILE}: {what}"), "Mend it by cities/README.md.")
    };
    let mut verdicts = Vec::new();
    let mut lines = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(file.as_slice());
    for line in lines.records() {
        let line = line.map_err(|error| wrong(error.to_string()))?;
        let cell = |at: usize| line.get(at).unwrap_or_default().to_owned();
        let login = cell(4);
        let user = authority.user_by_login(&login).await.map_err(|e| wrong(e.to_string()))?;
        let user = user.ok_or_else(|| wrong(format!("there is no person {login:?}")))?;
        let principal = authority.principal(user.id).await.map_err(|e| wrong(e.to_string()))?;
        let principal = principal.ok_or_else(|| wrong(format!("{login:?} is disabled")))?;
        let actor = Actor::of(&principal, "demo".to_owned(), "demo");
        let (outlet, alarm) = (cell(0), cell(1));
        let (conclusion, reason) = (cell(2), cell(3));
        verdicts.push(Invented { outlet, alarm, conclusion, reason, actor });
    }
    sources::triage::demonstrate(state, &verdicts)
        .await
        .map_err(|error| Failure::caused(error.code(), &error, "`lucid doctor` says more."))
}
