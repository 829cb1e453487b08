//! Verdicts as a table: what the rules say of the values.

use super::points::{POINT_COLUMNS, numbers, point_cell, points_wanted};
use super::rows::{Cell, Column, Kind, Rows, column, schema};
use super::span::{DAY, OBSERVED_AT, Span};
use super::{Ground, Point, Table, failed, wanted};
use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use evaluation::{VerdictFilter, verdict_page};
use registry::PointId;
use rulebook::beijing_offset;
use std::collections::HashMap;
use std::sync::Arc;

/// Verdicts read at once.
const A_PAGE: u32 = 5_000;

const COLUMNS: &[Column] = &[
    POINT_COLUMNS[0],
    POINT_COLUMNS[1],
    POINT_COLUMNS[2],
    POINT_COLUMNS[3],
    POINT_COLUMNS[4],
    POINT_COLUMNS[5],
    column("verdict", Kind::Integer, "评判编号,见 /verdicts/编号", "number, as in /verdicts/…"),
    column("rule", Kind::Text, "规则,如 hj633.hour", "the rule, hj633.hour"),
    column("factor", Kind::Text, "因子编码;空 = 评判整行", "code of the factor; null = whole row"),
    column("period", Kind::Text, "所判时段", "the period judged"),
    column(OBSERVED_AT, Kind::Time, "时段起点(UTC)", "start of the period, UTC"),
    column(DAY, Kind::Day, "时段起点所在日(北京时间)", "day in which it starts, Beijing time"),
    column("edition", Kind::Text, "所用标准版本", "edition of the standard"),
    column(
        "outcome",
        Kind::Text,
        "computed、meets、exceeds、not_computable",
        "computed, meets, exceeds or not_computable",
    ),
    column("value", Kind::Decimal, "结果数值", "the number found"),
    column("level", Kind::Integer, "级别或类别,1 最好", "level or class, 1 is best"),
    column("version", Kind::Integer, "第几版", "1 at first, one more each change"),
    column("judged_at", Kind::Time, "评判时刻", "when it was made"),
    column("reasons", Kind::Text, "依据(JSON)", "clause, inputs, rounding, as JSON"),
];

/// The verdicts.
pub(crate) const VERDICT: Table = Table {
    name: "verdict",
    zh: "评判结果:指数、类别、是否超标,附依据",
    en: "what the rules say: indices, classes, exceedances, with reasons",
    columns: COLUMNS,
    open: |_, ground| Arc::new(Verdicts { ground: ground.clone() }),
};

#[derive(Debug)]
struct Verdicts {
    ground: Ground,
}

#[async_trait]
impl TableProvider for Verdicts {
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
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let points = points_wanted(state, filters, &self.ground.snapshot)?;
        let wanted: Arc<[usize]> = wanted(projection, COLUMNS).into();
        let chosen: Vec<Column> = wanted.iter().map(|place| COLUMNS[*place]).collect();
        let schema = schema(&chosen);
        let span = Span::left_by(filters);
        let reading = Reading {
            filter: VerdictFilter {
                points: numbers(&points, &self.ground.snapshot),
                from: span.from,
                to: span.to,
            },
            ground: self.ground.clone(),
            points: Arc::new(points.into_iter().map(|point| (point.id, point)).collect()),
            wanted,
            schema: Arc::clone(&schema),
            after: Some(0),
        };
        let stream: Arc<dyn PartitionStream> = Arc::new(Pages(reading));
        StreamingTable::try_new(schema, vec![stream])?.scan(state, None, &[], limit).await
    }
}

#[derive(Clone, Debug)]
struct Reading {
    ground: Ground,
    filter: VerdictFilter,
    points: Arc<HashMap<PointId, Arc<Point>>>,
    wanted: Arc<[usize]>,
    schema: SchemaRef,
    /// The last number read; `None` at the end.
    after: Option<i64>,
}

#[derive(Debug)]
struct Pages(Reading);

impl PartitionStream for Pages {
    fn schema(&self) -> &SchemaRef {
        &self.0.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let batches = futures_util::stream::try_unfold(self.0.clone(), |mut reading| async move {
            Ok(reading.next().await?.map(|batch| (batch, reading)))
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.0.schema), batches))
    }
}

impl Reading {
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let Some(after) = self.after else { return Ok(None) };
        let page = verdict_page(&self.ground.store, &self.filter, after, A_PAGE).await;
        let page = page.map_err(failed)?;
        let is_more = page.len() == A_PAGE as usize;
        self.after = page.last().filter(|_| is_more).map(|last| last.id);
        let mut rows = Rows::new(COLUMNS, &self.wanted);
        for stored in &page {
            let verdict = &stored.verdict;
            let Some(point) = self.points.get(&verdict.point) else { continue };
            let factor = verdict.factor.and_then(|factor| self.ground.snapshot.factor(factor));
            let day = beijing_offset().to_datetime(verdict.observed_at).date();
            let reasons =
                if self.wanted.contains(&18) { verdict.reasons.to_string() } else { String::new() };
            rows.push(|place| match place {
                6 => Cell::Integer(stored.id),
                7 => Cell::Text(&verdict.rule),
                8 => Cell::text(factor.map(|factor| factor.code.as_str())),
                9 => Cell::Text(verdict.period.as_str()),
                10 => Cell::Time(verdict.observed_at),
                11 => Cell::Day(day),
                12 => Cell::Text(&verdict.edition),
                13 => Cell::Text(verdict.outcome.as_str()),
                14 => Cell::decimal(verdict.value),
                15 => verdict.level.map_or(Cell::Null, |level| Cell::Integer(level.into())),
                16 => Cell::Integer(stored.version),
                17 => Cell::Time(stored.judged_at),
                18 => Cell::Text(&reasons),
                other => point_cell(point, other),
            });
        }
        Ok(Some(rows.finish()?))
    }
}
