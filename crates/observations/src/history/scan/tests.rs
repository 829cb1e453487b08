//! Questions answered from files and from plain rows: the same to the last decimal.

use super::walk::{Standing, over_files};
use super::{Flags, Question, days, exceedances, percentiles, series};
use crate::history::Month;
use crate::history::format::{OpenPart, PartFiles, Writer, open};
use crate::model::{FactorValue, Row, Source};
use jiff::Timestamp;
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt as _};
use proptest::prelude::*;
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period, beijing_offset};
use std::collections::BTreeMap;
use std::sync::Arc;

fn month() -> Month {
    Month::from_code(202_601).unwrap()
}

fn number() -> impl Strategy<Value = Option<Decimal>> {
    proptest::option::weighted(
        0.9,
        prop_oneof![
            8 => (-5000_i64..5000, 0_u32..4)
                .prop_map(|(digits, scale)| Decimal::new(digits, scale)),
            1 => (any::<i32>(), 13_u32..16)
                .prop_map(|(digits, scale)| Decimal::new(digits.into(), scale)),
        ],
    )
}

/// Minutes of a few points, some with numbers that stand packed in the file.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let value = (1_u16..4, number(), proptest::option::of(prop_oneof![Just(b'N'), Just(b'M')]));
    let one = ((1_i64..4, 0_i64..4 * 1440), proptest::collection::vec(value, 0..4));
    proptest::collection::vec(one, 0..200).prop_map(|given| {
        let mut rows = BTreeMap::new();
        for ((point, minute), values) in given {
            let second = month().begins().as_second() + minute * 60;
            let mut factors = BTreeMap::new();
            for (factor, number, flag) in values {
                let value =
                    FactorValue { value: number, flag, ..FactorValue::empty(FactorId(factor)) };
                factors.insert(factor, value);
            }
            let row = Row {
                point: PointId(point),
                period: Period::Minute,
                observed_at: Timestamp::from_second(second).unwrap(),
                received_at: Timestamp::from_second(second).unwrap(),
                source: Source { block: 1, index: 0 },
                version: 1,
                values: factors.into_values().collect(),
            };
            rows.insert((point, minute), row);
        }
        rows.into_values().collect()
    })
}

async fn part_of(rows: &[Row]) -> Vec<Arc<OpenPart>> {
    let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let mut writer = Writer::new(Period::Minute, month());
    for row in rows {
        assert!(writer.push(row.clone()).unwrap().is_none());
    }
    let Some(part) = writer.finish().unwrap() else { return Vec::new() };
    let files = PartFiles { values: "values".into(), rows: "rows".into() };
    objects.put(&files.values, part.values.into()).await.unwrap();
    objects.put(&files.rows, part.rows.into()).await.unwrap();
    vec![Arc::new(open(objects, &files).await.unwrap())]
}

/// The numbers that count, one after another.
fn counted(rows: &[Row], question: &Question, standing: &Standing) -> BTreeMap<Key, Numbers> {
    let mut all: BTreeMap<Key, Numbers> = BTreeMap::new();
    for row in rows.iter().filter(|row| question.range.contains(&row.observed_at)) {
        let at = row.observed_at.as_millisecond();
        if standing.get(&row.point).is_some_and(|times| times.binary_search(&at).is_ok()) {
            continue;
        }
        for value in &row.values {
            if question.has_factor(value.factor)
                && question.flags.count(value.flag)
                && let Some(number) = value.value
            {
                let into = all.entry((row.point, value.factor)).or_default();
                into.push((row.observed_at, number));
            }
        }
    }
    all
}

type Key = (PointId, FactorId);
type Numbers = Vec<(Timestamp, Decimal)>;

fn question(from: i64, long: i64, only: bool, one: bool) -> Question {
    let from = month().begins().as_second() + from * 60;
    let instant = |second| Timestamp::from_second(second).unwrap();
    let mut question = Question::all(Period::Minute, instant(from)..instant(from + long * 60));
    if only {
        question.flags = Flags::Only(vec![b'N']);
    }
    if one {
        question.factors = Some(vec![FactorId(2)]);
        question.points = Some(vec![PointId(1), PointId(3)]);
    }
    question
}

fn plain(mut rows: Vec<Row>, question: &Question) -> Vec<Row> {
    rows.retain(|row| question.has_point(row.point));
    rows
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Pages and endpoints ask from any thread: that this compiles is the test.
#[expect(dead_code, reason = "compiled only")]
fn questions_can_be_asked_from_any_thread(store: &::store::Store, question: &Question) {
    fn can<T: Send>(_: T) {}
    can(super::daily_means(store, question));
    can(super::percentiles(store, question, &[95]));
    can(super::exceedances(store, question, |_, _| None));
    let range = question.range.clone();
    can(super::factor_series(store, PointId(1), Period::Hour, None, range));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_those_of_plain_rows(
        rows in rows(), from in 0_i64..5000, long in 1_i64..6000,
        only in any::<bool>(), one in any::<bool>(), recent in any::<prop::sample::Index>(),
    ) {
        run(async {
            let question = question(from, long, only, one);
            let parts = part_of(&rows).await;
            // One row stands in the store, too, and its file does not count.
            let mut standing = Standing::new();
            if !rows.is_empty() {
                let row = &rows[recent.index(rows.len())];
                standing.insert(row.point, vec![row.observed_at.as_millisecond()]);
            }
            let expected = counted(&plain(rows, &question), &question, &standing);

            let tallies = over_files(&parts, &question, standing.clone(), &days::Days::default);
            let found = days::answer(tallies.await.unwrap());
            let mut by_day: BTreeMap<_, Vec<Decimal>> = BTreeMap::new();
            for ((point, factor), numbers) in &expected {
                for (at, number) in numbers {
                    let day = beijing_offset().to_datetime(*at).date();
                    by_day.entry((*point, *factor, day)).or_default().push(*number);
                }
            }
            prop_assert_eq!(found.len(), by_day.len());
            for (mean, ((point, factor, day), numbers)) in found.iter().zip(by_day) {
                prop_assert_eq!((mean.point, mean.factor, mean.day), (point, factor, day));
                prop_assert_eq!(mean.count as usize, numbers.len());
                prop_assert_eq!(mean.sum, numbers.iter().sum::<Decimal>());
                prop_assert_eq!(mean.mean, mean.sum / Decimal::from(numbers.len()));
            }

            let percents = [0, 50, 90, 95, 98, 100];
            let make = percentiles::Values::default;
            let tallies = over_files(&parts, &question, standing.clone(), &make).await.unwrap();
            let found = percentiles::answer(tallies, &percents);
            prop_assert_eq!(found.len(), expected.len());
            for (found, ((point, factor), numbers)) in found.iter().zip(&expected) {
                prop_assert_eq!((found.point, found.factor), (*point, *factor));
                let numbers: Vec<Decimal> = numbers.iter().map(|(_, number)| *number).collect();
                for (place, percent) in percents.into_iter().enumerate() {
                    let wanted = standards::air::hj663_ambient_air_assessment::percentile(
                        &numbers, percent).unwrap();
                    prop_assert_eq!(found.percentiles[place], wanted);
                }
            }

            let limit = |_, factor| (factor != FactorId(3)).then(|| Decimal::new(125, 2));
            let limit: exceedances::Limit = Arc::new(limit);
            let make = || exceedances::Counts::new(limit.clone());
            let tallies = over_files(&parts, &question, standing.clone(), &make).await.unwrap();
            let found = exceedances::answer(tallies);
            let limited: Vec<_> =
                expected.iter().filter(|((_, factor), _)| *factor != FactorId(3)).collect();
            prop_assert_eq!(found.len(), limited.len());
            for (found, (_, numbers)) in found.iter().zip(limited) {
                let over = numbers.iter().filter(|(_, number)| *number > Decimal::new(125, 2));
                prop_assert_eq!(found.exceeding as usize, over.count());
                prop_assert_eq!(found.count as usize, numbers.len());
                let largest = numbers.iter().map(|(_, number)| *number).max().unwrap();
                prop_assert_eq!(found.largest, largest);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_series_is_that_of_plain_rows(rows in rows(), from in 0_i64..5000, long in 1_i64..6000) {
        run(async {
            let question = question(from, long, false, false);
            let parts = part_of(&rows).await;
            let factors = [FactorId(1), FactorId(3)];
            let range = &question.range;
            let found = series::of_parts(&parts, PointId(2), Some(&factors), range).await.unwrap();
            let mut expected = series::ByFactor::new();
            for row in rows.iter().filter(|row| row.point == PointId(2)) {
                if !range.contains(&row.observed_at) {
                    continue;
                }
                for value in row.values.iter().filter(|value| factors.contains(&value.factor)) {
                    expected.entry(value.factor).or_default().push((row.observed_at, *value));
                }
            }
            prop_assert_eq!(format!("{found:?}"), format!("{expected:?}"));
            Ok(())
        })?;
    }
}
