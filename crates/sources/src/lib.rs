//! Sources of pollution: outlets, their automatic monitoring, alerts, and the reasons of verdicts.

pub mod alerts;
pub mod automatic_monitoring;
pub mod comparison;
pub mod data_quality;
pub mod episodes;
pub mod fraud_signs;
pub mod marks;
pub mod outlets;
pub mod points;
pub mod triage;
pub mod verdicts;
mod words;

use web::Slice;

/// The schema of this area.
pub const MIGRATIONS: &[store::Migration] = &[
    store::Migration {
        version: 202_611_290_600,
        name: "fraud signs",
        sql: include_str!("migrations/202611290600_fraud_signs.sql"),
    },
    store::Migration {
        version: 202_611_291_100,
        name: "episodes",
        sql: include_str!("migrations/202611291100_episodes.sql"),
    },
    store::Migration {
        version: 202_611_291_200,
        name: "triage",
        sql: include_str!("migrations/202611291200_triage.sql"),
    },
    store::Migration {
        version: 202_611_291_400,
        name: "data quality",
        sql: include_str!("migrations/202611291400_data_quality.sql"),
    },
];

/// The slices of this area.
pub fn slices() -> Vec<Slice> {
    vec![
        outlets::slice(),
        marks::slice(),
        comparison::slice(),
        alerts::slice(),
        data_quality::slice(),
        episodes::slice(),
        fraud_signs::slice(),
        verdicts::slice(),
        points::slice(),
        triage::slice(),
    ]
}
