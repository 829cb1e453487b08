//! Follows the alerts: opens cases by the city's rules, tells a case when its alert has ended.

use super::opening::{DisposalError, NAME, new_case, open};
use super::rules::{self, FILE, Rule};
use super::store;
use ::store::Store;
use authority::Authority;
use cases::{By, Cases};
use evaluation::{AlertFilter, Evaluation};
use jiff::Timestamp;
use registry::Registry;
use rulebook::beijing_offset;
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::watch;

/// How often alerts are looked at, beside the moments in which one changes.
const LOOK: Duration = Duration::from_secs(30);
/// Alerts that change in a row are looked at together.
const GATHERING: Duration = Duration::from_secs(1);
/// Alerts looked at in one go.
const ALERTS_MAX: u32 = 10_000;

/// What the disposal of alerts works with.
#[derive(Clone)]
pub struct Disposal {
    /// The store.
    pub store: Store,
    /// The city's nouns.
    pub registry: Registry,
    /// Units.
    pub authority: Authority,
    /// The alerts.
    pub evaluation: Evaluation,
    /// The cases.
    pub cases: Cases,
}

/// What a look has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Alerts that became cases.
    pub opened: u32,
    /// Cases that were told that their alert has ended.
    pub ended: u32,
}

/// The city's rules that hold on the day, or nothing where it has none.
///
/// # Errors
/// The lines that are wrong.
pub(super) async fn rules_of(
    store: &Store,
) -> Result<Result<Vec<Rule>, Vec<String>>, DisposalError> {
    let file = registry::store::city_file(store, FILE).await?;
    Ok(file.map_or_else(|| Ok(Vec::new()), |text| rules::read(&text)))
}

impl Disposal {
    /// Looks at all open alerts once.
    ///
    /// # Errors
    /// When the store fails: the next look does the rest.
    pub async fn look(&self, now: Timestamp) -> Result<Looked, DisposalError> {
        let opened = self.open_wanted(now).await?;
        Ok(Looked { opened, ended: self.tell_ends(now).await? })
    }

    async fn open_wanted(&self, now: Timestamp) -> Result<u32, DisposalError> {
        let rules = match rules_of(&self.store).await? {
            Ok(rules) => rules,
            Err(wrong) => {
                tracing::warn!(file = FILE, wrong = wrong.join("; "), "no alert becomes a case");
                return Ok(0);
            }
        };
        let today = beijing_offset().to_datetime(now).date();
        if !rules.iter().any(|rule| rule.covers(today)) {
            return Ok(0);
        }
        let filter = AlertFilter { open: Some(true), limit: ALERTS_MAX, ..AlertFilter::default() };
        let alerts = evaluation::list_alerts(&self.store, &filter).await?;
        let known: HashSet<i64> =
            store::not_told(&self.store).await?.into_iter().map(|tied| tied.alert).collect();
        let (snapshot, units) = (self.registry.snapshot(), self.authority.organisations().await?);
        let mut opened = 0;
        for alert in alerts.iter().filter(|alert| !known.contains(&alert.id)) {
            let point = snapshot.point(alert.subject.point);
            let division = point.map(|point| point.division.as_str());
            let Some(rule) = rules::wanted(&rules, alert, division, now) else { continue };
            let new = new_case(&snapshot, &units, alert);
            let by = By::System { name: NAME };
            let made = open((&self.store, &self.cases), &by, (alert, new), Some(rule), now).await;
            match made {
                Ok(_) => opened += 1,
                // One that is refused does not hold up the others.
                Err(DisposalError::Case(error)) if error.texts().is_some() => {
                    tracing::warn!(alert = alert.id, %error, "an alert became no case");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(opened)
    }

    async fn tell_ends(&self, now: Timestamp) -> Result<u32, DisposalError> {
        let mut told = 0;
        for tied in store::not_told(&self.store).await? {
            let Some(alert) = evaluation::alert(&self.store, tied.alert).await? else { continue };
            let Some(closed_at) = alert.closed_at else { continue };
            let at = beijing_offset().to_datetime(closed_at).strftime("%Y-%m-%d %H:%M");
            let why = alert.close_reason.as_deref().unwrap_or("—");
            let text = format!(
                "告警 {} 已于 {at} 解除({why});事项仍须由人核实后销号。\
                 Alert {} ended at {at} ({why}); a person still closes the case.",
                alert.id, alert.id
            );
            let by = By::System { name: NAME };
            match self.cases.comment(&by, tied.case, &text, false, now).await {
                Ok(()) => told += 1,
                Err(error) if error.texts().is_some() => {
                    tracing::warn!(alert = alert.id, %error, "a case was not told of an end");
                }
                Err(error) => return Err(error.into()),
            }
            store::end_told(&self.store, tied.alert, now).await?;
        }
        Ok(told)
    }

    /// Looks whenever an alert changes, and every 30 seconds, until `stop` says so.
    pub async fn run(self, clock: fn() -> Timestamp, mut stop: watch::Receiver<bool>) {
        let mut alerts = self.evaluation.alerts();
        let mut due = tokio::time::interval(LOOK);
        due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stopped(&mut stop) => return,
                _ = due.tick() => {}
                changed = alerts.recv() => {
                    if matches!(changed, Err(tokio::sync::broadcast::error::RecvError::Closed)) {
                        return;
                    }
                    tokio::time::sleep(GATHERING).await;
                    while alerts.try_recv().is_ok() {}
                }
            }
            if let Err(error) = self.look(clock()).await {
                tracing::error!(%error, "alerts were not looked at; the next look does it");
            }
        }
    }
}

/// Ends when it is to stop, or when nobody is left to say so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
