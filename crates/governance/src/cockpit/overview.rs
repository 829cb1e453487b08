//! How all measures stand: kept values, targets and duties put together.

use crate::city_plan::{CityPlan, city_plan};
use crate::duties::{DutyRow, Lateness};
use crate::indicators::{Kept, Run};
use crate::ledgers::{self, Money};
use crate::{GovernanceError, duties, indicators};
use ::store::Store;
use jiff::Timestamp;
use jiff::civil::Date;
use plan::indicator::{Definition, Formula, REPORTED};
use plan::{Measure, MeasureState, Target, TargetState, Trend, judge};
use rulebook::{Decimal, beijing_offset};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An indicator with its newest value.
#[derive(Clone, Debug)]
pub struct IndicatorRow {
    /// Its id.
    pub id: String,
    /// The value that holds, of the newest year that has one; else what the newest year lacks.
    pub kept: Option<Kept>,
    /// Which way it goes against the year before.
    pub trend: Trend,
}

impl IndicatorRow {
    /// Its value.
    pub fn value(&self) -> Option<Decimal> {
        self.kept.as_ref()?.value
    }
}

/// A target held against a value.
#[derive(Clone, Debug)]
pub struct TargetRow {
    /// The target.
    pub target: Target,
    /// The value of its year; where that has none, the newest.
    pub value: Option<Decimal>,
    /// The year of the value.
    pub value_year: Option<i16>,
    /// How it stands.
    pub state: TargetState,
}

/// A measure with all that tells how it stands.
#[derive(Clone, Debug)]
pub struct MeasureRow {
    /// Its number.
    pub number: u32,
    /// How it stands.
    pub state: MeasureState,
    /// Its indicators.
    pub indicators: Vec<IndicatorRow>,
    /// The targets that judge it.
    pub targets: Vec<TargetRow>,
    /// Duties of it that are not done.
    pub open: Vec<DutyRow>,
    /// Of them, those that are late.
    pub late: Vec<DutyRow>,
    /// What the money of its ledgers did; none where no ledger has a row.
    pub money: Option<Money>,
}

/// A unit with late duties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitLate {
    /// Its code.
    pub unit: String,
    /// How many.
    pub count: usize,
}

/// The whole plan as it stands.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The plan.
    pub city: Arc<CityPlan>,
    /// The day.
    pub today: Date,
    /// The newest computation of indicators.
    pub run: Option<Run>,
    /// Its measures, in their order.
    pub measures: Vec<MeasureRow>,
    /// Every duty that was opened.
    pub duties: Vec<DutyRow>,
    /// Units with late duties, the one with the most first.
    pub late_units: Vec<UnitLate>,
}

impl Overview {
    /// The row of a measure.
    pub fn row(&self, number: u32) -> Option<&MeasureRow> {
        self.measures.iter().find(|row| row.number == number)
    }

    /// How many measures stand so.
    pub fn count(&self, state: MeasureState) -> usize {
        self.measures.iter().filter(|row| row.state == state).count()
    }
}

/// Kept values by indicator, each by year.
pub(crate) type Values = BTreeMap<String, BTreeMap<i16, Kept>>;

/// The whole plan as it stands; `None` where the city has none.
///
/// # Errors
/// When the plan is wrong or the store fails.
pub async fn overview(store: &Store, now: Timestamp) -> Result<Option<Overview>, GovernanceError> {
    let Some(city) = city_plan(store).await? else { return Ok(None) };
    let today = beijing_offset().to_datetime(now).date();
    let mut values = Values::new();
    for kept in indicators::current(store).await? {
        values.entry(kept.indicator.clone()).or_default().insert(kept.year, kept);
    }
    let duties = duties::all(store).await?;
    let run = indicators::last_run(store).await?;
    let mut money = ledgers::money(store).await?;
    let measures = city.plan.measures.iter();
    let measures = measures
        .map(|it| row(&city, it, &values, &duties, today))
        .map(|row| MeasureRow { money: money.remove(&row.number), ..row })
        .collect();
    let late_units = late_units(&duties, today);
    Ok(Some(Overview { city, today, run, measures, duties, late_units }))
}

fn late_units(duties: &[DutyRow], today: Date) -> Vec<UnitLate> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for duty in duties.iter().filter(|duty| duty.standing(today) == Lateness::Late) {
        *counts.entry(&duty.unit).or_default() += 1;
    }
    let mut units: Vec<UnitLate> =
        counts.into_iter().map(|(unit, count)| UnitLate { unit: unit.to_owned(), count }).collect();
    units.sort_by_key(|unit| std::cmp::Reverse(unit.count));
    units
}

fn row(
    city: &CityPlan,
    measure: &Measure,
    values: &Values,
    duties: &[DutyRow],
    today: Date,
) -> MeasureRow {
    let indicators: Vec<IndicatorRow> =
        measure.indicators.iter().map(|id| indicator(city, id, values, today)).collect();
    let targets: Vec<TargetRow> =
        city.plan.targets_of(measure).map(|it| target(it, values)).collect();
    let of_it =
        |duty: &&DutyRow| city.plan.duties_of(measure.number).any(|known| known.id == duty.duty);
    let is_open = |duty: &&DutyRow| {
        matches!(duty.standing(today), Lateness::Late | Lateness::ToDo | Lateness::Open)
    };
    let open: Vec<DutyRow> = duties.iter().filter(of_it).filter(is_open).cloned().collect();
    let late: Vec<DutyRow> =
        open.iter().filter(|it| it.standing(today) == Lateness::Late).cloned().collect();
    let states: Vec<TargetState> = targets.iter().map(|it| it.state).collect();
    let with_value = indicators.iter().filter(|it| it.value().is_some()).count();
    MeasureRow {
        number: measure.number,
        state: MeasureState::of(&states, with_value, late.len()),
        indicators,
        targets,
        open,
        late,
        money: None,
    }
}

/// The newest value of an indicator and its trend.
fn indicator(city: &CityPlan, id: &str, values: &Values, today: Date) -> IndicatorRow {
    let years = values.get(id);
    let newest = years.and_then(|years| years.values().rev().find(|it| it.value.is_some()));
    let last = years.and_then(|years| years.values().next_back());
    let before = newest.and_then(|it| years?.get(&(it.year - 1))?.value);
    let trend = city
        .definition(id)
        .map_or(Trend::Unknown, |definition| trend(definition, newest, before, today));
    IndicatorRow { id: id.to_owned(), kept: newest.or(last).cloned(), trend }
}

/// The trend against the year before; what is only counted goes on growing until the year is over.
pub(crate) fn trend(
    definition: &Definition,
    newest: Option<&Kept>,
    before: Option<Decimal>,
    today: Date,
) -> Trend {
    let is_counted = match &definition.formula {
        Formula::Count(..) | Formula::Days(..) => true,
        Formula::Latest(source) => source != REPORTED,
        _ => false,
    };
    if is_counted && newest.is_some_and(|kept| kept.year == today.year()) {
        return Trend::Unknown;
    }
    Trend::of(definition.direction, before, newest.and_then(|kept| kept.value))
}

fn target(target: &Target, values: &Values) -> TargetRow {
    let years = values.get(&target.indicator);
    let of_year = years.and_then(|years| years.get(&target.year)).filter(|it| it.value.is_some());
    let newest = || years.and_then(|years| years.values().rev().find(|it| it.value.is_some()));
    let kept = of_year.or_else(newest);
    let value = kept.and_then(|it| it.value);
    TargetRow {
        target: target.clone(),
        value,
        value_year: kept.map(|it| it.year),
        state: judge(target, value),
    }
}
