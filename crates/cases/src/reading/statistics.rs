//! How work goes (办理统计): on time, how long, how satisfied, how often again.

use crate::store::numbers::Sums;
use crate::{CaseError, Cases, Statistics, StatisticsFilter, StatisticsRow, sight, store};
use authority::{Principal, Scope};
use caseflow::PublicView;
use rulebook::{Decimal, round_half_even};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Sums that took long are kept for a while: the public page may be asked often.
#[derive(Default)]
pub(crate) struct Remembered {
    sums: Mutex<HashMap<String, Kept>>,
}

/// Sums and when they were made.
type Kept = (Instant, Arc<Vec<Sums>>);

const KEPT_FOR: Duration = Duration::from_mins(1);
const LONG: Duration = Duration::from_millis(50);
const KEPT_MOST: usize = 64;

impl Cases {
    /// How work within somebody's reach goes: all of it, by division, by kind.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn statistics(
        &self,
        principal: &Principal,
        filter: &StatisticsFilter,
    ) -> Result<(Statistics, Vec<StatisticsRow>, Vec<StatisticsRow>), CaseError> {
        let sight = sight::Sight::of(principal).or_denied()?;
        let sums = self.sums(filter).await?;
        let is_in_reach = |sums: &&Sums| match &sight.officer {
            Scope::Everything => true,
            Scope::Nothing => false,
            Scope::Within(limits) => {
                let unit = sums.responsible;
                limits.divisions.contains(&sums.division)
                    || unit.is_some_and(|unit| limits.organisations.contains(&unit))
            }
        };
        let own: Vec<&Sums> = sums.iter().filter(is_in_reach).collect();
        let by_division = by(&own, |sums| &sums.division);
        let by_kind = by(&own, |sums| &sums.kind);
        Ok((together(own.iter().copied()), by_division, by_kind))
    }

    /// How the work on kinds that are public goes, all of it and by division.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn public_statistics(
        &self,
        filter: &StatisticsFilter,
    ) -> Result<(Statistics, Vec<StatisticsRow>), CaseError> {
        let sums = self.sums(filter).await?;
        let is_public = |sums: &&Sums| {
            let kind = self.kind(&sums.kind);
            kind.is_some_and(|kind| kind.public_view == PublicView::Anonymised)
        };
        let public: Vec<&Sums> = sums.iter().filter(is_public).collect();
        let by_division = by(&public, |sums| &sums.division);
        Ok((together(public.iter().copied()), by_division))
    }

    /// What is late is what a look at the clocks has found.
    async fn sums(&self, filter: &StatisticsFilter) -> Result<Arc<Vec<Sums>>, CaseError> {
        let remembered = &self.engine.statistics.sums;
        let key = format!("{filter:?}");
        let kept = remembered.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some((at, sums)) = kept
            && at.elapsed() < KEPT_FOR
        {
            return Ok(sums);
        }
        let started = Instant::now();
        let sums = Arc::new(store::numbers::sums(&self.engine.store, filter).await?);
        if started.elapsed() > LONG {
            let mut all = remembered.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= KEPT_MOST {
                all.clear();
            }
            all.insert(key, (Instant::now(), Arc::clone(&sums)));
        }
        Ok(sums)
    }
}

fn by<'sums>(sums: &[&'sums Sums], key: fn(&Sums) -> &String) -> Vec<StatisticsRow> {
    let mut parts: BTreeMap<&str, Vec<&'sums Sums>> = BTreeMap::new();
    for one in sums {
        parts.entry(key(one)).or_default().push(one);
    }
    parts
        .into_iter()
        .map(|(key, sums)| StatisticsRow {
            key: key.to_owned(),
            numbers: together(sums.into_iter()),
        })
        .collect()
}

fn together<'sums>(sums: impl Iterator<Item = &'sums Sums>) -> Statistics {
    let mut numbers = Statistics::default();
    let mut minutes = 0;
    for one in sums {
        numbers.opened += one.opened;
        numbers.closed += one.closed;
        numbers.on_time += one.on_time;
        numbers.late_open += one.late_open;
        numbers.rated += one.rated;
        numbers.satisfied += one.satisfied;
        numbers.repeated += one.repeated;
        numbers.merged += one.merged;
        minutes += one.minutes;
    }
    let minutes_a_day = Decimal::from(24 * 60);
    numbers.on_time_percent = share(numbers.on_time, numbers.closed, Decimal::ONE_HUNDRED);
    numbers.satisfaction_percent = share(numbers.satisfied, numbers.rated, Decimal::ONE_HUNDRED);
    numbers.average_days = share(minutes, numbers.closed, Decimal::ONE / minutes_a_day);
    numbers
}

fn share(part: i64, whole: i64, times: Decimal) -> Option<Decimal> {
    if whole == 0 {
        return None;
    }
    Some(round_half_even(Decimal::from(part) * times / Decimal::from(whole), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_of_what_can_be_rated_and_absent_else() {
        let sums = [
            Sums { opened: 4, closed: 3, on_time: 2, minutes: 3 * 1440, ..Sums::default() },
            Sums { rated: 3, satisfied: 1, merged: 1, late_open: 1, ..Sums::default() },
        ];
        let all = together(sums.iter());
        assert_eq!(all.on_time_percent.map(|rate| rate.to_string()).as_deref(), Some("66.7"));
        assert_eq!(all.average_days.map(|days| days.to_string()).as_deref(), Some("1.0"));
        let satisfied = all.satisfaction_percent.map(|rate| rate.to_string());
        assert_eq!(satisfied.as_deref(), Some("33.3"));
        let none = together([].iter());
        assert_eq!((none.on_time_percent, none.average_days), (None, None));
    }
}
