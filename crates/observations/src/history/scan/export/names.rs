//! What points and factors are called in a file that is given out.

use registry::{FactorId, PointId, Snapshot};
use rulebook::Period;
use std::collections::HashMap;

/// The codes of a city.
pub(super) struct Names {
    pub(super) period: Period,
    point_places: HashMap<PointId, u32>,
    /// The kind and the code of each point.
    pub(super) points: Vec<(&'static str, String)>,
    factor_places: HashMap<FactorId, u32>,
    /// The code of each factor.
    pub(super) factors: Vec<String>,
}

impl Names {
    pub(super) fn of(city: &Snapshot, period: Period) -> Self {
        let mut names = Self {
            period,
            point_places: HashMap::new(),
            points: Vec::new(),
            factor_places: HashMap::new(),
            factors: Vec::new(),
        };
        for point in city.every_point() {
            names.point_places.insert(point.id, names.points.len() as u32);
            names.points.push((point.kind().as_str(), point.code.clone()));
        }
        for factor in city.factors() {
            names.factor_places.insert(factor.id, names.factors.len() as u32);
            names.factors.push(factor.code.clone());
        }
        // Who is in no list of the city is lost to nobody.
        names.points.push(("", String::new()));
        names.factors.push(String::new());
        names
    }

    /// The place of a point among the names.
    pub(super) fn point(&self, point: PointId) -> usize {
        self.point_places.get(&point).map_or(self.points.len() - 1, |place| *place as usize)
    }

    /// The place of a factor among the names.
    pub(super) fn factor(&self, factor: FactorId) -> usize {
        self.factor_places.get(&factor).map_or(self.factors.len() - 1, |place| *place as usize)
    }
}

#[cfg(test)]
impl Names {
    /// Names of a city without anything in it.
    pub(super) fn none(period: Period) -> Self {
        Self {
            period,
            point_places: HashMap::new(),
            points: vec![("", String::new())],
            factor_places: HashMap::new(),
            factors: vec![String::new()],
        }
    }
}
