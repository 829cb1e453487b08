//! Kept signs put together: ranked by outlet, settled ones apart.

use super::access::Officer;
use super::model::{Record, Run, StoredSign, Verdict};
use super::store::{self, SignFilter};
use detectors::{Detector, OutletId, Parameters, Sign, Standing, rank};
use jiff::{SignedDuration, Timestamp};
use registry::{PointId, Snapshot};
use rulebook::beijing_offset;
use std::collections::{BTreeMap, HashMap};
use web::{AppState, Problem};

/// Signs are shown for so long after they ended.
const SHOWN: SignedDuration = SignedDuration::from_hours(60 * 24);

/// An outlet in the list.
pub(super) struct Suspect {
    /// Its place in the list, from 1.
    pub(super) rank: usize,
    pub(super) point: PointId,
    /// How much it deserves a look, from 0 to 1.
    pub(super) score: f64,
    /// Its open signs, the strongest first.
    pub(super) signs: Vec<StoredSign>,
}

/// All that an officer sees.
pub(super) struct Overview {
    /// The newest computation.
    pub(super) run: Option<Run>,
    /// Look here first.
    pub(super) suspects: Vec<Suspect>,
    /// Signs that a verdict has settled, the newest first.
    pub(super) settled: Vec<(StoredSign, Verdict)>,
}

/// Which outlets are wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) division: Option<String>,
    pub(super) detector: Option<Detector>,
}

/// The score of a kept sign.
pub(super) fn score(sign: &StoredSign) -> f64 {
    let strength = sign.strength as f64 / 1000.0;
    Sign::score_of(strength)
}

/// What an officer sees now.
pub(super) async fn overview(
    state: &AppState,
    snapshot: &Snapshot,
    officer: &Officer<'_>,
    wanted: &Wanted,
) -> Result<Overview, Problem> {
    let now = state.now();
    let ended_after = Some(now.saturating_sub(SHOWN).unwrap_or(Timestamp::MIN));
    let points = officer.points(snapshot);
    let filter = SignFilter { ended_after, points, with_withdrawn: false };
    let verdicts = store::newest_verdicts(&state.store).await?;
    let signs = store::signs(&state.store, &filter).await?;
    let is_wanted = |sign: &StoredSign| {
        let is_in = |code: &str| {
            let lies = |point| snapshot.point(point).is_some_and(|it| it.division == code);
            sign.points().into_iter().any(lies)
        };
        wanted.division.as_deref().is_none_or(is_in)
            && wanted.detector.is_none_or(|detector| sign.detector == detector)
    };
    let (open, settled) = apart(signs.into_iter().filter(is_wanted), verdicts);
    Ok(Overview {
        run: store::last_run(&state.store).await?,
        suspects: ranked(&open, now),
        settled,
    })
}

/// Open signs, and settled ones with what settles them.
fn apart(
    signs: impl Iterator<Item = StoredSign>,
    mut verdicts: HashMap<i64, Verdict>,
) -> (Vec<StoredSign>, Vec<(StoredSign, Verdict)>) {
    let (mut open, mut settled) = (Vec::new(), Vec::new());
    for sign in signs {
        match verdicts.remove(&sign.id).filter(|verdict| verdict.settles(&sign)) {
            Some(verdict) => settled.push((sign, verdict)),
            None => open.push(sign),
        }
    }
    settled.sort_by_key(|(_, verdict)| std::cmp::Reverse(verdict.id));
    (open, settled)
}

/// The outlets of open signs, the one that most deserves a look first.
///
/// Who copies whom cannot always be told: a sign that names two outlets counts at both, half as
/// much at the one that it takes for the model.
fn ranked(signs: &[StoredSign], now: Timestamp) -> Vec<Suspect> {
    const OF_A_MODEL: f64 = 0.5;
    let parameters = Parameters::on(beijing_offset().to_datetime(now).date());
    let standing = |sign: &StoredSign, point: PointId| Standing {
        outlet: OutletId(point.0),
        detector: sign.detector,
        score: score(sign) * if point == sign.point { 1.0 } else { OF_A_MODEL },
    };
    let held: Vec<(&StoredSign, PointId)> =
        signs.iter().flat_map(|sign| sign.points().into_iter().map(move |at| (sign, at))).collect();
    let standings: Vec<Standing> = held.iter().map(|(sign, at)| standing(sign, *at)).collect();
    rank(&standings, &parameters)
        .into_iter()
        .zip(1..)
        .map(|(one, rank)| Suspect {
            rank,
            point: PointId(one.outlet.0),
            score: one.score,
            signs: one.signs.into_iter().map(|place| held[place].0.clone()).collect(),
        })
        .collect()
}

/// One sign with all verdicts on it, for whoever may see it.
pub(super) async fn one(
    state: &AppState,
    snapshot: &Snapshot,
    officer: &Officer<'_>,
    id: i64,
) -> Result<(StoredSign, Vec<Verdict>), Problem> {
    let found = store::sign(&state.store, id).await?;
    let sign = found.ok_or_else(|| {
        Problem::not_found(
            format!("没有编号为 {id} 的线索"),
            format!("there is no sign with the number {id}"),
        )
    })?;
    officer.may_see(snapshot, &sign)?;
    let verdicts = store::verdicts_of(&state.store, id).await?;
    Ok((sign, verdicts))
}

/// The published record of each detector.
pub(super) async fn records(state: &AppState) -> Result<BTreeMap<Detector, Record>, Problem> {
    Ok(store::records(&state.store).await?)
}
