//! Everything that the binary is put together from, in one place: a new area is a line here.

use std::sync::Arc;

use evaluation::Judge;
use store::Migration;
use web::Area;

/// The schema of each crate that keeps something.
pub(crate) fn migrations() -> Vec<&'static [Migration]> {
    vec![
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        ingest::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        transparency::MIGRATIONS,
        delivery::MIGRATIONS,
        cases::MIGRATIONS,
        supervision::MIGRATIONS,
        permits::MIGRATIONS,
        validity::MIGRATIONS,
        sources::MIGRATIONS,
        enterprises::MIGRATIONS,
        governance::MIGRATIONS,
    ]
}

/// The judges of every area.
pub(crate) fn judges() -> Vec<Arc<dyn Judge>> {
    let mut judges = sources::automatic_monitoring::judges();
    judges.extend(environment::judges());
    judges
}

/// The pages and interfaces of every area, as the main navigation groups them.
pub(crate) fn areas() -> Vec<Area> {
    vec![
        Area { zh: "环境质量", en: "Environment", slices: environment::slices() },
        Area {
            zh: "污染源",
            en: "Sources",
            slices: [sources::slices(), enterprises::slices()].concat(),
        },
        Area { zh: "办理", en: "Work", slices: supervision::slices() },
        Area { zh: "方案", en: "Plan", slices: governance::slices() },
        Area { zh: "平台", en: "Platform", slices: operations::slices() },
    ]
}
