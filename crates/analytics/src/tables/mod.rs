//! The tables: the registry's nouns, observations, verdicts, alerts.

mod alert;
mod nouns;
mod observation;
mod points;
pub(crate) mod rows;
pub(crate) mod span;
mod verdict;

pub(crate) use points::Point;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{MemTable, Session, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use registry::Snapshot;
use rows::{Column, Rows};
use std::error::Error;
use std::sync::Arc;
use store::Store;

use crate::sight::Sight;

/// A table, with what it means.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// Its meaning in Chinese.
    pub(crate) zh: &'static str,
    /// Its meaning in English.
    pub(crate) en: &'static str,
    pub(crate) columns: &'static [Column],
    /// Opens it for somebody.
    open: fn(&'static Table, &Ground) -> Arc<dyn TableProvider>,
}

/// Every table, in the order in which they are shown.
pub(crate) const TABLES: &[&Table] = &[
    &observation::OBSERVATION,
    &verdict::VERDICT,
    &alert::ALERT,
    &nouns::POINT,
    &nouns::AIR_STATION,
    &nouns::WATER_SECTION,
    &nouns::OUTLET,
    &nouns::DISCHARGE_LIMIT,
    &nouns::ENTERPRISE,
    &nouns::DIVISION,
    &nouns::FACTOR,
];

/// What tables read from, for one question: the nouns as they were when it was asked.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) store: Store,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) sight: Sight,
}

impl Table {
    /// The table as somebody sees it.
    pub(crate) fn open(&'static self, ground: &Ground) -> Arc<dyn TableProvider> {
        (self.open)(self, ground)
    }
}

/// A failure below a table.
pub(crate) fn failed(error: impl Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// The columns that a plan asks for.
pub(crate) fn wanted(projection: Option<&Vec<usize>>, columns: &[Column]) -> Vec<usize> {
    projection.cloned().unwrap_or_else(|| (0..columns.len()).collect())
}

/// A table that is small enough to be made as a whole from the nouns.
struct Small {
    table: &'static Table,
    ground: Ground,
    fill: fn(&Ground, &mut Rows),
}

impl std::fmt::Debug for Small {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Small").field("table", &self.table.name).finish_non_exhaustive()
    }
}

/// Rows made when they are asked for, as a plan reads them.
async fn at_once(state: &dyn Session, rows: Rows) -> Result<Arc<dyn ExecutionPlan>> {
    let batch = rows.finish()?;
    MemTable::try_new(batch.schema(), vec![vec![batch]])?.scan(state, None, &[], None).await
}

#[async_trait]
impl TableProvider for Small {
    fn schema(&self) -> SchemaRef {
        rows::schema(self.table.columns)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = self.table.columns;
        let mut rows = Rows::new(columns, &wanted(projection, columns));
        (self.fill)(&self.ground, &mut rows);
        at_once(state, rows).await
    }
}
