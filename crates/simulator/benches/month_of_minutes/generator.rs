//! A plausible month of minutes: the levels of the simulator, an instrument's restlessness on top,
//! calibrations, repairs, gaps. The same seed gives the same bytes.
//!
//! Each minute has mean, smallest, largest and, where an amount is due, the quantity, and a flag;
//! the levels wander over hours, so that neighbours resemble each other as they do in plants.

use jiff::{SignedDuration, Timestamp};
use observations::{Delivery, FactorValue, Marks, NewRow, Origin};
use registry::load::{CityFiles, ListedDetail, ListedDevice, ListedPoint, read_city};
use registry::{Device, Medium, PointKind, Snapshot};
use rulebook::{Decimal, Period};
use simulator::{Report, Scenario, Signal, Site};
use std::path::Path;
use std::sync::Arc;
use store::Store;
use validity::Month;

/// The seed of the published figures.
pub(crate) const SEED: u64 = 20_261_129;
/// Factors of each outlet.
pub(crate) const FACTORS: usize = 10;
pub(crate) const GAS: [&str; FACTORS] = [
    "a00000", "a34013", "a21026", "a21002", "a19001", "a01011", "a01012", "a01013", "a01014",
    "a21005",
];
const WATER: [&str; FACTORS] = [
    "w00000", "w01001", "w01010", "w01018", "w21003", "w21011", "w21001", "w01012", "w01009",
    "w01019",
];
/// Those with a limit.
const LIMITED: [(&str, i64); 7] = [
    ("a34013", 20),
    ("a21026", 50),
    ("a21002", 100),
    ("w01018", 50),
    ("w21003", 5),
    ("w21011", 1),
    ("w21001", 15),
];
/// Rows of one commit.
const BATCH: usize = 2048;

/// The outlets of the measurement.
pub(crate) struct City {
    signal: Signal,
}

impl City {
    /// A city with so many outlets and nothing else that reports.
    pub(crate) async fn install(store: &Store, outlets: usize) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/zhangzhou");
        let mut files = read_city(&folder).expect("the city reads");
        let like = files.points.iter().find(|row| row.what.kind() == PointKind::Outlet).cloned();
        let like = like.expect("an outlet");
        let (device, limit) = (files.devices.remove(0), files.limits.remove(0));
        files.points.clear();
        files.devices.clear();
        files.limits.clear();
        for number in 0..outlets {
            let medium = super::medium(number);
            let point = point(&like, number, medium);
            for (factor, at_most) in limits_of(medium) {
                let mut row = limit.clone();
                row.what.point.clone_from(&point.what.code);
                factor.clone_into(&mut row.what.factor);
                row.what.period = if medium == Medium::Gas { Period::Hour } else { Period::Day };
                row.what.bound = registry::LimitBound::AtMost(Decimal::from(at_most));
                row.what.on_converted = false;
                files.limits.push(row);
            }
            let mut row = device.clone();
            row.what = listed(&point.what.code, number, medium);
            files.devices.push(row);
            files.points.push(point);
        }
        install(store, &files).await;
        Self { signal: Signal::new(SEED, Arc::new(Scenario::default())) }
    }

    /// The deliveries of a month, in the order of time, a commit at once.
    pub(crate) fn deliveries(
        &self,
        snapshot: &Snapshot,
        month: Month,
        period: Period,
    ) -> impl Iterator<Item = Vec<Delivery>> + use<> {
        let devices: Vec<&Device> = snapshot.devices().collect();
        let sites: Vec<Site> =
            devices.iter().filter_map(|device| Site::of(SEED, snapshot, device)).collect();
        let signal = self.signal.clone();
        let step = if period == Period::Hour { 3600 } else { 60 };
        let (from, to) = (month.begins().as_second(), month.ends().as_second());
        let mut moment = from;
        std::iter::from_fn(move || {
            let mut batch = Vec::with_capacity(BATCH);
            while moment < to && batch.len() < BATCH {
                for (place, site) in sites.iter().enumerate() {
                    batch.extend(delivery(&signal, site, place as u64, (moment, step), period));
                }
                moment += step;
            }
            (!batch.is_empty()).then_some(batch)
        })
    }
}

fn limits_of(medium: Medium) -> impl Iterator<Item = (&'static str, i64)> {
    let letter = if medium == Medium::Gas { 'a' } else { 'w' };
    LIMITED.into_iter().filter(move |(code, _)| code.starts_with(letter))
}

fn point(
    like: &registry::load::Listed<ListedPoint>,
    number: usize,
    of: Medium,
) -> registry::load::Listed<ListedPoint> {
    let mut point = like.clone();
    if let ListedDetail::Outlet { enterprise, number: outlet, medium } = &mut point.what.detail {
        let letter = if of == Medium::Gas { 'A' } else { 'W' };
        *outlet = format!("D{letter}{:05}", 10_000 + number);
        *medium = of;
        point.what.code = format!("{enterprise}/{outlet}");
    }
    point
}

fn listed(code: &str, number: usize, medium: Medium) -> ListedDevice {
    let is_gas = medium == Medium::Gas;
    ListedDevice {
        mn: format!("B{number:023X}"),
        password: "123456".to_owned(),
        point_kind: PointKind::Outlet,
        point: code.to_owned(),
        system_type: if is_gas { 31 } else { 32 },
        factors: (if is_gas { GAS } else { WATER }).map(str::to_owned).to_vec(),
        realtime_interval_s: None,
        minute_interval_min: Some(1),
        hour_interval_h: Some(1),
    }
}

async fn install(store: &Store, files: &CityFiles) {
    registry::store::install(store, files).await.expect("the city is installed");
}

/// One row; none in the gaps: now and then an hour of silence.
fn delivery(
    signal: &Signal,
    site: &Site,
    place: u64,
    (second, step): (i64, i64),
    period: Period,
) -> Option<Delivery> {
    let hour = second.div_euclid(3600);
    if chance(place, hour, 1) < 1 {
        return None;
    }
    let start = Timestamp::from_second(second).ok()?;
    let report = signal.report(site, period, start, step);
    let flag = flag(place, second, hour);
    let values = values(&report, place, second, period, flag);
    let received_at = start.saturating_add(SignedDuration::from_secs(step + 12)).unwrap_or(start);
    Some(Delivery {
        raw: Vec::new(),
        received_at,
        origin: Origin { device: Some(site.mn.as_str().into()), peer: "bench".into() },
        rows: vec![NewRow { point: site.point, period, observed_at: start, values }],
    })
}

/// Twenty minutes of calibration each night, now and then an hour of repair.
fn flag(place: u64, second: i64, hour: i64) -> u8 {
    let of_day = (second + 8 * 3600).rem_euclid(86_400);
    match () {
        () if (7200..8400).contains(&of_day) => b'C',
        () if chance(place, hour, 2) < 4 => b'M',
        () => b'N',
    }
}

fn values(report: &Report, place: u64, second: i64, period: Period, flag: u8) -> Vec<FactorValue> {
    let restless = |factor: u64, kind: u64| {
        let bits = mixed(place << 40 ^ factor << 32 ^ kind << 28 ^ second as u64);
        Decimal::new((bits % 2001) as i64 - 1000, 5)
    };
    let readings = (1_u64..).zip(&report.readings);
    readings
        .map(|(number, reading)| {
            let places = reading.value.scale();
            let near = |share: Decimal| (reading.value * (Decimal::ONE + share)).round_dp(places);
            let is_minute = period == Period::Minute;
            // A minute differs from its neighbour by up to one per cent, its twelve readings by
            // up to three.
            let mean = if is_minute { near(restless(number, 1)) } else { reading.value };
            let spread = reading.value.abs() * Decimal::new(1, 2);
            let below =
                (spread + spread * restless(number, 2).abs() * Decimal::from(200)).round_dp(places);
            let above =
                (spread + spread * restless(number, 3).abs() * Decimal::from(200)).round_dp(places);
            FactorValue {
                min: Some(mean - below),
                max: Some(mean + above),
                sum: reading.sum.map(|sum| {
                    let share = if is_minute { restless(number, 1) } else { Decimal::ZERO };
                    (sum * (Decimal::ONE + share)).round_dp(sum.scale())
                }),
                flag: Some(flag),
                marks: Marks::NONE,
                ..FactorValue::of(reading.factor, mean)
            }
        })
        .collect()
}

/// A number below a thousand that belongs to an outlet and an hour.
fn chance(place: u64, hour: i64, kind: u64) -> u64 {
    mixed(place << 48 ^ kind << 40 ^ hour as u64) % 1000
}

/// Bits that seem to know nothing of each other.
const fn mixed(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
