//! Rows in, files, rows out: the same to the last decimal.

use super::{FormatError, OpenPart, PartFiles, Writer, open};
use crate::history::Month;
use crate::model::{FactorValue, Marks, Row, Source};
use jiff::Timestamp;
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt as _};
use proptest::prelude::*;
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

fn month() -> Month {
    Month::from_code(202_601).unwrap()
}

fn decimals() -> impl Strategy<Value = Option<Decimal>> {
    proptest::option::weighted(
        0.7,
        prop_oneof![
            6 => (any::<i32>(), 0_u32..5)
                .prop_map(|(digits, scale)| Decimal::new(digits.into(), scale)),
            1 => (any::<i64>(), 0_u32..14).prop_map(|(digits, scale)| Decimal::new(digits, scale)),
            1 => (-(1_i128 << 95)..(1_i128 << 95), 0_u32..=28)
                .prop_map(|(digits, scale)| Decimal::from_i128_with_scale(digits, scale)),
        ],
    )
}

fn factor_values() -> impl Strategy<Value = FactorValue> {
    (
        prop_oneof![0_u16..4, any::<u16>()],
        proptest::array::uniform7(decimals()),
        proptest::option::of(any::<u8>()),
        prop_oneof![Just(0), any::<u32>()],
    )
        .prop_map(|(factor, numbers, flag, marks)| {
            let mut value = FactorValue::empty(FactorId(factor));
            for (field, number) in value.numbers_mut().into_iter().zip(numbers) {
                *field = number;
            }
            value.flag = flag;
            value.marks = Marks(marks);
            value
        })
}

/// Rows of a few points, sorted, each key once.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let point = prop_oneof![-3_i64..3, any::<i64>()];
    let one = (
        (point, 0_i64..31 * 86_400),
        (0_i64..4_000_000_000_000, any::<i64>(), any::<u32>(), any::<u32>()),
        proptest::collection::vec(factor_values(), 0..5),
    );
    proptest::collection::vec(one, 0..60).prop_map(|given| {
        let mut rows = BTreeMap::new();
        for ((point, second), (received, block, index, version), values) in given {
            let second = month().begins().as_second() + second;
            let row = Row {
                point: PointId(point),
                period: Period::Minute,
                observed_at: Timestamp::from_second(second).unwrap(),
                received_at: Timestamp::from_millisecond(received).unwrap(),
                source: Source { block, index },
                version,
                values,
            };
            rows.insert((point, second), row);
        }
        rows.into_values().collect()
    })
}

fn written(rows: &[Row], part_of: u64) -> Vec<super::Part> {
    let mut writer = Writer::new(Period::Minute, month()).part_of(part_of);
    let mut parts = Vec::new();
    for row in rows {
        parts.extend(writer.push(row.clone()).unwrap());
    }
    parts.extend(writer.finish().unwrap());
    parts
}

async fn opened(parts: Vec<super::Part>) -> Vec<OpenPart> {
    let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let mut all = Vec::new();
    for (number, part) in parts.into_iter().enumerate() {
        let files = PartFiles {
            values: format!("values/{number}.parquet").into(),
            rows: format!("rows/{number}.parquet").into(),
        };
        objects.put(&files.values, part.values.into()).await.unwrap();
        objects.put(&files.rows, part.rows.into()).await.unwrap();
        all.push(open(objects.clone(), &files).await.unwrap());
    }
    all
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// All that a row says, scales too: two decimals are equal when only their zeros differ.
fn told(rows: &[Row]) -> String {
    format!("{rows:?}")
}

fn whole_month() -> Range<Timestamp> {
    month().begins()..month().ends()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn rows_come_back(rows in rows(), part_of in 1_u64..200) {
        run(async {
            let parts = written(&rows, part_of);
            let count: u64 = parts.iter().map(|part| part.row_count).sum();
            prop_assert_eq!(count, rows.len() as u64);
            let mut back = Vec::new();
            for part in opened(parts).await {
                for point in part.points() {
                    back.extend(part.rows(point, whole_month()).await.unwrap());
                }
            }
            prop_assert_eq!(told(&back), told(&rows));
            Ok(())
        })?;
    }

    #[test]
    fn a_stretch_comes_back(rows in rows(), from in 0_i64..31 * 86_400, long in 0_i64..2_000_000) {
        run(async {
            let start = month().begins().as_second() + from;
            let range = Timestamp::from_second(start).unwrap()
                ..Timestamp::from_second(start + long).unwrap();
            for part in opened(written(&rows, 1 << 40)).await {
                for point in part.points() {
                    let wanted: Vec<Row> = rows.iter()
                        .filter(|row| row.point == point && range.contains(&row.observed_at))
                        .cloned().collect();
                    let found = part.rows(point, range.clone()).await.unwrap();
                    prop_assert_eq!(told(&found), told(&wanted));
                    let blocks = wanted.iter().map(|row| row.source.block);
                    let last = blocks.max().unwrap_or(0);
                    prop_assert_eq!(part.last_block(point, range.clone()).await.unwrap(), last);
                    let mut newest: Vec<Row> = rows.iter()
                        .filter(|row| row.point == point && row.observed_at < range.end)
                        .cloned().collect();
                    newest.reverse();
                    newest.truncate(3);
                    let found = part.newest_rows(point, range.end, 3).await.unwrap();
                    prop_assert_eq!(told(&found), told(&newest));
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn rows_are_found_by_key(
        rows in rows(), wanted in proptest::collection::vec(any::<bool>(), 60),
    ) {
        run(async {
            let wanted: Vec<Row> = rows.iter().zip(wanted)
                .filter(|(_, is_wanted)| *is_wanted).map(|(row, _)| row.clone()).collect();
            let mut keys: Vec<_> = wanted.iter().map(Row::key).collect();
            // One that nobody has sent.
            keys.push(crate::RowKey {
                point: PointId(0), period: Period::Minute, observed_at: month().ends(),
            });
            for part in opened(written(&rows, 1 << 40)).await {
                let mut found = part.rows_at(&keys).await.unwrap();
                found.sort_by_key(Row::key);
                prop_assert_eq!(told(&found), told(&wanted));
            }
            Ok(())
        })?;
    }

    #[test]
    fn damaged_bytes_are_refused_or_read(
        rows in rows(), at in any::<proptest::sample::Index>(), byte in any::<u8>(),
        of_rows in any::<bool>(),
    ) {
        run(async {
            for mut part in written(&rows, 1 << 40) {
                let file = if of_rows { &mut part.rows } else { &mut part.values };
                let mut bytes = file.to_vec();
                let place = at.index(bytes.len());
                bytes[place] = byte;
                *file = bytes.into();
                let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
                let files = PartFiles { values: "values".into(), rows: "rows".into() };
                objects.put(&files.values, part.values.into()).await.unwrap();
                objects.put(&files.rows, part.rows.into()).await.unwrap();
                let Ok(part) = open(objects, &files).await else { continue };
                for point in part.points() {
                    let _ = part.rows(point, whole_month()).await;
                }
            }
        });
    }
}

fn row(point: i64, minute: i64) -> Row {
    let start = month().begins().as_second();
    Row {
        point: PointId(point),
        period: Period::Minute,
        observed_at: Timestamp::from_second(start + minute * 60).unwrap(),
        received_at: Timestamp::from_second(start + minute * 60 + 72).unwrap(),
        source: Source { block: minute, index: 0 },
        version: 1,
        values: vec![FactorValue::of(FactorId(7), Decimal::new(minute, 1))],
    }
}

#[test]
fn many_groups_and_pages_are_read() {
    // More lines than a row group has, and a second point after them.
    let of = |point| {
        (0..44_640).map(move |minute| {
            let mut row = row(point, minute);
            row.values = (0..7)
                .map(|factor| {
                    FactorValue::of(
                        FactorId(factor),
                        Decimal::new(minute * 7 + i64::from(factor), 2),
                    )
                })
                .collect();
            row
        })
    };
    let rows: Vec<Row> = of(1).chain(of(2)).collect();
    run(async {
        let parts = opened(written(&rows, 1 << 40)).await;
        let [part] = parts.as_slice() else { panic!("one part") };
        assert_eq!(part.factor_row_count(), 2 * 7 * 44_640);
        assert_eq!(part.rows(PointId(2), whole_month()).await.unwrap(), rows[44_640..]);
        let range = rows[50_000].observed_at..rows[50_007].observed_at;
        assert_eq!(part.rows(PointId(2), range).await.unwrap(), rows[50_000..50_007]);
        let keys = [rows[3].key(), rows[44_639].key(), rows[60_000].key()];
        let found = part.rows_at(&keys).await.unwrap();
        assert_eq!(found, [rows[3].clone(), rows[44_639].clone(), rows[60_000].clone()]);
    });
}

#[test]
fn rows_out_of_order_are_refused() {
    let mut writer = Writer::new(Period::Minute, month());
    assert!(writer.push(row(1, 5)).is_ok());
    for wrong in [row(1, 5), row(1, 4), row(0, 9), row(1, 60 * 24 * 40)] {
        assert!(matches!(writer.push(wrong), Err(FormatError::Order { .. })));
    }
    assert!(writer.push(row(2, 0)).is_ok());
}

#[test]
fn a_file_that_is_gone_is_told_apart() {
    run(async {
        let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let files = PartFiles { values: "values".into(), rows: "rows".into() };
        let problem = open(objects, &files).await.err().expect("nothing is there");
        assert!(problem.is_missing(), "{problem}");
    });
}
