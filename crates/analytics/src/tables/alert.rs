//! Alerts as a table, within the jurisdiction of who asks.

use super::points::{POINT_COLUMNS, point_cell, points_wanted};
use super::rows::{Cell, Column, Kind, Rows, column, schema};
use super::{Ground, Table, at_once, failed, wanted};
use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use evaluation::{AlertFilter, list_alerts};
use registry::PointId;
use std::collections::HashMap;
use std::sync::Arc;

/// Alerts read at once.
const A_PAGE: u32 = 10_000;
/// More than this are not held at once.
const AT_MOST: usize = 1_000_000;

const COLUMNS: &[Column] = &[
    POINT_COLUMNS[0],
    POINT_COLUMNS[1],
    POINT_COLUMNS[2],
    POINT_COLUMNS[3],
    POINT_COLUMNS[4],
    POINT_COLUMNS[5],
    column("alert", Kind::Integer, "预警编号", "number of the alert"),
    column(
        "what",
        Kind::Text,
        "exceedance、missing_data、device_offline、constant_value",
        "exceedance, missing_data, device_offline or constant_value",
    ),
    column("factor", Kind::Text, "因子编码", "code of the factor, where it is about one"),
    column("severity", Kind::Text, "notice、warning、serious", "notice, warning or serious"),
    column("opened_at", Kind::Time, "开始", "when it began"),
    column("last_at", Kind::Time, "最近一次", "the last time that showed it"),
    column("closed_at", Kind::Time, "结束;空 = 未结束", "when it ended; null = still open"),
    column("count", Kind::Integer, "次数", "how many values or looks showed it"),
    column("last_value", Kind::Decimal, "最近值", "the last value"),
    column("worst_value", Kind::Decimal, "最差值", "the worst value"),
    column("bound", Kind::Text, "限值", "the limit"),
    column("close_reason", Kind::Text, "结束原因", "why it was closed"),
];

/// The alerts.
pub(crate) const ALERT: Table = Table {
    name: "alert",
    zh: "预警,限本人管辖范围",
    en: "alerts, within the jurisdiction of who asks",
    columns: COLUMNS,
    open: |_, ground| Arc::new(Alerts { ground: ground.clone() }),
};

#[derive(Debug)]
struct Alerts {
    ground: Ground,
}

#[async_trait]
impl TableProvider for Alerts {
    fn schema(&self) -> SchemaRef {
        schema(COLUMNS)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let snapshot = &self.ground.snapshot;
        let seen: HashMap<PointId, _> = points_wanted(state, filters, snapshot)?
            .into_iter()
            .filter(|point| self.ground.sight.sees_alerts_at(snapshot, point))
            .map(|point| (point.id, point))
            .collect();
        let mut filter = AlertFilter {
            points: Some(seen.keys().copied().collect()),
            limit: A_PAGE,
            ..AlertFilter::default()
        };
        let mut rows = Rows::new(COLUMNS, &wanted(projection, COLUMNS));
        loop {
            let page = list_alerts(&self.ground.store, &filter).await.map_err(failed)?;
            for alert in &page {
                let Some(point) = seen.get(&alert.subject.point) else { continue };
                let factor = alert.subject.factor.and_then(|factor| snapshot.factor(factor));
                rows.push(|place| match place {
                    6 => Cell::Integer(alert.id),
                    7 => Cell::Text(alert.subject.kind.as_str()),
                    8 => Cell::text(factor.map(|factor| factor.code.as_str())),
                    9 => Cell::Text(alert.severity.as_str()),
                    10 => Cell::Time(alert.opened_at),
                    11 => Cell::Time(alert.last_at),
                    12 => alert.closed_at.map_or(Cell::Null, Cell::Time),
                    13 => Cell::Integer(alert.count),
                    14 => Cell::decimal(alert.last_value),
                    15 => Cell::decimal(alert.worst_value),
                    16 => Cell::text(alert.bound.as_deref()),
                    17 => Cell::text(alert.close_reason.as_deref()),
                    other => point_cell(point, other),
                });
            }
            if rows.len() > AT_MOST {
                let what = format!("more than {AT_MOST} alerts; narrow by point, kind or division");
                return Err(DataFusionError::ResourcesExhausted(what));
            }
            let Some(last) = page.last().filter(|_| page.len() == A_PAGE as usize) else { break };
            filter.after = Some((last.opened_at, last.id));
        }
        at_once(state, rows).await
    }
}
