//! What the simulation knows of a device: its point, its factors and the limits it should keep.

use crate::noise::Noise;
use hj212::Edition;
use registry::{
    Device, Factor, FactorId, Limit, LimitBound, Medium, MonitoringPoint, PointDetail, PointId,
    PointKind, Snapshot,
};
use rulebook::{Decimal, Period};

/// What a device measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SiteKind {
    /// The air at a station.
    AirStation,
    /// A river or lake.
    WaterSection,
    /// Waste water.
    WasteWater,
    /// Waste gas.
    WasteGas,
}

/// A factor that a device reports.
#[derive(Clone, Debug)]
pub struct SiteFactor {
    /// Its number in the store.
    pub id: FactorId,
    /// Its code.
    pub code: String,
    /// Decimals sent.
    pub decimals: u32,
    /// True where the unit counts by the hour (m3/h), not by the second.
    pub is_hourly_unit: bool,
    /// The smallest upper limit of the permit.
    pub limit: Option<f64>,
    /// True when the value converted to the reference oxygen content is sent too.
    pub is_converted: bool,
    /// Randomness of its own.
    pub(crate) noise: Noise,
    /// The share of the limit at which the enterprise usually works.
    pub(crate) share: f64,
}

/// A device and what stands around it.
#[derive(Clone, Debug)]
pub struct Site {
    /// The device's number MN.
    pub mn: String,
    /// Its password PW.
    pub password: String,
    /// The point for which it speaks.
    pub point: PointId,
    /// What it measures.
    pub kind: SiteKind,
    /// The edition of HJ 212 that it speaks.
    pub edition: Edition,
    /// The system code ST.
    pub system_type: u8,
    /// Seconds between real-time values.
    pub realtime_interval_s: Option<u32>,
    /// Minutes between minute values.
    pub minute_interval_min: Option<u32>,
    /// Hours between hour values.
    pub hour_interval_h: Option<u32>,
    /// Reference oxygen content (基准氧含量), per cent; for waste gas.
    pub reference_oxygen: f64,
    /// What it reports.
    pub factors: Vec<SiteFactor>,
    /// Randomness of its own.
    pub(crate) noise: Noise,
}

impl Site {
    /// The sites of all devices of a city whose point is listed, in the order of its files.
    pub fn all(seed: u64, snapshot: &Snapshot) -> Vec<Self> {
        snapshot.devices().filter_map(|device| Self::of(seed, snapshot, device)).collect()
    }

    /// The site of one device of a city; `None` when its point is not there.
    pub fn of(seed: u64, snapshot: &Snapshot, device: &Device) -> Option<Self> {
        let point = snapshot.point(device.point)?;
        let factors: Vec<_> =
            device.factors.iter().filter_map(|id| snapshot.factor(*id)).cloned().collect();
        let industry = match &point.detail {
            PointDetail::Outlet(outlet) => snapshot
                .enterprise(outlet.enterprise)
                .map_or("", |enterprise| enterprise.industry.as_str()),
            _ => "",
        };
        Some(Self::new(seed, device, point, &factors, snapshot.limits_of(point.id), industry))
    }

    /// A site from its parts.
    pub fn new(
        seed: u64,
        device: &Device,
        point: &MonitoringPoint,
        factors: &[Factor],
        limits: &[Limit],
        industry: &str,
    ) -> Self {
        let noise = Noise::new(seed, &device.mn);
        let kind = match &point.detail {
            PointDetail::AirStation(_) => SiteKind::AirStation,
            PointDetail::WaterSection(_) => SiteKind::WaterSection,
            PointDetail::Outlet(outlet) if outlet.medium == Medium::Water => SiteKind::WasteWater,
            PointDetail::Outlet(_) => SiteKind::WasteGas,
        };
        Self {
            mn: device.mn.clone(),
            password: device.password.clone(),
            point: point.id,
            kind,
            edition: edition(&device.mn, noise),
            system_type: device.system_type,
            realtime_interval_s: device.realtime_interval_s,
            minute_interval_min: device.minute_interval_min,
            hour_interval_h: device.hour_interval_h,
            reference_oxygen: reference_oxygen(industry),
            factors: factors
                .iter()
                .map(|factor| SiteFactor::new(factor, point.kind(), kind, limits, noise))
                .collect(),
            noise,
        }
    }

    /// The place of a factor among those that the site reports.
    pub fn factor(&self, code: &str) -> Option<usize> {
        self.factors.iter().position(|factor| factor.code == code)
    }

    /// The intervals at which the site reports over a period, in seconds.
    pub fn interval_s(&self, period: Period) -> Option<i64> {
        let scaled = |count: Option<u32>, unit: i64| {
            count.filter(|count| *count > 0).map(|count| i64::from(count) * unit)
        };
        match period {
            Period::RealTime => scaled(self.realtime_interval_s, 1),
            Period::Minute => scaled(self.minute_interval_min, 60),
            Period::Hour => scaled(self.hour_interval_h, 3600),
            Period::Day => self.is_outlet().then_some(86_400),
        }
    }

    /// True for a discharge outlet.
    pub const fn is_outlet(&self) -> bool {
        matches!(self.kind, SiteKind::WasteGas | SiteKind::WasteWater)
    }
}

impl SiteFactor {
    fn new(
        factor: &Factor,
        point_kind: PointKind,
        kind: SiteKind,
        limits: &[Limit],
        site: Noise,
    ) -> Self {
        let noise = site.child(&factor.code);
        let limits = || limits.iter().filter(|limit| limit.factor == factor.id);
        let limit = limits()
            .filter_map(|limit| match limit.bound {
                LimitBound::AtMost(bound) => to_float(bound),
                LimitBound::Within(..) => None,
            })
            .min_by(f64::total_cmp);
        let unit = factor.unit_at(point_kind);
        Self {
            id: factor.id,
            code: factor.code.clone(),
            decimals: factor.decimals_at(point_kind).min(6),
            is_hourly_unit: unit.ends_with("/h"),
            limit,
            is_converted: kind == SiteKind::WasteGas && limits().any(|limit| limit.on_converted),
            noise,
            share: noise.child("share").between(0.28, 0.58),
        }
    }
}

/// Mostly 2017; the old ones are known by their short MN, the new ones by lot.
fn edition(mn: &str, noise: Noise) -> Edition {
    if mn.len() == 14 {
        Edition::Hj2005
    } else if noise.child("edition").unit(0) < 0.15 {
        Edition::Hj2025
    } else {
        Edition::Hj2017
    }
}

/// What the emission standards of an industry usually refer to; the simulation's own choice.
fn reference_oxygen(industry: &str) -> f64 {
    // GB/T 4754 codes stand with or without the letter of their section.
    match industry.trim_start_matches(|sign: char| sign.is_ascii_alphabetic()).get(..2) {
        Some("44") => 6.0,
        Some("77" | "78") => 11.0,
        Some("30") => 10.0,
        _ => 9.0,
    }
}

/// The nearest float: the simulation draws curves, it judges nothing.
fn to_float(value: Decimal) -> Option<f64> {
    value.to_string().parse().ok()
}

/// A usual factor: code, decimals, upper limit.
type Usual = (&'static str, u32, Option<f64>);

/// The factors that a point of a kind usually has.
const USUAL: [(SiteKind, &[Usual]); 4] = [
    (
        SiteKind::AirStation,
        &[
            ("a34004", 0, None),
            ("a34002", 0, None),
            ("a05024", 0, None),
            ("a21004", 0, None),
            ("a21026", 0, None),
            ("a21005", 1, None),
        ],
    ),
    (
        SiteKind::WaterSection,
        &[
            ("w01001", 2, None),
            ("w01009", 2, None),
            ("w01019", 2, None),
            ("w21003", 3, None),
            ("w21011", 3, None),
            ("w21001", 2, None),
            ("w01010", 1, None),
            ("w01014", 1, None),
            ("w01003", 1, None),
        ],
    ),
    (
        SiteKind::WasteWater,
        &[
            ("w00000", 2, None),
            ("w01001", 2, None),
            ("w01018", 1, Some(50.0)),
            ("w21003", 3, Some(5.0)),
            ("w21011", 3, Some(0.5)),
            ("w21001", 2, Some(15.0)),
        ],
    ),
    (
        SiteKind::WasteGas,
        &[
            ("a00000", 2, None),
            ("a34013", 2, Some(20.0)),
            ("a21026", 2, Some(50.0)),
            ("a21002", 2, Some(100.0)),
            ("a19001", 2, None),
            ("a01012", 1, None),
            ("a01013", 3, None),
            ("a01014", 2, None),
        ],
    ),
];

impl Site {
    /// A site that no registry knows, with the usual factors of its kind: for loads, and for
    /// trying a platform elsewhere.
    pub fn invented(seed: u64, mn: &str, password: &str, kind: SiteKind) -> Self {
        let noise = Noise::new(seed, mn);
        let usual = USUAL.iter().find(|(of, _)| *of == kind).map_or(&[][..], |(_, list)| *list);
        let (system_type, realtime, minute, hour) = match kind {
            SiteKind::AirStation => (22, None, None, Some(1)),
            SiteKind::WaterSection => (21, None, None, Some(4)),
            SiteKind::WasteWater => (32, Some(60), Some(10), Some(1)),
            SiteKind::WasteGas => (31, Some(60), Some(10), Some(1)),
        };
        let factors = usual.iter().zip(1_u16..).map(|(&(code, decimals, limit), number)| {
            let noise = noise.child(code);
            SiteFactor {
                id: FactorId(number),
                code: code.to_owned(),
                decimals,
                is_hourly_unit: false,
                limit,
                is_converted: kind == SiteKind::WasteGas && limit.is_some(),
                noise,
                share: noise.child("share").between(0.28, 0.58),
            }
        });
        Self {
            mn: mn.to_owned(),
            password: password.to_owned(),
            point: PointId(0),
            kind,
            edition: edition(mn, noise),
            system_type,
            realtime_interval_s: realtime,
            minute_interval_min: minute,
            hour_interval_h: hour,
            reference_oxygen: 9.0,
            factors: factors.collect(),
            noise,
        }
    }
}
