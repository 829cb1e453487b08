//! A session for one who asks: their tables, the functions, how much it may take.

use crate::functions;
use crate::tables::rows::UTC;
use crate::tables::{Ground, TABLES};
use datafusion::error::Result;
use datafusion::execution::context::{SessionConfig, SessionContext};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use operations::sql::Limits;
use std::sync::Arc;

/// The catalogue under which the tables stand.
pub(crate) const CATALOGUE: &str = "lucid";
/// The schema in it.
const SCHEMA: &str = "public";
/// Workers of one question.
const WORKERS: usize = 2;

/// A session over this ground. It reads no file and writes none: what does not fit into its memory
/// ends it.
pub(crate) fn open(ground: &Ground, limits: Limits) -> Result<SessionContext> {
    let mut config = SessionConfig::new()
        .with_target_partitions(WORKERS)
        .with_information_schema(true)
        .with_default_catalog_and_schema(CATALOGUE, SCHEMA)
        .with_create_default_catalog_and_schema(true);
    let options = config.options_mut();
    options.sql_parser.collect_spans = true;
    // A time with a zone is an instant, and never taken for one of the clock.
    options.execution.time_zone = Some(UTC.to_owned());
    options.sql_parser.dialect = datafusion::config::Dialect::PostgreSQL;
    let memory = usize::try_from(limits.memory_mib).unwrap_or(usize::MAX).saturating_mul(1 << 20);
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(memory)))
        .with_disk_manager_builder(disk)
        .build_arc()?;
    let context = SessionContext::new_with_config_rt(config, runtime);
    for table in TABLES {
        context.register_table(table.name, table.open(ground))?;
    }
    functions::register(&context);
    Ok(context)
}
