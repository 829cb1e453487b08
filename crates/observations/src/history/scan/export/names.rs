//! What points and factors are called in a file that is given out.

use registry::{FactorId, PointId, Snapshot};
use rulebook::Period;
use std::collections::HashMap;

/// The codes of a city.
pub(super) struct Names {
    pub(super) period: Period,
    points: HashMap<PointId, u32>,
    /// The kind and the code of each point.
    pub(super) point_names: Vec<(&'static str, String)>,
    factors: HashMap<FactorId, u32>,
    /// The code of each factor.
    pub(super) factor_names: Vec<String>,
}

impl Names {
    pub(super) fn of(city: &Snapshot, period: Period) -> Self {
        let mut names = Self {
            period,
            points: HashMap::new(),
            point_names: Vec::new(),
            factors: HashMap::new(),
            factor_names: Vec::new(),
        };
        for point in city.every_point() {
            names.points.insert(point.id, names.point_names.len() as u32);
            names.point_names.push((point.kind().as_str(), point.code.clone()));
        }
        for factor in city.factors() {
            names.factors.insert(factor.id, names.factor_names.len() as u32);
            names.factor_names.push(factor.code.clone());
        }
        // Who is in no list of the city is lost to nobody.
        names.point_names.push(("", String::new()));
        names.factor_names.push(String::new());
        names
    }

    /// The place of a point among the names.
    pub(super) fn point(&self, point: PointId) -> usize {
        self.points.get(&point).map_or(self.point_names.len() - 1, |place| *place as usize)
    }

    /// The place of a factor among the names.
    pub(super) fn factor(&self, factor: FactorId) -> usize {
        self.factors.get(&factor).map_or(self.factor_names.len() - 1, |place| *place as usize)
    }
}
