//! What a month of minutes would take in other forms: measured, not used. Each form holds time,
//! mean, smallest, largest, sum, flag and marks of every factor.

use super::minutes;
use observations::{FactorValue, Row, pack};
use registry::{FactorId, PointKind, Snapshot};
use rulebook::Decimal;
use std::collections::BTreeSet;
use store::Store;
use validity::Month;

const DAY_S: i64 = 86_400;
/// Levels of zstd that are tried.
const LEVELS: [i32; 2] = [3, 19];

/// Bytes of each form over all outlets.
#[derive(Default)]
struct Sums {
    factor_rows: usize,
    rows_together: [usize; LEVELS.len()],
    columns_bare: usize,
    columns: [usize; LEVELS.len()],
}

/// Packs every outlet's day anew and prints what each form takes.
pub(crate) async fn tell(store: &Store, snapshot: &Snapshot, month: Month) {
    let mut sums = Sums::default();
    for point in snapshot.points_of(PointKind::Outlet) {
        let rows = minutes(store, point.id, month).await;
        let day = |row: &Row| (row.observed_at.as_second() + 8 * 3600).div_euclid(DAY_S);
        for rows in rows.chunk_by(|left, right| day(left) == day(right)) {
            sums.add(rows);
        }
    }
    let each = |bytes: usize| bytes as f64 / sums.factor_rows.max(1) as f64;
    println!("other forms of the same minutes, bytes a factor-row (measured in memory):");
    for (level, bytes) in LEVELS.iter().zip(sums.rows_together) {
        println!("  rows of a day one after another, zstd {level}: {:.2}", each(bytes));
    }
    println!("  columns of a day, differences as varints: {:.2}", each(sums.columns_bare));
    for (level, bytes) in LEVELS.iter().zip(sums.columns) {
        println!("  the same, zstd {level}: {:.2}", each(bytes));
    }
}

impl Sums {
    fn add(&mut self, rows: &[Row]) {
        self.factor_rows += rows.iter().map(|row| row.values.len()).sum::<usize>();
        let mut together = Vec::new();
        let mut before = 0;
        for row in rows {
            let second = row.observed_at.as_second();
            put(&mut together, second - before);
            before = second;
            together.extend(pack(&row.values));
        }
        let columns = columns(rows);
        self.columns_bare += columns.len();
        for (place, level) in LEVELS.iter().enumerate() {
            self.rows_together[place] += compressed(&together, *level);
            self.columns[place] += compressed(&columns, *level);
        }
    }
}

fn compressed(bytes: &[u8], level: i32) -> usize {
    zstd::bulk::compress(bytes, level).expect("compressed").len()
}

/// Times, then each factor: means as differences from the one before, smallest and largest as
/// differences from the mean, sums as differences, flags and marks in runs.
fn columns(rows: &[Row]) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut before, mut step) = (0, 0);
    for row in rows {
        let second = row.observed_at.as_second();
        put(&mut out, second - before - step);
        step = second - before;
        before = second;
    }
    let factors: BTreeSet<FactorId> =
        rows.iter().flat_map(|row| &row.values).map(|value| value.factor).collect();
    for factor in factors {
        let values: Vec<Option<&FactorValue>> = rows.iter().map(|row| row.factor(factor)).collect();
        column(&mut out, &values);
    }
    out
}

fn column(out: &mut Vec<u8>, values: &[Option<&FactorValue>]) {
    let numbers = |of: fn(&FactorValue) -> Option<Decimal>| -> Vec<i64> {
        values.iter().map(|value| value.and_then(of).map_or(0, digits)).collect()
    };
    let mean = numbers(|value| value.value);
    let min = numbers(|value| value.min);
    let max = numbers(|value| value.max);
    let sum = numbers(|value| value.sum);
    differences(out, &mean);
    for (other, sign) in [(&min, -1), (&max, 1)] {
        for (number, mean) in other.iter().zip(&mean) {
            put(out, (number - mean) * sign);
        }
    }
    differences(out, &sum);
    let state = |value: Option<&FactorValue>| {
        value.map_or(0, |value| i64::from(value.flag.unwrap_or(0)) | i64::from(value.marks.0) << 8)
    };
    for run in values.chunk_by(|left, right| state(*left) == state(*right)) {
        put(out, run.len() as i64);
        put(out, state(run.first().copied().flatten()));
    }
}

fn differences(out: &mut Vec<u8>, numbers: &[i64]) {
    let mut before = 0;
    for number in numbers {
        put(out, number - before);
        before = *number;
    }
}

/// The digits of a number; the decimals are those of the factor.
fn digits(number: Decimal) -> i64 {
    i64::try_from(number.mantissa()).unwrap_or(i64::MAX)
}

/// A number as a varint, its sign in the lowest bit.
fn put(out: &mut Vec<u8>, number: i64) {
    let mut rest = (number << 1 ^ number >> 63) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}
