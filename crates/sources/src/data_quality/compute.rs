//! Summaries brought up to date, and the report put together from them: the one function behind
//! page, interface, file and command.

use super::amounts::{Days, Habit, Progress, days_without};
use super::coverage::{self, Tables};
use super::duties::{self, Duty, Why};
use super::pass_marks;
use super::report::{self, PassMark, Report};
use super::store::{self, QualityError};
use super::summary::{Basis, Summary};
use ::store::Store;
use jiff::civil::{Date, date};
use jiff::{Span, Timestamp};
use permits::{MonitoringMethod, PermitDuty, PermitVersion};
use registry::{Enterprise, FactorId, PointId, PointKind, Snapshot};
use rulebook::{Decimal, Period, beijing_offset};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::sync::Mutex;
use validity::Month;
use web::AppState;

/// How often months are looked through while the server runs.
const LOOK: Duration = Duration::from_mins(30);
/// Outlets whose summaries are written in one transaction.
const A_TRANSACTION: usize = 100;

/// One computation at a time.
static UNDER_WAY: Mutex<()> = Mutex::const_new(());

/// What a computation stands on.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The store.
    pub store: &'a Store,
    /// The city's nouns.
    pub snapshot: &'a Snapshot,
    /// The time.
    pub now: Timestamp,
}

impl Ground<'_> {
    /// The day in Beijing.
    pub fn today(&self) -> Date {
        beijing_offset().to_datetime(self.now).date()
    }

    fn outlets(&self) -> Vec<PointId> {
        self.snapshot.points_of(PointKind::Outlet).map(|point| point.id).collect()
    }
}

/// Judges a month of every outlet where something has changed, and keeps the sums; gives how many
/// are new.
///
/// # Errors
/// When a month cannot be judged or the store fails.
pub async fn refresh(ground: &Ground<'_>, month: Month) -> Result<usize, QualityError> {
    let _one = UNDER_WAY.lock().await;
    let known = store::of_month(ground.store, month).await?;
    let known: BTreeMap<PointId, Basis> =
        known.into_iter().map(|summary| (summary.point, summary.basis)).collect();
    let mut changed = 0;
    for points in ground.outlets().chunks(A_TRANSACTION) {
        let mut fresh = Vec::new();
        let mut first_days = BTreeMap::new();
        for point in points {
            first_days.insert(*point, first_day(ground.store, *point).await?);
        }
        validity::months(ground.store, ground.snapshot, points, month, ground.now, |record| {
            let first = first_days.get(&record.point).copied().flatten();
            if known.get(&record.point) != Some(&Basis::of(&record, first)) {
                fresh.push(Summary::of(&record, first));
            }
        })
        .await?;
        if fresh.is_empty() {
            continue;
        }
        changed += fresh.len();
        let mut transaction = ground.store.begin().await?;
        for summary in &fresh {
            store::keep(&mut transaction, summary).await?;
        }
        transaction.commit().await?;
    }
    Ok(changed)
}

/// The month as its summaries and the city's tables tell it.
///
/// # Errors
/// When the store fails.
pub async fn report(ground: &Ground<'_>, month: Month) -> Result<Report, QualityError> {
    let tables = tables(ground.store).await?;
    let summaries = store::of_month(ground.store, month).await?;
    let doubts = coverage::doubts(&tables, ground.snapshot);
    let day = coverage::day_of(month, ground.today());
    let received = summaries.iter().map(|it| (it.point, it.received.clone())).collect();
    let counted = summaries.iter().map(|it| (it.point, it.counts)).collect();
    let mut tables = tables;
    tables.duties.extend(of_permits(ground, day).await?);
    let must = coverage::must_be(&tables, ground.snapshot, &received, day);
    Ok(Report {
        month,
        day,
        computed_at: summaries.iter().map(|it| it.basis.computed_at()).min(),
        pass: pass_mark(ground.snapshot, &tables, day),
        outlets: report::outlets(ground.snapshot, month, &counted, &must),
        must,
        doubts,
    })
}

/// What the rate has to reach in this city on a day.
fn pass_mark(snapshot: &Snapshot, tables: &Tables, day: Date) -> Option<PassMark> {
    let own = pass_marks::on(&tables.pass_marks, day);
    let mark = validity::pass_mark(&snapshot.city.code, day, &own)?;
    Some(PassMark { percent: mark.percent, source: mark.source, confidence: mark.confidence })
}

/// The city's tables of coverage.
pub(super) async fn tables(store: &Store) -> Result<Tables, QualityError> {
    let mut tables = Tables::default();
    if let Some(text) = registry::store::city_file(store, duties::DUTIES).await? {
        match duties::read_duties(&text) {
            Ok(duties) => tables.duties = duties,
            Err(wrong) => tables.wrong.extend(wrong),
        }
    }
    if let Some(text) = registry::store::city_file(store, duties::RULES).await? {
        match duties::read_rules(&text) {
            Ok(rules) => tables.rules = rules,
            Err(wrong) => tables.wrong.extend(wrong),
        }
    }
    if let Some(text) = registry::store::city_file(store, pass_marks::FILE).await? {
        match pass_marks::read(&text) {
            Ok(marks) => tables.pass_marks = marks,
            Err(wrong) => tables.wrong.extend(wrong),
        }
    }
    Ok(tables)
}

/// What the permits in force on a day want to be measured by instruments.
async fn of_permits(ground: &Ground<'_>, day: Date) -> Result<Vec<Duty>, QualityError> {
    let mut duties = Vec::new();
    for permit in permits::all_in_force(ground.store, day).await? {
        let Some(enterprise) = ground.snapshot.enterprise(permit.permit.enterprise) else {
            continue;
        };
        let source = permit.source();
        let mut by_outlet: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for duty in &permit.duties {
            if let PermitDuty::SelfMonitoring { outlet: Some(outlet), pollutant, method, .. } = duty
                && *method == MonitoringMethod::Automatic
            {
                by_outlet.entry(outlet).or_default().push(pollutant.clone());
            }
        }
        duties.extend(by_outlet.into_iter().map(|(outlet, factors)| Duty {
            unit: enterprise.code.clone(),
            name: None,
            division: enterprise.division.clone(),
            outlet: outlet.to_owned(),
            factors,
            why: Why::Permit,
            kind: None,
            capacity_t_per_day: None,
            river: None,
            valid_from: None,
            valid_to: None,
            source: source.clone(),
            confidence: permit.confidence,
            note: String::new(),
        }));
    }
    Ok(duties)
}

/// A pollutant of an enterprise in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearOfPollutant {
    /// The pollutant.
    pub factor: FactorId,
    /// How much of the year's amount is used, and when all of it will be.
    pub progress: Progress,
    /// Days of the year up to today without an amount.
    pub days_without: i64,
    /// The permits that set the amount.
    pub sources: Vec<String>,
}

/// The year of every pollutant of an enterprise that is measured or permitted.
///
/// # Errors
/// When the store fails.
pub async fn year_of(
    ground: &Ground<'_>,
    enterprise: &Enterprise,
) -> Result<Vec<YearOfPollutant>, QualityError> {
    let today = ground.today();
    let habit = Habit::on(today);
    let first = today.saturating_sub(Span::new().days(habit.days)).min(date(today.year(), 1, 1));
    let mut by_factor: BTreeMap<FactorId, Days> = BTreeMap::new();
    for point in ground.snapshot.outlets_of(enterprise.id) {
        let (from, to) = (Month::of(first), Month::of(today));
        for amounts in store::amounts(ground.store, point.id, from, to).await? {
            for (factor, days) in amounts {
                add(by_factor.entry(factor).or_default(), &days);
            }
        }
    }
    let all = permits::of(ground.store, enterprise.id).await?;
    let held: Vec<&PermitVersion> = permits::versions::by_permit(&all)
        .into_iter()
        .filter_map(|versions| permits::versions::on(versions, today))
        .collect();
    let mut factors: BTreeSet<FactorId> = by_factor.keys().copied().collect();
    let named = held.iter().flat_map(|permit| &permit.amounts).map(|row| row.pollutant.as_str());
    factors.extend(named.filter_map(|code| ground.snapshot.factor_by_code(code)).map(|it| it.id));
    let of_factor = |factor: FactorId| {
        let code = &ground.snapshot.factor(factor)?.code;
        let days = by_factor.remove(&factor).unwrap_or_default();
        let amount = |permit: &PermitVersion| permits::permitted_amount(permit, code, today.year());
        let tonnes = held
            .iter()
            .filter_map(|permit| amount(permit))
            .fold(None, |sum: Option<Decimal>, tonnes| Some(sum.unwrap_or_default() + tonnes));
        let source = held.iter().filter(|permit| amount(permit).is_some());
        Some(YearOfPollutant {
            factor,
            progress: Progress::of(&days, tonnes, today, habit),
            days_without: days_without(&days, today),
            sources: source.map(|permit| permit.source()).collect(),
        })
    };
    Ok(factors.into_iter().filter_map(of_factor).collect())
}

fn add(all: &mut Days, days: &Days) {
    for (day, amount) in days {
        let sum = all.entry(*day).or_default();
        sum.kilograms += amount.kilograms;
        sum.substituted += amount.substituted;
    }
}

/// Keeps the months of the year up to date as long as the server runs: this one and the last at
/// each look, the older ones once a day.
pub async fn serve(state: AppState) {
    let mut whole_on: Option<Date> = None;
    loop {
        let snapshot = state.snapshot();
        let ground = Ground { store: &state.store, snapshot: &snapshot, now: state.now() };
        let is_whole = whole_on != Some(ground.today());
        match look_through(&ground, is_whole).await {
            Ok(()) if is_whole => whole_on = Some(ground.today()),
            Ok(()) => {}
            Err(problem) => {
                tracing::error!(%problem, code = problem.code(), "data quality was not computed");
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Brings the months up to date that the year's amounts and the forecast look at, the newest first.
async fn look_through(ground: &Ground<'_>, is_whole: bool) -> Result<(), QualityError> {
    let Some(first) = first_month(ground).await? else { return Ok(()) };
    let today = ground.today();
    let back = today.saturating_sub(Span::new().days(Habit::on(today).days));
    let mut month = Month::of(today);
    let oldest =
        if is_whole { Month::of(back.min(date(today.year(), 1, 1))) } else { month.before(1) };
    let first = first.max(oldest);
    while month >= first {
        let changed = refresh(ground, month).await?;
        if changed > 0 {
            tracing::info!(%month, outlets = changed, "the data quality of a month was computed");
        }
        month = month.before(1);
    }
    Ok(())
}

/// The month of the first hour that any outlet reported.
async fn first_month(ground: &Ground<'_>) -> Result<Option<Month>, QualityError> {
    let mut first: Option<Date> = None;
    for point in ground.outlets() {
        if let Some(day) = first_day(ground.store, point).await? {
            first = Some(first.map_or(day, |first| first.min(day)));
        }
    }
    Ok(first.map(Month::of))
}

/// The day of the first hour that an outlet reported.
pub(super) async fn first_day(store: &Store, point: PointId) -> Result<Option<Date>, QualityError> {
    let oldest = observations::oldest(store, point, Period::Hour).await?;
    Ok(oldest.map(|moment| beijing_offset().to_datetime(moment).date()))
}
