//! Marks of a demonstration, from a file of the city: its invented enterprises marked stretches of
//! their data, and its officers decided on some.

use authority::{Actor, Authority};
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use registry::{PointKind, Snapshot};
use rulebook::beijing_offset;
use store::Store;
use validity::{MarkFilter, NewMark, ValidityError};

use crate::city;
use crate::exit::Failure;

/// The file of a city in which they stand.
const FILE: &str = "marks.csv";

/// Makes the marks of the city's file where nobody has marked anything yet.
pub(crate) async fn make(
    store: &Store,
    snapshot: &Snapshot,
    authority: &Authority,
    city: &str,
    now: Timestamp,
) -> Result<usize, Failure> {
    let Some(file) = city::demo_file(city, FILE) else { return Ok(0) };
    let failed = |error: ValidityError| {
        Failure::caused(error.code(), &error, "Mend marks.csv by cities/README.md.")
    };
    let known = validity::count_marks(store, &MarkFilter::default()).await.map_err(failed)?;
    if known > 0 {
        return Ok(0);
    }
    let wrong = |what: String| {
        Failure::of_use("city.marks", format!("{FILE}: {what}"), "Mend it by cities/README.md.")
    };
    let demo = Demo { store, snapshot, authority, now };
    let mut lines = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(file.as_slice());
    let mut count = 0;
    for line in lines.records() {
        let line = line.map_err(|error| wrong(error.to_string()))?;
        demo.mark(&line).await.map_err(wrong)?;
        count += 1;
    }
    Ok(count)
}

struct Demo<'a> {
    store: &'a Store,
    snapshot: &'a Snapshot,
    authority: &'a Authority,
    now: Timestamp,
}

impl Demo<'_> {
    async fn mark(&self, line: &csv::StringRecord) -> Result<(), String> {
        let cell = |at: usize| line.get(at).unwrap_or_default().trim();
        let number =
            |at: usize| cell(at).parse::<i64>().map_err(|_| format!("{:?} is no number", cell(at)));
        let point = self.snapshot.point_by_code(PointKind::Outlet, cell(0));
        let point = point.ok_or_else(|| format!("there is no outlet {:?}", cell(0)))?;
        let factor = match cell(1) {
            "" => None,
            code => {
                let factor = self.snapshot.factor_by_code(code);
                Some(factor.ok_or_else(|| format!("there is no factor {code:?}"))?.id)
            }
        };
        let from = self.moment(number(2)?, cell(3))?;
        let later = |at: Timestamp, hours| {
            at.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(self.now)
        };
        let to = later(from, number(4)?).min(self.now);
        let at = later(to, number(5)?).min(self.now);
        let new = NewMark {
            point: point.id,
            factor,
            from,
            to,
            kind: cell(6).to_owned(),
            facility: cell(7).to_owned(),
            reason: cell(8).to_owned(),
            evidence: None,
            evidence_name: None,
        };
        let actor = self.actor(cell(9)).await?;
        let told = |error: ValidityError| error.to_string();
        let id = validity::mark(self.store, &actor, &new, at).await.map_err(told)?;
        let is_accepted = match cell(10) {
            "" => return Ok(()),
            word => word == "accepted",
        };
        let mark = validity::find_mark(self.store, id).await.map_err(told)?;
        let marks: Vec<_> = mark.into_iter().collect();
        let officer = self.actor(cell(12)).await?;
        let decided = later(at, 1).min(self.now);
        validity::decide_marks(self.store, &officer, &marks, is_accepted, cell(11), decided)
            .await
            .map(drop)
            .map_err(told)
    }

    /// A time of a day of Beijing, so many days ago.
    fn moment(&self, days: i64, time: &str) -> Result<Timestamp, String> {
        let time = Time::strptime("%H:%M", time).map_err(|error| error.to_string())?;
        let then = self.now.saturating_sub(SignedDuration::from_hours(24 * days));
        let day = beijing_offset().to_datetime(then.unwrap_or(self.now)).date();
        beijing_offset().to_timestamp(day.to_datetime(time)).map_err(|error| error.to_string())
    }

    /// Who acts: a person of the demonstration by login, or an invented name.
    async fn actor(&self, who: &str) -> Result<Actor, String> {
        let invented = Actor {
            user: None,
            name: who.to_owned(),
            origin: "demo".to_owned(),
            on_behalf_of: None,
            rule: "demo".to_owned(),
        };
        let user = self.authority.user_by_login(who).await.map_err(|error| error.to_string())?;
        let Some(user) = user else { return Ok(invented) };
        let principal = self.authority.principal(user.id).await;
        let principal = principal.map_err(|error| error.to_string())?;
        Ok(principal.map_or(invented, |principal| Actor::of(&principal, "demo", "demo")))
    }
}
