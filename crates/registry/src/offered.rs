//! The snapshot of a city that was read and is not installed: to check other files against it.

use crate::Snapshot;
use crate::load::{CityFiles, ListedDetail};
use crate::model::{
    AirStation, Enterprise, EnterpriseId, Factor, FactorId, MonitoringPoint, Outlet, PointDetail,
    PointId, WaterSection,
};
use crate::snapshot::Content;
use std::collections::HashMap;

impl Snapshot {
    /// The nouns of a city's files, numbered in their order; without devices and limits.
    pub fn of_files(files: &CityFiles) -> Self {
        let enterprises: Vec<Enterprise> = files
            .enterprises
            .iter()
            .zip(1..)
            .map(|(row, id)| Enterprise {
                id: EnterpriseId(id),
                code: row.what.code.clone(),
                name: row.what.name.clone(),
                division: row.what.division.clone(),
                industry: row.what.industry.clone(),
                is_fictitious: row.what.is_fictitious,
            })
            .collect();
        let owners: HashMap<&str, EnterpriseId> =
            enterprises.iter().map(|one| (one.code.as_str(), one.id)).collect();
        let points = files.points.iter().zip(1..).filter_map(|(row, id)| {
            let what = &row.what;
            let detail = detail(&what.detail, &owners)?;
            let point = MonitoringPoint {
                id: PointId(id),
                code: what.code.clone(),
                name: what.name.clone(),
                division: what.division.clone(),
                position: what.position,
                position_note: what.position_note.clone(),
                source: row.source.clone(),
                confidence: row.confidence,
                valid_from: what.valid_from,
                valid_to: what.valid_to,
                detail,
            };
            Some((point, true))
        });
        let factors = files.factors.iter().zip(1..).map(|(row, id)| Factor {
            id: FactorId(id),
            code: row.what.code.clone(),
            name: row.what.name.clone(),
            unit: row.what.unit.clone(),
            decimals: row.what.decimals,
            air_unit: row.what.air_unit.clone(),
            air_decimals: row.what.air_decimals,
            is_listed: true,
        });
        Self::new(Content {
            city: files.city.clone(),
            divisions: files.divisions.iter().map(|row| row.what.clone()).collect(),
            departments: files.departments.iter().map(|row| row.what.clone()).collect(),
            factors: factors.collect(),
            points: points.collect(),
            enterprises: enterprises.clone(),
            devices: Vec::new(),
            limits: Vec::new(),
        })
    }
}

fn detail(listed: &ListedDetail, owners: &HashMap<&str, EnterpriseId>) -> Option<PointDetail> {
    Some(match listed {
        ListedDetail::Outlet { enterprise, number, medium } => PointDetail::Outlet(Outlet {
            enterprise: *owners.get(enterprise.as_str())?,
            medium: *medium,
            permit_outlet_number: number.clone(),
        }),
        ListedDetail::AirStation { network, is_control_point } => {
            PointDetail::AirStation(AirStation {
                network: network.clone(),
                is_control_point: *is_control_point,
            })
        }
        ListedDetail::WaterSection { network, water, body, target_class } => {
            PointDetail::WaterSection(WaterSection {
                network: network.clone(),
                water: water.clone(),
                body: *body,
                target_class: *target_class,
            })
        }
    })
}
