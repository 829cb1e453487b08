//! What pages and interface ask for: lists within what may be seen, one episode with all about it.

use super::access;
use super::events;
use super::model::{Decision, Episode, Event};
use super::store::{self, EpisodeFilter};
use authority::{Action, Scope};
use evaluation::AlertFilter;
use evaluation::alerts::{Alert, AlertKind};
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use registry::{PointId, Snapshot};
use rulebook::beijing_offset;
use serde::Deserialize;
use utoipa::IntoParams;
use web::{AppState, Problem, SignedIn};

/// Episodes on one page.
pub(super) const A_PAGE: u32 = 50;
/// Episodes in one file.
pub(super) const A_FILE: u32 = 5000;

/// Which episodes are asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub(super) struct Wanted {
    /// A division's code.
    pub(super) division: Option<String>,
    /// An outlet's code.
    pub(super) outlet: Option<String>,
    /// A factor's code.
    pub(super) factor: Option<String>,
    /// The first day, Beijing time: `2026-03-01`.
    pub(super) from: Option<String>,
    /// The last day.
    pub(super) to: Option<String>,
    /// `current` (the default) or `all`, with those that were superseded.
    pub(super) state: Option<String>,
    /// The cursor that the last page gave.
    pub(super) after: Option<String>,
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

fn wrong(name: &str, found: &str, wanted: &str) -> Problem {
    Problem::bad_request(
        format!("{name} 应为 {wanted},而不是 {found:?}"),
        format!("{name} is {wanted}, not {found:?}"),
    )
}

fn midnight(name: &str, text: &str, later_days: i64) -> Result<Timestamp, Problem> {
    let day: Date = text.parse().map_err(|_| wrong(name, text, "2026-03-01"))?;
    let at = beijing_offset().to_timestamp(day.to_datetime(Time::midnight()));
    let at = at.map_err(|_| wrong(name, text, "2026-03-01"))?;
    Ok(at.saturating_add(SignedDuration::from_hours(24 * later_days)).unwrap_or(at))
}

impl Wanted {
    fn filter(
        &self,
        snapshot: &Snapshot,
        scope: &Scope,
        limit: u32,
    ) -> Result<EpisodeFilter, Problem> {
        let mut points = access::points(snapshot, scope);
        let (division, outlet) = (given(self.division.as_ref()), given(self.outlet.as_ref()));
        if division.is_some() || outlet.is_some() {
            let fits = |id: &PointId| {
                snapshot.point(*id).is_some_and(|point| {
                    division.is_none_or(|code| point.division == code)
                        && outlet.is_none_or(|code| point.code == code)
                })
            };
            let all = || snapshot.points().map(|point| point.id).collect();
            points = Some(points.unwrap_or_else(all).into_iter().filter(fits).collect());
        }
        let factor = given(self.factor.as_ref())
            .map(|code| {
                let found = snapshot.factor_by_code(code);
                found.map(|factor| factor.id).ok_or_else(|| wrong("factor", code, "a21026"))
            })
            .transpose()?;
        let day = |name, text: Option<&String>, later| {
            given(text).map(|text| midnight(name, text, later)).transpose()
        };
        let with_superseded = match given(self.state.as_ref()) {
            None | Some("current") => false,
            Some("all") => true,
            Some(other) => return Err(wrong("state", other, "current / all")),
        };
        Ok(EpisodeFilter {
            points,
            factor,
            from: day("from", self.from.as_ref(), 0)?,
            to: day("to", self.to.as_ref(), 1)?,
            after: given(self.after.as_ref()).map(cursor).transpose()?,
            with_superseded,
            limit,
        })
    }
}

fn cursor(text: &str) -> Result<(i64, i64), Problem> {
    let read = || {
        let (began_at, id) = text.split_once('-')?;
        Some((began_at.parse().ok()?, id.parse().ok()?))
    };
    read().ok_or_else(|| wrong("after", text, "1780243200000-7"))
}

/// A page of episodes and the cursor of the next one.
pub(super) async fn list(
    state: &AppState,
    signed_in: &SignedIn,
    wanted: &Wanted,
    at_most: u32,
) -> Result<(Vec<Episode>, Option<String>), Problem> {
    let scope = signed_in.scope(Action::ReadAlerts)?;
    let filter = wanted.filter(&state.snapshot(), &scope, at_most + 1)?;
    let mut found = store::episodes(&state.store, &filter).await?;
    let is_more = found.len() > at_most as usize;
    found.truncate(at_most as usize);
    let last = found.last().filter(|_| is_more);
    let next = last
        .map(|episode| format!("{}-{}", episode.computed.began_at().as_millisecond(), episode.id));
    Ok((found, next))
}

/// The episode of a number, for somebody who may see it.
pub(super) async fn one(
    state: &AppState,
    signed_in: &SignedIn,
    id: i64,
) -> Result<Episode, Problem> {
    signed_in.scope(Action::ReadAlerts)?;
    let found = store::episode(&state.store, id).await?;
    let episode = found.ok_or_else(|| {
        Problem::not_found(
            format!("没有编号为 {id} 的超标过程"),
            format!("there is no episode with the number {id}"),
        )
    })?;
    access::may_see(signed_in, &state.snapshot(), episode.computed.point)?;
    Ok(episode)
}

/// How an episode is counted: the acts of its factor in its neighbourhood, and the decisions.
pub(super) struct Counting {
    /// The acts that hold a part of the episode.
    pub(super) events: Vec<Event>,
    /// Decisions on the factor, the oldest first.
    pub(super) decisions: Vec<Decision>,
    /// The episode before it and the one after it, within thirty days.
    pub(super) neighbours: Vec<Episode>,
}

/// How an episode is counted.
pub(super) async fn counting(state: &AppState, episode: &Episode) -> Result<Counting, Problem> {
    const AROUND: SignedDuration = SignedDuration::from_hours(24 * 30);
    let computed = &episode.computed;
    let from = computed.began_at().saturating_sub(AROUND).unwrap_or(Timestamp::MIN);
    let to = computed.ended_at().saturating_add(AROUND).unwrap_or(Timestamp::MAX);
    let near = store::overlapping(&state.store, computed.point, from, to).await?;
    let mut near: Vec<Episode> = near
        .into_iter()
        .filter(|one| one.computed.factor == computed.factor)
        .filter(|one| one.computed.period == computed.period)
        .collect();
    if episode.superseded_at.is_some() {
        near = vec![episode.clone()];
    }
    let decisions =
        store::decisions(&state.store, computed.point, computed.factor, computed.period).await?;
    let all: Vec<&Episode> = near.iter().collect();
    let mut events = events::events(&all, &decisions);
    events.retain(|event| event.episodes.contains(&episode.id));
    near.retain(|one| one.id != episode.id);
    near.sort_by_key(|one| one.computed.began_at());
    Ok(Counting { events, decisions, neighbours: near })
}

/// The alerts of exceedance that tell of an episode.
pub(super) async fn alerts(state: &AppState, episode: &Episode) -> Result<Vec<Alert>, Problem> {
    let computed = &episode.computed;
    let filter = AlertFilter {
        open: None,
        kind: Some(AlertKind::Exceedance),
        points: Some(vec![computed.point]),
        from: None,
        to: Some(computed.ended_at()),
        after: None,
        limit: 200,
    };
    let found = evaluation::list_alerts(&state.store, &filter).await?;
    Ok(found.into_iter().filter(|alert| tells_of(alert, episode)).collect())
}

/// Whether an alert tells of an episode: one factor, times that touch.
pub(super) fn tells_of(alert: &Alert, episode: &Episode) -> bool {
    let computed = &episode.computed;
    alert.subject.point == computed.point
        && alert.subject.factor == Some(computed.factor)
        && alert.opened_at < computed.ended_at()
        && alert.last_at >= computed.began_at()
}

/// The episodes of which an alert tells.
pub(super) async fn of_alert(state: &AppState, alert: &Alert) -> Result<Vec<Episode>, Problem> {
    let to = alert.last_at.saturating_add(SignedDuration::from_hours(25)).unwrap_or(alert.last_at);
    let near = store::overlapping(&state.store, alert.subject.point, alert.opened_at, to).await?;
    Ok(near.into_iter().filter(|episode| tells_of(alert, episode)).collect())
}

/// The name of a file of episodes.
pub(super) fn file_name(snapshot: &Snapshot) -> String {
    format!("episodes-{}", snapshot.city.code)
}
