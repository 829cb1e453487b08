//! The registry as it is at one moment: immutable, in memory, found by hash.

use crate::model::{
    City, Department, Device, Division, Enterprise, EnterpriseId, Factor, FactorId, Limit,
    MonitoringPoint, PointDetail, PointId, PointKind, in_force,
};
use jiff::civil::Date;
use rulebook::Period;
use std::collections::HashMap;
use std::sync::Arc;

/// All nouns of the city at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The city.
    pub city: City,
    /// Divisions in the order of the city's files; a code can stand several times, dated.
    pub divisions: Vec<Division>,
    /// Departments in the order of the city's files.
    pub departments: Vec<Department>,
    points: Arc<Points>,
    enterprises: Arc<HashMap<EnterpriseId, Enterprise>>,
    enterprise_order: Vec<EnterpriseId>,
    devices: Arc<HashMap<String, Device>>,
    device_order: Vec<String>,
    limits: Arc<HashMap<PointId, Vec<Limit>>>,
    factors: Vec<Factor>,
    factor_index: HashMap<FactorId, usize>,
    factor_codes: HashMap<String, FactorId>,
}

#[derive(Debug)]
struct Points {
    all: Vec<MonitoringPoint>,
    index: HashMap<PointId, usize>,
    codes: HashMap<PointKind, HashMap<String, usize>>,
    listed: HashMap<PointKind, Vec<usize>>,
}

/// What the store holds, in order.
pub(crate) struct Content {
    pub(crate) city: City,
    pub(crate) divisions: Vec<Division>,
    pub(crate) departments: Vec<Department>,
    pub(crate) factors: Vec<Factor>,
    pub(crate) enterprises: Vec<Enterprise>,
    /// With whether the city's files still list the point.
    pub(crate) points: Vec<(MonitoringPoint, bool)>,
    pub(crate) devices: Vec<Device>,
    pub(crate) limits: Vec<Limit>,
}

impl Snapshot {
    pub(crate) fn new(content: Content) -> Self {
        let mut limits: HashMap<_, Vec<_>> = HashMap::new();
        for limit in content.limits {
            limits.entry(limit.point).or_default().push(limit);
        }
        let mut snapshot = Self {
            city: content.city,
            divisions: content.divisions,
            departments: content.departments,
            points: Arc::new(Points::new(content.points)),
            enterprise_order: content.enterprises.iter().map(|row| row.id).collect(),
            enterprises: Arc::new(content.enterprises.into_iter().map(|e| (e.id, e)).collect()),
            device_order: content.devices.iter().map(|device| device.mn.clone()).collect(),
            devices: Arc::new(content.devices.into_iter().map(|d| (d.mn.clone(), d)).collect()),
            limits: Arc::new(limits),
            factors: Vec::new(),
            factor_index: HashMap::new(),
            factor_codes: HashMap::new(),
        };
        for factor in content.factors {
            snapshot.add_factor(factor);
        }
        snapshot
    }

    pub(crate) fn add_factor(&mut self, factor: Factor) {
        if self.factor_codes.contains_key(&factor.code) {
            return;
        }
        self.factor_index.insert(factor.id, self.factors.len());
        self.factor_codes.insert(factor.code.clone(), factor.id);
        self.factors.push(factor);
    }

    /// The division of this code, in its latest form.
    pub fn division(&self, code: &str) -> Option<&Division> {
        self.divisions.iter().filter(|row| row.code == code).max_by_key(|row| row.valid_from)
    }

    /// The divisions as they are on this day, in the order of the city's files.
    pub fn divisions_on(&self, on: Date) -> impl Iterator<Item = &Division> {
        let holds = move |row: &&Division| in_force(row.valid_from, row.valid_to, on);
        self.divisions.iter().filter(holds)
    }

    /// The department that leads the city's environmental work.
    pub fn lead_department(&self) -> Option<&Department> {
        self.departments.iter().find(|department| department.is_lead)
    }

    /// The point of this number, also one that the city's files no longer list.
    pub fn point(&self, id: PointId) -> Option<&MonitoringPoint> {
        self.points.index.get(&id).map(|&index| &self.points.all[index])
    }

    /// Every point that the store knows, also those that the city's files no longer list.
    pub fn every_point(&self) -> impl Iterator<Item = &MonitoringPoint> {
        self.points.all.iter()
    }

    /// The points of a kind in the order of the city's files.
    pub fn points_of(&self, kind: PointKind) -> impl Iterator<Item = &MonitoringPoint> {
        let listed = self.points.listed.get(&kind).map_or(&[][..], Vec::as_slice);
        listed.iter().map(|&index| &self.points.all[index])
    }

    /// The points of all kinds.
    pub fn points(&self) -> impl Iterator<Item = &MonitoringPoint> {
        PointKind::ALL.into_iter().flat_map(|kind| self.points_of(kind))
    }

    /// The point of this kind and code.
    pub fn point_by_code(&self, kind: PointKind, code: &str) -> Option<&MonitoringPoint> {
        let index = *self.points.codes.get(&kind)?.get(code)?;
        Some(&self.points.all[index])
    }

    /// The listed point of this kind and Chinese name: publications of water quality carry names
    /// only.
    pub fn point_by_name(&self, kind: PointKind, zh: &str) -> Option<&MonitoringPoint> {
        self.points_of(kind).find(|point| point.name.zh == zh)
    }

    /// The outlets of an enterprise in the order of the city's files.
    pub fn outlets_of(&self, enterprise: EnterpriseId) -> impl Iterator<Item = &MonitoringPoint> {
        self.points_of(PointKind::Outlet).filter(move |point| {
            matches!(&point.detail, PointDetail::Outlet(outlet) if outlet.enterprise == enterprise)
        })
    }

    /// The enterprise of this number.
    pub fn enterprise(&self, id: EnterpriseId) -> Option<&Enterprise> {
        self.enterprises.get(&id)
    }

    /// All enterprises in the order of the city's files.
    pub fn enterprises(&self) -> impl Iterator<Item = &Enterprise> {
        self.enterprise_order.iter().filter_map(|id| self.enterprises.get(id))
    }

    /// The enterprise of this code.
    pub fn enterprise_by_code(&self, code: &str) -> Option<&Enterprise> {
        self.enterprises().find(|enterprise| enterprise.code == code)
    }

    /// The device of this MN, with its password and point.
    pub fn device(&self, mn: &str) -> Option<&Device> {
        self.devices.get(mn)
    }

    /// All devices in the order of the city's files.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.device_order.iter().filter_map(|mn| self.devices.get(mn))
    }

    /// The devices that speak for a point.
    pub fn devices_of(&self, point: PointId) -> impl Iterator<Item = &Device> {
        self.devices().filter(move |device| device.point == point)
    }

    /// The factor of this number.
    pub fn factor(&self, id: FactorId) -> Option<&Factor> {
        self.factor_index.get(&id).map(|&index| &self.factors[index])
    }

    /// The factor of this code.
    pub fn factor_by_code(&self, code: &str) -> Option<&Factor> {
        self.factor(*self.factor_codes.get(code)?)
    }

    /// All factors, listed ones first.
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// The limits of a point, of all days.
    pub fn limits_of(&self, point: PointId) -> &[Limit] {
        self.limits.get(&point).map_or(&[], Vec::as_slice)
    }

    /// The limit that binds on a day.
    pub fn limit(
        &self,
        point: PointId,
        factor: FactorId,
        period: Period,
        on: Date,
    ) -> Option<&Limit> {
        self.limits_of(point).iter().find(|limit| {
            limit.factor == factor
                && limit.period == period
                && in_force(Some(limit.valid_from), limit.valid_to, on)
        })
    }
}

impl Points {
    fn new(points: Vec<(MonitoringPoint, bool)>) -> Self {
        let mut made = Self {
            all: Vec::with_capacity(points.len()),
            index: HashMap::with_capacity(points.len()),
            codes: HashMap::new(),
            listed: HashMap::new(),
        };
        for (index, (point, is_listed)) in points.into_iter().enumerate() {
            made.index.insert(point.id, index);
            made.codes.entry(point.kind()).or_default().insert(point.code.clone(), index);
            if is_listed {
                made.listed.entry(point.kind()).or_default().push(index);
            }
            made.all.push(point);
        }
        made
    }
}
