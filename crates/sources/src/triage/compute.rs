//! The job: alarms become findings, findings are brought up to date, ranked, told to open desks; at
//! once where an alert changes, and every half minute for what only the clock changes.

use super::clocks::{Classes, Times};
use super::gather;
use super::marks::Marks;
use super::merge::{self, Group};
use super::model::{Finding, FindingId, Member, Origin, Score, State, Verdict};
use super::parameters::Parameters;
use super::ranking::{self, Clock, Inputs, Past};
use super::store::{self, TriageError};
use super::used::Used;
use crate::words;
use cases::Cases;
use evaluation::alerts::AlertKind;
use jiff::{SignedDuration, Timestamp};
use registry::{EnterpriseId, FactorId, PointDetail, PointId, Snapshot};
use rulebook::{Text, beijing_offset};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use web::{AppState, LiveEvent};

/// How often all findings are looked at, beside the moments in which an alert changes.
const LOOK: Duration = Duration::from_secs(30);
/// More changes than this are told to open desks as one.
const TOLD_APART: usize = 50;
/// So many findings are written in one transaction.
const A_COMMIT: usize = 200;

/// One look at a time: two would make one finding twice.
static UNDER_WAY: Mutex<()> = Mutex::const_new(());

/// What a look has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Findings that were made.
    pub opened: Vec<i64>,
    /// Findings that changed.
    pub changed: Vec<i64>,
}

/// Brings findings up to date as long as the server runs.
pub async fn serve(state: AppState) {
    let mut used = Used::default();
    let mut alerts = state.evaluation.alerts();
    let mut due = tokio::time::interval(LOOK);
    due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let points: Option<BTreeSet<PointId>> = tokio::select! {
            _ = due.tick() => None,
            alert = alerts.recv() => match alert {
                Ok(alert) => Some(BTreeSet::from([alert.subject.point])),
                Err(RecvError::Lagged(_)) => None,
                Err(RecvError::Closed) => return,
            },
        };
        let mut points = points;
        loop {
            match alerts.try_recv() {
                Ok(alert) => {
                    if let Some(points) = &mut points {
                        points.insert(alert.subject.point);
                    }
                }
                Err(TryRecvError::Lagged(_)) => points = None,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        let points: Option<Vec<PointId>> = points.map(|points| points.into_iter().collect());
        if let Err(problem) = look_with(&state, points.as_deref(), &mut used).await {
            tracing::error!(%problem, code = problem.code(), "findings were not brought up to date");
        }
    }
}

/// Brings the findings of these outlets, or of all, up to date and tells open desks.
///
/// # Errors
/// When the store fails: the next look does the rest.
pub async fn look(state: &AppState, points: Option<&[PointId]>) -> Result<Looked, TriageError> {
    look_with(state, points, &mut Used::default()).await
}

async fn look_with(
    state: &AppState,
    points: Option<&[PointId]>,
    used: &mut Used,
) -> Result<Looked, TriageError> {
    let _one = UNDER_WAY.lock().await;
    let looked = Look::begin(state, points, used).await?.run().await?;
    tell(state, &looked);
    Ok(looked)
}

fn tell(state: &AppState, looked: &Looked) {
    let tell = |key: &str, is_new: bool| {
        // Nothing of what it is about: anybody may follow the events.
        let data = json!({ "key": key, "is_new": is_new });
        state.live.tell(LiveEvent { kind: "finding", data });
    };
    let count = looked.opened.len() + looked.changed.len();
    if count > TOLD_APART {
        return tell("findings", !looked.opened.is_empty());
    }
    for id in &looked.opened {
        tell(&format!("finding/{id}"), true);
    }
    for id in &looked.changed {
        tell(&format!("finding/{id}"), false);
    }
}

/// What one look works with.
struct Look<'look> {
    state: &'look AppState,
    points: Option<&'look [PointId]>,
    snapshot: Arc<Snapshot>,
    now: Timestamp,
    parameters: Parameters,
    known: BTreeMap<FindingId, Finding>,
    verdicts: HashMap<FindingId, Verdict>,
    past: Past,
    ordered: HashSet<FindingId>,
    classes: Classes,
    marks: Marks,
    times: Times,
    used: &'look mut Used,
    looked: Looked,
}

impl<'look> Look<'look> {
    async fn begin(
        state: &'look AppState,
        points: Option<&'look [PointId]>,
        used: &'look mut Used,
    ) -> Result<Self, TriageError> {
        let (snapshot, now) = (state.snapshot(), state.now());
        let today = beijing_offset().to_datetime(now).date();
        let parameters = Parameters::on(today);
        let since = gather::since(now, &parameters);
        let known = store::known(&state.store, points, since).await?;
        let units = points.map(|points| units_of(&snapshot, points));
        Ok(Self {
            known: known.into_iter().map(|finding| (finding.id, finding)).collect(),
            verdicts: store::newest(&state.store, since).await?,
            past: store::past(&state.store).await?,
            ordered: orders(state, points.is_none()).await?,
            classes: Classes::of(&state.store, units.as_deref(), today).await?,
            marks: Marks::of(&state.store, points, (since, Timestamp::MAX)).await?,
            times: Times::of(state),
            used,
            looked: Looked::default(),
            state,
            points,
            snapshot,
            now,
            parameters,
        })
    }

    async fn run(mut self) -> Result<Looked, TriageError> {
        let (store, asked) = (&self.state.store, (self.now, &self.parameters));
        let mut members = gather::members(store, &self.snapshot, self.points, asked).await?;
        for id in self.unseen(&members) {
            members.extend(gather::alert(store, id, self.now).await?);
        }
        let mut held: BTreeMap<(Origin, i64), FindingId> = BTreeMap::new();
        for finding in self.known.values() {
            held.extend(finding.members.iter().map(|member| (member.key(), finding.id)));
        }
        let mut at: BTreeMap<PointId, Vec<Member>> = BTreeMap::new();
        let seen: HashMap<(Origin, i64), Timestamp> = self
            .known
            .values()
            .flat_map(|finding| &finding.members)
            .map(|member| (member.key(), member.found_at))
            .collect();
        for mut member in members.into_iter().chain(self.beyond_the_window()) {
            member.found_at = seen.get(&member.key()).copied().unwrap_or(member.found_at);
            let list = at.entry(member.point).or_default();
            if list.iter().all(|other| other.key() != member.key()) {
                list.push(member);
            }
        }
        let apart = SignedDuration::from_hours(self.parameters.get("merge.hours"));
        let mut work: Vec<Group> = Vec::new();
        for members in at.into_values() {
            work.extend(merge::groups(members, &held, apart, self.now));
        }
        let with_members: BTreeSet<FindingId> =
            work.iter().flat_map(|group| group.known.iter().copied()).collect();
        let emptied = self.known.keys().filter(|id| !with_members.contains(id)).copied();
        let emptied: Vec<FindingId> = emptied.collect();
        for part in work.chunks(A_COMMIT) {
            self.keep(part).await?;
        }
        self.close(&emptied).await?;
        Ok(self.looked)
    }

    /// Alerts that went on when they were last seen and are not among those that do now.
    fn unseen(&self, members: &[Member]) -> Vec<i64> {
        let seen: HashSet<(Origin, i64)> = members.iter().map(Member::key).collect();
        let all = self.known.values().flat_map(|finding| &finding.members);
        let went_on = all.filter(|member| member.origin == Origin::Alert && member.is_open);
        went_on.filter(|member| !seen.contains(&member.key())).map(|one| one.reference).collect()
    }

    /// Members that the window has left behind: their finding still has them.
    fn beyond_the_window(&self) -> Vec<Member> {
        let since = gather::since(self.now, &self.parameters);
        let all = self.known.values().flat_map(|finding| &finding.members);
        all.filter(|member| !member.is_open && member.began_at < since).cloned().collect()
    }

    async fn keep(&mut self, groups: &[Group]) -> Result<(), TriageError> {
        for group in groups {
            self.know_amounts(group).await?;
        }
        let mut transaction = self.state.store.begin().await?;
        let (mut opened, mut changed) = (Vec::new(), Vec::new());
        for group in groups {
            let before = group.known.first().and_then(|id| self.known.get(id));
            let after = self.after(before, &group.members);
            match before {
                None => {
                    let id = store::insert(&mut transaction, &after, self.now).await?;
                    opened.push(id.0);
                }
                Some(before) if is_changed(before, &after) => {
                    store::save(&mut transaction, before, &after, self.now).await?;
                    changed.push(after.id.0);
                }
                Some(_) => {}
            }
            for other in group.known.iter().skip(1).filter_map(|id| self.known.get(id)) {
                let merged = Finding {
                    state: State::Merged,
                    merged_into: group.known.first().copied(),
                    is_active: false,
                    ..other.clone()
                };
                store::save(&mut transaction, other, &merged, self.now).await?;
                changed.push(other.id.0);
            }
        }
        transaction.commit().await?;
        self.looked.opened.append(&mut opened);
        self.looked.changed.append(&mut changed);
        Ok(())
    }

    /// Amounts bear on exceedances alone.
    async fn know_amounts(&mut self, group: &Group) -> Result<(), TriageError> {
        let over = group.members.iter().find(|member| member.is_exceedance());
        let Some(unit) = over.and_then(|member| unit_of(&self.snapshot, member.point)) else {
            return Ok(());
        };
        self.used.know(&self.state.store, &self.snapshot, unit, self.now).await
    }

    /// Closes findings whose alarms were withdrawn: the values have changed.
    async fn close(&mut self, emptied: &[FindingId]) -> Result<(), TriageError> {
        for finding in emptied.iter().filter_map(|id| self.known.get(id)) {
            let is_judged = self.verdicts.contains_key(&finding.id);
            let state = if is_judged { State::Decided } else { State::Lapsed };
            let after = Finding { is_active: false, state, ..finding.clone() };
            if is_changed(finding, &after) {
                let mut transaction = self.state.store.begin().await?;
                store::save(&mut transaction, finding, &after, self.now).await?;
                transaction.commit().await?;
                self.looked.changed.push(finding.id.0);
            }
        }
        Ok(())
    }

    /// The finding as it is now.
    fn after(&self, before: Option<&Finding>, members: &[Member]) -> Finding {
        let point = members.first().map_or(PointId(0), |member| member.point);
        let opened_at = members.iter().map(|member| member.began_at).min().unwrap_or(self.now);
        let last_at = members.iter().map(|member| member.ended_at).max().unwrap_or(self.now);
        let is_active = members.iter().any(|member| member.is_open);
        let id = before.map_or(FindingId(0), |finding| finding.id);
        let score = self.score(id, point, members, (opened_at, last_at));
        let version =
            before.map_or(1, |before| before.version + i64::from(!before.score.is_as(&score)));
        Finding {
            id,
            point,
            opened_at,
            last_at,
            is_active,
            state: self.state_of(id, members, is_active, last_at),
            merged_into: None,
            found_at: before.map_or(self.now, |finding| finding.found_at),
            score,
            version,
            members: members.to_vec(),
        }
    }

    fn state_of(
        &self,
        id: FindingId,
        members: &[Member],
        is_active: bool,
        last_at: Timestamp,
    ) -> State {
        let stays = SignedDuration::from_hours(24 * self.parameters.get("queue.days"));
        let verdict = self.verdicts.get(&id);
        if verdict.is_some_and(|verdict| verdict.settles(members, self.now)) {
            State::Decided
        } else if !is_active && self.now.duration_since(last_at) > stays {
            State::Lapsed
        } else {
            State::Waiting
        }
    }

    fn score(
        &self,
        id: FindingId,
        point: PointId,
        members: &[Member],
        span: (Timestamp, Timestamp),
    ) -> Score {
        let unit = unit_of(&self.snapshot, point).unwrap_or(EnterpriseId(0));
        let clock = if self.ordered.contains(&id) {
            Clock::Ordered
        } else {
            self.times.clock(self.classes.class(unit))
        };
        let snapshot = &self.snapshot;
        let code_of = |factor: FactorId| {
            let factor = snapshot.factor(factor)?;
            Some((factor.code.clone(), Text::new(factor.name.zh.clone(), factor.name.en.clone())))
        };
        let inputs = Inputs {
            members,
            past: &self.past,
            marked: self.marks.marked(point, span, members),
            clock,
            used: self.used.of(unit),
            code_of: &code_of,
            name_of: &name_of,
            now: self.now,
        };
        ranking::score(&inputs, &self.parameters)
    }
}

/// What a member is called.
pub(super) fn name_of(member: &Member) -> Text {
    match member.origin {
        Origin::Alert => AlertKind::parse(&member.what)
            .map_or_else(|| Text::plain(member.what.clone()), words::kind),
        Origin::FraudSign => detectors::Detector::parse(&member.what).map_or_else(
            || Text::plain(member.what.clone()),
            |detector| {
                let name = &detector.definition().name;
                Text::new(format!("疑似{}", name.zh), format!("sign of {}", name.en))
            },
        ),
    }
}

/// Whether something that is kept has changed; sentences alone are not written anew.
fn is_changed(before: &Finding, after: &Finding) -> bool {
    let told = |finding: &Finding| {
        (
            finding.opened_at,
            finding.last_at,
            finding.is_active,
            finding.state,
            finding.merged_into,
            finding.version,
        )
    };
    told(before) != told(after) || before.members != after.members
}

fn unit_of(snapshot: &Snapshot, point: PointId) -> Option<EnterpriseId> {
    match &snapshot.point(point)?.detail {
        PointDetail::Outlet(outlet) => Some(outlet.enterprise),
        PointDetail::AirStation(_) | PointDetail::WaterSection(_) => None,
    }
}

fn units_of(snapshot: &Snapshot, points: &[PointId]) -> Vec<EnterpriseId> {
    let all: BTreeSet<EnterpriseId> =
        points.iter().filter_map(|point| unit_of(snapshot, *point)).collect();
    all.into_iter().collect()
}

/// The findings with an order under way; ended ones are noted where all are looked at.
async fn orders(state: &AppState, with_ends: bool) -> Result<HashSet<FindingId>, TriageError> {
    let running = store::running(&state.store).await?;
    let mut ordered: HashSet<FindingId> = running.iter().map(|order| order.finding).collect();
    let Some(cases) = state.handle::<Cases>().filter(|_| with_ends) else { return Ok(ordered) };
    let ids: Vec<_> = running.iter().map(|order| order.case).collect();
    for standing in cases.standings(&ids).await? {
        let Some(closed_at) = standing.closed_at else { continue };
        for order in running.iter().filter(|order| order.case == standing.id) {
            store::end(&state.store, order, closed_at).await?;
            ordered.remove(&order.finding);
        }
    }
    Ok(ordered)
}
